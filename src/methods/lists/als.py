"""Implicit ALS: every customer and product gets a few hidden tastes whose products are the scores."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

LEARNED_FROM = 100_000
_BATCH_CELLS = 2_000_000
_LOOKED_UP = 2_000


@dataclass(frozen=True)
class Tastes:
    """Hidden tastes. products: float64 (products, factors). Customers' tastes follow from their history."""

    history: csr_array = field(repr=False)
    products: np.ndarray = field(repr=False)
    model: ImplicitAls

    def of_customers(self, customers: np.ndarray) -> np.ndarray:
        """Return the best tastes of these customers given the products', float64 (customers, factors)."""
        return half_step(self.history[customers], self.products, alpha=self.model.alpha, l2=self.model.l2)

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return the inner products of the customers' and the products' tastes."""
        return self.of_customers(customers) @ self.products.T


@dataclass(frozen=True, kw_only=True)
class ImplicitAls:
    """Matrix factorisation for data that hold only purchases (Hu, Koren & Volinsky, ICDM 2008).

    Minimises sum over all pairs of c (p - x.y)^2 + l2 (|x|^2 + |y|^2), p = 1 where bought, c = 1 + alpha
    where bought and 1 elsewhere, by solving for all customers, then all products, `sweeps` times. Of more
    than 100,000 customers so many, by lot, teach the products' tastes.

    >>> bought = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32))
    >>> scores = ImplicitAls(factors=2, l2=0.1).fit(bought).scores(np.array([2]))
    >>> bool(scores[0, 1] > scores[0, 2])
    True
    """

    key: ClassVar[str] = "als"
    label: ClassVar[str] = "hidden tastes (implicit ALS)"
    personal: ClassVar[bool] = True
    factors: int = 32
    alpha: float = 10.0
    l2: float = 5.0
    sweeps: int = 8
    seed: int = 1

    def fit(self, interactions: csr_array) -> Tastes:
        """Start from small random tastes of the products and alternate."""
        history, rng = csr_array(interactions), np.random.default_rng(self.seed)
        people, items = history.shape
        products = rng.normal(0, 1 / np.sqrt(self.factors), (items, self.factors))
        bought = history
        if people > LEARNED_FROM:
            bought = history[np.sort(rng.choice(people, LEARNED_FROM, replace=False))]
        sold = csr_array(bought.T)
        for _ in range(self.sweeps):
            customers = half_step(bought, products, alpha=self.alpha, l2=self.l2)
            products = half_step(sold, customers, alpha=self.alpha, l2=self.l2)
        return Tastes(history, products, self)


def half_step(bought: csr_array, others: np.ndarray, *, alpha: float, l2: float) -> np.ndarray:
    """Return the tastes of all rows of `bought` that minimise the loss given the tastes of its columns.

    others: (columns, factors).
    Returns float64 (rows, factors); a row without purchases is all 0. Rows with equally many purchases
    (padded to a power of two) are solved together, exactly: with Y the tastes of what a row bought and G
    = others'others + l2 I, its taste is (G + alpha Y'Y)^-1 Y'(1 + alpha); for rows with fewer purchases
    than factors the same by G^-1 Y' (I + alpha Y G^-1 Y')^-1 (1 + alpha).
    """
    factors = others.shape[1]
    gram = others.T @ others + l2 * np.eye(factors)
    padded = np.vstack([others, np.zeros(factors)])
    kernel = padded @ np.linalg.inv(gram)
    # Where the columns are few, all products Y G^-1 Y' are looked up instead of made anew for each row.
    among = alpha * (padded @ kernel.T) if len(others) <= _LOOKED_UP else None
    counts = np.diff(bought.indptr)
    solved = np.zeros((len(counts), factors))
    widths = 1 << np.ceil(np.log2(np.maximum(counts, 1))).astype(int)
    for width in np.unique(widths[counts > 0]):
        members = np.flatnonzero((widths == width) & (counts > 0))
        size = max(1, _BATCH_CELLS // (width * max(width, factors)))
        for start in range(0, len(members), size):
            rows = members[start : start + size]
            place = np.arange(width)
            real = place < counts[rows, None]
            columns = np.where(real, bought.indices[(bought.indptr[rows, None] + place) * real], len(others))
            if width < factors:
                V = kernel[columns]
                if among is None:
                    inner = alpha * (padded[columns] @ V.transpose(0, 2, 1))
                else:
                    inner = among[columns[:, :, None], columns[:, None, :]]
                inner[:, range(width), range(width)] += 1
                weight = np.linalg.solve(inner, np.full((len(rows), width, 1), 1 + alpha))
                solved[rows] = np.einsum("nwf,nw->nf", V, weight[:, :, 0])
            else:
                Y = padded[columns]
                inner = gram + alpha * (Y.transpose(0, 2, 1) @ Y)
                solved[rows] = np.linalg.solve(inner, (1 + alpha) * Y.sum(axis=1)[:, :, None])[:, :, 0]
    return solved


def loss(bought: csr_array, rows: np.ndarray, columns: np.ndarray, *, alpha: float, l2: float) -> float:
    """Return what implicit ALS minimises, without forming the matrix of all scores."""
    scores = np.einsum("nf,nf->n", rows[bought.nonzero()[0]], columns[bought.indices])
    everything = np.sum((rows.T @ rows) * (columns.T @ columns))
    seen = np.sum((1 + alpha) * (1 - scores) ** 2 - scores**2)
    return float(everything + seen + l2 * (np.sum(rows**2) + np.sum(columns**2)))
