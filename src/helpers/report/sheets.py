"""Tables as files for spreadsheets: no text of a shop ever becomes a formula there."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

MOST_ROWS = 1_048_576  # of a sheet, its header among them
_LONGEST_NAME, _LONGEST_TEXT = 31, 32_767
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a frame as CSV that spreadsheets open with its characters and run nothing of.

    Text that begins as a formula does gets an apostrophe before it (OWASP, CSV injection); numbers do not.
    """
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([_safe(name) for name in frame.columns])
        writer.writerows([_safe(value) for value in row] for row in _rows(frame))
    return path


def write_xlsx(sheets: Mapping[str, pd.DataFrame], path: Path) -> Path:
    """Write frames as the sheets of one workbook, every text as text; raises ValueError on too many rows."""
    book, taken = Workbook(write_only=True), set[str]()
    for name, frame in sheets.items():
        if len(frame) >= MOST_ROWS:
            raise ValueError(f"sheet {name!r} has {len(frame):,} rows; a sheet holds {MOST_ROWS - 1:,}")
        sheet = book.create_sheet(sheet_name(name, taken))
        for row in ([*frame.columns], *_rows(frame)):
            sheet.append([_cell(sheet, value) for value in row])
    book.save(path)
    return path


def sheet_name(wanted: str, taken: set[str]) -> str:
    """Return a name that a sheet may bear and none of those taken does, and take it.

    >>> taken = set()
    >>> sheet_name("a: b", taken), sheet_name("a_ b", taken)
    ('a_ b', 'a_ b 2')
    """
    plain = _NOT_IN_NAMES.sub("_", wanted)[:_LONGEST_NAME] or "table"
    name, again = plain, 1
    while name.casefold() in taken:
        again += 1
        name = f"{plain[: _LONGEST_NAME - len(str(again)) - 1]} {again}"
    taken.add(name.casefold())
    return name


def _rows(frame: pd.DataFrame) -> Iterable[Sequence[Any]]:
    return ([_plain(value) for value in row] for row in frame.itertuples(index=False, name=None))


def _plain(value: Any) -> Any:
    """Return a value as files take it: a number, truth value or text; nothing for what is missing."""
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value):
        return ""
    return value.item() if hasattr(value, "item") else value


def _safe(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _cell(sheet: WriteOnlyWorksheet, value: Any) -> Any:
    if isinstance(value, int | float):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:_LONGEST_TEXT]
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if text.startswith(_FORMULA):
        cell.quotePrefix = True  # or it would become a formula when somebody edits it
    return cell
