"""The shop's clock: what the clocks of its zone show, by the zone's real rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache
from zoneinfo import ZoneInfo

import ibis
from ibis.expr.types import TimestampValue

EARLIEST = dt.datetime(1970, 1, 1)
_DAY, _SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A moment (naive UTC) from which a zone is so many minutes ahead of UTC; before: until then."""

    at: dt.datetime
    minutes: int
    before: int


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The clock of a zone over the days that the data span.

    zone: its name, such as Europe/Paris. first, last: naive UTC; None where nothing is dated.
    """

    zone: str
    first: dt.datetime | None = None
    last: dt.datetime | None = None

    def offset(self, moment: dt.datetime) -> dt.timedelta:
        """Return how far the clock is ahead of UTC at a moment (naive UTC)."""
        return _offset(self.zone, moment)

    def local(self, moment: dt.datetime) -> dt.datetime:
        """Return what the clock shows at a moment (naive UTC)."""
        return moment + self.offset(moment)

    def moment(self, local: dt.datetime) -> dt.datetime:
        """Return the moment (naive UTC) at which the clock first shows a time (or would have).

        >>> Clock(zone="Europe/Paris").moment(dt.datetime(2025, 8, 1))
        datetime.datetime(2025, 7, 31, 22, 0)
        """
        return local.replace(tzinfo=ZoneInfo(self.zone)).astimezone(dt.UTC).replace(tzinfo=None)

    def shown(self, time: TimestampValue) -> TimestampValue:
        """Turn stored UTC times into what the clock shows: one offset, or one for each change in the span."""
        first, last = self.first or EARLIEST, self.last or EARLIEST
        found = [change for change in changes(self.zone) if first < change.at <= last]
        base = time + _interval(self.offset(first))
        if not found:
            return base
        # The latest first: most events are recent, and the first that fits is taken.
        cases = [
            (time >= ibis.literal(change.at), time + ibis.interval(minutes=change.minutes))
            for change in reversed(found)
        ]
        return ibis.cases(*cases, else_=base)

    def stored(self, local: TimestampValue) -> TimestampValue:
        """Turn times of the clock into stored UTC times; of a time shown twice, the later."""
        first, last = self.first or EARLIEST, self.last or EARLIEST
        found = [change for change in changes(self.zone) if first < change.at <= last]
        cases = [
            (
                local >= ibis.literal(change.at + dt.timedelta(minutes=change.minutes)),
                local - ibis.interval(minutes=change.minutes),
            )
            for change in reversed(found)
        ]
        base = local - _interval(self.offset(first))
        return ibis.cases(*cases, else_=base) if cases else base


def _interval(offset: dt.timedelta) -> ibis.expr.types.IntervalScalar:
    return ibis.interval(minutes=_minutes(offset))


def _minutes(offset: dt.timedelta) -> int:
    return round(offset.total_seconds() / 60)


def _offset(zone: str, moment: dt.datetime) -> dt.timedelta:
    return moment.replace(tzinfo=dt.UTC).astimezone(ZoneInfo(zone)).utcoffset() or dt.timedelta()


@cache
def changes(zone: str) -> tuple[Change, ...]:
    """Return every change of a zone's offset from 1970 to two years from now, oldest first."""
    found = []
    day, end = EARLIEST, dt.datetime.combine(dt.date.today() + 730 * _DAY, dt.time())
    while day < end:
        if _offset(zone, day) != _offset(zone, day + _DAY):
            at = _between(zone, day, day + _DAY)
            before, after = _offset(zone, at - _SECOND), _offset(zone, at)
            found.append(Change(at=at, minutes=_minutes(after), before=_minutes(before)))
        day += _DAY
    return tuple(found)


def _between(zone: str, low: dt.datetime, high: dt.datetime) -> dt.datetime:
    """Return the second within a day at which the offset changes."""
    start = _offset(zone, low)
    while high - low > _SECOND:
        middle = low + _SECOND * ((high - low) // _SECOND // 2)
        low, high = (middle, high) if _offset(zone, middle) == start else (low, middle)
    return high


def repeat_minutes(zone: str) -> tuple[int, ...]:
    """Return by how many minutes the zone's clocks were ever put back since 1970, such as 60."""
    back = {change.before - change.minutes for change in changes(zone)}
    return tuple(sorted(minutes for minutes in back if minutes > 0))
