"""Header lines inside a file: the same one again, or that of a second table of equal width below it."""

from __future__ import annotations

import csv
import re

from helpers.data.catalogue import CATALOGUE

FIRST_ROWS = 20
_DIGIT = re.compile(r"[0-9０-９]")
_NAMES = {column.name for table in CATALOGUE.values() for column in table.columns}


class SecondHeader:
    """Watches the rows of one file for a line of names.

    A line is the header of a second table where two of its cells are names of the contract, or where none
    holds a digit though two columns of the first rows hold nothing but figures (numbers, dates). All rows
    below belong to that table.
    """

    def __init__(self, names: tuple[str, ...], delimiter: str) -> None:
        self._names = tuple(name.lower() for name in names)
        self._known = _NAMES | set(self._names)
        self._delimiter = delimiter
        self._figures = set(range(len(names)))
        self._filled: set[int] = set()
        self._rows = self._line = 0

    def none_in(self, texts: list[str]) -> bool:
        """Say whether a block of lines clearly holds no header line; else look at them one by one."""
        if self._line or self._rows < FIRST_ROWS:
            return False
        if self._watches:
            return all(_DIGIT.search(text) for text in texts)
        return not any(self._opens(text) in self._known for text in texts)

    def problem(self, number: int, text: str) -> str:
        """Return why a row cannot belong to the file's table; empty where it can."""
        if self._line:
            return f"stands below the header line of a second table (line {self._line})"
        if self._opens(text) == self._names[0] and self._cells(text) == self._names:
            return "the header line again"
        if _DIGIT.search(text):
            self._learn(text)
            return ""
        if self._is_header(self._cells(text)):
            self._line = number
            return "looks like the header line of a second table"
        self._figures.clear()  # rows without any digit are usual here
        self._rows += 1
        return ""

    @property
    def _watches(self) -> bool:
        return len(self._figures & self._filled) >= 2 and self._rows >= FIRST_ROWS

    def _opens(self, text: str) -> str:
        return text.partition(self._delimiter)[0].strip('" ').lower()

    def _cells(self, text: str) -> tuple[str, ...]:
        return tuple(cell.strip().lower() for cell in next(csv.reader([text], delimiter=self._delimiter), []))

    def _learn(self, text: str) -> None:
        if self._rows < FIRST_ROWS and self._figures:
            cells = self._cells(text)
            self._figures &= {n for n, cell in enumerate(cells) if not any(map(str.isalpha, cell))}
            self._filled |= {n for n, cell in enumerate(cells) if cell}
        self._rows += 1

    def _is_header(self, cells: tuple[str, ...]) -> bool:
        if len(cells) != len(self._names) or not all(cells) or len(set(cells)) < len(cells):
            return False
        return len(self._known & set(cells)) >= 2 or (self._watches and len(cells) >= 3)
