"""The notebooks there are, in reading order, and what each asks for."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from papermill import inspect_notebook

from helpers.command.outcome import Exit, Refusal
from helpers.command.parameters import Parameter, declared
from helpers.data.names import names_in
from helpers.report.registry import TEMPLATE

logging.getLogger("papermill").setLevel(logging.ERROR)


RELEASE = "release"
"""Who reads what the release before told says so beside the chapters that it reads."""


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """One notebook: its name (the file's stem), title (first heading) and declared parameters.

    reads_findings: it reads the findings of all other chapters and so runs after them. The notebook says
    so in its own metadata: `"workbench": {"reads": "findings"}`. reads: names of the chapters whose findings
    it reads, if only of some: `{"reads": ["03_share_uplift"]}`. Who reads what the release before told adds
    RELEASE.
    """

    name: str
    path: Path
    title: str
    reads_findings: bool
    reads: tuple[str, ...] = ()
    parameters: Mapping[str, Parameter] = field(repr=False)


def find_notebooks(folder: Path) -> tuple[Notebook, ...]:
    """Return the notebooks of a folder in reading order (by name).

    Raises Refusal when there are none, or one is not a notebook or has no readable parameters cell.
    """
    paths = sorted(folder.glob("[0-9][0-9]_*.ipynb"))
    if not paths:
        raise Refusal(Exit.BAD_USAGE, f"no notebooks named like 03_share_uplift.ipynb in {folder.name}/")
    return tuple(_read(path) for path in paths)


def copy_template(folder: Path, name: str) -> tuple[Path, ...]:
    """Copy the template of a notebook of one's own, its registry and its words; return the new files.

    name: such as `09_weekend`, whose number makes ids of its own (X9). Raises Refusal where it is no such
    name or taken.
    """
    if not re.fullmatch(r"[0-9]{2}_\w+", name) or not name.isascii():
        raise Refusal(Exit.BAD_USAGE, f"{name!r} is no name such as 09_weekend: two digits, _ and letters")
    number = int(name[:2])
    taken = [path.name for path in folder.glob(f"{name[:2]}_*.ipynb")]
    if taken:
        raise Refusal(Exit.BAD_USAGE, f"the number {name[:2]} is taken by {taken[0]}; choose another")
    made = []
    for template in sorted(folder.glob(f"{TEMPLATE}.*")):
        text = template.read_text(encoding="utf-8").replace(TEMPLATE, name)
        text = text.replace("# Own question ·", f"# {name[:2]} ·").replace("X1", f"X{number}")
        made.append(template.with_name(template.name.replace(TEMPLATE, name)))
        made[-1].write_text(text, encoding="utf-8")
    return tuple(made)


def select(notebooks: Iterable[Notebook], only: str) -> tuple[Notebook, ...]:
    """Return the notebooks that `only` names ("03,05", numbers or starts of names); empty means all.

    The template of notebooks of one's own is none of all: it must be named.
    """
    notebooks = tuple(notebooks)
    wanted = names_in(only)
    if TEMPLATE in wanted:
        notebooks += (_read(notebooks[0].path.with_name(f"{TEMPLATE}.ipynb")),)
    names = ", ".join(notebook.name for notebook in notebooks)
    for part in wanted:
        if not any(notebook.name.startswith(part) for notebook in notebooks):
            raise Refusal(Exit.BAD_USAGE, f"--only names {part!r}, which is no notebook; there are {names}")
    return tuple(book for book in notebooks if not wanted or book.name.startswith(wanted))


def waves(notebooks: Iterable[Notebook]) -> list[list[Notebook]]:
    """Return the notebooks in groups; each runs after all groups that hold a chapter it reads.

    A chapter that is not among the notebooks is not waited for. Raises Refusal when chapters read each other.
    """
    left, groups = list(notebooks), []
    while left:
        waited = {book.name for book in left}
        early = [book for book in left if not book.reads_findings] or left
        ready = [book for book in early if not waited & set(book.reads)]
        if not ready:
            raise Refusal(Exit.BAD_USAGE, f"{', '.join(sorted(waited))} wait for each other's findings")
        groups.append(ready)
        left = [book for book in left if book not in ready]
    return groups


def _read(path: Path) -> Notebook:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        cells, metadata = content["cells"], content["metadata"].get("workbench", {})
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Refusal(Exit.BAD_USAGE, f"{path.name} is not a notebook: {error!r}") from error
    entries = inspect_notebook(path)
    if "out" not in entries:
        message = (
            f"{path.name} has no cell tagged `parameters` with `out`, so its findings have no place to go"
        )
        raise Refusal(Exit.BAD_USAGE, message)
    reads = metadata.get("reads", ())
    parameters = {name: declared(entry) for name, entry in entries.items()}
    return Notebook(
        name=path.stem,
        path=path,
        title=_title(cells) or path.stem,
        reads_findings=reads == "findings",
        reads=() if isinstance(reads, str) else tuple(reads),
        parameters=parameters,
    )


def _title(cells: list[dict]) -> str:
    texts = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    lines = (line for text in texts for line in text.splitlines())
    return next((line.lstrip("# ").strip() for line in lines if line.startswith("# ")), "")
