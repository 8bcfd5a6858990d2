"""Shares of few events: exact intervals, and what they leave open of a difference."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import beta

from methods.intervals.estimates import Interval, square_and_add
from methods.intervals.influence import normal_interval, standard_error

ENOUGH_EVENTS = 25
_EDGE = 1e-12


def exact_share(successes: float, n: float, *, mid_p: bool = True, level: float = 0.95) -> Interval:
    """Return a share with the exact binomial interval, down to no success at all.

    successes, n: cases and all, 0 <= successes <= n; fractions are taken too, so that n may be an effective
        sample size.
    mid_p: counts what was seen only half into the tails (Lancaster 1961), so that the interval covers as
        often as it says on average; False gives that of Clopper and Pearson (1934), which covers at least
        as often.
    Raises ValueError without any case, or where successes lie outside 0 to n.

    >>> one, strict = exact_share(1, 127), exact_share(1, 127, mid_p=False)
    >>> [round(100 * end, 2) for end in (one.low, one.high, strict.low, strict.high)]
    [0.04, 3.82, 0.02, 4.31]
    """
    if n <= 0:
        raise ValueError("a share needs at least one case; there are none")
    if not 0 <= successes <= n:
        raise ValueError(f"{successes:g} of {n:g} is impossible as a share")
    tail = (1 - level) / 2
    low = _end(successes, n, tail, mid_p)
    high = 1 - _end(n - successes, n, tail, mid_p)
    share = successes / n
    error = float(np.sqrt(share * (1 - share) / n))
    return Interval(estimate=share, low=low, high=high, n=round(n), level=level, standard_error=error)


def _end(successes: float, n: float, tail: float, mid_p: bool) -> float:
    """Return the share at which so many successes, or more, have the chance `tail`; 0 without any."""
    if successes == 0:
        return 0.0
    half = 0.5 if mid_p else 0.0

    def reached(share: float) -> float:
        at_least = beta.cdf(share, successes, n - successes + 1)
        more = beta.cdf(share, successes + 1, n - successes) if successes < n else 0.0
        return float((1 - half) * at_least + half * more)

    return float(brentq(lambda share: reached(share) - tail, _EDGE, 1 - _EDGE, xtol=_EDGE))


def share_beyond_expected(
    estimate: float,
    influence: np.ndarray,
    outcome: np.ndarray,
    treated: np.ndarray,
    *,
    cluster: np.ndarray | None = None,
    level: float = 0.95,
) -> Interval:
    """Return an effect on the treated of a 0/1 outcome with an interval that holds for few events.

    estimate: the share of the treated with the outcome less the share expected of them, by whatever method.
    influence: of each row on it (rows,).
    outcome: 0/1 (rows,).
    treated: (rows,) boolean.
    cluster: (rows,) labels of groups whose members may depend on each other.

    With 25 or more of the treated on either side of the outcome the interval is the normal one of the
    influence values; with fewer, the share has its exact interval (mid-p, on as many cases as its clustered
    error leaves), and the expected share, which rests on many others, its normal one (`square_and_add`).

    >>> outcome = np.array([1.0] + [0.0] * 126 + [1.0] * 40 + [0.0] * 960)
    >>> treated = np.arange(1_127) < 127
    >>> gap = outcome[treated].mean() - outcome[~treated].mean()
    >>> moves = np.where(treated, outcome - outcome[treated].mean(), 0.0) * 1_127 / 127
    >>> moves -= np.where(treated, 0.0, outcome - outcome[~treated].mean()) * 1_127 / 1_000
    >>> found = share_beyond_expected(gap, moves, outcome, treated)
    >>> round(100 * found.estimate, 1), round(100 * found.low, 1), round(100 * found.high, 1)
    (-3.2, -4.6, 0.1)
    """
    rows, cases = len(outcome), int(treated.sum())
    events = float(outcome[treated].sum())
    if min(events, cases - events) >= ENOUGH_EVENTS:
        return normal_interval(estimate, standard_error(influence, cluster), rows, level=level)
    share, groups = events / cases, cases if cluster is None else len(pd.unique(cluster[treated]))
    of_share = np.where(treated, outcome - share, 0.0) * rows / cases
    of_expected = of_share - influence
    error, apart = standard_error(of_share, cluster), standard_error(of_expected, cluster)
    alone = share * (1 - share) / cases
    left = cases * min(1.0, alone / error**2) if error > 0 else float(groups)
    expected = normal_interval(share - estimate, apart, rows, level=level)
    alike = _correlation(error, apart, standard_error(influence, cluster))
    found = square_and_add(exact_share(share * left, left, level=level), expected, correlation=alike)
    return Interval(
        estimate=float(estimate), low=found.low, high=found.high, n=rows, level=level,
        standard_error=standard_error(influence, cluster),
    )  # fmt: skip


def _correlation(first: float, second: float, of_difference: float) -> float:
    """Return the correlation that standard errors of two estimates and of their difference leave."""
    if first == 0 or second == 0:
        return 0.0
    return float(np.clip((first**2 + second**2 - of_difference**2) / (2 * first * second), -1.0, 1.0))
