"""Ask the questions of a finished chapter again, in this process: for what no run ever writes down."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from helpers.report.chapter import Chapter
from helpers.report.show import shown_pictures
from helpers.report.style import Picture


def ask_again(notebook: Path, *, data: Path, findings: Path) -> Chapter | None:
    """Run an executed notebook's cells until its chapter has been judged; None where it judges no chapter.

    The parameters are those that the run put into the notebook. data: the loaded tables that the run was made
    of. findings: a folder for what the cells write, and with the findings that they read.
    """
    with redirect_stdout(sys.stderr):
        for space in _spaces(notebook, data=data, findings=findings):
            judged = [one for one in space.values() if isinstance(one, Chapter) and one.judged is not None]
            if judged:
                return judged[0]
    return None


def draw_again(notebook: Path, *, data: Path, findings: Path) -> dict[str, Picture]:
    """Run all cells of an executed notebook; return the pictures that it shows, by their alt texts.

    data, findings: as in `ask_again`. Words and tables that it shows again go nowhere.
    """
    with shown_pictures() as kept, redirect_stdout(io.StringIO()):
        for _ in _spaces(notebook, data=data, findings=findings):
            pass
    return kept


def _spaces(notebook: Path, *, data: Path, findings: Path) -> Iterator[dict[str, Any]]:
    """Yield the names that the cells have made, after each cell."""
    space: dict[str, Any] = {"__name__": "__main__"}
    given = {"data": str(data), "out": str(findings)}
    for place, source in enumerate(_code_of(notebook), start=1):
        exec(compile(source, f"{notebook.stem}, cell {place}", "exec"), space)
        space.update({name: value for name, value in given.items() if name in space})
        yield space


def _code_of(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
