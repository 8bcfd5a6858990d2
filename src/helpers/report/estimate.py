"""What the report room asks of a number with its interval, whichever room made it."""

from __future__ import annotations

from typing import Protocol


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
