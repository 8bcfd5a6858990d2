"""The numbers of a finding as they leave: to two digits of their standard error, in every view alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache

from methods.counts import number
from methods.disclosure import rounded_to_error, step_of
from methods.intervals.estimates import Interval

SURE_DIGITS = 2
"""Digits beyond the page's of a number that has no interval."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """Estimate, low and high as they leave, and how many decimals of them a page shows."""

    estimate: float
    low: float
    high: float
    decimals: int


@lru_cache(maxsize=4096)
def told(
    estimate: float, low: float, high: float, *, level: float | None, decimals: int, nil: float = math.nan
) -> Told:
    """Return the numbers as they leave, in their unit.

    decimals: that the registry shows. Fewer are shown where two digits of the standard error are fewer. nil:
    what no end may be rounded to, where there is one. A page that shows fewer digits than leave reads the
    same before and after. A number without an interval leaves with two digits more than a page shows.

    >>> told(3.14159, 1.8123, 4.4789, level=0.95, decimals=1)
    Told(estimate=3.14, low=1.81, high=4.48, decimals=1)
    >>> told(343.27, 301.0, 385.5, level=0.95, decimals=2)
    Told(estimate=343.0, low=301.0, high=386.0, decimals=0)
    >>> told(25114.0, 16187.0, 34041.0, level=0.95, decimals=0)
    Told(estimate=25100.0, low=16200.0, high=34000.0, decimals=0)
    """
    if level is None:
        numbers = tuple(round(value, decimals + SURE_DIGITS) for value in (estimate, low, high))
        return Told(estimate=numbers[0], low=numbers[1], high=numbers[2], decimals=decimals)
    rounded = rounded_to_error(estimate, low, high, level=level, nil=nil)
    step = step_of(rounded[1], rounded[2], level=level)
    if not step:
        return Told(estimate=estimate, low=low, high=high, decimals=decimals)
    places = -round(math.log10(step))
    shown = max(0, min(decimals, places))
    if places >= decimals:
        pairs = zip(rounded, (estimate, low, high), strict=True)
        rounded = tuple(_as_read(value, before, decimals, step) for value, before in pairs)  # type: ignore[assignment]
    return Told(estimate=rounded[0], low=rounded[1], high=rounded[2], decimals=shown)


def interval_told(value: Interval, *, decimals: int = 1) -> Interval:
    """Return an effect with the digits of its finding, for the picture and the table beside its sentence.

    >>> interval_told(Interval(estimate=-135.02, low=-405.2, high=109.6, n=900)).low
    -410.0
    """
    leaves = told(value.estimate, value.low, value.high, level=value.level, decimals=decimals, nil=0.0)
    return replace(value, estimate=leaves.estimate, low=leaves.low, high=leaves.high)


def significant(value: float | None, digits: int = 4) -> float | None:
    """Return a number with so many digits that are not leading noughts.

    >>> significant(0.00123456), significant(None)
    (0.001235, None)
    """
    return value if not value or not math.isfinite(value) else float(f"{value:.{digits}g}")


def _as_read(rounded: float, before: float, decimals: int, step: float) -> float:
    """Return a rounded number that a page shows as it showed the number itself."""
    if number(rounded, decimals) == number(before, decimals):
        return rounded
    aside = rounded + math.copysign(step / 10, before - rounded)
    return round(aside, 1 - round(math.log10(step)))
