"""The tables and pictures of an executed notebook, as its page tells them after the audit of the run."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.report.table import HIDDEN

_NUMBER = re.compile(r"[-−]?\d{1,3}(?:,\d{3})+(?:\.\d+)?|[-−]?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[-+]?\d+)?")
_PART = re.compile(rf"({_NUMBER.pattern})(\s?%)?")


@dataclass(frozen=True, kw_only=True)
class ToldTable:
    """A table as a page tells it. section: the heading it stands under. Numbers have the page's digits."""

    section: str
    caption: str
    frame: pd.DataFrame = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ToldPicture:
    """A picture as a page shows it. section: the heading it stands under."""

    section: str
    alt: str
    png: bytes = field(repr=False)


def told_tables(notebook: Path) -> tuple[ToldTable, ...]:
    """Return the tables that an executed notebook shows, in their order."""
    found = []
    for section, output in _outputs(notebook):
        html = output["data"].get("text/html", "")
        reader = _Tables()
        reader.feed(html if isinstance(html, str) else "".join(html))
        found += [
            ToldTable(section=section, caption=caption, frame=_frame(head, rows))
            for caption, head, rows in reader.tables
        ]
    return tuple(found)


def told_pictures(notebook: Path) -> tuple[ToldPicture, ...]:
    """Return the pictures that an executed notebook shows, in their order."""
    return tuple(
        ToldPicture(
            section=section,
            alt=str(output.get("metadata", {}).get("image/png", {}).get("alt", "")),
            png=base64.b64decode("".join(output["data"]["image/png"])),
        )
        for section, output in _outputs(notebook)
        if "image/png" in output["data"]
    )


def as_number(text: str) -> int | float | None:
    """Return the number that a cell of a page tells, None where it tells none; a percentage is a share.

    >>> as_number("1,234"), as_number("−0.5"), as_number("12.5 %"), as_number("1.2 (0.8 to 1.6)")
    (1234, -0.5, 0.125, None)
    """
    found = _PART.fullmatch(text.strip())
    if found is None:
        return None
    plain = found[1].replace(",", "").replace("−", "-")
    if found[2]:
        return round(float(plain) / 100, 12)
    return int(plain) if plain.lstrip("-").isdigit() else float(plain)


def _outputs(notebook: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The outputs that show something, each with the heading of its section."""
    section = ""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            lines = "".join(cell["source"]).splitlines()
            section = next((line[3:].strip() for line in lines if line.startswith("## ")), section)
        yield from ((section, output) for output in cell.get("outputs", ()) if "data" in output)


def _frame(head: list[str], rows: list[list[tuple[str, bool]]]) -> pd.DataFrame:
    # A table that hides rows says of no column that it is of numbers.
    hides = any(text == HIDDEN for row in rows for text, _ in row)
    values = [[_value(text, is_number or hides) for text, is_number in row] for row in rows]
    return pd.DataFrame(values, columns=head, dtype=object)


def _value(text: str, is_number: bool) -> Any:
    number = as_number(text) if is_number else None
    return text if number is None else number


class _Tables(HTMLParser):
    """Collects the tables of `html_table`: caption, header, and rows of text and whether it is a number."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[tuple[str, list[str], list[list[tuple[str, bool]]]]] = []
        self._caption = ""
        self._text: list[str] | None = None
        self._is_number = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if tag == "div" and named.get("class") == "table":
            self._caption = named.get("aria-label") or ""
        if tag == "table":
            self.tables.append((self._caption, [], []))
        if tag == "tr" and self.tables:
            self.tables[-1][2].append([])
        if tag in ("th", "td") and self.tables:
            self._text, self._is_number = [], named.get("class") == "number"

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("th", "td") and self._text is not None:
            _, head, rows = self.tables[-1]
            text = "".join(self._text)
            head.append(text) if tag == "th" else rows[-1].append((text, self._is_number))
            self._text = None
        if tag == "table" and self.tables:
            caption, head, rows = self.tables.pop()
            self.tables.append((caption, head, [row for row in rows if row]))
