"""A toy project: notebooks of a few cells and a loader that writes a receipt, so that runs are quick."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from helpers.command.manifest import Manifest, now, outputs_entry
from helpers.command.plan import Request, make_plan
from helpers.command.run import Made, report
from helpers.command.run_store import Shelf
from helpers.data.receipt import FileReceipt, Receipt, TableReceipt

PARAMETERS = """data: str = ""  # folder of the tables
as_of: str = ""  # last day that may be used
out: str = ""  # folder for the findings
seed: int = 1  # seed of every random draw
window_days: int = 60  # days after the order (1 to 365)
rule: str = "mean"  # how to sum up (one of mean, median)"""
# Written without importing the package's heavy parts: a toy must start quickly.
FINDINGS = """import json, pathlib
finding = {"id": "%s.toy", "requirement": "%s", "question": "How many?", "estimate": float(window_days),
  "low": 1.0, "high": 400.0, "unit": "days", "n": 100, "method": "counting", "reading": "A toy of %s."}
path = pathlib.Path(out) / "%s.json"
path.write_text(json.dumps([finding]))"""


@pytest.fixture
def toy(tmp_path, monkeypatch) -> Toy:
    """A toy project folder; the working directory is inside it."""
    (tmp_path / "project" / "notebooks").mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").write_text("")
    monkeypatch.chdir(tmp_path / "project")
    return Toy(tmp_path / "project")


class Toy:
    """A project whose notebooks are written by the test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "reports"

    def notebook(
        self, name: str, *code: str, reads: str | list[str] = "", findings: bool = True, words: str = ""
    ) -> None:
        """Write a notebook: title, parameters cell, the given code cells, the cell that writes findings."""
        requirement = f"T{name[:2]}"
        last = FINDINGS % (requirement, requirement, name, name)
        cells = [
            new_markdown_cell(f"# {name[:2]} · A toy\n\n{words}"),
            new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
            new_markdown_cell("## T1 · What is seen?"),
            *(new_code_cell(source) for source in code),
            *([new_code_cell(last)] if findings else []),
        ]
        for position, cell in enumerate(cells):
            cell.id = f"cell-{position:02d}"
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        if reads:
            metadata["workbench"] = {"reads": reads}
        notebook = new_notebook(cells=cells, metadata=metadata)
        nbformat.write(notebook, self.folder / "notebooks" / f"{name}.ipynb")

    def request(self, **options) -> Request:
        """Return a request for a run of this project."""
        return Request(project=self.folder, out=self.out, **options)

    def run(self, *, prepare: Callable[..., Path] | None = None, **options) -> Path:
        """Run and publish; return the folder of the published run."""
        return self.out / self.made(prepare=prepare, **options).run

    def made(self, *, prepare: Callable[..., Path] | None = None, **options) -> Made:
        """Run and publish; return what was made."""
        return report(make_plan(self.request(**options)), prepare=prepare or write_receipt)

    def published(self, run: str, *, chapters: Sequence[str] = ("02_bad",)) -> Path:
        """Put a complete earlier run on the shelf without executing anything; `latest` points to it."""
        staging = self.out / f".staging-{run}"
        staging.mkdir(parents=True)
        (staging / "index.html").write_text("<title>An earlier report</title>")
        asked = {"run": run, "started": now(), "data": "toy", "chapters": list(chapters)}
        manifest = Manifest(staging, asked)
        manifest.finish("published", outputs=outputs_entry(staging), wall_seconds=1.0)
        self.shelf.publish(staging, run)
        self.shelf.point_latest(run)
        return self.out / run

    @property
    def shelf(self) -> Shelf:
        """The reports folder."""
        return Shelf(self.out)


def write_receipt(data: str, *, source: str, as_of: str, out: Path) -> Path:
    """Stand in for the loader: one table of three rows, one of which was put aside."""
    table = TableReceipt(
        table="orders",
        file="orders.csv",
        format="csv",
        encoding="utf-8",
        sha256="0" * 64,
        read=3,
        accepted=2,
        quarantined=1,
        reasons={"no customer": 1},
        filled={"order_id": 2},
        first="2025-01-01T00:00:00",
        last=dt.datetime(2025, 3, 30, 17).isoformat(),
    )
    file = FileReceipt(
        file="orders.csv",
        format="csv",
        encoding="utf-8",
        sha256="0" * 64,
        lines=4,
        rows=3,
        malformed=0,
        unused_rows=0,
        tables=("orders",),
    )
    out.mkdir(parents=True)
    Receipt(
        tables={"orders": table},
        files={"orders.csv": file},
        currency="CNY",
        timezone="Asia/Shanghai",
        source="toy",
        notes=("Prices are <b>invented</b>.",),
    ).write(out / "receipt.json")
    return out
