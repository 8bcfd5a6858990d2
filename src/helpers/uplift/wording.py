"""Estimates as words and findings: shares become percent, differences of shares become points."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from helpers.report import Finding, judge_claim
from helpers.report.finding import Verdict
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes

POINTS = "pp of customers"


def in_percent(estimate: Interval) -> tuple[float, float, float]:
    """Return (estimate, low, high) times 100: shares as percent, differences of shares as points."""
    return 100 * estimate.estimate, 100 * estimate.low, 100 * estimate.high


def points(estimate: Interval) -> str:
    """Return a difference of shares as "3.1 points (1.8 to 4.4)"."""
    value, low, high = in_percent(estimate)
    return f"{value:.1f} points ({low:.1f} to {high:.1f})"


def percent(estimate: Interval) -> str:
    """Return a share or relative change as "12.3 % (8.0 to 16.9 %)"."""
    value, low, high = in_percent(estimate)
    return f"{value:.1f} % ({low:.1f} to {high:.1f} %)"


def stated(estimate: Interval, **fields) -> Finding:
    """Return the finding of an estimate given as a share; the finding is in percent or points.

    fields: everything a Finding needs beside its numbers.
    """
    value, low, high = in_percent(estimate)
    return Finding(estimate=value, low=low, high=high, level=estimate.level, **fields)


def effect_verdict(estimate: Interval, *, doubt: str = "") -> Verdict:
    """Return the verdict on "this raises the outcome": settled when 0 is excluded and nothing doubted."""
    if doubt or not excludes(estimate, 0):
        return "not settled"
    return "supported" if estimate.low > 0 else "contradicted"


def claim_verdict(estimate: Interval, *, claimed_percent: float, doubt: str = "") -> Verdict:
    """Return the verdict on "+claimed_percent %" (see `report.judge_claim`); not settled where doubted."""
    if doubt:
        return "not settled"
    _, low, high = in_percent(estimate)
    return judge_claim(low, high, claimed=claimed_percent)


def claim_p(ratio: Interval, *, claimed_percent: float) -> float:
    """Return the p-value of a relative change being the claimed one, on the log scale of its interval."""
    low, middle, high = np.log1p([ratio.low, ratio.estimate, ratio.high])
    error = (high - low) / (2 * norm.ppf(0.5 + ratio.level / 2))
    return float(2 * norm.sf(abs(middle - np.log1p(claimed_percent / 100)) / error))
