"""Judging together: a chapter's declared tests and the gates before them, before anything is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import pandas as pd

from helpers.report import formats
from helpers.report.detectable import CHANCE, smallest_found
from helpers.report.estimate import Levelled
from helpers.report.finding import Finding, without_number
from helpers.report.reasons import reason_text
from helpers.report.registry import about_of, registry, spec_of
from helpers.report.verdicts import p_of_nil
from helpers.report.words import stated
from methods.intervals.multiplicity import holm, holm_level

_COLUMNS = ["id", "test", "p together", "verdict"]
SETTLED = ("supported", "contradicted", "fits")


@dataclass(frozen=True, kw_only=True)
class Judged:
    """All findings of a chapter with the verdicts that hold together.

    tests: one row a declared test that was answered and passed its gates: id, test, p together, verdict (its
    sentence and the page of all findings have the interval). declared: how many of them. gates: one row a
    test that rests on checks: number, and the checks that held, cannot tell, failed, were not asked. failed:
    the checks that did not hold.
    """

    findings: tuple[Finding, ...]
    tests: pd.DataFrame
    gates: pd.DataFrame
    failed: tuple[Finding, ...]

    @property
    def declared(self) -> int:
        """The size of the family."""
        return len(self.tests)


def judged_together(findings: Iterable[Finding]) -> Judged:
    """Return the findings with the verdicts of declared tests adjusted for each other.

    Holm 1979: the chance of even one false verdict among all of them is at most 5 %, however the tests hang
    together. A test that was skipped or failed is no member. A verdict that does not hold becomes "not
    settled", and so does that of each finding that follows it; their sentences are rendered anew. A number
    whose gate failed, a check that had to find nothing and found something, is taken out before that: its
    finding is skipped with the check as reason (see `gated`). One whose check was asked and could not answer
    keeps its number and is not settled (see `opened`).
    """
    findings = tuple(findings)
    failed, gates = failed_checks(findings), _gates_frame(findings)
    findings = tuple(gated(finding, failed) for finding in findings)
    tests = [finding for finding in findings if answers_as("test", finding)]
    p_values = np.array([p_of(finding) for finding in tests])
    adjusted = holm(p_values) if tests else p_values
    levels = holm_level(p_values, chance=CHANCE)
    family = {}
    for finding, p, together, chance in zip(tests, p_values, adjusted, levels, strict=True):
        found = replace(
            finding,
            p_value=float(p),
            adjusted_p=float(together),
            detectable=smallest_found(finding, chance=float(chance)),
        )
        family[finding.key] = opened(_adjusted(found, len(tests)), findings)
    lost = {finding.key for finding in family.values() if finding.verdict not in SETTLED}
    known = {finding.key for finding in tests}
    judged = tuple(
        family.get(finding.key) or _following(opened(finding, findings), lost, known) for finding in findings
    )
    table = _tests_frame(family[finding.key] for finding in tests)
    return Judged(findings=judged, tests=table, gates=gates, failed=failed)


def answers_as(role: str, finding: Finding) -> bool:
    """Whether the finding is answered and of this role in its registry: a declared test, a check."""
    spec = spec_of(finding.id)
    return finding.status == "answered" and spec is not None and spec.role == role


def p_of(finding: Finding) -> float:
    """Return the finding's p-value, or that of no effect read off its interval."""
    if finding.p_value is not None:
        return finding.p_value
    return p_of_nil(cast(Levelled, finding))


def _adjusted(found: Finding, tests: int) -> Finding:
    together = found.adjusted_p or 0.0
    # That a figure fits is said by an interval around it, not by a small p-value: nothing to adjust.
    if found.verdict in ("supported", "contradicted") and together >= CHANCE:
        found = stated(replace(found, verdict="not settled"))
        return _said(found, reason_text("beside others", others=tests - 1, p=together))
    return stated(found)


