"""`source.toml`: how anyone's files become the tables of the contract, without code.

Nothing in it is ever run: unknown keys are refused, and names are looked up, never pasted into SQL.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from helpers.data.experiment import Experiment

MONEY_UNITS = {
    unit: factor
    for factor, units in {
        100: ("yuan", "dollars", "pounds", "euros", "reais", "yen", "won", "whole"),
        1: ("fen", "cents", "pence", "centavos", "hundredths"),
    }.items()
    for unit in units
}
FORMATS = ("parquet", "csv", "tsv", "whitespace", "xlsx", "table")
# Which of these a text is in only its reader can see: each gives letters for every byte.
SINGLE_BYTES = (
    "windows-1250", "windows-1251", "windows-1252", "windows-1253", "windows-1255", "windows-1256", "koi8-r",
    "tis-620",
)  # fmt: skip
ENCODINGS = (
    "auto", "utf-8", "gb18030", "big5", "shift-jis", "euc-kr", "latin-1",
    "utf-16", "utf-16-le", "utf-16-be", *SINGLE_BYTES,
)  # fmt: skip
SUFFIXES = {".parquet": "parquet", ".csv": "csv", ".tsv": "tsv", ".xlsx": "xlsx"}
ARITHMETIC = ("sum", "difference", "product")
ORIGINS = (
    "column", "constant", "concat", "hash_of", "number_within",
    "line_number", "element", "element_id", "days_between", *ARITHMETIC,
)  # fmt: skip
DECIMALS = (".", ",")
FOLDS = ("earlier", "later")
FIRST_DAY = "1995-01-01"  # of any event, unless declared: shops were not online before
PICKS = ("same", "first", "last", "min", "max")
COUNT_UNITS = {"千": 10**3, "万": 10**4, "亿": 10**8, "k": 10**3, "w": 10**4, "m": 10**6}
RESERVED = ("_line", "_part", "_element", "_elements", "_empty", "_latest", "file_row_number")
LOOKUP_MARK = "_lookup_"
MISSING = ("refuse", "empty", "keep")
MOMENT = "%Y-%m-%d %H:%M:%S"  # how moments of a workbook are written


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A column that a file takes from another one: of the row whose `key` is this file's `by`.

    key: empty where it has the same names. missing: what a key that the other file lacks does to its row:
    refuse it, leave the cell empty, or keep the key itself. pick: of several rows with the key.
    """

    file: str
    by: tuple[str, ...]
    take: str
    key: tuple[str, ...] = ()
    missing: str = "refuse"
    pick: str = "same"


@dataclass(frozen=True, kw_only=True)
class FileSpec:
    """How to read one file (or one table of a database).

    sheet: the sheet of a workbook; empty where it has only one. header_line: the number of the line that
    holds the names, or a pattern that finds it; what stands above is not read. footer: patterns of the lines
    that follow the last row. empty_last_column: each row ends with a delimiter and nothing behind it.
    columns: names by position, for files without a header. rest: name for all further fields of a line.
    timezone: zone of times written without an offset; fold: which one is meant where its clocks show an hour
    twice. money: unit of amounts; decimal: their decimal sign. nulls: texts that mean empty.
    lookups: columns taken from other files. borrowed: the files that these came from.
    by_name: found by its contract name, so its units are the contract's and nobody declared them.
    currency_column: the column that names each row's currency. currency: the shop's. rates: what one unit of
    another currency is worth in the shop's.
    """

    name: str
    path: str
    format: str
    encoding: str = "auto"
    delimiter: str = ","
    sheet: str = ""
    header: bool = True
    header_line: int | str = 1
    footer: tuple[str, ...] = ()
    empty_last_column: bool = False
    columns: tuple[str, ...] = ()
    rest: str = ""
    timezone: str = ""
    time_formats: tuple[str, ...] = ()
    fold: str = ""
    money: str = ""
    decimal: str = ""
    currency_column: str = ""
    nulls: tuple[str, ...] = ()
    lookups: Mapping[str, Lookup] = field(default_factory=dict)
    by_name: bool = False
    currency: str = ""
    rates: Mapping[str, float] = field(default_factory=dict)
    borrowed: Mapping[str, FileSpec] = field(default_factory=dict, repr=False)

    def of(self, column: str) -> FileSpec:
        """Return the file in which a column was written, whose declarations hold for it."""
        return self.borrowed.get(column, self)


