"""Least squares with robust variances, the one engine of the randomised, encouragement and bias checks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.counts import count
from methods.regression.codes import codes_of
from methods.regression.thin_svd import thin_svd
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class LeastSquares(Result):
    """A least-squares fit: coefficients (columns,), residuals (rows,), degrees of freedom left.

    robust: covariance that allows unequal variances (HC2), or dependence within clusters (CR1).
    classical: covariance under equal variances. Both (columns, columns).
    """

    coefficients: np.ndarray
    residuals: np.ndarray
    degrees_of_freedom: int
    robust: np.ndarray
    classical: np.ndarray


def least_squares(matrix: np.ndarray, target: np.ndarray, cluster: np.ndarray | None = None) -> LeastSquares:
    """Fit target (rows,) on matrix (rows, columns) by least squares; collinear columns share their weight.

    cluster: (rows,) labels of dependent rows, or None. HC2 divides squared residuals by 1 − leverage
        (MacKinnon and White 1985); without covariates it is the exact unpooled variance of a difference
        in means.
    Raises ValueError without a spare row.

    >>> rows = np.column_stack([np.ones(4), [0.0, 0.0, 1.0, 1.0]])
    >>> least_squares(rows, np.array([1.0, 3.0, 4.0, 6.0])).coefficients.round(6).tolist()
    [2.0, 3.0]
    """
    left, sizes, right = thin_svd(matrix)
    kept = sizes > sizes[0] * max(matrix.shape) * np.finfo(float).eps
    left, pseudo = left[:, kept], right[kept].T / sizes[kept]
    freedom = len(target) - int(kept.sum())
    if freedom < 1:
        raise ValueError(f"{count(len(target), 'row')} cannot carry {count(kept.sum(), 'coefficient')}")
    coefficients = pseudo @ (left.T @ target)
    residuals = target - matrix @ coefficients
    if cluster is None:
        leverage = np.minimum(np.einsum("ij,ij->i", left, left), 1 - 1e-9)
        meat = (left * (residuals**2 / (1 - leverage))[:, None]).T @ left
    else:
        meat = _clustered_meat(left, residuals, cluster, freedom)
    return LeastSquares(
        coefficients=coefficients,
        residuals=residuals,
        degrees_of_freedom=freedom,
        robust=pseudo @ meat @ pseudo.T,
        classical=pseudo @ pseudo.T * (residuals @ residuals / freedom),
    )


def residualise(target: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return what least squares on matrix (rows, columns) and a constant leaves of target (rows, …)."""
    design = np.column_stack([np.ones(len(target)), matrix])
    return target - design @ np.linalg.lstsq(design, target, rcond=None)[0]


def _clustered_meat(left: np.ndarray, residuals: np.ndarray, cluster: np.ndarray, freedom: int) -> np.ndarray:
    """CR1: scores summed by cluster, with the usual small-sample factor."""
    code, _ = codes_of(cluster)
    groups = code.max() + 1
    if groups < 2:
        raise ValueError("a cluster-robust interval needs at least two clusters")
    sums = np.zeros((groups, left.shape[1]))
    np.add.at(sums, code, left * residuals[:, None])
    return sums.T @ sums * (groups / (groups - 1) * (len(residuals) - 1) / freedom)
