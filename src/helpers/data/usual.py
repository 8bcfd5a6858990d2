"""What nearly every cell looks like is read in one step; only what deviates from it is looked at closely.

The careful way takes a cell apart by a dozen patterns, each of which costs more than the whole short one.
"""

from __future__ import annotations

import ibis.expr.operations as ops
from ibis.expr.types import BooleanValue, Column, StringValue

from helpers.data.contract import Kind
from helpers.data.money import WITHOUT_HUNDREDTHS
from helpers.data.source import MONEY_UNITS
from helpers.data.times import in_utc
from helpers.data.values import BLANKS, Converted, Declared

# A figure is in no word for nothing, a plus in what was rounded; one engine's $ forgives a line end.
_ID = r"^[0-9A-Za-z_.-]*[0-9][0-9A-Za-z_.-]*\z"
_TIME = r"^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$"
_DIGITS, _HUNDREDTHS = r"^-?\d{1,15}$", r"^-?\d{1,13}(\.\d{1,2})?$"


def in_one_step(
    raw: StringValue, text: StringValue, kind: Kind, declared: Declared, careful: Converted
) -> Converted:
    """Return what `careful` returns, read in one step where a cell has the usual form of its kind.

    raw: as the file has it. text: trimmed, and null where it means nothing.
    """
    is_cell = isinstance(raw.op(), ops.Field)  # else it is long itself, and would be worked out twice
    given = raw if is_cell else text
    found = _USUAL[kind](given, declared) if kind in (_ANY if is_cell else _NUMBERS) else None
    if found is None:
        return careful
    usual, value = found
    if is_cell and declared.nulls:
        usual = usual & ~raw.isin(declared.nulls)
    # By cases: of two conditions joined by "and" the engine works out both for every row.
    problems = tuple((reason, usual.ifelse(False, where)) for reason, where in careful.problems)
    own = tuple((reason, usual & where) for reason, where in value.problems)
    return Converted(value=usual.ifelse(value.value, careful.value), problems=(*problems, *own))


Usual = tuple[BooleanValue, Converted] | None


def _id(given: StringValue, declared: Declared) -> Usual:
    return given.re_search(_ID), Converted(value=given)


def _text(given: StringValue, declared: Declared) -> Usual:
    return (given != "") & ~given.re_search(BLANKS), Converted(value=given)


def _integer(given: StringValue, declared: Declared) -> Usual:
    return given.re_search(_DIGITS), _whole(given)


def _number(given: StringValue, declared: Declared) -> Usual:
    if declared.decimal == ",":
        return None
    return given.re_search(_HUNDREDTHS), Converted(value=given.try_cast("float64"))


def _money(given: StringValue, declared: Declared) -> Usual:
    if not declared.money_declared and declared.currency in WITHOUT_HUNDREDTHS:
        return None
    if not declared.money_declared or MONEY_UNITS[declared.money] == 1:
        return given.re_search(_DIGITS), _whole(given)
    if declared.decimal == ",":
        return None
    hundredths: Column = given.try_cast("decimal(17, 2)") * 100
    return given.re_search(_HUNDREDTHS), Converted(value=hundredths.cast("int64"))


def _time(given: StringValue, declared: Declared) -> Usual:
    if declared.time_formats:
        return None
    clock = given.try_cast("timestamp")
    return given.re_search(_TIME) & clock.notnull(), in_utc(clock, declared)


def _whole(given: StringValue) -> Converted:
    return Converted(value=given.try_cast("int64"))


_USUAL = {
    "id": _id,
    "text": _text,
    "integer": _integer,
    "number": _number,
    "money": _money,
    "time": _time,
}
_ANY, _NUMBERS = tuple(_USUAL), ("integer", "number", "money")
