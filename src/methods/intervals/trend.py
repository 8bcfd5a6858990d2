"""The slope of a short monthly series, honest about shocks that last and about customers who repeat."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from methods.counts import count
from methods.result import Result

MINIMUM_MONTHS, MINIMUM_PAIRS, YEAR_MONTHS = 6, 3, 12
_NOISE = 1e-9  # of the largest value: what rounding alone leaves of a series that is constant or straight
_MEMORIES = np.linspace(0.0, 0.9, 91)
# Place of 0.3: few pairs about their mean show too little of their memory. Without it shocks of memory 0.4
# give 8 to 10 false alarms in 100, with it 4 to 6.
_LEAST_MEMORY = 30


@dataclass(frozen=True, kw_only=True)
class Trend(Result):
    """A slope a month with its interval and two-sided p-value.

    months: how many values it rests on, or how many pairs of a month and the same a year before.
    memory: first-order autocorrelation allowed for, 0 to 0.9. year_on_year: whether it compares the same
    months of two years, which a season does not move.
    """

    slope: float
    low: float
    high: float
    p_value: float
    standard_error: float
    months: int
    memory: float
    level: float = 0.95
    year_on_year: bool = False


def slope_weights(months: ArrayLike) -> np.ndarray:
    """Return w such that sum(w * values) is the least-squares slope of values at these months."""
    place = np.asarray(months, dtype=float)
    place = place - place.mean()
    return place / (place**2).sum()


def year_pairs(months: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of months that are there twice: a year before, and now.

    months: month numbers, rising.

    >>> earlier, later = year_pairs([1, 2, 3, 13, 14])
    >>> earlier.tolist(), later.tolist()
    ([0, 1], [3, 4])
    """
    place = np.asarray(months, dtype=int)
    later = np.flatnonzero(np.isin(place - YEAR_MONTHS, place))
    return np.searchsorted(place, place[later] - YEAR_MONTHS), later


def year_weights(months: ArrayLike) -> np.ndarray:
    """Return w such that sum(w * values) is the mean change a month from each month to the same a year on.

    months: month numbers, rising. Months that are there once have the weight 0.
    """
    earlier, later = year_pairs(months)
    weights = np.zeros(len(np.asarray(months)))
    np.add.at(weights, later, 1 / (YEAR_MONTHS * len(later)))
    np.add.at(weights, earlier, -1 / (YEAR_MONTHS * len(later)))
    return weights


def year_on_year(
    values: ArrayLike, *, months: ArrayLike, customer_variance: float = 0.0, level: float = 0.95
) -> Trend:
    """Return the mean change a month between the same months of two years, which no season moves.

    values: one a month of `months`, which rise. Only months that are there a year later too count; their
        changes vary by shocks of single months, allowed for as in `trend` with a mean in place of a line
        and a memory of 0.3 at least.
        customer_variance: the sampling variance of that mean change (see `year_weights`), all months of a
        customer taken together. Student's t with one degree of freedom less than pairs.
    Raises ValueError below MINIMUM_PAIRS pairs, on a missing value, or on months that do not rise.

    >>> season = np.tile([0.0, 5.0, 9.0, 5.0, 0.0, -5.0, -9.0, -5.0, 0.0, 1.0, 2.0, 1.0], 2)
    >>> round(year_on_year(season + 0.5 * np.arange(24), months=np.arange(24)).slope, 2)
    0.5
    """
    series, place = np.asarray(values, dtype=float), np.asarray(months, dtype=int)
    _check(series, place)
    earlier, later = year_pairs(place)
    if len(later) < MINIMUM_PAIRS:
        raise ValueError(
            f"{count(len(later), 'pair')} of the same month in two years; {MINIMUM_PAIRS} are needed"
        )
    changes = (series[later] - series[earlier]) / YEAR_MONTHS
    slope, noise = float(changes.mean()), _NOISE * float(np.abs(series).max())
    residuals = changes - slope
    if np.linalg.norm(residuals) <= noise:
        residuals = np.zeros_like(residuals)
        slope = slope if abs(slope) * YEAR_MONTHS > noise else 0.0
    pairs = tuple((place[later] - place[later][0]).tolist())
    return _trend(slope, residuals, pairs, customer_variance, level=level, straight=False)


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
    if len(series) < MINIMUM_MONTHS:
        raise ValueError(f"a trend needs {MINIMUM_MONTHS} months; got {series.tolist()}")
    _check(series, place)
    slope = float(slope_weights(place) @ series)
    residuals = series - series.mean() - slope * (place - place.mean())
    noise = _NOISE * float(np.abs(series).max())
    if np.linalg.norm(residuals) <= noise:
        residuals = np.zeros_like(residuals)
        slope = slope if abs(slope) * (place[-1] - place[0]) > noise else 0.0
    months_since = tuple((place - place[0]).tolist())
    return _trend(slope, residuals, months_since, customer_variance, level=level, straight=True)


def _check(series: np.ndarray, place: np.ndarray) -> None:
    if not np.isfinite(series).all():
        raise ValueError(f"a trend allows no missing value; got {series.tolist()}")
    if len(place) != len(series) or (np.diff(place) <= 0).any():
        raise ValueError(
            f"months must rise, one a value; got {place.tolist()} for {count(len(series), 'value')}"
        )


def _trend(
    slope: float,
    residuals: np.ndarray,
    place: tuple[int, ...],
    customer_variance: float,
    *,
    level: float,
    straight: bool,
) -> Trend:
    memory, variance = _month_variance(residuals, place, straight=straight)
    error = float(np.sqrt(max(variance, customer_variance)))
    freedom = len(residuals) - (2 if straight else 1)
    half = float(t.ppf(0.5 + level / 2, freedom)) * error
    certain = float(slope == 0)
    return Trend(
        slope=slope,
        low=slope - half,
        high=slope + half,
        p_value=float(2 * t.sf(abs(slope) / error, freedom)) if error > 0 else certain,
        standard_error=error,
        months=len(residuals),
        memory=memory,
        level=level,
        year_on_year=not straight,
    )


def _month_variance(residuals: np.ndarray, place: tuple[int, ...], *, straight: bool) -> tuple[float, float]:
    expected, inflation = _short_series(place, straight)
    squares = float(residuals @ residuals)
    if squares == 0:
        return 0.0, 0.0
    found = float(residuals[1:] @ residuals[:-1]) / squares
    least = 0 if straight else _LEAST_MEMORY
    chosen = min(max(int(np.searchsorted(expected, found)), least), len(_MEMORIES) - 1)
    return float(_MEMORIES[chosen]), squares * float(inflation[chosen])


@functools.cache
def _short_series(place: tuple[int, ...], straight: bool) -> tuple[np.ndarray, np.ndarray]:
    """For each memory: the residuals' expected autocorrelation, and slope variance per residual square.

    straight: residuals of a line, else of a mean, whose variance then stands for the slope's.
    """
    months = len(place)
    design = np.column_stack([np.ones(months), place])[:, : 2 if straight else 1]
    residual_maker = np.eye(months) - design @ np.linalg.pinv(design)
    shift = np.eye(months, k=1)
    weights = slope_weights(place) if straight else np.full(months, 1 / months)
    expected, inflation = [], []
    for memory in _MEMORIES:
        covariance = memory ** np.abs(np.subtract.outer(place, place))
        spread = np.trace(residual_maker @ covariance)
        expected.append(np.trace(residual_maker @ shift @ residual_maker @ covariance) / spread)
        inflation.append(weights @ covariance @ weights / spread)
    return np.array(expected), np.array(inflation)
