"""Times: from text in declared formats, from typed columns; always to naive UTC by a declared zone."""

from __future__ import annotations

import datetime as dt
from functools import reduce
from itertools import combinations

import ibis
import ibis.expr.datatypes as dtypes
from ibis.expr.types import BooleanValue, Column, StringValue

from helpers.data.clock import repeat_minutes
from helpers.data.values import DTYPES, Converted, Declared, Problems, Remark, narrow
from helpers.data.written_times import EXCEL_DAYS, clock_of_days, with_halves

_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_NOUGHTS = r"(:\d{2}\.\d{6})0+($|\s*[Zz]$|\s*[+-]\d{2}:?\d{2}$)"  # behind the microseconds
_FINER = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}\.\d{7,}|^\d{16,19}$"
FINER = "finer than a microsecond, or counted in microseconds or nanoseconds; export seconds or milliseconds"
_OFFSET = r"(:\d{2}(?:\.\d+)?)\s*([Zz]|[+-](?:0\d|1[0-4]):?[0-5]\d)$"
NANOSECONDS = 9
_EPOCHS = {"epoch_seconds": "s", "epoch_milliseconds": "ms"}


@ibis.udf.scalar.builtin(
    name="try_strptime", signature=((dtypes.string, dtypes.Array(dtypes.string)), dtypes.timestamp)
)
def _try_strptime(text: str, formats: list[str]) -> dt.datetime:
    """DuckDB's own: the time a text says in one of the formats, else null."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dtypes.string, dtypes.timestamp), dtypes.Timestamp(timezone="UTC"))
)
def _at_zone(zone: str, time: dt.datetime) -> dt.datetime:
    """DuckDB's own: the moment at which the clocks of the zone show this time."""
    raise NotImplementedError


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dtypes.string, dtypes.Timestamp(timezone="UTC")), dtypes.timestamp)
)
def _clock_of(zone: str, time: dt.datetime) -> dt.datetime:
    """DuckDB's own: what the clocks of the zone show at this moment."""
    raise NotImplementedError


