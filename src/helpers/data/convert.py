"""Raw values to the contract's types, with the rows that cannot be turned marked and never repaired.

Accepted silently, because nothing is lost: blanks around a value, full-width digits and signs in numbers and
times, currency signs, thousands separators in the right places, whole numbers written as 12.0, yes/no words.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import ibis.expr.datatypes as dtypes
from ibis.expr.types import BooleanValue, Column, StringValue

from helpers.data.contract import Kind
from helpers.data.errors import DataError
from helpers.data.source import MONEY_UNITS

DTYPES = {
    "id": "string",
    "text": "string",
    "time": "timestamp(6)",
    "money": "int64",
    "integer": "int64",
    "number": "float64",
    "flag": "boolean",
}
_WIDE, _NARROW = "０１２３４５６７８９．，－＋：／￥　", "0123456789.,-+:/¥ "
_CURRENCY = r"(?i)^([+-]?)\s*(¥|\$|£|€|rmb|cny|usd|gbp|eur)\s*|\s*(元|rmb|cny|usd|gbp|eur)$"
_GROUPED = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
_WHOLE = r"^[+-]?\d{1,18}(\.0*)?$"
_DECIMAL = r"^[+-]?(\d{1,15}(\.\d{0,12})?|\.\d{1,12})$"
_FLOAT = r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$"
_ISO = r"^\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_OFFSET = r"(\d{2}:?\d{2}(:?\d{2}(\.\d+)?)?)\s*([Zz]|[+-]\d{2}:?\d{2})$"
_TRUE, _FALSE = ("true", "t", "yes", "y", "1", "是"), ("false", "f", "no", "n", "0", "否")
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


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the source declares about one column's values."""

    nulls: tuple[str, ...] = ()
    time_formats: tuple[str, ...] = ()
    timezone: str = ""
    money: str = ""


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A typed value and what can be wrong with it: (reason without the column's name, where it is so)."""

    value: Column
    problems: tuple[tuple[str, BooleanValue], ...] = ()


def convert(raw: Column, kind: Kind, declared: Declared, *, where: str) -> Converted:
    """Turn a raw column into the contract's type of `kind`.

    where: table and column, for messages. Raises DataError when a time lacks a declared zone, an amount a
    declared unit, or the column's type cannot hold such values at all.
    """
    if kind == "money" and declared.money not in MONEY_UNITS:
        raise DataError(f"{where}: declare money = one of {', '.join(MONEY_UNITS)}; a unit is never guessed")
    if kind == "time" and not declared.timezone:
        raise DataError(f"{where}: declare timezone, such as Asia/Shanghai or UTC; a zone is never guessed")
    if raw.type().is_null():
        return Converted(value=ibis.null(DTYPES[kind]))
    if raw.type().is_string():
        text = raw.strip().nullif("")
        for null in declared.nulls:
            text = text.nullif(null)
        return _FROM_TEXT[kind](text, declared)
    raw = _without_nulls(raw, declared.nulls)
    for test, turn in _FROM_TYPED[kind]:
        if test(raw.type()):
            return turn(raw, declared)
    raise DataError(f"{where}: a column of type {raw.type()} cannot be read as {kind}")


def _without_nulls(raw: Column, nulls: tuple[str, ...]) -> Column:
    for null in nulls if raw.type().is_numeric() else ():
        try:
            raw = raw.nullif(ibis.literal(float(null)).cast(raw.type()))
        except ValueError as error:
            raise DataError(f"nulls = {null!r} is no number, but the column holds numbers") from error
    return raw


def _problem(text: StringValue, value: Column, reason: str) -> tuple[tuple[str, BooleanValue], ...]:
    return ((reason, text.notnull() & value.isnull()),)


def _text_of_text(text: StringValue, declared: Declared) -> Converted:
    return Converted(value=text)


def _narrow(text: StringValue) -> StringValue:
    return text.translate(_WIDE, _NARROW).strip()


def _ungrouped(text: StringValue) -> StringValue:
    return text.re_search(_GROUPED).ifelse(text.replace(",", ""), text)


def _integer_of_text(text: StringValue, declared: Declared) -> Converted:
    plain = _ungrouped(_narrow(text))
    whole = plain.re_search(_WHOLE).ifelse(plain.re_replace(r"\.0*$", ""), ibis.null("string"))
    value = whole.try_cast("int64")
    return Converted(value=value, problems=_problem(text, value, "not a whole number"))


def _number_of_text(text: StringValue, declared: Declared) -> Converted:
    plain = _ungrouped(_narrow(text))
    found = plain.re_search(_FLOAT).ifelse(plain, ibis.null("string")).try_cast("float64")
    value = found.isinf().ifelse(ibis.null("float64"), found)
    return Converted(value=value, problems=_problem(text, value, "not a finite number"))


def _money_of_text(text: StringValue, declared: Declared) -> Converted:
    plain = _ungrouped(_narrow(text).re_replace(_CURRENCY, r"\1"))
    amount = plain.re_search(_DECIMAL).ifelse(plain, ibis.null("string")).try_cast("decimal(38, 12)")
    exact = amount * MONEY_UNITS[declared.money]
    value = exact.cast("int64")
    whole = exact == value
    problems = (
        ("not an amount of money", text.notnull() & amount.isnull()),
        ("finer than a hundredth", amount.notnull() & ~whole),
    )
    return Converted(value=whole.ifelse(value, ibis.null("int64")), problems=problems)


def _flag_of_text(text: StringValue, declared: Declared) -> Converted:
    word = _narrow(text).lower()
    value = ibis.cases((word.isin(_TRUE), True), (word.isin(_FALSE), False), else_=ibis.null("boolean"))
    return Converted(value=value, problems=_problem(text, value, "not yes or no"))


def _time_of_text(text: StringValue, declared: Declared) -> Converted:
    plain = _narrow(text)
    offset = plain.re_extract(_OFFSET, 4).nullif("")
    clock = offset.notnull().ifelse(plain.re_replace(r"\s*([Zz]|[+-]\d{2}:?\d{2})$", ""), plain)
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
        *_problem(text, value.fill_null(written), f"not a time as declared ({_formats(declared)})"),
        *((reason, offset.isnull() & where) for reason, where in gap),
    )
    bad_gap = gap[0][1] & offset.isnull() if gap else ibis.literal(False)
    return Converted(
        value=_time(bad_gap.fill_null(False).ifelse(ibis.null("timestamp"), value)), problems=problems
    )


