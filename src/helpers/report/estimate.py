"""What the report room asks of a number with its interval, whichever room made it."""

from __future__ import annotations

from typing import Protocol

from scipy.stats import norm


class Ends(Protocol):
    """An estimate with the ends of its interval."""

    @property
    def estimate(self) -> float: ...

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...


class Levelled(Ends, Protocol):
    """The same, with the nominal coverage of the interval."""

    @property
    def level(self) -> float: ...


class Estimate(Levelled, Protocol):
    """The same, with the number of units it rests on."""

    @property
    def n(self) -> int: ...


def standard_error(low: float, high: float, *, level: float = 0.95) -> float:
    """Return the standard error of an interval, read off its ends as if it were normal.

    >>> round(standard_error(-1.96, 1.96), 3)
    1.0
    """
    return float((high - low) / 2 / norm.isf((1 - level) / 2))
