"""A notebook run in this process, cell by cell, on any shop: no kernel, what it shows is collected."""

from __future__ import annotations

import importlib
import json
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from matplotlib import pyplot as plt
from matplotlib.backends.backend_agg import FigureCanvasAgg

from helpers.paths import project_folder
from helpers.report import Finding, Picture, read_findings

NOTEBOOKS = {path.stem: path for path in sorted((project_folder() / "notebooks").glob("[0-9]*.ipynb"))}

COARSE = 20  # dots an inch of a draft


@dataclass
class Run:
    """What a notebook showed and found; named: the names that its cells gave."""

    shown: list[dict] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    named: dict[str, object] = field(default_factory=dict, repr=False)

    @property
    def words(self) -> str:
        """Everything that was shown as HTML or text."""
        return "\n".join(str(data.get("text/html") or data.get("text/plain") or "") for data in self.shown)


def code_of(name: str) -> list[str]:
    """The code cells of a notebook."""
    path = project_folder() / "notebooks" / f"{name}.ipynb"
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run_notebook(name: str, *, data: Path, out: Path, draft: bool = False, **parameters: object) -> Run:
    """Run a notebook's cells with these parameters; return what it showed and the findings it saved.

    draft: pictures are drawn, but neither laid out nor packed, which is half of a small shop's cost.
    """
    run, space = Run(), {"__name__": "__main__"}
    given = {"data": str(data), "out": str(out), **parameters}
    with _collected(run.shown), _drawn_as_drafts() if draft else nullcontext():
        for position, source in enumerate(code_of(name)):
            exec(compile(source, f"{name}, cell {position + 1}", "exec"), space)
            if position == 0:
                space.update({key: value for key, value in given.items() if key in space})
    run.findings, run.named = read_findings(out / f"{name}.json"), space
    return run


@contextmanager
def _drawn_as_drafts():
    """Draw each picture once, coarsely: every artist and text is met, no bytes are packed."""
    png, narrow = Picture.png, Picture.narrow_png

    def coarse(picture: Picture) -> bytes:
        if picture.figure.dpi == COARSE:
            return b""  # drawn for a shop before
        picture.figure.set_layout_engine("none")
        picture.figure.set_dpi(COARSE)
        FigureCanvasAgg(picture.figure).draw()
        plt.close(picture.figure)
        picture.figure.clear()
        return b""

    Picture.png, Picture.narrow_png = coarse, lambda picture: None
    try:
        yield
    finally:
        Picture.png, Picture.narrow_png = png, narrow


@contextmanager
def _collected(shown: list[dict]):
    """Collect what `display` is given, as a kernel would send it to the page."""
    module = importlib.import_module("helpers.report.show")  # the package exports a function of this name

    before = module.display

    def keep(thing, *, raw: bool = False, metadata=None) -> None:
        if raw:
            shown.append(thing)
        elif hasattr(thing, "data") and isinstance(thing.data, str):
            shown.append({"text/html": thing.data})
        else:
            shown.append({"image/png": thing.data, "alt": (metadata or {}).get("image/png", {}).get("alt")})

    module.display = keep
    try:
        yield
    finally:
        module.display = before
