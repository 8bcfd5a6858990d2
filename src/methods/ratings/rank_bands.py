"""Which ranks a unit can have, all units at once: bands instead of places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from methods.result import Result

MOST_DRAWN = 150  # units; beyond it the limit is Bonferroni's over pairs, a little wider


@dataclass(frozen=True, kw_only=True)
class RankBands(Result):
    """best, worst: (units,) the best and worst rank a unit can have, 1 for the smallest value.

    band: −1 for units surely in the lower half, 1 for those surely in the upper half, 0 for the others.
    """

    best: np.ndarray
    worst: np.ndarray
    band: np.ndarray


def rank_bands(
    values: np.ndarray, errors: np.ndarray, *, level: float = 0.95, draws: int = 2_000, seed: int = 1
) -> RankBands:
    """Return for each unit the ranks that hold its true one, for all units together in `level` of samples.

    values, errors: (units,) independent values and their standard errors, above 0. Two units are told apart
    where their difference passes a limit that the largest of all differences passes by chance in 1 − level
    of draws (Mogstad, Romano, Shaikh and Wilhelm 2024, Review of Economic Studies 91).

    >>> found = rank_bands(np.array([0.0, 0.1, 5.0, 5.1]), np.full(4, 0.2))
    >>> found.best.tolist(), found.worst.tolist(), found.band.tolist()
    ([1, 1, 3, 3], [2, 2, 4, 4], [-1, -1, 1, 1])
    """
    x, error = np.asarray(values, dtype=float), np.asarray(errors, dtype=float)
    units = len(x)
    apart = np.sqrt(error[:, None] ** 2 + error**2)
    limit = _limit(error, apart, level=level, draws=draws, seed=seed)
    above = (x[:, None] - x) / apart > limit
    best, worst = 1 + above.sum(axis=1), units - above.T.sum(axis=1)
    half = units / 2
    band = np.where(worst <= half, -1, np.where(best > half, 1, 0))
    return RankBands(best=best, worst=worst, band=band)


def _limit(error: np.ndarray, apart: np.ndarray, *, level: float, draws: int, seed: int) -> float:
    units = len(error)
    if units > MOST_DRAWN:
        return float(norm.ppf(1 - (1 - level) / (units * (units - 1))))
    rng = np.random.default_rng(seed)
    largest = np.empty(draws)
    for place in range(draws):
        noise = error * rng.standard_normal(units)
        largest[place] = np.max((noise[:, None] - noise) / apart)
    return float(np.quantile(largest, level))
