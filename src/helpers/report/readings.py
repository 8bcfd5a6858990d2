"""Readings: sentences, titles and alt texts as templates beside their question, rendered to plain text.

A file `NAME.en.txt` holds one block a heading line: `## A1.raw_gap` for a finding's sentence,
`## title: NAME` and `## alt: NAME` for a picture, `## text: NAME` for anything else; a block `## shared`
(macros) stands before all others, and so does the file `shared.en.txt` of the room around the question's
folder, where there is one. Blocks are Jinja templates without HTML; pages escape them once. The end of a line
is a space, also behind a tag, so that no two sentences run together.
What is missing is an error and never an empty word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from pathlib import Path

import jinja2

from helpers.report import formats
from helpers.report.counted_words import without_few_people
from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.language import ENGLISH, in_language
from helpers.report.phrases import said

_HEADING = re.compile(r"^## +(\S.*?)\s*$", re.MULTILINE)
_SHARED = "shared"
_MACRO = re.compile(r"\{%-?\s*macro\s+(\w+)\(.*?\{%-?\s*endmacro\s*-?%\}\n?", re.DOTALL)


class Readings:
    """The templates of one file, by the names of their blocks; each is compiled when it is first rendered."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._compiled: dict[str, jinja2.Template] = {}

    @cached_property
    def blocks(self) -> Mapping[str, str]:
        """Name to the text of its template; raises ValueError on a block given twice."""
        parts = _HEADING.split(self.path.read_text(encoding="utf-8"))
        named = list(zip(parts[1::2], parts[2::2], strict=True))
        names = [name for name, _ in named]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{self.path.name}: block {twice[0]!r} is given twice")
        shared = self._of_room() + dict(named).get(_SHARED, "")
        return {name: _with_macros(text, shared) for name, text in named if name != _SHARED}

    def _template(self, block: str) -> jinja2.Template:
        """The compiled template of a block; most blocks of a file are never asked for."""
        if block not in self._compiled:
            self._compiled[block] = _environment().from_string(self.blocks[block])
        return self._compiled[block]

    def _of_room(self) -> str:
        """The macros that the questions of a room share."""
        shared = self.path.parent.parent / f"{_SHARED}.{self.path.name.partition('.')[2]}"
        return shared.read_text(encoding="utf-8") if shared.is_file() else ""

    def render(self, block: str, /, **facts: object) -> str:
        """Return the block as one line of plain text; raises KeyError on an unknown block.

        A name that the template uses and `facts` lacks raises jinja2.UndefinedError.
        """
        if block not in self.blocks:
            raise KeyError(f"{self.path.name} has no block {block!r}; it has {', '.join(self.blocks)}")
        return " ".join(self._template(block).render(**facts).split())

    def sentence(self, finding: Finding) -> str:
        """Return the sentence of a finding from the block of its id."""
        return self.render(finding.id, f=FindingView(finding), **finding.facts)

    def picture(self, name: str, findings: Iterable[Finding], /, **facts: object) -> tuple[str, str]:
        """Return title and alt text of a picture; `f["A1.raw_gap"]` is the answered finding of that id.

        `f["D1.gain", list]` is that of the segment `list`.
        """
        answered = [finding for finding in findings if finding.status == "answered"]
        views: dict[object, FindingView] = {finding.id: FindingView(finding) for finding in answered}
        views |= {finding.key: FindingView(finding) for finding in answered}
        title, alt = (self.render(f"{kind}: {name}", f=views, **facts) for kind in ("title", "alt"))
        return without_few_people(title), without_few_people(alt)


def _with_macros(text: str, shared: str) -> str:
    """Put before a block what is shared; of its macros those that the block needs, for each is compiled."""
    macros = {found[1]: found[0] for found in _MACRO.finditer(shared)}
    wanted: set[str] = set()
    asking = _MACRO.sub("", shared) + text
    while named := {name for name in macros if name not in wanted and re.search(rf"\b{name}\b", asking)}:
        wanted |= named
        asking = "".join(macros[name] for name in named)
    return _MACRO.sub(lambda found: found[0] if found[1] in wanted else "", shared) + text


def readings_at(stem: Path) -> Readings:
    """Return the readings beside a module, in the language of the run or else in English."""
    return _read(in_language(stem.with_name(f"{stem.name}.{ENGLISH}.txt")))


@cache
def _read(path: Path) -> Readings:
    return Readings(path)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined, autoescape=False, finalize=_large_in_groups
    )
    environment.filters |= {
        "number": formats.number,
        "count": formats.count,
        "percent": formats.percent,
        "ratio": formats.ratio,
        "money": formats.money,
        "p": formats.p_value,
        "p_stated": formats.p_stated,
        "listed": formats.listed,
        "moved": _moved,
        "said": said,
    }
    return environment


def _large_in_groups(value: object) -> object:
    """A whole number too large for a year is written as a count, so that no sentence says 20081 customers."""
    large = isinstance(value, int) and not isinstance(value, bool) and value >= 10_000
    return formats.count(value) if large else value  # type: ignore[arg-type]


def _moved(value: FindingView | float, up: str, down: str, nil: str = "") -> str:
    """Return the word for the direction of a number, so that nothing is ever raised by a negative amount."""
    amount = value.estimate if isinstance(value, FindingView) else float(value)
    return nil if nil and amount == 0 else up if amount >= 0 else down
