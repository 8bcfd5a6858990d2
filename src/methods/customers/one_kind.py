"""Are there kinds of customers at all, or would one kind, cut up, look the same?

A mixture always finds groups. They show kinds only where customers that no group was learned from fit them
better than customers of one kind would: with the same purchases in number and time, and with habits of the
same margins and correlations. McLachlan (1987, Applied Statistics 36) for the bootstrap of the likelihood
ratio, whose one component is here a Gaussian copula within each number of purchases: who bought twice has
rougher shares than who bought twenty times, and that alone makes no kinds.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.stats import norm, rankdata, t
from threadpoolctl import threadpool_limits

from methods.customers.clustering import fitted_mixture
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval

_STRATUM = 60
_LARGEST_SAMPLE = 2_000


def gain_over_one_kind(
    matrix: np.ndarray,
    purchases: np.ndarray,
    *,
    given: Sequence[int],
    number: int,
    draws: int = 16,
    seed: int,
    level: float = 0.95,
) -> Interval:
    """Return by how much groups foretell left-out customers better than they would were there one kind.

    matrix: float, one row a customer and one column a habit, standardised. purchases: int, one a customer.
    given: columns that stay as they are (how often and how lately somebody buys, which is the lifecycle).
    number: of groups. draws: shops of one kind that it is compared with. seed: of halves and draws.
    The gain is in log-likelihood a customer; an interval above 0 says that there are kinds. Groups that
    differ in `given` alone are not seen. Raises CannotAnswer where no other habit is known.

    >>> rng = np.random.default_rng(1)
    >>> kind, bought = rng.integers(0, 2, 600), rng.integers(2, 9, 600)
    >>> habits = np.column_stack([rng.normal(size=600), 4 * kind, 4 * (kind ^ (rng.random(600) < 0.5))])
    >>> found = gain_over_one_kind(habits + rng.normal(size=(600, 3)), bought, given=(0,), number=4, seed=1)
    >>> found.n
    600
    """
    if len(given) >= matrix.shape[1]:
        raise CannotAnswer("nothing but how often and how lately they buy is known of the customers")
    rng = np.random.default_rng(seed)
    chosen = np.sort(rng.permutation(len(matrix))[:_LARGEST_SAMPLE])
    rows, strata = matrix[chosen], _strata(purchases[chosen])
    with threadpool_limits(limits=1):
        found = _foretold(rows, number, seed)
        dealt = np.array(
            [_foretold(of_one_kind(rows, strata, given=given, rng=rng), number, seed) for _ in range(draws)]
        )
    gain = found - float(dealt.mean())
    half = float(t.ppf(0.5 + level / 2, draws - 1) * dealt.std(ddof=1) * np.sqrt(1 + 1 / draws))
    return Interval(estimate=gain, low=gain - half, high=gain + half, n=len(matrix), level=level)


def of_one_kind(
    rows: np.ndarray, strata: np.ndarray, *, given: Sequence[int], rng: np.random.Generator
) -> np.ndarray:
    """Return these customers as one kind would be: `given` as it is, the other habits dealt anew.

    strata: int, one a row; within each every habit keeps its values, its correlations with the others, and
    its curve over the given ones (normal scores, regressed on these and their squares).
    """
    dealt, fixed = rows.copy(), list(given)
    free = [column for column in range(rows.shape[1]) if column not in fixed]
    for stratum in np.unique(strata):
        inside = np.flatnonzero(strata == stratum)
        score = norm.ppf((rankdata(rows[inside], axis=0) - 0.5) / len(inside))
        known = score[:, fixed]
        curve = np.column_stack([np.ones(len(inside)), known, known**2, known.prod(axis=1)])
        middle = curve @ np.linalg.lstsq(curve, score[:, free], rcond=None)[0]
        spread = np.cov((score[:, free] - middle).T).reshape(len(free), len(free))
        sizes, axes = np.linalg.eigh(spread)
        noise = rng.standard_normal(middle.shape) @ (axes * np.sqrt(sizes.clip(min=0.0))).T
        place = (middle + noise).argsort(axis=0).argsort(axis=0)
        cells = np.ix_(inside, np.array(free))
        values = np.sort(rows[cells], axis=0)
        dealt[cells] = np.take_along_axis(values, place, axis=0)
    return dealt


def _strata(purchases: np.ndarray) -> np.ndarray:
    """The stratum of each row: equal numbers of purchases, joined until 60 customers stand in each."""
    numbers, place, sizes = np.unique(purchases, return_inverse=True, return_counts=True)
    stratum, filled, found = 0, 0, np.zeros(len(numbers), dtype=int)
    for number, size in enumerate(sizes):
        found[number] = stratum
        filled += size
        if filled >= _STRATUM:
            stratum, filled = stratum + 1, 0
    if filled and stratum:
        found[found == stratum] = stratum - 1
    return found[place]


def _foretold(rows: np.ndarray, number: int, seed: int) -> float:
    """Mean log-likelihood of each half under a mixture learned from the other."""
    shuffled = rows[np.random.default_rng(seed).permutation(len(rows))]
    halves = shuffled[::2], shuffled[1::2]
    learned = [fitted_mixture(half, number, starts=1, seed=seed) for half in halves]
    return float(np.mean([learned[one].score(halves[1 - one]) for one in (0, 1)]))
