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
BLANKS = r"^[ \t-\r]+|[ \t-\r]+$"
_WIDE, _NARROW = "０１２３４５６７８９．，－＋：／￥　", "0123456789.,-+:/¥ "


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the source declares about one column's values.

    currency: the declared one of the shop or file. money_declared: `money` is no mere default.
    """

    nulls: tuple[str, ...] = ()
    time_formats: tuple[str, ...] = ()
    timezone: str = ""
    fold: str = ""
    money: str = ""
    decimal: str = ""
    currency: str = ""
    money_declared: bool = True


Problems = tuple[tuple[str, BooleanValue], ...]


class Remark(str):
    """A reason that is counted in the receipt and refuses nothing."""


def about(name: str, reason: str) -> str:
    """Say a reason of one of the columns that another is made of; a remark stays one."""
    return type(reason)(f"{name} is {reason}")


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A typed value and what can be wrong with it: (reason without the column's name, where it is so)."""

    value: Column
    problems: Problems = ()


def unread(given: Column, value: Column, reason: str) -> Problems:
    """Return the one problem of a value that is given and cannot be turned."""
    return ((reason, given.notnull() & value.isnull()),)


def narrow(text: StringValue) -> StringValue:
    """Write full-width digits and signs in their plain form."""
    return trimmed(text.translate(_WIDE, _NARROW))


def trimmed(text: StringValue) -> StringValue:
    """Take blanks, tabs and line ends off both ends; by a pattern, which every engine reads alike."""
    return text.re_replace(BLANKS, "")
