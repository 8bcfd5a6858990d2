"""Judge what a run made: an executed notebook by its cells, a page by its tags. Nothing else may publish."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from helpers.report.finding import read_findings
from helpers.report.page_reader import ReadPage

LARGEST_PAGE_BYTES = 3_000_000
_LOADING = {"src", "href", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href"}
_FORBIDDEN = {"script", "iframe", "object", "embed", "link", "base", "form", "audio", "video"}
_OUTSIDE = re.compile(r"@import|url\((?!['\"]?data:)", re.IGNORECASE)
_NO_ALT = "No description has been provided"
_TOKEN = re.compile(r"[A-Za-z0-9_\-+=.~]+")
_SECRET_NAMES = re.compile(r"passw|secret|token|api_?key|credential", re.IGNORECASE)


@dataclass(frozen=True)
class Fault:
    """Why an executed notebook does not count, and at which code cell (from 1), if one is to blame."""

    sentence: str
    cell: int | None = None


def code_cells(cells: Iterable[dict]) -> list[dict]:
    """Return the code cells that have something to run; an empty cell never gets an execution count."""
    return [cell for cell in cells if cell["cell_type"] == "code" and "".join(cell["source"]).strip()]


def notebook_fault(path: Path, *, findings: Path) -> Fault | None:
    """Return why an executed notebook is not a success, or None when it is.

    A success means: every code cell has an execution count, no output is an error, and the findings file
    is there and parses. `sys.exit(0)`, a dead kernel and a timeout all fail one of these.
    """
    if not path.exists():
        return Fault("nothing was executed")
    cells = code_cells(json.loads(path.read_text(encoding="utf-8"))["cells"])
    fault = _first_error(cells) or _first_unexecuted(cells)
    if fault:
        return fault
    if not findings.exists():
        return Fault("the notebook ended without writing its findings (`save_findings` in its last cell)")
    try:
        read_findings(findings)
    except (ValueError, TypeError) as error:
        return Fault(f"its findings cannot be read: {error}")
    return None


def is_injected(cell: dict) -> bool:
    """Whether papermill added this cell; it is not counted when cells are numbered for people."""
    return "injected-parameters" in cell["metadata"].get("tags", ())


def _first_error(cells: list[dict]) -> Fault | None:
    for position, cell in _numbered(cells):
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                return Fault(f"cell {position}: {output['ename']}: {output['evalue']}".strip(), position)
    return None


def _first_unexecuted(cells: list[dict]) -> Fault | None:
    for position, cell in _numbered(cells):
        if cell["execution_count"] is None:
            return Fault(f"cell {position} was never executed, so the notebook stopped half-way", position)
    return None


def _numbered(cells: list[dict]) -> Iterator[tuple[int, dict]]:
    position = 0
    for cell in cells:
        position += not is_injected(cell)
        yield position, cell


def page_faults(
    page: ReadPage, *, siblings: Collection[str] = (), private: Collection[str] = ()
) -> list[str]:
    """Return what forbids publishing a page; an empty list when nothing does.

    siblings: file names that links may lead to. private: texts, such as folders, that must not be in it.
    A page needs a title and alt texts; it may hold no script, no event handler and no reference outside.
    """
    found = [fault for tag, values in page.tags for fault in _tag_faults(tag, values, set(siblings))]
    found += ["a style refers to something outside the page" for text in page.styles if _OUTSIDE.search(text)]
    faults = list(dict.fromkeys(found))
    if not page.title.strip():
        faults.append("the page has no title")
    if _NO_ALT in page.html:
        faults.append("a picture has only a stand-in as its alt text")
    if page.bytes > LARGEST_PAGE_BYTES:
        faults.append(f"the page has {page.bytes / 1e6:.1f} MB; at most {LARGEST_PAGE_BYTES / 1e6:.0f} MB")
    faults += [f"the page shows {text!r}, which is private" for text in private if text and text in page.html]
    faults += [f"the page shows the value of the environment's {name}" for name in _leaked_secrets(page.html)]
    return faults


def _leaked_secrets(page: str) -> list[str]:
    """Names of environment entries whose value is in the page and is a credential by its name or its look."""
    return sorted(
        name
        for name, value in os.environ.items()
        if len(value) >= 8
        and value in page
        and (_SECRET_NAMES.search(name) or looks_like_a_credential(value))
    )


def looks_like_a_credential(value: str) -> bool:
    """Whether a text is one long token of mixed characters, as keys and passwords are and words are not.

    >>> looks_like_a_credential("sk-9fK2xQ7bLmZ81tWv"), looks_like_a_credential("online_retail")
    (True, False)
    """
    if len(value) < 16 or not _TOKEN.fullmatch(value):
        return False
    kinds = sum(bool(re.search(kind, value)) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    share = [value.count(character) / len(value) for character in set(value)]
    return kinds >= 2 and -sum(p * math.log2(p) for p in share) > 3.0


def _tag_faults(tag: str, values: Mapping[str, str], siblings: Collection[str]) -> Iterator[str]:
    if tag in _FORBIDDEN:
        yield f"the page holds a <{tag}> tag"
    if tag == "img" and not values.get("alt", "").strip():
        yield "a picture has no alt text"
    if tag == "meta" and values.get("http-equiv", "").lower() == "refresh":
        yield "the page forwards to another"
    for name, value in values.items():
        if name.startswith("on"):
            yield f"a tag has the event handler {name}"
        if name == "style" and "url(" in value.lower():
            yield "a style refers to something outside the page"
        if name in _LOADING and not _is_inside(value.strip(), siblings):
            yield f"{name} refers outside the report: {value[:60]!r}"


def _is_inside(value: str, siblings: Collection[str]) -> bool:
    return value.startswith(("#", "data:image/")) or value.partition("#")[0] in siblings
