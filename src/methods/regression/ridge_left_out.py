"""Ridge regression whose penalty is that of the least error on rows left out one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Ridge(Result):
    """A fitted line: constant, coefficients (columns,), and the penalty that was chosen."""

    constant: float
    coefficients: np.ndarray
    penalty: float

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """Return the expected value of each row of matrix (rows, columns)."""
        return self.constant + matrix @ self.coefficients


def ridge_left_out(matrix: np.ndarray, target: np.ndarray, *, penalties: Sequence[float]) -> Ridge:
    """Fit target (rows,) on matrix (rows, columns) and a constant that is not penalised.

    penalties: above 0, of which the one whose exact leave-one-out error is least is taken (Allen 1974,
        Technometrics: PRESS). Works on the columns' products, whose eigenvalues are found on any machine;
        a decomposition of the rows themselves can fail to converge, and takes several times as long.

    >>> rng = np.random.default_rng(1)
    >>> rows = rng.normal(size=(500, 3))
    >>> spent = 2 + rows @ [1.0, 0.0, -1.0] + rng.normal(size=500)
    >>> fit = ridge_left_out(rows, spent, penalties=(0.1, 1.0, 1e4))
    >>> round(fit.constant), fit.coefficients.round().tolist(), fit.penalty < 1e4
    (2, [1.0, -0.0, -1.0], True)
    """
    centre, middle = matrix.mean(axis=0), target.mean()
    rows, left = matrix - centre, target - middle
    values, vectors = np.linalg.eigh(rows.T @ rows)
    scores = rows @ vectors
    pull = scores.T @ left
    shrunk = 1 / (np.maximum(values, 0.0)[:, None] + np.asarray(penalties, dtype=float))
    leverage = 1 / len(left) + scores**2 @ shrunk
    errors = (left[:, None] - scores @ (pull[:, None] * shrunk)) / (1 - leverage)
    best = int(np.argmin((errors**2).mean(axis=0)))
    coefficients = vectors @ (pull * shrunk[:, best])
    return Ridge(
        constant=float(middle - centre @ coefficients),
        coefficients=coefficients,
        penalty=float(penalties[best]),
    )