def time_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read times in the declared formats into naive UTC; a written offset wins over the declared zone.

    What two declared formats read differently is refused, and so is a time that the zone's clocks skipped.
    """
    plain = narrow(text).re_replace(_NOUGHTS, r"\1\2")
    offset = plain.re_extract(_OFFSET, 2).nullif("")
    clock = offset.notnull().ifelse(plain.re_replace(_OFFSET, r"\1"), plain)
    readings = _clocks(clock, declared.time_formats)
    written = ibis.coalesce(*readings) if readings else ibis.null("timestamp")
    zoned = _to_utc(written, declared)
    digits = offset.re_replace("[^0-9]", "")
    minutes = digits.substr(0, 2).try_cast("int64") * 60 + digits.substr(2, 2).try_cast("int64")
    signed = offset.startswith("-").ifelse(-minutes, minutes).fill_null(0)
    shifted = written - signed.as_interval("m")
    value = offset.notnull().ifelse(shifted, zoned.value)
    epochs = [_epoch(plain, unit) for name, unit in _EPOCHS.items() if name in declared.time_formats]
    unclear = _differ([*readings, *epochs])
    value = ibis.coalesce(value, *epochs)
    read = value.notnull() | written.notnull()
    finer = plain.re_search(_FINER).fill_null(False)
    problems = [
        (f"not a time as declared ({_formats(declared)})", text.notnull() & ~read & ~finer),
        (FINER, ~read & finer),
        *((reason, offset.isnull() & where) for reason, where in zoned.problems),
    ]
    if len(readings) + len(epochs) > 1:
        problems.append((f"read differently by the declared formats ({_formats(declared)})", unclear))
        value = unclear.ifelse(ibis.null("timestamp"), value)
    return Converted(value=_time(value), problems=tuple(problems))


def _formats(declared: Declared) -> str:
    return ", ".join(declared.time_formats) or "YYYY-MM-DD HH:MM:SS"


def _clocks(text: StringValue, formats: tuple[str, ...]) -> list[Column]:
    """Return what a clock time says in each of the declared formats."""
    if not formats:
        return [text.re_search(_ISO).ifelse(text, ibis.null("string")).try_cast("timestamp")]
    declared = [form.replace("%z", "").strip() for form in formats if form not in (*_EPOCHS, EXCEL_DAYS)]
    written = with_halves(text, formats) if declared else text
    days = [clock_of_days(text)] if EXCEL_DAYS in formats else []
    return [*(_try_strptime(written, ibis.array([form])) for form in declared), *days]


def _epoch(text: StringValue, unit: str) -> Column:
    seconds = text.re_search(r"^\d{1,14}$").ifelse(text, ibis.null("string")).try_cast("int64")
    return seconds.as_timestamp(unit).cast("timestamp")


def _differ(readings: list[Column]) -> BooleanValue:
    pairs = [one != other for one, other in combinations(readings, 2)]
    return reduce(lambda a, b: a | b, [pair.fill_null(False) for pair in pairs], ibis.literal(False))


def _to_utc(clock: Column, declared: Declared) -> Converted:
    """Turn a zone's clock time into UTC; refuse what its clocks skipped, or showed twice without a `fold`."""
    zone = declared.timezone
    if zone == "UTC":
        return Converted(value=clock)
    if zone == "Asia/Shanghai":
        return Converted(value=clock - ibis.interval(hours=8))
    moment = _at_zone(zone, clock)
    skipped = (_clock_of(zone, moment) != clock).fill_null(False)
    value = skipped.ifelse(ibis.null("timestamp"), moment.cast("timestamp"))
    problems = [(f"a time that {zone} skipped (summer time)", skipped)]
    for minutes in repeat_minutes(zone):
        # The engine takes the later of two moments at which the clocks showed the same.
        earlier = moment - ibis.interval(minutes=minutes)
        twice = (_clock_of(zone, earlier) == clock).fill_null(False)
        if not declared.fold:
            value = twice.ifelse(ibis.null("timestamp"), value)
            problems.append(
                (f'shown twice by the clocks of {zone}, declare fold = "earlier" or "later"', twice)
            )
            continue
        value = twice.ifelse(earlier.cast("timestamp"), value) if declared.fold == "earlier" else value
        said = f"shown twice by the clocks of {zone}, taken as the {declared.fold} time"
        problems.append((Remark(said), twice))
    return Converted(value=value, problems=tuple(problems))


def _time(value: Column) -> Column:
    return value.cast(DTYPES["time"])


def in_utc(clock: Column, declared: Declared) -> Converted:
    """Turn clock times of the declared zone into naive UTC; times its clocks skipped are refused."""
    made = _to_utc(clock, declared)
    return Converted(value=_time(made.value), problems=made.problems)


def time_of_clock(raw: Column, declared: Declared) -> Converted:
    """Turn typed clock times of the declared zone into naive UTC; times its clocks skipped are refused."""
    made = in_utc(raw.cast("timestamp"), declared)
    return Converted(value=made.value, problems=(*made.problems, *_cut(raw)))


def time_of_moment(raw: Column, declared: Declared) -> Converted:
    """Turn typed moments, which carry their zone, into naive UTC."""
    return Converted(value=_time(raw.cast("timestamp")), problems=_cut(raw))


def _cut(raw: Column) -> Problems:
    """Remark where a typed time is finer than the microseconds that are kept."""
    if getattr(raw.type(), "scale", None) != NANOSECONDS:
        return ()
    return ((Remark("cut to the microsecond"), (raw.cast("timestamp(6)").cast(raw.type()) != raw)),)


def time_of_integer(raw: Column, declared: Declared) -> Converted:
    """Read whole numbers as text in the declared formats, such as 20250131 or epoch seconds."""
    return time_of_text(raw.cast("string"), declared)
