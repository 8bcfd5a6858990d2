"""`source.toml`: how anyone's files become the tables of the contract, without code.

Nothing in it is ever run: unknown keys are refused, and names are looked up, never pasted into SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MONEY_UNITS = {
    unit: factor
    for factor, units in {
        100: ("yuan", "dollars", "pounds", "euros"),
        1: ("fen", "cents", "pence"),
    }.items()
    for unit in units
}
FORMATS = ("parquet", "csv", "tsv", "whitespace", "table")
ENCODINGS = ("auto", "utf-8", "gb18030", "big5", "latin-1", "utf-16")
SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".tsv": "tsv"}
ORIGINS = ("column", "constant", "concat", "hash_of", "number_within")
ORIGINS += ("line_number", "element", "element_id")
PICKS = ("same", "first", "min", "max")
RESERVED = ("_line", "_part", "_element", "_elements", "file_row_number")
CONTRACT_CURRENCY, CONTRACT_CLOCK = "CNY", "Asia/Shanghai"


@dataclass(frozen=True, kw_only=True)
class FileSpec:
    """How to read one file (or one table of a database).

    columns: names by position, for files without a header. rest: name for all further fields of a line.
    timezone: zone of times written without an offset. money: unit of amounts. nulls: texts that mean empty.
    by_name: found by its contract name, so its units are the contract's and nobody declared them.
    """

    name: str
    path: str
    format: str
    encoding: str = "auto"
    delimiter: str = ","
    header: bool = True
    columns: tuple[str, ...] = ()
    rest: str = ""
    timezone: str = ""
    time_formats: tuple[str, ...] = ()
    money: str = ""
    nulls: tuple[str, ...] = ()
    by_name: bool = False


@dataclass(frozen=True, kw_only=True)
class Value:
    """Where a column's value comes from; exactly one of the first eight is given, `prefix` may be added."""

    column: str = ""
    constant: Any = None
    concat: tuple[str, ...] = ()
    hash_of: tuple[str, ...] = ()
    number_within: tuple[str, ...] = ()
    line_number: bool = False
    element: bool = False
    element_id: bool = False
    separator: str = "-"
    prefix: str = ""
    pick: str = "same"
    values: Mapping[str, str] = field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    time_formats: tuple[str, ...] = ()
    timezone: str = ""
    money: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """The source columns this value is made of."""
        return (*((self.column,) if self.column else ()), *self.concat, *self.hash_of, *self.number_within)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A test on one source column: true where any of the given comparisons holds."""

    column: str
    one_of: tuple[str, ...] = ()
    below: float | None = None
    above: float | None = None
    empty: bool = False
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One file feeding one table: its row becomes a row of the table, or one row per element of `each`."""

    file: str
    columns: Mapping[str, Value]
    each: str = ""
    only: tuple[Condition, ...] = ()
    reject: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """How one table is made. distinct: rows of equal key are one candidate, so `read` counts keys.

    feeds: none means the file of the contract's name, column by column.
    """

    table: str
    feeds: tuple[Feed, ...]
    distinct: bool = False
    max_rejected_share: float | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """A whole source: files, tables, and what was declared about them."""

    name: str
    currency: str = CONTRACT_CURRENCY
    timezone: str = CONTRACT_CLOCK
    max_rejected_share: float | None = None
    notes: tuple[str, ...] = ()
    files: Mapping[str, FileSpec] = field(default_factory=dict)
    tables: Mapping[str, TableSpec] = field(default_factory=dict)
    text: str = ""
