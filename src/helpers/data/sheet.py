"""Sheets of a workbook as numbered rows of text, each value as the workbook stores it.

Numbers have the 15 digits that a spreadsheet keeps (larger whole numbers are shown in exponent form, as it
shows them: their last digits are lost), moments are written YYYY-MM-DD HH:MM:SS, errors as #N/A.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.data.errors import DataError
from helpers.data.records import BAD_SCHEMA, MAX_HEADER_LINES, Records, check_names
from helpers.data.source import MOMENT, FileSpec
from helpers.data.source_keys import matches
from methods.counts import count

KEPT_DIGITS = 10**15
_BATCH = 20_000
_UNCLEAR = re.compile(r"(?<![\d.])[1-9]\d{0,2}\.\d{3}(?![\d.])")
_UNSTORED = re.compile(rb"(?:</f>|<f[^>]*/>)(?:<v\s*/>|<v></v>)?</c>")
_Row = tuple[int, list[str], str]
_FOOTER = "footer"  # no reason to refuse a row, but that it is none


def write_sheet(path: Path, spec: FileSpec, *, good: Path, bad: Path) -> Records:
    """Write the rows of a sheet to `good`, those that make no row to `bad`, both Parquet.

    Raises DataError where the workbook is broken, the sheet is not there, or its header cannot be used.
    """
    unclear: list[str] = []
    with _opened(path, spec, unclear) as rows:
        names, above = _header(rows, spec)
        width = len(names)
        schema = pa.schema([("_line", pa.int64()), *((name, pa.string()) for name in names)])
        counts = {"rows": 0, "malformed": 0, "outside": above}
        with pq.ParquetWriter(good, schema) as kept, pq.ParquetWriter(bad, BAD_SCHEMA) as refused:
            for batch in _batches(_judged(rows, spec, width=width)):
                fine = [(number, *cells) for number, cells, problem in batch if not problem]
                wrong = [
                    (number, "\t".join(cells), why) for number, cells, why in batch if why and why != _FOOTER
                ]
                _write(kept, fine)
                _write(refused, wrong)
                counts["rows"] += len(fine)
                counts["malformed"] += len(wrong)
                counts["outside"] += len(batch) - len(fine) - len(wrong)
    # A number is stored with a point; only what is stored as text may have thousands behind one.
    decimal = "" if unclear else "."
    return Records(names=names, delimiter="\t", quoted=False, inner_newlines=0, decimal=decimal, **counts)


def _write(writer: pq.ParquetWriter, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        columns = [
            pa.array(column, field.type)
            for column, field in zip(zip(*rows, strict=True), writer.schema, strict=True)
        ]
        writer.write_table(pa.Table.from_arrays(columns, schema=writer.schema))


def _batches(rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    yield batch


@contextmanager
def _opened(path: Path, spec: FileSpec, unclear: list[str] | None = None) -> Iterator[Iterator[_Row]]:
    """Give the rows of the sheet: row number, texts without empty ends, and what is wrong with any cell.

    unclear: takes each cell that is stored as text and may hold thousands or three decimals.
    """
    sheets = []
    with _broken(spec), ExitStack() as files:
        import openpyxl  # a fifth of a second that only workbooks need

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            for stored in (True, False) if _holds_unstored(path) else (True,):
                file = files.enter_context(path.open("rb"))  # a path would be judged by its ending
                book = openpyxl.load_workbook(file, read_only=True, data_only=stored)
                sheets.append(_sheet(book, spec))
        yield _rows(*sheets, unclear=[] if unclear is None else unclear)


@contextmanager
def _broken(spec: FileSpec) -> Iterator[None]:
    """Say of a workbook that cannot be read what to do about it."""
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        yield
    except DataError:
        raise
    except (zipfile.BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, OSError) as error:
        raise DataError(f"{spec.path} is not a whole XLSX workbook; save it again as XLSX or CSV") from error


def first_rows(path: Path, *, given: str, rows: int) -> dict[str, list[list[str]]]:
    """Return the first rows of every sheet as text, without empty ends. given: the name for messages."""
    spec = FileSpec(name=given, path=given, format="xlsx")
    found = {}
    for name in _names(path, spec):
        with _opened(path, replace(spec, sheet=name)) as read:
            found[name] = [texts for _, texts, _ in itertools.islice(read, rows)]
    return found


def _names(path: Path, spec: FileSpec) -> list[str]:
    with _broken(spec), warnings.catch_warnings():
        import openpyxl

        warnings.simplefilter("ignore", UserWarning)
        with path.open("rb") as file:
            return [sheet.title for sheet in openpyxl.load_workbook(file, read_only=True).worksheets]


def _holds_unstored(path: Path) -> bool:
    """Say whether any sheet holds a formula whose result was never stored."""
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(_UNSTORED.search(archive.read(name)) for name in sheets if name.endswith(".xml"))


def _sheet(book: Any, spec: FileSpec) -> Any:
    names = [sheet.title for sheet in book.worksheets]
    if spec.sheet and spec.sheet not in names:
        raise DataError(f"{spec.path} has no sheet {spec.sheet!r}; it has {', '.join(names)}")
    if not spec.sheet and len(names) != 1:
        raise DataError(
            f"{spec.path} has {count(len(names), 'sheet')}; declare sheet = one of {', '.join(names)}"
        )
    sheet = book[spec.sheet or names[0]]
    sheet.reset_dimensions()  # what a file says of its size is often wrong
    return sheet


def _rows(sheet: Any, formulas: Any = None, *, unclear: list[str]) -> Iterator[_Row]:
    written = formulas.iter_rows() if formulas else None
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        texts = [text_of_cell(cell.value) for cell in cells]
        unclear += [one.value for one in cells if isinstance(one.value, str) and _UNCLEAR.search(one.value)]
        problem = ""
        for position, cell in enumerate(next(written) if written else ()):
            if cell.data_type == "f" and not texts[position]:
                problem = f"cell {position + 1} is a formula without a stored result; save the file again"
        while texts and not texts[-1]:
            texts.pop()
        yield number, texts, problem


def text_of_cell(value: object) -> str:
    """Return a cell's value as text.

    >>> text_of_cell(12.0), text_of_cell(0.1 + 0.2), text_of_cell(2468013579000000001)
    ('12', '0.3', '2.468013579E+18')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        if value == int(value) and abs(value) < KEPT_DIGITS:
            return str(int(value))
        text = f"{value:.15G}"
        digits, mark, power = text.partition("E")
        return (digits.rstrip("0").rstrip(".") if "." in digits else digits) + mark + power
    if isinstance(value, dt.datetime):
        return _moment(value)
    if isinstance(value, dt.date):
        return _moment(dt.datetime.combine(value, dt.time()))
    return str(value).strip()


