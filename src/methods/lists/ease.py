"""EASE: a linear model from what was bought to what else is bought, solved in one step."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

import numpy as np
from scipy.linalg import lapack
from scipy.sparse import csr_array

_DOUBLE_UP_TO = 2_000
_BATCH_CELLS = 4_000_000


@dataclass(frozen=True)
class ItemWeights:
    """The primal form. weights: products x products with an empty diagonal; products: their columns."""

    history: csr_array = field(repr=False)
    weights: np.ndarray = field(repr=False)
    products: np.ndarray = field(repr=False)

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return history @ weights; -inf for products that were not modelled."""
        modelled = self._modelled[customers] @ self.weights
        if len(self.products) == self.history.shape[1]:
            return modelled
        scores = np.full((len(customers), self.history.shape[1]), -np.inf, np.float32)
        scores[:, self.products] = modelled
        return scores

    @cached_property
    def _modelled(self) -> csr_array:
        return self.history[:, self.products]


@dataclass(frozen=True)
class CustomerKernel:
    """The dual form. kernel: (X X' + l2 I)^-1, customers x customers; diagonal: that of (X'X + l2 I)^-1."""

    history: csr_array = field(repr=False)
    trained: csr_array = field(repr=False)
    kernel: np.ndarray = field(repr=False)
    diagonal: np.ndarray = field(repr=False)
    l2: float

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return history @ (I - P / diag P) with P = (I - X' kernel X) / l2, never forming P."""
        rows = self.history[customers]
        through = self._similar(customers, rows) @ self.trained
        through -= rows.toarray()
        through /= self.l2 * self.diagonal
        return through + rows

    def _similar(self, customers: np.ndarray, rows: csr_array) -> np.ndarray:
        """Return history X' kernel; for the customers trained on it is I - l2 kernel, at no cost."""
        if self.history is not self.trained:
            return (rows @ self.trained.T).toarray() @ self.kernel
        own = self.kernel[customers] * -self.l2
        own[np.arange(len(customers)), customers] += 1
        return own


@dataclass(frozen=True, kw_only=True)
class Ease:
    """Embarrassingly shallow autoencoder (Steck, WWW 2019): each product regressed on all others, ridge l2.

    Uses the smaller of two equal forms: an inverse of products x products, or, with fewer customers than
    products, of customers x customers by X (X'X + l2 I)^-1 = (X X' + l2 I)^-1 X. Single precision beyond
    2,000. most_bought: model only that many best sellers (the others are never listed); None: all.

    >>> bought = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32))
    >>> scores = Ease(l2=1.0).fit(bought).scores(np.array([2]))
    >>> bool(scores[0, 1] > scores[0, 2])
    True
    """

    key: ClassVar[str] = "ease"
    label: ClassVar[str] = "linear taste model (EASE)"
    personal: ClassVar[bool] = True
    l2: float = 250.0
    most_bought: int | None = None

    def fit(self, interactions: csr_array) -> ItemWeights | CustomerKernel:
        """Solve the ridge regressions; raises ValueError unless l2 is above 0."""
        if not self.l2 > 0:
            raise ValueError(f"l2 {self.l2} must be above 0")
        customers, width = interactions.shape
        kept = min(self.most_bought or width, width)
        if kept == width and customers < width:
            return self._dual(interactions)
        buyers = np.bincount(interactions.indices, minlength=width)
        products = np.sort(np.argsort(-buyers, kind="stable")[:kept])
        return ItemWeights(interactions, self._primal(interactions[:, products]), products)

    def _primal(self, interactions: csr_array) -> np.ndarray:
        precision = _inverse(csr_array(interactions.T), self.l2)
        precision /= -np.diag(precision).copy()
        np.fill_diagonal(precision, 0)
        return precision

    def _dual(self, interactions: csr_array) -> CustomerKernel:
        kernel = _inverse(interactions, self.l2)
        trained = interactions.astype(kernel.dtype)
        columns = trained.tocsc()
        size = max(1, _BATCH_CELLS // len(kernel))
        explained = [
            (part.T @ kernel * part.T.toarray()).sum(axis=1)
            for part in (columns[:, start : start + size] for start in range(0, columns.shape[1], size))
        ]
        diagonal = (1 - np.concatenate(explained)) / self.l2
        return CustomerKernel(trained, trained, kernel, diagonal, self.l2)


def _inverse(rows: csr_array, l2: float) -> np.ndarray:
    """Return (rows rows' + l2 I)^-1 through its Cholesky factor; only one dense matrix is ever held."""
    size = rows.shape[0]
    dtype = np.float64 if size <= _DOUBLE_UP_TO else np.float32
    dense = np.empty((size, size), dtype, order="F")
    columns, step = csr_array(rows.T), max(1, _BATCH_CELLS // size)
    for start in range(0, size, step):
        dense[:, start : start + step] = (rows[start : start + step] @ columns).toarray().T
    dense[np.diag_indices_from(dense)] += l2
    factor, inverse = (
        (lapack.dpotrf, lapack.dpotri) if dtype == np.float64 else (lapack.spotrf, lapack.spotri)
    )
    root, failed = factor(dense, lower=True, overwrite_a=True)
    if failed:
        raise np.linalg.LinAlgError(
            f"gram + l2 I is not positive definite at row {failed}; raise l2 above {l2}"
        )
    lower, _ = inverse(root, lower=True, overwrite_c=True)
    for start in range(0, len(lower), 1024):
        stop = start + 1024
        block = lower[start:stop, start:stop]
        block[:] = np.tril(block) + np.tril(block, -1).T
        lower[start:stop, stop:] = lower[stop:, start:stop].T
    return lower.T  # the same by symmetry, and row after row in memory, as sparse products want it
