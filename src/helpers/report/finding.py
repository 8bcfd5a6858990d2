"""A finding: one answered or skipped question, the only thing that crosses notebooks."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal

from helpers.paths import project_folder

Status = Literal["answered", "skipped"]
Verdict = Literal["supported", "contradicted", "not settled", "reported"]

_STATUSES = ("answered", "skipped")
_VERDICTS = ("supported", "contradicted", "not settled", "reported")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One answer with everything needed to judge it.

    id: requirement and name, such as `A1.adjusted_uplift`; unique within a run.
    estimate, low, high: in `unit`, with `level` (0.95) the nominal coverage of [low, high].
    n: the number of units (customers, orders, …) the estimate rests on.
    verdict: on the claim or question; `reported` where there is nothing to decide.
    reading: one plain sentence that says the number and what it means.
    p_value: of the test behind the verdict, where the method has one of its own. adjusted_p: the same, held
    over all tests that the chapter declared as one family.
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

    def __post_init__(self) -> None:
        if self.status not in _STATUSES:
            raise ValueError(f"finding {self.id!r}: status {self.status!r} is not one of {_STATUSES}")
        if self.verdict not in _VERDICTS:
            raise ValueError(f"finding {self.id!r}: verdict {self.verdict!r} is not one of {_VERDICTS}")
        if self.status == "skipped":
            if not self.reason:
                raise ValueError(f"finding {self.id!r}: a skipped finding needs the reason")
            return
        self._check_numbers()

    def _check_numbers(self) -> None:
        numbers = {"estimate": self.estimate, "low": self.low, "high": self.high}
        for name, value in numbers.items():
            if value is None or not math.isfinite(value):
                raise ValueError(f"finding {self.id!r}: {name} is {value!r}; an answer needs a finite number")
        if self.low > self.high:
            raise ValueError(f"finding {self.id!r}: low {self.low} is above high {self.high}")
        for name in ("p_value", "adjusted_p"):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(f"finding {self.id!r}: {name} is {value!r}; it must lie between 0 and 1")
        if self.n is None or not self.method or not self.reading:
            raise ValueError(f"finding {self.id!r}: an answer states n, method and reading")


def skipped(*, requirement: str, question: str, reason: str) -> Finding:
    """Return the finding that says a question could not be answered from these tables, and why."""
    return Finding(
        id=requirement,
        requirement=requirement,
        question=question,
        status="skipped",
        reason=reason,
        level=None,
        reading=reason,
    )


def write_findings(findings: Iterable[Finding], path: str | os.PathLike) -> Path:
    """Write findings as JSON, all or nothing; raises ValueError on a repeated id."""
    findings = tuple(findings)
    ids = [finding.id for finding in findings]
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise ValueError(f"finding ids must be unique within a file; repeated: {', '.join(repeated)}")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    text = json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)
    return path


def read_findings(path: str | os.PathLike) -> tuple[Finding, ...]:
    """Read the findings of one file; raises ValueError that names the file and the entry at fault."""
    path = Path(path)
    known = {field.name for field in fields(Finding)}
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
        found.append(Finding(**{**entry, "assumptions": tuple(entry.get("assumptions") or ())}))
    return tuple(found)


def save_findings(chapter: str, *answers: object, out: str | os.PathLike = "") -> None:
    """Write the findings of a notebook's answers to `<out>/<chapter>.json`; the last cell of each notebook.

    out: a folder; empty means reports/interactive of the project, where the summary notebook looks too.
    """
    folder = Path(out) if out else project_folder() / "reports" / "interactive"
    findings = _one_skip_each(finding for answer in answers for finding in answer.findings)
    write_findings(findings, folder / f"{chapter}.json")
    answered = sum(finding.status == "answered" for finding in findings)
    print(f"{chapter}: {answered} findings answered, {len(findings) - answered} questions skipped")


def _one_skip_each(findings: Iterable[Finding]) -> list[Finding]:
    """Join the skips of a requirement that is asked in several questions into one, with every reason."""
    answered, skips = [], {}
    for finding in findings:
        if finding.status != "skipped":
            answered.append(finding)
            continue
        first = skips.setdefault(finding.id, finding)
        if finding.reason not in first.reason:
            reason = f"{first.reason} {finding.reason}"
            skips[finding.id] = replace(first, reason=reason, reading=reason)
    return [*answered, *skips.values()]
