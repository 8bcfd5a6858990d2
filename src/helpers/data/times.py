"""Times: from text in declared formats, from typed columns; always to naive UTC by a declared zone."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.datatypes as dtypes
from ibis.expr.types import BooleanValue, Column, StringValue

from helpers.data.values import DTYPES, Converted, Declared, narrow, unread
from helpers.data.written_times import EXCEL_DAYS, clock_of_days, with_halves

_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_OFFSET = r"(:\d{2}(?:\.\d+)?)\s*([Zz]|[+-](?:0\d|1[0-4]):?[0-5]\d)$"
_EPOCHS = {"epoch_seconds": "s", "epoch_milliseconds": "ms"}


@ibis.udf.scalar.builtin(
    name="try_strptime", signature=((dtypes.string, dtypes.Array(dtypes.string)), dtypes.timestamp)
)
def _try_strptime(text: str, formats: list[str]) -> dt.datetime:
    """DuckDB's own: the time a text says in one of the formats, else null."""


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dtypes.string, dtypes.timestamp), dtypes.Timestamp(timezone="UTC"))
)
def _at_zone(zone: str, time: dt.datetime) -> dt.datetime:
    """DuckDB's own: the moment at which the clocks of the zone show this time."""


@ibis.udf.scalar.builtin(
    name="timezone", signature=((dtypes.string, dtypes.Timestamp(timezone="UTC")), dtypes.timestamp)
)
def _clock_of(zone: str, time: dt.datetime) -> dt.datetime:
    """DuckDB's own: what the clocks of the zone show at this moment."""


def time_of_text(text: StringValue, declared: Declared) -> Converted:
    """Read times in the declared formats into naive UTC; a written offset wins over the declared zone."""
    plain = narrow(text)
    offset = plain.re_extract(_OFFSET, 2).nullif("")
    clock = offset.notnull().ifelse(plain.re_replace(_OFFSET, r"\1"), plain)
    written = _clock(clock, declared.time_formats)
    moment, gap = _to_utc(written, declared.timezone)
    digits = offset.re_replace("[^0-9]", "")
    minutes = digits.substr(0, 2).try_cast("int64") * 60 + digits.substr(2, 2).try_cast("int64")
    signed = offset.startswith("-").ifelse(-minutes, minutes).fill_null(0)
    shifted = written - signed.as_interval("m")
    value = offset.notnull().ifelse(shifted, moment)
    if epoch := [unit for name, unit in _EPOCHS.items() if name in declared.time_formats]:
        seconds = plain.re_search(r"^\d{1,14}$").ifelse(plain, ibis.null("string")).try_cast("int64")
        value = ibis.coalesce(value, seconds.as_timestamp(epoch[0]).cast("timestamp"))
    problems = (
        *unread(text, value.fill_null(written), f"not a time as declared ({_formats(declared)})"),
        *((reason, offset.isnull() & where) for reason, where in gap),
    )
    bad_gap = gap[0][1] & offset.isnull() if gap else ibis.literal(False)
    return Converted(
        value=_time(bad_gap.fill_null(False).ifelse(ibis.null("timestamp"), value)), problems=problems
    )


def _formats(declared: Declared) -> str:
    return ", ".join(declared.time_formats) or "YYYY-MM-DD HH:MM:SS"


def _clock(text: StringValue, formats: tuple[str, ...]) -> Column:
    declared = [form.replace("%z", "").strip() for form in formats if form not in (*_EPOCHS, EXCEL_DAYS)]
    if formats:
        written = ibis.null("timestamp")
        if declared:
            written = _try_strptime(with_halves(text, formats), ibis.array(declared))
        return ibis.coalesce(written, clock_of_days(text)) if EXCEL_DAYS in formats else written
    return text.re_search(_ISO).ifelse(text, ibis.null("string")).try_cast("timestamp")


def _to_utc(clock: Column, zone: str) -> tuple[Column, tuple[tuple[str, BooleanValue], ...]]:
    """Return the UTC moment of a zone's clock time, and where no clock of the zone ever showed that time."""
    if zone == "UTC":
        return clock, ()
    if zone == "Asia/Shanghai":
        return clock - ibis.interval(hours=8), ()
    zoned = _at_zone(zone, clock)
    skipped = _clock_of(zone, zoned) != clock
    return zoned.cast("timestamp"), ((f"a time that {zone} skipped (summer time)", skipped),)


def _time(value: Column) -> Column:
    return value.cast(DTYPES["time"])


def time_of_clock(raw: Column, declared: Declared) -> Converted:
    """Turn typed clock times of the declared zone into naive UTC; times its clocks skipped are refused."""
    value, problems = _to_utc(raw.cast("timestamp"), declared.timezone)
    return Converted(value=_time(value), problems=problems)


def time_of_moment(raw: Column, declared: Declared) -> Converted:
    """Turn typed moments, which carry their zone, into naive UTC."""
    return Converted(value=_time(raw.cast("timestamp")))


def time_of_integer(raw: Column, declared: Declared) -> Converted:
    """Read whole numbers as text in the declared formats, such as 20250131 or epoch seconds."""
    return time_of_text(raw.cast("string"), declared)
