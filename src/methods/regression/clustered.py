"""Least squares when whole groups were drawn or depend on each other, right with few groups too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from methods.counts import count
from methods.intervals.estimates import Interval
from methods.regression.codes import codes_of
from methods.regression.thin_svd import thin_svd
from methods.result import Result

_ABSORBED = 1e-8


@dataclass(frozen=True, kw_only=True)
class ClusteredFit(Result):
    """A least-squares fit with a covariance that allows any dependence within clusters.

    coefficients: (columns,). covariance: (columns, columns), bias-reduced (CR2). residuals: (rows,).
    clusters: how many. map, grams, shrunk: what the degrees of freedom of a contrast are worked out from.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    residuals: np.ndarray
    clusters: int
    map: np.ndarray
    grams: np.ndarray
    shrunk: np.ndarray

    def degrees_of_freedom(self, contrast: np.ndarray) -> float:
        """Return Satterthwaite's degrees of freedom of a contrast (columns,): few if few clusters decide.

        Under equal variances the estimated variance is a quadratic form; its first two moments are matched
        (Bell and McCaffrey 2002, Survey Methodology 28; Pustejovsky and Tipton 2018).
        """
        weight = self.shrunk @ (self.map.T @ contrast)
        seen = np.einsum("gij,gj->gi", self.grams, weight)
        own = np.einsum("gi,gi->g", weight, seen)
        trace = own.sum() - (seen**2).sum()
        square = (own**2).sum() - 2 * (own * (seen**2).sum(axis=1)).sum() + ((seen.T @ seen) ** 2).sum()
        return float(trace**2 / square)

    def interval(self, contrast: np.ndarray, *, level: float = 0.95) -> Interval:
        """Return the t interval of a contrast (columns,) of the coefficients."""
        if not 0 < level < 1:
            raise ValueError(f"level {level} must lie between 0 and 1, such as 0.95")
        contrast = np.asarray(contrast, dtype=float)
        estimate = float(contrast @ self.coefficients)
        error = float(np.sqrt(contrast @ self.covariance @ contrast))
        reach = float(student.ppf(0.5 + level / 2, self.degrees_of_freedom(contrast))) * error
        return Interval(
            estimate=estimate,
            low=estimate - reach,
            high=estimate + reach,
            n=len(self.residuals),
            level=level,
            standard_error=error,
        )

    def p_value(self, contrast: np.ndarray) -> float:
        """Return the two-sided p-value of the contrast (columns,) being 0, by the same t distribution.

        Where nothing varies there is no error to measure by: then it is 1, which shows nothing.
        """
        found = self.interval(contrast)
        if not found.standard_error > 0:
            return 1.0
        freedom = self.degrees_of_freedom(np.asarray(contrast, dtype=float))
        return float(2 * student.sf(abs(found.estimate) / found.standard_error, freedom))


def clustered_fit(
    matrix: np.ndarray, target: np.ndarray, cluster: np.ndarray, weight: np.ndarray | None = None
) -> ClusteredFit:
    """Fit target (rows,) on matrix (rows, columns); cluster: (rows,) labels of the dependent groups.

    weight: (rows,) weights of the rows, taken for the inverse of their variances where degrees of freedom
        are worked out; residuals are then those of the weighted rows.

    Residuals of a cluster are blown up by what the fit took out of them (CR2: Bell and McCaffrey 2002), so
    that intervals keep their level with some ten clusters, where the usual ones are too short. Every row its
    own cluster gives HC2. Raises ValueError below three clusters.

    >>> rows = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit = clustered_fit(rows, np.array([1.0, 2.0, 3.0, 3.0, 4.0, 5.0]), np.arange(6))
    >>> round(float(fit.coefficients[1]), 6), round(fit.degrees_of_freedom(np.array([0, 1])), 6)
    (2.0, 4.0)
    """
    code, _ = codes_of(cluster)
    groups = int(code.max()) + 1
    if groups < 3:
        raise ValueError(f"no interval rests on {count(groups, 'cluster')}; at least 3 are needed")
    if weight is not None:
        matrix, target = matrix * np.sqrt(weight)[:, None], target * np.sqrt(weight)
    left, sizes, right = thin_svd(matrix)
    kept = sizes > sizes[0] * max(matrix.shape) * np.finfo(float).eps
    left, pseudo = left[:, kept], right[kept].T / sizes[kept]
    coefficients = pseudo @ (left.T @ target)
    residuals = target - matrix @ coefficients
    grams = _grams(left, code, groups)
    values, vectors = np.linalg.eigh(grams)
    rest = 1 - values
    factor = np.where(rest > _ABSORBED, 1 / np.sqrt(np.maximum(rest, _ABSORBED)), 0.0)
    shrunk = np.einsum("gik,gk,gjk->gij", vectors, factor, vectors)
    scores = np.stack([np.bincount(code, column * residuals, groups) for column in left.T], axis=1)
    scores = np.einsum("gij,gj->gi", shrunk, scores)
    return ClusteredFit(
        coefficients=coefficients,
        covariance=pseudo @ (scores.T @ scores) @ pseudo.T,
        residuals=residuals,
        clusters=groups,
        map=pseudo,
        grams=grams,
        shrunk=shrunk,
    )


def _grams(left: np.ndarray, code: np.ndarray, groups: int) -> np.ndarray:
    """Each cluster's share in the unit matrix, groups x columns x columns."""
    columns = left.shape[1]
    grams = np.empty((groups, columns, columns))
    for one in range(columns):
        for other in range(one, columns):
            grams[:, one, other] = np.bincount(code, left[:, one] * left[:, other], groups)
            grams[:, other, one] = grams[:, one, other]
    return grams


def ratio_of_contrasts(
    fit: ClusteredFit, top: np.ndarray, bottom: np.ndarray, *, level: float = 0.95
) -> tuple[float, float, float]:
    """Return top'b / bottom'b with Fieller's (1954) interval; infinite ends where the data set no bound.

    fit: of `clustered_fit`.
    top, bottom: (columns,). Keeps every ratio r for which (top − r bottom)'b may be nil, a quadratic in
        r; it stays right when the lower contrast is barely distinguishable from nil, where the usual
        interval of a ratio is not.

    >>> rows = np.column_stack([np.ones(6), [0, 0, 0, 1, 1, 1]])
    >>> fit = clustered_fit(rows, np.array([1.9, 2.0, 2.1, 3.0, 3.1, 3.2]), np.arange(6))
    >>> round(ratio_of_contrasts(fit, np.array([0, 1]), np.array([1, 0]))[0], 2)
    0.55
    """
    top, bottom = np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)
    a, b = float(top @ fit.coefficients), float(bottom @ fit.coefficients)
    reach = float(student.ppf(0.5 + level / 2, fit.degrees_of_freedom(bottom))) ** 2
    square = b**2 - reach * float(bottom @ fit.covariance @ bottom)
    linear = -2 * (a * b - reach * float(top @ fit.covariance @ bottom))
    constant = a**2 - reach * float(top @ fit.covariance @ top)
    room = linear**2 - 4 * square * constant
    if square <= 0 or room < 0:
        return (a / b if b else np.nan), -np.inf, np.inf
    ends = sorted((-linear + sign * np.sqrt(room)) / (2 * square) for sign in (-1, 1))
    return a / b, float(ends[0]), float(ends[1])
