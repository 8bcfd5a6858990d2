"""The registry of findings: what each id means, read from the TOML beside its question.

An id stands literally in one registry; a finding that no registry knows cannot be made. What varies with the
data (an arm, a programme, a stage) is a finding's segment and never part of an id.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

from helpers.paths import project_folder
from helpers.report.language import ENGLISH, in_language
from helpers.report.phrases import said

Role = Literal["test", "check", "description"]
Counted = Literal["", "people", "events", "nobody"]
_ROLES = ("test", "check", "description")
_COUNTED = ("", "people", "events", "nobody")
# Whom a finding may speak of, by the first words of `of`, without saying what it counts.
_PEOPLE = re.compile(r"\b(customers|buyers|authors|leaders)\b")
_FURTHER = re.compile(r",|\b(?:of|who|whom|with|in|by|at|from|that)\b")
TEMPLATE = "own_question"
_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, kw_only=True)
class FindingSpec:
    """What one finding is, declared before any data are seen.

    id: requirement and name, such as `A1.adjusted_uplift`. about: what it is, in a few words.
    unit: as in findings.json; `{currency}` stands for the shop's. decimals: digits shown behind the point.
    of: of whom or what it speaks, such as "customers enrolled". question: asked in words.
    role: `test` belongs to the family that its chapter judges together; `check` can only withhold a verdict;
    `description` decides nothing. follows: ids of tests that say the same; it is settled only where they are.
    gated_by: ids of checks that must hold; where one does not, the number is withheld in every view.
    released_with: ids of what would be told by it; where one is withheld for few people, so is this.
    open_without: ids of checks that leave it open where they were asked and could not answer.
    causal: whether its design allows words of cause. folded: a detail, shown only on request.
    tabled: a detail whose number and interval its section's table shows; beside it no sentence says it again.
    nil: what it is where there is no effect (1 of a ratio), or the name of the fact that says so (a claimed
    figure); nan where its test is of something else.
    lowest, highest: the range that its unit allows; 0 to 100 % or 0 to 1 makes it a share.
    counts: what its n counts, where `of` does not begin with people: "people"; "events" of people's
    (orders, clicks, weeks), so that each finding says on how many people it rests; "nobody", where it is
    about no people (products, sellers, simulated copies).
    registry: name of the file that declares it.
    """

    id: str
    about: str
    unit: str
    of: str
    question: str
    role: Role
    decimals: int = 1
    follows: tuple[str, ...] = ()
    gated_by: tuple[str, ...] = ()
    open_without: tuple[str, ...] = ()
    released_with: tuple[str, ...] = ()
    causal: bool = False
    folded: bool = False
    tabled: bool = False
    nil: float | str = 0.0
    lowest: float | None = None
    highest: float | None = None
    counts: Counted = ""
    registry: str = ""

    @property
    def requirement(self) -> str:
        """The requirement, such as A1."""
        return self.id.partition(".")[0]

    @property
    def counts_people(self) -> bool:
        """Whether its n is a number of distinct people."""
        return self.counts in ("", "people")

    @property
    def is_share(self) -> bool:
        """Whether it is a share of its units, of whom some have what it tells of and the others have not."""
        whole = self.unit.startswith(("%", "share"))
        return whole and self.lowest == 0 and self.highest in (1, 100)

    def __post_init__(self) -> None:
        if self.counts not in _COUNTED:
            raise ValueError(f"finding {self.id!r}: counts {self.counts!r} is not one of {_COUNTED[1:]}")
        if not self.counts and not _PEOPLE.search(_FURTHER.split(self.of)[0]):
            raise ValueError(
                f"finding {self.id!r} speaks of {self.of!r}; say what its n counts: {_COUNTED[1:]}"
            )
        if self.role not in _ROLES:
            raise ValueError(f"finding {self.id!r}: role {self.role!r} is not one of {_ROLES}")
        if not (self.requirement and "." in self.id):
            raise ValueError(f"finding {self.id!r}: an id is a requirement, a dot and a name")


def read_registry(path: Path) -> dict[str, FindingSpec]:
    """Read the findings that one TOML declares; raises ValueError that names the file and the key at fault.

    The file gives `question` (the default of its findings) and a table `[findings."A1.name"]` an id.
    """
    entry = read_toml(path)
    question = entry.get("question", "")
    found = {}
    for name, given in entry.get("findings", {}).items():
        found[name] = _spec(name, {"question": question, **given}, path.name)
    return found


def read_toml(path: Path) -> dict[str, Any]:
    """Return what a registry declares; `NAME.<language>.toml` says its `question` and `about` otherwise."""
    entry = tomllib.loads(path.read_text(encoding="utf-8"))
    own = in_language(path.with_suffix(f".{ENGLISH}.toml"))
    if own.is_file():
        words = tomllib.loads(own.read_text(encoding="utf-8"))
        entry["question"] = words.get("question", entry.get("question", ""))
        for name, given in words.get("findings", {}).items():
            entry["findings"][name] |= {key: given[key] for key in ("about", "question") if key in given}
    return entry


def _spec(name: str, given: Mapping[str, Any], file: str) -> FindingSpec:
    known = {field.name for field in fields(FindingSpec)} - {"id", "registry"}
    unknown = sorted(set(given) - known)
    if unknown:
        raise ValueError(
            f"{file}: finding {name!r} has the unknown key {unknown[0]!r}; known: {sorted(known)}"
        )
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in given.items()
    }
    try:
        return FindingSpec(id=name, registry=file, **values)
    except TypeError as error:
        raise ValueError(f"{file}: finding {name!r} lacks a key: {error}") from error


@cache
def registry() -> Mapping[str, FindingSpec]:
    """Return every finding that any question declares; raises ValueError on an id declared twice.

    Notebooks of one's own declare theirs in `NAME.toml` beside them. What the template of such a notebook
    declares counts where no copy of it took the id.
    """
    found: dict[str, FindingSpec] = {}
    english = (path for path in sorted(_PACKAGE.rglob("*.toml")) if "." not in path.stem)
    for path in [*english, *_own_registries()]:
        for name, spec in read_registry(path).items():
            if name in found and path.stem == TEMPLATE:
                continue
            if name in found:
                raise ValueError(f"finding {name!r} is declared in {found[name].registry} and in {path.name}")
            found[name] = spec
    return found


def _own_registries() -> list[Path]:
    """The registries beside notebooks of one's own, the template's last; none outside a project."""
    try:
        notebooks = project_folder() / "notebooks"
    except FileNotFoundError:
        return []
    template = notebooks / f"{TEMPLATE}.toml"
    return [*sorted(notebooks.glob("[0-9][0-9]_*.toml")), *([template] if template.is_file() else [])]


def about_of(id: str, segment: str | None = None) -> str:
    """Return what an id means in a few words, and of which segment; the id itself where none declares it.

    >>> about_of("B4.aov"), about_of("X9.none", "lost")
    ('average order value', 'X9.none, lost')
    """
    spec = spec_of(id)
    about = spec.about if spec else id
    return f"{about}, {said(segment)}" if segment else about


def spec_of(id: str) -> FindingSpec | None:
    """Return what an id means, or None where no registry declares it."""
    return registry().get(id)