def failed_checks(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the answered checks that did not hold: contradicted, or said to fail (its fact `fails`).

    A count or a plan without an interval, such as how many have a counterpart, has no verdict of its own.
    """
    return tuple(one for one in findings if answers_as("check", one) and _fails(one))


def _fails(check: Finding) -> bool:
    return check.verdict == "contradicted" or bool(check.facts.get("fails"))


def gated(finding: Finding, failed: Sequence[Finding]) -> Finding:
    """Return the finding; where a check that it rests on failed, one without its number that names the check.

    failed: of `failed_checks`. A check of another segment is no gate.
    """
    gates = [check for check in failed if finding.status == "answered" and _guards(check, finding)]
    if not gates:
        return finding
    checks = list(dict.fromkeys(f"{about_of(check.id)} ({check.id})" for check in gates))
    return without_number(finding, reason=reason_text("withheld", number=_label(finding), checks=checks))


def opened(finding: Finding, findings: Sequence[Finding]) -> Finding:
    """Return the finding; not settled, with the reason, where a check that it needs could not answer.

    That nothing was found by a check that cannot find anything is no reason to trust a number. A check that
    was not asked in this chapter leaves the finding as it is.
    """
    spec = spec_of(finding.id)
    if spec is None or finding.status != "answered" or finding.verdict not in (*SETTLED, "reported"):
        return finding
    mute = [id for id in spec.open_without if _asked_in_vain(id, findings)]
    if not mute:
        return finding
    checks = [f"{registry()[id].about} ({id})" for id in mute]
    found = stated(replace(finding, verdict="not settled"))
    return _said(found, reason_text("stays open", checks=checks))


def _asked_in_vain(id: str, findings: Sequence[Finding]) -> bool:
    """Whether a check has no answer, or one that could not have found anything (its fact `blind`).

    A section that was skipped whole bears its question and the id of its requirement.
    """
    spec = registry()[id]
    whole = (spec.requirement, spec.question)
    asked = [one for one in findings if one.id == id or (one.id, one.question) == whole]
    return bool(asked) and all(one.status != "answered" or _is_blind(one) for one in asked)


def _is_blind(check: Finding) -> bool:
    return bool(check.facts.get("blind"))


def _guards(check: Finding, finding: Finding) -> bool:
    spec = spec_of(finding.id)
    apart = None not in (check.segment, finding.segment) and check.segment != finding.segment
    return spec is not None and check.id in spec.gated_by and not apart


_STATES = ("held", "cannot tell", "failed", "not asked here")


def _said_by(checks: Sequence[Finding]) -> str:
    if not checks:
        return "not asked here"
    if any(map(_fails, checks)):
        return "failed"
    vague = any(check.verdict == "not settled" or _is_blind(check) for check in checks)
    return "cannot tell" if vague else "held"


def _gates_frame(findings: Sequence[Finding]) -> pd.DataFrame:
    """What each declared test rests on: said in the registries, read before any number is shown."""
    checks = [finding for finding in findings if answers_as("check", finding)]
    rows = []
    for finding in findings:
        spec = spec_of(finding.id)
        if spec is None or not (answers_as("test", finding) and spec.gated_by):
            continue
        said: dict[str, list[str]] = {state: [] for state in _STATES}
        for gate in spec.gated_by:
            own = [check for check in checks if check.id == gate and _guards(check, finding)]
            mute = not own and _asked_in_vain(gate, findings)
            said["cannot tell" if mute else _said_by(own)].append(gate)
        number = f"{finding.id}: {finding.segment}" if finding.segment else finding.id
        rows.append({"number": number, **{state: ", ".join(ids) for state, ids in said.items()}})
    frame = pd.DataFrame(rows, columns=["number", *_STATES])
    caption = "" if frame.empty else "What had to hold before a number could be shown"
    frame.attrs = {"people": None, "caption": caption}
    return frame


def _following(
    finding: Finding, lost: set[tuple[str, str | None]], known: set[tuple[str, str | None]]
) -> Finding:
    """A finding that says the same as a test is settled only where the test is.

    The test is that of its own segment, else the one without, else each of the id.
    """
    spec = spec_of(finding.id)
    if finding.status != "answered" or spec is None or finding.verdict not in SETTLED:
        return finding
    for id in spec.follows:
        own = [key for key in ((id, finding.segment), (id, None)) if key in known][:1]
        if lost.intersection(own or [key for key in known if key[0] == id]):
            found = stated(replace(finding, verdict="not settled"))
            return _said(found, reason_text("follows", id=id))
    return finding


def _said(finding: Finding, more: str) -> Finding:
    return replace(finding, reading=f"{finding.reading} {more}")


def _tests_frame(tests: Iterable[Finding]) -> pd.DataFrame:
    told = list(tests)
    rows = [
        {
            "id": after.id,
            # What a run of rows is about is said at the first of them.
            "test": (before and before.id == after.id and after.segment) or _label(after),
            "p together": formats.p_value(after.adjusted_p if after.adjusted_p is not None else 1.0),
            "verdict": after.verdict,
        }
        for before, after in zip([None, *told], told, strict=False)
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    frame.attrs = {"people": None, "caption": reason_text("caption tests", tests=len(frame))}
    return frame


def _label(finding: Finding) -> str:
    about = about_of(finding.id)
    return f"{about}: {finding.segment}" if finding.segment else about
