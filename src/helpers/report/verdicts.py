"""Verdicts: what an interval decides, about an effect, a repeated figure, or an effect that must be nil."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from helpers.report.estimate import Levelled, standard_error
from helpers.report.finding import Verdict

# A figure that people repeat is a round one: a tenth of it, either side, is no difference that matters.
NEAR_SHARE = 0.1


def effect_verdict(estimate: Levelled, *, doubt: str = "") -> Verdict:
    """Return the verdict on "this raises the outcome": settled when 0 is left out and nothing is doubted.

    An interval without width shows that nothing varied, not that anything is certain: it settles nothing.
    """
    if doubt or estimate.low == estimate.high or estimate.low <= 0 <= estimate.high:
        return "not settled"
    return "supported" if estimate.low > 0 else "contradicted"


def nil_verdict(estimate: Levelled, *, margin: float) -> Verdict:
    """Return the verdict on "this is nil", which only an interval within ±margin supports."""
    if estimate.low == estimate.high:
        return "not settled"
    if max(abs(estimate.low), abs(estimate.high)) < margin:
        return "supported"
    return "not settled" if estimate.low <= 0 <= estimate.high else "contradicted"


def judge_claim(low: float, high: float, *, claimed: float, near: float = 0.0) -> Verdict:
    """Return what an interval says of a claimed figure (above 0, in the interval's unit).

    Contradicted where the whole interval lies farther than `near` from the figure. It fits where the interval
    holds the figure, or lies within `near` of it, and all of it is from half to twice the figure. Else not
    settled.
    """
    if low == high:
        return "not settled"
    if high < claimed - near or low > claimed + near:
        return "contradicted"
    holds = low <= claimed <= high or (claimed - near <= low and high <= claimed + near)
    return "fits" if holds and low >= claimed / 2 and high <= 2 * claimed else "not settled"


def judge_direction(
    estimate: float, low: float, high: float, *, nil: float, smallest: float, more: bool
) -> Verdict:
    """Return what an interval says of "this is more (or less) than nil by an amount that matters".

    It fits where the whole interval lies on that side and the estimate is at least `smallest` away from nil;
    it is contradicted where the whole interval stays short of `smallest` on that side; else not settled.
    """
    if low == high:
        return "not settled"
    sign = 1 if more else -1
    away = sign * (estimate - nil)
    nearest, farthest = sorted((sign * (low - nil), sign * (high - nil)))
    if farthest < smallest:
        return "contradicted"
    return "fits" if nearest > 0 and away >= smallest else "not settled"


def claim_verdict(estimate: Levelled, *, claimed_percent: float, doubt: str = "") -> Verdict:
    """Return the verdict of a relative change given as a share on "about +claimed_percent %"."""
    if doubt:
        return "not settled"
    near = NEAR_SHARE * claimed_percent
    return judge_claim(100 * estimate.low, 100 * estimate.high, claimed=claimed_percent, near=near)


def claim_p(ratio: Levelled, *, claimed_percent: float) -> float:
    """Return the p-value of a relative change being about the claimed one, on the log scale of its interval.

    About: within NEAR_SHARE of it; the p-value is that of the nearest such figure, 1 where one is met.
    """
    low, middle, high = np.log1p([ratio.low, ratio.estimate, ratio.high])
    error = standard_error(low, high, level=ratio.level)
    if error <= 0:
        return 1.0
    least, most = np.log1p((1 + np.array([-NEAR_SHARE, NEAR_SHARE])) * claimed_percent / 100)
    return float(2 * norm.sf(max(least - middle, middle - most, 0.0) / error))


def p_of_nil(estimate: Levelled) -> float:
    """Return the p-value of no effect read off an interval as if it were normal; 1 where it has no width."""
    reach = estimate.estimate - estimate.low if estimate.estimate > 0 else estimate.high - estimate.estimate
    if reach <= 0:
        return 1.0
    return float(2 * norm.sf(abs(estimate.estimate) / reach * norm.ppf(0.5 + estimate.level / 2)))
