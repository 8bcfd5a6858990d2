"""The slope of a short monthly series, honest about shocks that last and about customers who repeat."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

MINIMUM_MONTHS = 6
_MEMORIES = np.linspace(0.0, 0.9, 91)


@dataclass(frozen=True, kw_only=True)
class Trend:
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


def slope_weights(months: int) -> np.ndarray:
    """Return the weights w with which slope = sum(w * values) of equally spaced values (least squares)."""
    place = np.arange(months) - (months - 1) / 2
    return place / (place**2).sum()


def trend(values: ArrayLike, *, customer_variance: float = 0.0, level: float = 0.95) -> Trend:
    """Return the least-squares slope of consecutive monthly values.

    Its variance is the larger of two. One allows for shocks that hit a whole month and fade by a constant
    fraction; that fraction is matched to the residuals' autocorrelation as expected in a series this short,
    for the usual robust estimators reject a true null 14 times in 100 at 12 months. The other is
    `customer_variance`, the slope's sampling variance with all months of a customer taken together (0 where
    unknown), which a lucky series can hide. Student's t with months - 2 degrees of freedom.
    Raises ValueError below MINIMUM_MONTHS values or when a value is missing.

    >>> round(trend([3.0, 3.4, 3.9, 4.6, 5.1, 5.4]).slope, 2)
    0.51
    """
    series = np.asarray(values, dtype=float)
    months = len(series)
    if months < MINIMUM_MONTHS or not np.isfinite(series).all():
        raise ValueError(f"a trend needs {MINIMUM_MONTHS} months without a gap; got {series.tolist()}")
    slope = float(slope_weights(months) @ series)
    residuals = series - series.mean() - slope * (np.arange(months) - (months - 1) / 2)
    memory, variance = _month_variance(residuals)
    error = float(np.sqrt(max(variance, customer_variance)))
    half = float(t.ppf(0.5 + level / 2, months - 2)) * error
    certain = float(slope == 0)
    return Trend(
        slope=slope,
        low=slope - half,
        high=slope + half,
        p_value=float(2 * t.sf(abs(slope) / error, months - 2)) if error > 0 else certain,
        standard_error=error,
        months=months,
        memory=memory,
        level=level,
    )


def _month_variance(residuals: np.ndarray) -> tuple[float, float]:
    expected, inflation = _short_series(len(residuals))
    squares = float(residuals @ residuals)
    if squares < 1e-24:
        return 0.0, 0.0
    found = float(residuals[1:] @ residuals[:-1]) / squares
    place = min(int(np.searchsorted(expected, found)), len(_MEMORIES) - 1)
    return float(_MEMORIES[place]), squares * float(inflation[place])


@functools.cache
def _short_series(months: int) -> tuple[np.ndarray, np.ndarray]:
    """For each memory: the residuals' expected autocorrelation, and slope variance per residual square."""
    place = np.arange(months)
    design = np.column_stack([np.ones(months), place])
    residual_maker = np.eye(months) - design @ np.linalg.pinv(design)
    shift, weights = np.eye(months, k=1), slope_weights(months)
    expected, inflation = [], []
    for memory in _MEMORIES:
        covariance = memory ** np.abs(np.subtract.outer(place, place))
        spread = np.trace(residual_maker @ covariance)
        expected.append(np.trace(residual_maker @ shift @ residual_maker @ covariance) / spread)
        inflation.append(weights @ covariance @ weights / spread)
    return np.array(expected), np.array(inflation)