def _formats(declared: Declared) -> str:
    return ", ".join(declared.time_formats) or "YYYY-MM-DD HH:MM:SS"


def _clock(text: StringValue, formats: tuple[str, ...]) -> Column:
    declared = [form.replace("%z", "").strip() for form in formats if form not in _EPOCHS]
    if formats:
        if not declared:
            return ibis.null("timestamp")
        return _try_strptime(text, ibis.array(declared))
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


def _as_text(raw: Column, declared: Declared) -> Converted:
    return Converted(value=raw.cast("string"))


def _text_of_float(raw: Column, declared: Declared) -> Converted:
    whole = raw == raw.round()
    value = whole.ifelse(raw.try_cast("int64"), ibis.null("int64")).cast("string")
    return Converted(value=value, problems=(("not a whole number", raw.notnull() & value.isnull()),))


def _integer_of_float(raw: Column, declared: Declared) -> Converted:
    value = (raw == raw.round()).ifelse(raw.try_cast("int64"), ibis.null("int64"))
    return Converted(value=value, problems=(("not a whole number", raw.notnull() & value.isnull()),))


def _integer(raw: Column, declared: Declared) -> Converted:
    value = raw.try_cast("int64") if str(raw.type()) != "int64" else raw
    return Converted(value=value, problems=(("not a whole number", raw.notnull() & value.isnull()),))


