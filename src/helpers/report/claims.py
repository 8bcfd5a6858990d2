"""Claims that people repeat, declared with the rule that judges them before any data are seen (G1)."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

from helpers.paths import project_folder
from helpers.report.finding import Verdict
from helpers.report.registry import registry
from helpers.report.verdicts import NEAR_SHARE, judge_claim, judge_direction

Rule = Literal["figure", "more", "less"]
_RULES = ("figure", "more", "less")
_SOURCES = ("trade", "press", "study")


@dataclass(frozen=True, kw_only=True)
class Published:
    """What one study found of a claim: `said` in a sentence, `figure` in its own `unit`."""

    name: str
    said: str
    year: int = 0
    design: str = ""
    figure: float | None = None
    unit: str = ""
    n: int = 0
    where: str = ""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a claim comes from; kind: "trade", "press" or "study"."""

    kind: str
    name: str
    year: int = 0
    n: int = 0
    design: str = ""


@dataclass(frozen=True, kw_only=True)
class Against:
    """The matched estimate of a deed and the one of a randomised test of the same deed, by their ids."""

    matched: str
    drawn: str


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A claim people repeat, the finding that tests it, and the rule that judges it.

    words: as people say it. label: a few words for the picture. finding: the id of the finding that tests it;
    segment: of which group, where it is asked of several. rule: "figure" (a difference below `smallest`, else
    below a tenth of it, does not matter), or "more" or "less" than `nil` by at least `smallest`, in the
    finding's unit. See data/claims.toml.
    """

    name: str
    words: str
    label: str
    finding: str
    rule: Rule
    segment: str | None = None
    figure: float | None = None
    smallest: float | None = None
    nil: float = 0.0
    source: Source = Source(kind="trade", name="")
    published: tuple[Published, ...] = field(default=())
    against: Against | None = None

    @property
    def requirement(self) -> str:
        """The requirement whose finding tests the claim, such as A1."""
        return self.finding.partition(".")[0]

    @property
    def asks(self) -> float:
        """The number the claim stands or falls with, on the finding's scale."""
        if self.rule == "figure":
            return _given(self.figure)
        return self.nil + _given(self.smallest) * (1 if self.rule == "more" else -1)

    @property
    def near(self) -> float:
        """How far from the claimed figure is no difference that matters, on the finding's scale."""
        return NEAR_SHARE * (self.asks - self.nil) if self.smallest is None else self.smallest

    def judge(self, estimate: float, low: float, high: float) -> Verdict:
        """Return what an estimate with its interval, on the finding's scale, says of the claim."""
        if self.rule == "figure":
            return judge_claim(low, high, claimed=self.asks, near=self.near)
        smallest, more = abs(self.asks - self.nil), self.rule == "more"
        return judge_direction(estimate, low, high, nil=self.nil, smallest=smallest, more=more)

    def scaled(self, value: float) -> float:
        """Return a number of the finding as a multiple of what is claimed: 0 no difference, 1 as claimed."""
        return (value - self.nil) / (self.asks - self.nil)


def _given(value: float | None) -> float:
    if value is None:
        raise ValueError("a claim without its number")
    return value


def read_claims(path: str | os.PathLike) -> tuple[Claim, ...]:
    """Return the claims of a TOML file; raises ValueError naming file, claim and key at fault."""
    path = Path(path)
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path.name} is not TOML in UTF-8: {error}") from error
    entries = written.get("claim", [])
    if set(written) - {"claim"} or not isinstance(entries, list) or not entries:
        raise ValueError(
            f"{path.name}: a list of [[claim]] is expected, found {sorted(written) or 'nothing'}"
        )
    return tuple(_claim(entry, f"{path.name}: claim {place}") for place, entry in enumerate(entries, start=1))


def all_claims(own: str | os.PathLike = "") -> tuple[Claim, ...]:
    """Return the claims that the workbench ships and, behind them, those of one's own file.

    Raises ValueError where a name is given twice.
    """
    claims = read_claims(project_folder() / "data" / "claims.toml")
    claims += read_claims(own) if own else ()
    names = [claim.name for claim in claims]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"claim {twice[0]!r} is declared twice; each needs a name of its own")
    return claims


def _claim(entry: object, place: str) -> Claim:
    values = _values(Claim, entry, place)
    place = f"{place} ({values['name']})"
    for name, part in {"source": Source, "against": Against}.items():
        if name in values:
            values[name] = part(**_values(part, values[name], f"{place}, {name}"))
    published = values.get("published", [])
    if not isinstance(published, list):
        raise ValueError(f"{place}: published must be a list of [[claim.published]]")
    values["published"] = tuple(
        Published(**_values(Published, one, f"{place}, published")) for one in published
    )
    claim = Claim(**values)
    _check_rule(claim, place)
    return claim


def _check_rule(claim: Claim, place: str) -> None:
    if claim.rule not in _RULES:
        raise ValueError(f"{place}: rule {claim.rule!r} is none of {', '.join(_RULES)}")
    if claim.source.kind not in _SOURCES:
        raise ValueError(f"{place}: source kind {claim.source.kind!r} is none of {', '.join(_SOURCES)}")
    needed = "figure" if claim.rule == "figure" else "smallest"
    number = getattr(claim, needed)
    if number is None or number <= (claim.nil if needed == "figure" else 0):
        least = f"above {claim.nil:g}" if needed == "figure" else "above 0"  # no page says this
        raise ValueError(f"{place}: rule {claim.rule!r} needs {needed}, a number {least}; found {number!r}")
    if claim.smallest is not None and claim.smallest <= 0:
        raise ValueError(f"{place}: smallest must be above 0; found {claim.smallest!r}")
    asked = [claim.finding, *((claim.against.matched, claim.against.drawn) if claim.against else ())]
    for id in asked:
        if id not in registry():
            raise ValueError(f"{place}: no finding is called {id!r}; see workbench list --findings")


def _values(kind: type, entry: object, place: str) -> dict[str, Any]:
    """Return the keys of one table after checking names and types against the class they are for."""
    if not isinstance(entry, Mapping):
        raise ValueError(f"{place}: a table is expected, found {entry!r}")
    known = {each.name: each for each in fields(kind)}
    unknown = sorted(set(entry) - set(known))
    if unknown:
        raise ValueError(f"{place}: unknown key {unknown[0]!r}; known are {', '.join(known)}")
    for name, each in known.items():
        if name not in entry and each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"{place}: {name} is missing")
    return {name: _typed(value, str(known[name].type), f"{place}, {name}") for name, value in entry.items()}


def _typed(value: object, kind: str, place: str) -> object:
    if kind.startswith("float"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{place}: a number is expected, found {value!r}")
        return float(value)
    if kind.startswith("int") and (isinstance(value, bool) or not isinstance(value, int)):
        raise ValueError(f"{place}: a whole number is expected, found {value!r}")
    if kind.startswith("str") and (not isinstance(value, str) or not value.strip()):
        raise ValueError(f"{place}: some text is expected, found {value!r}")
    return value
