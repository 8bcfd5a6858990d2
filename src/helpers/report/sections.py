"""The sections of an executed notebook: what a skipped one says, and what is folded away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from helpers.paths import project_folder
from helpers.report.language import ENGLISH, in_language

Cell = dict[str, Any]
_CELL = re.compile(r"^<!-- (\S+) -->$", re.MULTILINE)
_ANSWERED, _WITHHELD = 'class="reading"', ('class="skipped"', 'class="failed"')


def in_own_words(cells: list[Cell], notebook: str) -> list[Cell]:
    """Return the cells with their words in the language of the run, as `NAME.<language>.md` says them.

    The file stands beside the notebook; a line `<!-- ID -->` begins the words of the cell with that id.
    """
    try:
        path = in_language(project_folder() / "notebooks" / f"{notebook}.{ENGLISH}.md")
    except FileNotFoundError:
        return cells
    if not path.is_file():
        return cells
    parts = _CELL.split(path.read_text(encoding="utf-8"))
    said = dict(zip(parts[1::2], map(str.strip, parts[2::2]), strict=True))
    return [
        type(cell)({**cell, "source": said[cell["id"]]})
        if cell["cell_type"] == "markdown" and cell.get("id") in said
        else cell
        for cell in cells
    ]


def without_unasked_words(cells: list[Cell]) -> list[Cell]:
    """Return the cells; of a section that was not answered only its heading and its one sentence stay.

    A section begins at a cell of words whose first line is a second-level heading. Its method and what could
    fool us are of no use where nothing is answered.
    """
    kept: list[Cell] = []
    for section in _sections(cells):
        if not _is_withheld(section):
            kept += section
            continue
        heading, *rest = section
        title = "".join(heading["source"]).partition("\n")[0]
        kept += [
            type(heading)({**heading, "source": title}),
            *(cell for cell in rest if cell["cell_type"] != "markdown"),
        ]
    return kept


def _sections(cells: list[Cell]) -> Iterator[list[Cell]]:
    section: list[Cell] = []
    for cell in cells:
        if section and cell["cell_type"] == "markdown" and "".join(cell["source"]).startswith("## "):
            yield section
            section = []
        section.append(cell)
    if section:
        yield section


def _is_withheld(section: list[Cell]) -> bool:
    shown = [html for cell in section for html in _html(cell)]
    answered = any(_ANSWERED in html for html in shown)
    return not answered and any(mark in html for html in shown for mark in _WITHHELD)


def _html(cell: Cell) -> Iterator[str]:
    for output in cell.get("outputs", ()):
        yield "".join(output.get("data", {}).get("text/html", ""))
