"""The slope of a short monthly series, honest about shocks that last and about customers who repeat."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from methods.counts import count
from methods.result import Result

MINIMUM_MONTHS = 6
_NOISE = 1e-9  # of the largest value: what rounding alone leaves of a series that is constant or straight
_MEMORIES = np.linspace(0.0, 0.9, 91)


@dataclass(frozen=True, kw_only=True)
class Trend(Result):
    """A slope a month with its interval and two-sided p-value.

    months: how many values it rests on. memory: first-order autocorrelation allowed for, 0 to 0.9.
    """

    slope: float
    low: float
    high: float
    p_value: float
    standard_error: float
    months: int
    memory: float
    level: float = 0.95


def slope_weights(months: ArrayLike) -> np.ndarray:
    """Return w such that sum(w * values) is the least-squares slope of values at these months."""
    place = np.asarray(months, dtype=float)
    place = place - place.mean()
    return place / (place**2).sum()


def trend(
    values: ArrayLike, *, months: ArrayLike | None = None, customer_variance: float = 0.0, level: float = 0.95
) -> Trend:
    """Return the least-squares slope of monthly values.

    months: the month number of each value, rising; months may be missing between them (default: none is).
        The slope's variance is the larger of two. One allows for shocks that hit a whole month and fade
        by a constant fraction; that fraction is matched to the residuals' autocorrelation as expected in
        a series this short, for the usual robust estimators reject a true null 14 times in 100 at 12
        months. The other is `customer_variance`, the slope's sampling variance with all months of a
        customer taken together (0 where unknown), which a lucky series can hide. Student's t with two
        degrees of freedom less than values. What is within rounding of the largest value counts as
        nothing: a constant series has slope 0 and p 1.
    Raises ValueError below MINIMUM_MONTHS values, on a missing value, or on months that do not rise.

    >>> round(trend([3.0, 3.4, 3.9, 4.6, 5.1, 5.4]).slope, 2)
    0.51
    """
    series = np.asarray(values, dtype=float)
    place = np.arange(len(series)) if months is None else np.asarray(months, dtype=int)
    if len(series) < MINIMUM_MONTHS or not np.isfinite(series).all():
        raise ValueError(f"a trend needs {MINIMUM_MONTHS} months and no missing value; got {series.tolist()}")
    if len(place) != len(series) or (np.diff(place) <= 0).any():
        raise ValueError(
            f"months must rise, one a value; got {place.tolist()} for {count(len(series), 'value')}"
        )
    slope = float(slope_weights(place) @ series)
    residuals = series - series.mean() - slope * (place - place.mean())
    noise = _NOISE * float(np.abs(series).max())
    if np.linalg.norm(residuals) <= noise:
        residuals = np.zeros_like(residuals)
        slope = slope if abs(slope) * (place[-1] - place[0]) > noise else 0.0
    memory, variance = _month_variance(residuals, tuple((place - place[0]).tolist()))
    error = float(np.sqrt(max(variance, customer_variance)))
    freedom = len(series) - 2
    half = float(t.ppf(0.5 + level / 2, freedom)) * error
    certain = float(slope == 0)
    return Trend(
        slope=slope,
        low=slope - half,
        high=slope + half,
        p_value=float(2 * t.sf(abs(slope) / error, freedom)) if error > 0 else certain,
        standard_error=error,
        months=len(series),
        memory=memory,
        level=level,
    )


def _month_variance(residuals: np.ndarray, place: tuple[int, ...]) -> tuple[float, float]:
    expected, inflation = _short_series(place)
    squares = float(residuals @ residuals)
    if squares == 0:
        return 0.0, 0.0
    found = float(residuals[1:] @ residuals[:-1]) / squares
    chosen = min(int(np.searchsorted(expected, found)), len(_MEMORIES) - 1)
    return float(_MEMORIES[chosen]), squares * float(inflation[chosen])


@functools.cache
def _short_series(place: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """For each memory: the residuals' expected autocorrelation, and slope variance per residual square."""
    months = len(place)
    design = np.column_stack([np.ones(months), place])
    residual_maker = np.eye(months) - design @ np.linalg.pinv(design)
    shift, weights = np.eye(months, k=1), slope_weights(place)
    expected, inflation = [], []
    for memory in _MEMORIES:
        covariance = memory ** np.abs(np.subtract.outer(place, place))
        spread = np.trace(residual_maker @ covariance)
        expected.append(np.trace(residual_maker @ shift @ residual_maker @ covariance) / spread)
        inflation.append(weights @ covariance @ weights / spread)
    return np.array(expected), np.array(inflation)
