"""Means of the same customers whose intervals lean as the data do: the bootstrap of the t statistic."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from methods.intervals.clustered_means import Mean
from methods.intervals.estimates import Interval

MOST_GROUPS = 50_000


def studentised_means(
    means: Mapping[str, Mean],
    sums: Mapping[str, Mapping[str, float]],
    *,
    draws: int = 600,
    seed: int = 1,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Return weighted sums of ratios with bootstrap-t intervals, whole customers drawn again.

    means: name to mean, as of `clustered_means`.
    sums: name of a result to the weight of each mean in it.
    draws: of customers with replacement; each gives the distance from the estimate in its own standard
        errors, whose quantiles stand for those of Student's t. Where few rows carry most of the weight the
        far end lies farther off than the near one, as it must. A draw whose standard error is nil is left
        out; where all are, or the estimate's own is, the interval is the estimate alone.
    More than 50,000 customers are put together by lot into so many groups that are drawn whole: sums of
    customers dealt at random lean and scatter as the customers do, so that widths change by less than 1 %.
    Raises ValueError below two customers, or where a mean has nothing below its line.
    Source: Hall 1988 (Annals of Statistics 16); Efron and Tibshirani 1993, section 12.5.

    >>> clicked = np.repeat([1.0, 0.0], [8, 72])
    >>> mean = Mean(top=clicked, bottom=np.ones(80), cluster=np.arange(80))
    >>> found = studentised_means({"clicks": mean}, {"clicks": {"clicks": 1.0}})["clicks"]
    >>> found.estimate, found.high - 0.1 > 0.1 - found.low
    (0.1, True)
    """
    totals, customers = _totals(means, seed)
    groups, columns = totals.shape
    if groups < 2:
        raise ValueError(f"an interval over customers needs at least two of them; there are {groups}")
    one, other = np.triu_indices(columns)
    squares = totals[:, one] * totals[:, other]
    rng, first, second = np.random.default_rng(seed), np.empty((draws, columns)), np.empty((draws, len(one)))
    for draw in range(draws):
        times = np.bincount(rng.integers(0, groups, groups, dtype=np.int32), minlength=groups)
        first[draw], second[draw] = times @ totals, times @ squares
    whole = totals.sum(axis=0)[None], squares.sum(axis=0)[None]
    for number, name in enumerate(means):
        if not whole[0][0, 2 * number + 1] > 0:
            raise ValueError(f"mean {name!r} has nothing below the line")
    found = {}
    for name, parts in sums.items():
        weights = np.array([parts.get(mean, 0.0) for mean in means])
        (estimate,), (error,) = _studied(*whole, weights)
        error = float(error * np.sqrt(groups / (groups - 1)))
        drawn, errors = _studied(first, second, weights)
        kept = errors > 0
        ends = np.zeros(2)
        if kept.any() and error > 0:
            ends = np.quantile((drawn[kept] - estimate) / errors[kept], [0.5 + level / 2, 0.5 - level / 2])
        low, high = estimate - ends * error
        found[name] = Interval(
            estimate=float(estimate),
            low=float(min(low, estimate)),
            high=float(max(high, estimate)),
            n=customers,
            level=level,
            standard_error=error,
        )
    return found


def _totals(means: Mapping[str, Mean], seed: int) -> tuple[np.ndarray, int]:
    """Sums by customer or group of customers, and how many customers there are.

    The sums are (groups, 2 × means): top and bottom of each mean in turn.
    """
    code, names = pd.factorize(np.concatenate([mean.cluster for mean in means.values()]))
    customers, start, columns = len(names), 0, []
    if customers > MOST_GROUPS:
        code = (np.random.default_rng(seed).permutation(customers) % MOST_GROUPS)[code]
    groups = min(customers, MOST_GROUPS)
    for mean in means.values():
        here = code[start : start + len(mean.cluster)]
        start += len(mean.cluster)
        columns += [np.bincount(here, weights=side, minlength=groups) for side in (mean.top, mean.bottom)]
    return np.column_stack(columns), customers


def _studied(first: np.ndarray, second: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Estimate and standard error of each draw, from its sums and sums of products of the columns."""
    top, bottom = first[:, ::2], first[:, 1::2]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = top / bottom
        slope = np.empty_like(first)
        slope[:, ::2], slope[:, 1::2] = weights / bottom, -weights * ratio / bottom
        one, other = np.triu_indices(first.shape[1])
        times = np.where(one == other, 1.0, 2.0)
        variance = (second * times * slope[:, one] * slope[:, other]).sum(axis=1)
        estimate = ratio @ weights
    sound = np.isfinite(variance) & np.isfinite(estimate)
    return np.where(sound, estimate, 0.0), np.sqrt(np.where(sound, np.maximum(variance, 0.0), 0.0))