@dataclass(frozen=True, kw_only=True)
class Value:
    """Where a column's value comes from: exactly one of ORIGINS, and how its cells are read.

    strip, extract, lower, units, fill: done to each cell in this order. values, prefix: done to the whole.
    difference: the first less the second. days_between: from the first to the second. product: of two,
    for money a number and then an amount. pick: empty means the table's.
    """

    column: str = ""
    constant: Any = None
    concat: tuple[str, ...] = ()
    hash_of: tuple[str, ...] = ()
    number_within: tuple[str, ...] = ()
    line_number: bool = False
    element: bool = False
    element_id: bool = False
    days_between: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()
    difference: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    separator: str = "-"
    strip: tuple[str, ...] = ()
    extract: str = ""
    lower: bool = False
    units: tuple[str, ...] = ()
    fill: str = ""
    prefix: str = ""
    pick: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    nulls: tuple[str, ...] = ()
    time_formats: tuple[str, ...] = ()
    timezone: str = ""
    fold: str = ""
    money: str = ""
    decimal: str = ""

    @property
    def needs(self) -> tuple[str, ...]:
        """The source columns this value is made of."""
        several = (self.concat, self.hash_of, self.number_within, self.days_between, *self.parts)
        return (*((self.column,) if self.column else ()), *(name for names in several for name in names))

    @property
    def parts(self) -> tuple[tuple[str, ...], ...]:
        """The columns that are added, subtracted or multiplied."""
        return (self.sum, self.difference, self.product)

    @property
    def is_text(self) -> bool:
        """Whether the value is taken from cells, so that words can be replaced and a prefix put before it."""
        own = self.column or self.element or self.element_id or self.line_number
        return bool(own or self.concat or self.hash_of)

    @property
    def edits_cells(self) -> bool:
        """Whether the text of a cell is worked on before it is read."""
        return bool(self.strip or self.extract or self.lower or self.units or self.fill)


@dataclass(frozen=True, kw_only=True)
class Condition:
    """A test on one source column: true where any of the given comparisons holds (or, `holds = false`, none).

    matches: a regular expression (RE2), found anywhere in the cell.
    """

    column: str
    one_of: tuple[str, ...] = ()
    starts_with: tuple[str, ...] = ()
    matches: str = ""
    below: float | None = None
    above: float | None = None
    empty: bool = False
    holds: bool = True
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One file feeding one table: its row becomes a row of the table, or one row per element of `each`.

    split: what stands between the elements of `each`; empty where `each` is a `rest`.
    last_by_time, last_by_number: the column whose greatest value marks the `last` row; empty: file order.
    """

    file: str
    columns: Mapping[str, Value]
    each: str = ""
    split: str = ""
    last_by_time: str = ""
    last_by_number: str = ""
    only: tuple[Condition, ...] = ()
    reject: tuple[Condition, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TableSpec:
    """How one table is made. distinct: rows of equal key are one candidate, so `read` counts keys.

    feeds: none means the file of the contract's name, column by column. pick: of columns that name none.
    """

    table: str
    feeds: tuple[Feed, ...]
    distinct: bool = False
    pick: str = "same"
    max_rejected_share: float | None = None


@dataclass(frozen=True, kw_only=True)
class Source:
    """A whole source: files, tables, tests, and what was declared about them.

    high_season: busy spans of every year, as in `methods.season.season_of`.
    """

    name: str
    currency: str = ""
    timezone: str = ""
    high_season: str = ""
    earliest: str = ""
    rates: Mapping[str, float] = field(default_factory=dict)
    max_rejected_share: float | None = None
    notes: tuple[str, ...] = ()
    files: Mapping[str, FileSpec] = field(default_factory=dict)
    tables: Mapping[str, TableSpec] = field(default_factory=dict)
    experiments: Mapping[str, Experiment] = field(default_factory=dict)
    text: str = ""
