"""Numbers as a shop manager reads them, and the findings that all monthly measures share."""

from __future__ import annotations

from dataclasses import replace

from helpers.report import Finding, skipped
from helpers.stickiness.monthly import Series
from methods.intervals.estimates import Interval

CLUSTERED = "delta method with all months of a customer taken together"
ASSUMPTIONS = (
    "Customers decide independently of one another; friends who buy together make the interval too narrow.",
    "Only months that the data cover whole are used.",
)


def span(interval: Interval, *, digits: int = 1) -> str:
    """Return an estimate and its interval in words: `31.2 (30.1 to 32.3)`."""
    return f"{interval.estimate:,.{digits}f} ({interval.low:,.{digits}f} to {interval.high:,.{digits}f})"


def finding_of(
    interval: Interval, *, id: str, question: str, unit: str, method: str, reading: str, **more: object
) -> Finding:
    """Return the finding of an interval; requirement is the part of the id before the dot."""
    return Finding(
        id=id,
        requirement=id.partition(".")[0],
        question=question,
        estimate=interval.estimate,
        low=interval.low,
        high=interval.high,
        level=interval.level,
        unit=unit,
        n=interval.n,
        method=method,
        reading=reading,
        **more,
    )


def level_finding(series: Series, *, question: str) -> Finding:
    """Return the finding of a measure over its recent months, with its definition in the reading."""
    measure = series.measure
    digits = 2 if abs(series.recent.estimate) < 10 else 1
    method = f"Wilson interval, {CLUSTERED}" if measure.is_share else CLUSTERED
    return finding_of(
        series.recent,
        id=measure.id,
        question=question,
        unit=series.unit,
        method=method,
        assumptions=ASSUMPTIONS,
        reading=f"{measure.label}: {span(series.recent, digits=digits)} {series.unit}, "
        f"{series.recent_months} ({series.definition}; {series.recent.n:,} customers).",
    )


def not_known(id: str, reason: str, *, question: str) -> Finding:
    """Return the finding of one number that the data do not determine, with the reason as a sentence."""
    entry = skipped(requirement=id.partition(".")[0], question=question, reason=f"Not answered: {reason}")
    return replace(entry, id=id)
