"""Raw values to the contract's types, with the rows that cannot be turned marked and never repaired.

Accepted silently, because nothing is lost: blanks around a value, full-width digits and signs in numbers and
times, currency signs, thousands separators in the right places, whole numbers written as 12.0, yes/no words.
"""

from __future__ import annotations

import re

import ibis
import ibis.expr.datatypes as dtypes
from ibis.expr.types import Column

from helpers.data.contract import Kind
from helpers.data.errors import DataError
from helpers.data.from_text import (
    flag_of_text,
    id_of_text,
    integer_of_text,
    money_of_text,
    number_of_text,
    text_of_text,
    unguarded,
)
from helpers.data.money import WITHOUT_HUNDREDTHS, unit_unknown
from helpers.data.source import MONEY_UNITS
from helpers.data.times import time_of_clock, time_of_integer, time_of_moment, time_of_text
from helpers.data.usual import in_one_step
from helpers.data.values import DTYPES, Converted, Declared, trimmed, unread

EXACT_FLOAT, EXACT_SINGLE, LARGEST_MONEY = 2.0**53, 2.0**24, 10**13
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")


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
        text = unguarded(trimmed(raw)) if kind == "id" else trimmed(raw)
        # In one step: a chain of such cases doubles the expression with each.
        text = text.isin(("", *declared.nulls)).ifelse(ibis.null("string"), text)
        return in_one_step(raw, text, kind, declared, _FROM_TEXT[kind](text, declared))
    raw = _without_nulls(raw, declared.nulls)
    for test, turn in _FROM_TYPED[kind]:
        if test(raw.type()):
            return turn(raw, declared)
    raise DataError(f"{where}: a column of type {raw.type()} cannot be read as {kind}")


def _without_nulls(raw: Column, nulls: tuple[str, ...]) -> Column:
    for null in nulls if raw.type().is_numeric() else ():
        if _NUMBER.fullmatch(null):
            # By hand, so that a column of whole numbers stays one: as a fraction, an id of 19 digits is lost.
            said = float(null) if null.rstrip("0").partition(".")[2] else int(null.partition(".")[0])
            raw = (raw == said).ifelse(ibis.null(raw.type()), raw)
    return raw


def _as_text(raw: Column, declared: Declared) -> Converted:
    return Converted(value=raw.cast("string"))


def _text_of_float(raw: Column, declared: Declared) -> Converted:
    whole = _integer_of_float(raw, declared)
    return Converted(value=whole.value.cast("string"), problems=whole.problems)


def _integer_of_float(raw: Column, declared: Declared) -> Converted:
    # Not-a-number and infinity have no nearest whole number: they must be gone before anything is rounded.
    small = (raw.abs() < (EXACT_SINGLE if raw.type().is_float32() else EXACT_FLOAT)).ifelse(
        raw, ibis.null(raw.type())
    )
    value = (small == small.round()).ifelse(small, ibis.null(raw.type())).try_cast("int64")
    return Converted(value=value, problems=unread(raw, value, "not a whole number"))


def _integer(raw: Column, declared: Declared) -> Converted:
    if raw.type().is_decimal():
        raw = (raw == raw.round()).ifelse(raw, ibis.null(raw.type()))
    value = raw if raw.type().is_int64() else raw.try_cast("int64")
    return Converted(value=value, problems=unread(raw, value, "not a whole number"))


def _number(raw: Column, declared: Declared) -> Converted:
    number = raw.cast("float64")
    if not raw.type().is_floating():
        return Converted(value=number)
    broken = number.isinf() | number.isnan()
    return Converted(
        value=broken.ifelse(ibis.null("float64"), number), problems=(("not a finite number", broken),)
    )


def _money_of_integer(raw: Column, declared: Declared) -> Converted:
    if not declared.money_declared and declared.currency in WITHOUT_HUNDREDTHS:
        return Converted(value=ibis.null("int64"), problems=((unit_unknown(declared), raw.notnull()),))
    if raw.type().is_int64() and MONEY_UNITS[declared.money] == 1:
        return Converted(value=raw)
    possible = raw.between(-LARGEST_MONEY, LARGEST_MONEY)
    value = possible.ifelse(raw, ibis.null(raw.type())).cast("int64") * MONEY_UNITS[declared.money]
    return Converted(value=value, problems=unread(raw, value, "not an amount of money"))


def _money_of_fraction(raw: Column, declared: Declared) -> Converted:
    """A binary fraction is the hundredth it lies next to, if within a millionth; else it is refused.

    Where nobody declared the unit, 10.0 may be ten yuan as well as ten fen: it is refused.
    """
    if not declared.money_declared:
        return Converted(value=ibis.null("int64"), problems=((unit_unknown(declared), raw.notnull()),))
    possible = raw.between(-LARGEST_MONEY, LARGEST_MONEY)
    scaled = possible.ifelse(raw, ibis.null(raw.type())).cast("float64") * MONEY_UNITS[declared.money]
    exact = (scaled - scaled.round()).abs() < 1e-6
    value = exact.ifelse(scaled, ibis.null("float64")).round().cast("int64")
    return Converted(
        value=value,
        problems=(
            ("not an amount of money", raw.notnull() & ~possible),
            ("finer than a hundredth", scaled.notnull() & ~exact),
        ),
    )


def _flag_of_float(raw: Column, declared: Declared) -> Converted:
    whole = _integer_of_float(raw, declared)
    flag = _flag_of_integer(whole.value, declared)
    return Converted(value=flag.value, problems=unread(raw, flag.value, "not yes or no"))


def _time_of_float(raw: Column, declared: Declared) -> Converted:
    whole = _integer_of_float(raw, declared)
    time = time_of_integer(whole.value, declared)
    return Converted(value=time.value, problems=(*whole.problems, *time.problems))


def _flag_of_integer(raw: Column, declared: Declared) -> Converted:
    value = ibis.cases((raw == 1, True), (raw == 0, False), else_=ibis.null("boolean"))
    return Converted(value=value, problems=(("not yes or no", raw.notnull() & value.isnull()),))


def _flag(raw: Column, declared: Declared) -> Converted:
    return Converted(value=raw)


_FROM_TEXT = {
    "id": id_of_text,
    "text": text_of_text,
    "integer": integer_of_text,
    "number": number_of_text,
    "money": money_of_text,
    "flag": flag_of_text,
    "time": time_of_text,
}
_IS_FLOAT, _IS_INTEGER = dtypes.DataType.is_floating, dtypes.DataType.is_integer
_IS_NUMERIC = dtypes.DataType.is_numeric
_NAMES = ((_IS_FLOAT, _text_of_float), (lambda kind: not (kind.is_nested() or kind.is_binary()), _as_text))
_FROM_TYPED = {
    "id": _NAMES,
    "text": _NAMES,
    "integer": ((_IS_FLOAT, _integer_of_float), (_IS_NUMERIC, _integer)),
    "number": ((_IS_NUMERIC, _number),),
    "money": ((_IS_INTEGER, _money_of_integer), (_IS_NUMERIC, _money_of_fraction)),
    "flag": (
        (dtypes.DataType.is_boolean, _flag),
        (_IS_INTEGER, _flag_of_integer),
        (_IS_FLOAT, _flag_of_float),
    ),
    "time": (
        (lambda kind: kind.is_timestamp() and kind.timezone is not None, time_of_moment),
        (lambda kind: kind.is_timestamp() or kind.is_date(), time_of_clock),
        (_IS_INTEGER, time_of_integer),
        (_IS_FLOAT, _time_of_float),
    ),
}
