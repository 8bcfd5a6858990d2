"""Estimates as words and findings: shares become percent, differences of shares become points."""

from __future__ import annotations

from helpers.report import Finding
from helpers.statistics.intervals import Interval
from helpers.uplift.inference import excludes

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


def effect_verdict(estimate: Interval, *, doubt: str = "") -> str:
    """Return the verdict on "this raises the outcome": settled when 0 is excluded and nothing doubted."""
    if doubt or not excludes(estimate, 0):
        return "not settled"
    return "supported" if estimate.low > 0 else "contradicted"


def claim_verdict(estimate: Interval, *, claimed_percent: float, doubt: str = "") -> str:
    """Return the verdict on "+claimed_percent %": contradicted when the whole interval lies below it.

    Supported when the interval lies above 0 and reaches the claim; not settled when it holds 0 too.
    """
    _, low, high = in_percent(estimate)
    if doubt:
        return "not settled"
    if high < claimed_percent:
        return "contradicted"
    return "supported" if low > 0 else "not settled"