def _moment(value: dt.datetime) -> str:
    """Write a moment; a spreadsheet keeps days as fractions, so a second may be short of a millisecond."""
    near = (value + dt.timedelta(milliseconds=1)).replace(microsecond=0)
    if abs(near - value) <= dt.timedelta(milliseconds=1):
        return near.strftime(MOMENT)
    return value.strftime(f"{MOMENT}.%f")


def _header(rows: Iterator[_Row], spec: FileSpec) -> tuple[tuple[str, ...], int]:
    """Return the column names and how many rows stand above the first one of data, without the header."""
    if not spec.header:
        check_names(spec.columns, spec)
        return spec.columns, 0
    for number, texts, _ in rows:
        wanted = spec.header_line
        if number == wanted or (isinstance(wanted, str) and matches(["\t".join(texts)], (wanted,))[0]):
            names = spec.columns or tuple(texts)
            if len(names) != len(texts):
                raise DataError(f"{spec.path}: header has {len(texts)} names, source.toml {len(names)}")
            check_names(names, spec)
            return names, number - 1
        if number == MAX_HEADER_LINES:
            break
    raise DataError(f"{spec.path}: no header is found at header_line = {spec.header_line!r}")


def _judged(rows: Iterator[_Row], spec: FileSpec, *, width: int) -> Iterator[_Row]:
    """Give each row as wide as the header, with why it makes none; blank rows at the end are no rows."""
    blank: list[int] = []
    footer = 0
    for number, texts, problem in rows:
        if not texts and not problem:
            blank.append(number)
            continue
        ends = bool(spec.footer) and matches(["\t".join(texts)], spec.footer)[0]
        yield from ((one, [], _FOOTER if footer or ends else "blank row") for one in blank)
        blank = []
        if ends:
            footer = footer or number
            yield number, texts, _FOOTER
        elif footer:
            yield number, texts, f"stands behind the footer in row {footer}"
        elif len(texts) > width:
            yield number, texts, f"{count(len(texts), 'cell')} where {width} are expected"
        else:
            yield number, texts + [""] * (width - len(texts)), problem
    yield from ((one, [], _FOOTER) for one in blank)
