"""Draws of a simulation as numbers with ranges, and numbers as their findings tell them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from helpers.report import Finding
from helpers.report.finding_view import FindingView
from helpers.report.formats import interval
from methods.intervals.estimates import Interval

LEVEL = 0.95
ORDER_VALUES = "order values"  # the unit of worth where a shop has no prices


def spread(values: NDArray[np.float64]) -> Interval:
    """Return the mean of draws with the range that holds 95 % of them."""
    low, high = np.quantile(values, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], method="weibull")
    middle = float(np.clip(values.mean(), low, high))
    return Interval(estimate=middle, low=float(low), high=float(high), n=len(values), level=LEVEL)


def told(findings: Iterable[Finding], id: str, segment: str) -> str:
    """Return a number with its range as its finding tells it, without the unit; a dash where withheld."""
    finding = next(one for one in findings if one.key == (id, segment))
    if finding.status != "answered":
        return "–"
    view = FindingView(finding)
    return interval(view.estimate, view.low, view.high, decimals=view.decimals)
