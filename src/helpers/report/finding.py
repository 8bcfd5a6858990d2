"""A finding: one answered or skipped question, the only thing that crosses notebooks."""

from __future__ import annotations

import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Literal, Protocol

from helpers.report.registry import spec_of
from helpers.report.release import Entry
from helpers.report.told import Told, significant, told

Status = Literal["answered", "skipped", "failed"]
Withheld = Literal["few people", "one person"]
Verdict = Literal["supported", "contradicted", "fits", "not settled", "scenario", "reported"]

_STATUSES = ("answered", "skipped", "failed")
_VERDICTS = ("supported", "contradicted", "fits", "not settled", "scenario", "reported")
_NOT_WRITTEN = ("facts", "readings", "tells", "amounts")


class HasFindings(Protocol):
    """An answer, a section or a whole chapter."""

    @property
    def findings(self) -> tuple[Finding, ...]: ...


class Sentences(Protocol):
    """Whatever makes the sentence of a finding; see `readings.Readings`."""

    def sentence(self, finding: Finding) -> str:
        """Return the sentence."""
        ...


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One answer with everything needed to judge it.

    id: requirement and name, such as `A1.adjusted_uplift`; unique within a run.
    estimate, low, high: in `unit`, with `level` (0.95) the nominal coverage of [low, high].
    n: the number of units (customers, orders, …) the estimate rests on.
    segment: the arm, stage, programme or group it speaks of, where one id is asked of several.
    verdict: `supported` or `contradicted` on an effect, `fits` or `contradicted` on a repeated figure,
    `scenario` for what was simulated, `reported` where there is nothing to decide.
    reading: one plain sentence that says the number and what it means.
    p_value: of the test behind the verdict, where the method has one of its own. adjusted_p: the same, held
    over all tests that the chapter declared as one family.
    detectable: how far from no effect the truth would have had to lie for a test to find it in 8 of 10 such
    data sets, at the level at which the family is judged.
    persons: how many distinct people it rests on, where n counts something else.
    missing: of a skipped question the tables and columns that it lacks, where that is why; of an answer
    what was not known and is counted as none.
    withheld: why the release rule withheld its number, where it did. told_in: the earlier run whose number
    stands in its place, where one does.
    untreated: of an effect in points of a share, that share (%) of the same people without it, where seen.
    tells: the people behind the other numbers of its sentence (see `release`).
    amounts: of money, the total behind it and the two largest people's parts of it.
    facts, readings: what its sentence is rendered from. These four stay in this process, never written.
    Raises ValueError when a field contradicts another (an answer without interval, a skip without reason).
    """

    id: str
    requirement: str
    question: str
    status: Status = "answered"
    reason: str | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    level: float | None = 0.95
    unit: str = ""
    n: int | None = None
    segment: str | None = None
    method: str = ""
    assumptions: tuple[str, ...] = ()
    verdict: Verdict = "reported"
    reading: str = ""
    p_value: float | None = None
    adjusted_p: float | None = None
    detectable: float | None = None
    persons: int | None = None
    missing: tuple[str, ...] = ()
    withheld: Withheld | None = None
    told_in: str | None = None
    untreated: float | None = None
    tells: tuple[Entry, ...] = field(default=(), repr=False, compare=False)
    amounts: tuple[float, float, float] | None = field(default=None, repr=False, compare=False)
    facts: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    readings: Sentences | None = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.status not in _STATUSES:
            raise ValueError(f"finding {self.id!r}: status {self.status!r} is not one of {_STATUSES}")
        if self.verdict not in _VERDICTS:
            raise ValueError(f"finding {self.id!r}: verdict {self.verdict!r} is not one of {_VERDICTS}")
        if self.status != "answered":
            if not self.reason:
                raise ValueError(f"finding {self.id!r}: a {self.status} finding needs the reason")
            return
        self._check_numbers()

    def _check_numbers(self) -> None:
        numbers = {"estimate": self.estimate, "low": self.low, "high": self.high}
        for name, value in numbers.items():
            if value is None or not math.isfinite(value):
                raise ValueError(f"finding {self.id!r}: {name} is {value!r}; an answer needs a finite number")
        low, high = self.ends
        if low > high:
            raise ValueError(f"finding {self.id!r}: low {low} is above high {high}")
        if self.level is not None and not 0 < self.level < 1:
            raise ValueError(f"finding {self.id!r}: level {self.level} must lie between 0 and 1")
        for name in ("p_value", "adjusted_p"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"finding {self.id!r}: {name} is {value!r}; it must lie between 0 and 1")
        if self.n is None or not self.method or not (self.reading or self.readings):
            raise ValueError(f"finding {self.id!r}: an answer states n, method and reading")

    @property
    def key(self) -> tuple[str, str | None]:
        """What is unique within a run: the id and of whom or what it is asked."""
        return self.id, self.segment

    @property
    def ends(self) -> tuple[float, float]:
        """The interval; raises ValueError where the question was not answered."""
        if self.low is None or self.high is None:
            raise ValueError(f"finding {self.id!r} was not answered and has no interval")
        return self.low, self.high

    @property
    def told(self) -> Told:
        """Its numbers as they leave (see `told`); raises ValueError where the question was not answered."""
        if self.estimate is None:
            raise ValueError(f"finding {self.id!r} was not answered and has no number")
        low, high = self.ends
        spec = spec_of(self.id)
        nil = self.facts.get(spec.nil, math.nan) if spec and isinstance(spec.nil, str) else spec and spec.nil
        decimals = spec.decimals if spec else 1
        return told(self.estimate, low, high, level=self.level, decimals=decimals, nil=float(str(nil or 0.0)))

    def entry(self) -> dict[str, object]:
        """Return the fields that are written to findings.json, with no more digits than may leave."""
        written = {each.name: getattr(self, each.name) for each in fields(self)}
        if self.estimate is not None:
            written |= {name: getattr(self.told, name) for name in ("estimate", "low", "high")}
        if self.untreated is not None:
            written["untreated"] = round(self.untreated, max(self.told.decimals, 0))
        written |= {name: significant(written[name]) for name in ("p_value", "adjusted_p", "detectable")}
        return {name: value for name, value in written.items() if name not in _NOT_WRITTEN}


def skipped(*, requirement: str, question: str, reason: str, missing: Iterable[str] = ()) -> Finding:
    """Return the finding that says a question could not be answered from these tables, and why.

    missing: the tables and columns that it lacks, where that is the reason.
    """
    return Finding(
        id=requirement,
        requirement=requirement,
        question=question,
        status="skipped",
        reason=reason,
        level=None,
        reading=reason,
        missing=tuple(missing),
    )


def without_number(finding: Finding, *, reason: str, withheld: Withheld | None = None) -> Finding:
    """Return the skipped finding that stands in the place of one whose number may not be told, and why.

    reason: in words. withheld: by which rule of release, where one decided it.
    """
    gone = skipped(requirement=finding.requirement, question=finding.question, reason=reason)
    return replace(gone, id=finding.id, segment=finding.segment, withheld=withheld)


def failed(*, requirement: str, question: str, reason: str) -> Finding:
    """Return the finding that says a section met an unexpected error, and where to look."""
    return replace(skipped(requirement=requirement, question=question, reason=reason), status="failed")


def write_findings(findings: Iterable[Finding], path: str | os.PathLike) -> Path:
    """Write findings as JSON, all or nothing; raises ValueError where one id is said twice of one segment."""
    findings = tuple(findings)
    times = Counter(finding.key for finding in findings)
    repeated = sorted(
        f"{id} of {segment}" if segment else id for (id, segment), many in times.items() if many > 1
    )
    if repeated:
        raise ValueError(f"finding ids must be unique within a file; repeated: {', '.join(repeated)}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    text = json.dumps([finding.entry() for finding in findings], ensure_ascii=False, indent=1)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def read_findings(path: str | os.PathLike) -> tuple[Finding, ...]:
    """Read the findings of one file; raises ValueError that names the file and the entry at fault."""
    path = Path(path)
    known = {each.name for each in fields(Finding)} - set(_NOT_WRITTEN)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path.name} is not JSON: {error}") from error
    if not isinstance(entries, list):
        raise ValueError(f"{path.name} holds {type(entries).__name__}; a list of findings is expected")
    found = []
    for position, entry in enumerate(entries):
        if not isinstance(entry, dict) or set(entry) - known or not {"id", "requirement"} <= set(entry):
            raise ValueError(f"{path.name}: entry {position} is not a finding; fields are {sorted(known)}")
        lists = {name: tuple(entry.get(name) or ()) for name in ("assumptions", "missing")}
        found.append(Finding(**{**entry, **lists}))
    return tuple(found)
