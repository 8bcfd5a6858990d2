"""What a converted column is: its typed value, and where it could not be turned."""

from __future__ import annotations

from dataclasses import dataclass

from ibis.expr.types import BooleanValue, Column, StringValue

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


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the source declares about one column's values. money_declared: `money` is no mere default."""

    nulls: tuple[str, ...] = ()
    time_formats: tuple[str, ...] = ()
    timezone: str = ""
    money: str = ""
    money_declared: bool = True


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A typed value and what can be wrong with it: (reason without the column's name, where it is so)."""

    value: Column
    problems: tuple[tuple[str, BooleanValue], ...] = ()


def unread(given: Column, value: Column, reason: str) -> tuple[tuple[str, BooleanValue], ...]:
    """Return the one problem of a value that is given and cannot be turned."""
    return ((reason, given.notnull() & value.isnull()),)


def narrow(text: StringValue) -> StringValue:
    """Write full-width digits and signs in their plain form."""
    return text.translate(_WIDE, _NARROW).strip()
