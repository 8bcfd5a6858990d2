"""The words in which the data contract is written: columns, tables, and short ways to state a column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "time", "money", "integer", "number", "flag"]
Null = Literal["never", "allowed", "if_absent"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of the contract.

    kind: what the value is; `time` is a naive UTC timestamp, `money` whole hundredths of the currency.
    null: `never`; `allowed`; or `if_absent`: the source may lack it, but where it has it every row needs it.
    low, high: inclusive range. allowed: the complete set of values. references: the table whose key it names.
    """

    name: str
    kind: Kind
    meaning: str
    null: Null = "allowed"
    low: float | None = None
    high: float | None = None
    allowed: tuple[str, ...] = ()
    references: str | None = None


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the contract.

    key: the columns that name a row. time: the column that decides whether a row lies before `as_of`.
    not_before: pairs (column, "table.column" reached through its reference, or a column of this table):
    the first must not be earlier than the second. unordered: two columns whose order means nothing; they
    are stored smaller first and must differ. is_of_events: its time is of something that happened in the
    shop; joining and friendship may be older than any shop on the web.
    """

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    time: str | None = None
    required: bool = False
    not_before: tuple[tuple[str, str], ...] = ()
    unordered: tuple[str, ...] = ()
    is_of_events: bool = True

    def column(self, name: str) -> Column:
        """Return the column of this name; raises KeyError that lists the columns there are."""
        for column in self.columns:
            if column.name == name:
                return column
        known = ", ".join(column.name for column in self.columns)
        raise KeyError(f"table {self.name!r} has no column {name!r}; it has {known}")


def id_column(name: str, meaning: str, *, null: Null = "never", references: str | None = None) -> Column:
    """Return an id column: text, never null unless said otherwise."""
    return Column(name=name, kind="id", meaning=meaning, null=null, references=references)


def customer_column(
    meaning: str = "the customer", *, name: str = "customer_id", null: Null = "never"
) -> Column:
    """Return a column that names a customer."""
    return id_column(name, meaning, null=null, references="customers")


def time_column(name: str, meaning: str, *, null: Null = "if_absent") -> Column:
    """Return a column of naive UTC timestamps."""
    return Column(name=name, kind="time", meaning=meaning, null=null)


def text_column(name: str, meaning: str, *, null: Null = "allowed", allowed: tuple[str, ...] = ()) -> Column:
    """Return a text column; `allowed` is the complete set of values, empty where any will do."""
    return Column(name=name, kind="text", meaning=meaning, null=null, allowed=allowed)


def integer_column(
    name: str, meaning: str, *, low: float | None = 0, high: float | None = None, null: Null = "allowed"
) -> Column:
    """Return a whole-number column."""
    return Column(name=name, kind="integer", meaning=meaning, null=null, low=low, high=high)


def number_column(
    name: str, meaning: str, *, low: float | None = 0, high: float | None = None, null: Null = "allowed"
) -> Column:
    """Return a real-number column."""
    return Column(name=name, kind="number", meaning=meaning, null=null, low=low, high=high)


def money_column(name: str, meaning: str, *, null: Null = "allowed") -> Column:
    """Return a column of whole hundredths of the currency, 0 or more."""
    return Column(name=name, kind="money", meaning=meaning, null=null, low=0)


def flag_column(name: str, meaning: str, *, null: Null = "allowed") -> Column:
    """Return a yes-or-no column."""
    return Column(name=name, kind="flag", meaning=meaning, null=null)
