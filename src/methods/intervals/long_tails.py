"""Means of money, of which a few customers hold much: a leaning interval, and when a mean says nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, skew

from methods.intervals.estimates import Interval, above_zero, ratio_of_sums
from methods.result import Result

LOWEST_INDEX, LEAST_TAIL, TAIL_PART = 2.5, 10, 0.05
CAPPED_PART = 0.05
_LEAN = 0.5  # skewness of logarithms; 0 where amounts are log-normal, 2 where they follow a power law
_MANY = 50_000  # so many customers that the interval no longer leans


@dataclass(frozen=True, kw_only=True)
class Tail(Result):
    """The upper tail of positive amounts.

    index: Hill's estimate: a mean has a variance only above 2. leans: whether the logarithms lean to the
    right, so that the tail is a power law's rather than a log-normal's. values: how many amounts.
    """

    index: float
    leans: bool
    values: int

    @property
    def too_long(self) -> bool:
        """Whether a few customers yet to come may move the mean to anywhere."""
        return self.leans and self.index < LOWEST_INDEX


def tail_of(amounts: ArrayLike) -> Tail | None:
    """Return the upper tail of the amounts above 0; None of fewer than 20, or where they do not differ.

    amounts: money a customer, say. The index rests on the largest TAIL_PART of them, at least LEAST_TAIL
        (Hill 1975, Annals of Statistics 3). Log-normal amounts of a wide spread have a low index too, and yet
        a mean that can be estimated; their logarithms do not lean.

    >>> rng = np.random.default_rng(1)
    >>> tail_of(rng.pareto(1.5, 2_000) + 1).too_long, tail_of(rng.lognormal(0, 1.5, 2_000)).too_long
    (True, False)
    """
    values = np.sort(np.asarray(amounts, dtype=float))
    values = values[values > 0]
    if len(values) < 2 * LEAST_TAIL:
        return None
    top = max(LEAST_TAIL, int(TAIL_PART * len(values)))
    logs = np.log(values)
    excess = float((logs[-top:] - logs[-top - 1]).mean())
    if excess <= 0 or np.ptp(logs) == 0:
        return None
    return Tail(index=1 / excess, leans=bool(skew(logs) > _LEAN), values=len(values))


def leaning_ratio(
    numerator: ArrayLike, denominator: ArrayLike, *, draws: int = 400, seed: int = 1, level: float = 0.95
) -> Interval:
    """Return sum(numerator) / sum(denominator) with an interval that leans as the money does.

    numerator, denominator: one entry a customer, not negative. draws, seed: of the bootstrap of the t
        statistic of the logarithm of the ratio, whole customers drawn again, each time with amounts a little
        larger or smaller (a smoothed bootstrap): the largest amounts to come are larger than the largest
        seen. Where a draw has no spread it is left out. Of 200 log-normal amounts with a spread of 1.5, or
        100 among as many zeros, it holds the mean 96 and 95 times in 100; without smoothing 92 and 90,
        the interval of `above_zero` 88 and 86. Beyond 50,000 customers, and where the draws give no finite
        end since one customer holds nearly all, it is that of `above_zero`.
    Raises ValueError when fewer than two customers have anything below the line. Hall 1988 (Annals of
    Statistics 16), Silverman and Young 1987 (Biometrika 74).

    >>> rng = np.random.default_rng(1)
    >>> found = leaning_ratio(rng.lognormal(0, 1.5, 200), np.ones(200))
    >>> found.high - found.estimate > found.estimate - found.low
    True
    """
    x, y = np.asarray(numerator, dtype=float), np.asarray(denominator, dtype=float)
    plain = above_zero(ratio_of_sums(x, y, level=level))
    people = len(x)
    if people > _MANY or not plain.estimate > 0 or not plain.standard_error > 0:
        return plain
    rng, paid = np.random.default_rng(seed), (x > 0) & (y > 0)
    width = _bandwidth(np.log(x[paid] / y[paid]))
    sums = np.empty((draws, 5))
    for draw in range(draws):
        times = np.bincount(rng.integers(0, people, people, dtype=np.int32), minlength=people)
        near = x.copy()
        near[paid] *= np.exp(width * rng.standard_normal(paid.sum()) - width**2 / 2)
        sums[draw] = times @ _columns(near, y)
    logs, errors = _log_ratio(sums)
    (middle,), (error,) = _log_ratio(_columns(x, y).sum(axis=0)[None])
    kept = (errors > 0) & np.isfinite(logs)
    if kept.sum() < draws / 2:
        return plain
    ends = np.quantile((logs[kept] - middle) / errors[kept], [0.5 + level / 2, 0.5 - level / 2])
    with np.errstate(over="ignore"):
        low, high = np.exp(middle - ends * error)
    if not np.isfinite(high):  # one customer is the sum, and most draws leave that one out
        return plain
    return Interval(
        estimate=plain.estimate,
        low=float(min(low, plain.estimate)),
        high=float(max(high, plain.estimate)),
        n=plain.n,
        level=level,
        standard_error=plain.standard_error,
    )


def _bandwidth(logs: np.ndarray) -> float:
    """Silverman's (1986) normal reference for their upper half: how far a kernel spreads each logarithm."""
    middle, above = np.quantile(logs, [0.5, norm.cdf(1)])
    return float(1.06 * (above - middle) * len(logs) ** -0.2)


def _columns(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """What a ratio and its error need the sums of."""
    return np.column_stack([x, y, x * x, x * y, y * y])


def _log_ratio(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logarithm of x over y and its standard error, from rows of the sums of x, y, xx, xy, yy."""
    x, y, xx, xy, yy = sums.T
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = x / y
        squares = np.maximum(xx - 2 * ratio * xy + ratio**2 * yy, 0.0)
        return np.log(ratio), np.nan_to_num(np.sqrt(squares) / x)
