"""Ask the questions of a finished chapter again, in this process: for what no run ever writes down."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from helpers.report.chapter import Chapter


def ask_again(notebook: Path, *, data: Path, findings: Path) -> Chapter | None:
    """Run an executed notebook's cells until its chapter has been judged; None where it judges no chapter.

    The parameters are those that the run put into the notebook. data: the loaded tables that the run was made
    of. findings: a folder for what the cells write, and with the findings that they read.
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    given = {"data": str(data), "out": str(findings)}
    with redirect_stdout(sys.stderr):
        for place, source in enumerate(_code_of(notebook), start=1):
            exec(compile(source, f"{notebook.stem}, cell {place}", "exec"), space)
            space.update({name: value for name, value in given.items() if name in space})
            judged = [one for one in space.values() if isinstance(one, Chapter) and one.judged is not None]
            if judged:
                return judged[0]
    return None


def _code_of(notebook: Path) -> list[str]:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