def _number(raw: Column, declared: Declared) -> Converted:
    number = raw.cast("float64")
    if not raw.type().is_floating():
        return Converted(value=number)
    broken = number.isinf() | number.isnan()
    return Converted(
        value=broken.ifelse(ibis.null("float64"), number), problems=(("not a finite number", broken),)
    )


def _money_of_integer(raw: Column, declared: Declared) -> Converted:
    factor = MONEY_UNITS[declared.money]
    whole = raw.cast("int64")
    return Converted(value=whole if factor == 1 else whole * factor)


def _money_of_decimal(raw: Column, declared: Declared) -> Converted:
    exact = raw.cast("decimal(38, 12)") * MONEY_UNITS[declared.money]
    value = exact.cast("int64")
    return Converted(
        value=(exact == value).ifelse(value, ibis.null("int64")),
        problems=(("finer than a hundredth", raw.notnull() & (exact != value)),),
    )


def _money_of_float(raw: Column, declared: Declared) -> Converted:
    """A binary fraction is the hundredth it is nearest to, when it is within a millionth of it."""
    scaled = raw.cast("float64") * MONEY_UNITS[declared.money]
    value = scaled.round().try_cast("int64")
    exact = (scaled - scaled.round()).abs() < 1e-6 * ibis.greatest(1.0, scaled.abs() * 1e-6)
    broken = raw.isinf() | raw.isnan()
    return Converted(
        value=(exact & ~broken).ifelse(value, ibis.null("int64")),
        problems=(
            ("not a finite number", broken),
            ("finer than a hundredth", raw.notnull() & ~broken & ~exact),
        ),
    )


def _flag_of_integer(raw: Column, declared: Declared) -> Converted:
    value = ibis.cases((raw == 1, True), (raw == 0, False), else_=ibis.null("boolean"))
    return Converted(value=value, problems=(("not yes or no", raw.notnull() & value.isnull()),))


def _flag(raw: Column, declared: Declared) -> Converted:
    return Converted(value=raw)


def _time_of_clock(raw: Column, declared: Declared) -> Converted:
    value, problems = _to_utc(raw.cast("timestamp"), declared.timezone)
    return Converted(value=_time(value), problems=problems)


def _time_of_moment(raw: Column, declared: Declared) -> Converted:
    return Converted(value=_time(raw.cast("timestamp")))


def _time_of_integer(raw: Column, declared: Declared) -> Converted:
    return _time_of_text(raw.cast("string"), declared)


_FROM_TEXT = {
    "id": _text_of_text,
    "text": _text_of_text,
    "integer": _integer_of_text,
    "number": _number_of_text,
    "money": _money_of_text,
    "flag": _flag_of_text,
    "time": _time_of_text,
}
_IS_FLOAT, _IS_INTEGER = dtypes.DataType.is_floating, dtypes.DataType.is_integer
_NAMES = ((_IS_FLOAT, _text_of_float), (lambda kind: not kind.is_nested(), _as_text))
_FROM_TYPED = {
    "id": _NAMES,
    "text": _NAMES,
    "integer": ((_IS_FLOAT, _integer_of_float), (dtypes.DataType.is_numeric, _integer)),
    "number": ((dtypes.DataType.is_numeric, _number),),
    "money": (
        (_IS_INTEGER, _money_of_integer),
        (_IS_FLOAT, _money_of_float),
        (dtypes.DataType.is_decimal, _money_of_decimal),
    ),
    "flag": ((dtypes.DataType.is_boolean, _flag), (_IS_INTEGER, _flag_of_integer)),
    "time": (
        (lambda kind: kind.is_timestamp() and kind.timezone is not None, _time_of_moment),
        (lambda kind: kind.is_timestamp() or kind.is_date(), _time_of_clock),
        (_IS_INTEGER, _time_of_integer),
    ),
}
