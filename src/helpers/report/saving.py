"""Saving the findings of a chapter: checked against the registry, one file a chapter, all or nothing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from helpers.paths import project_folder
from helpers.report.cells import Cell, finding_cells, write_cells
from helpers.report.finding import Finding, HasFindings, read_findings, write_findings
from helpers.report.formats import count
from helpers.report.reasons import joined, says
from helpers.report.registry import FindingSpec, registry
from helpers.report.withholding import released

ROUNDING = 1e-9


def faults_of(findings: Iterable[Finding]) -> list[str]:
    """Return what makes answered findings invalid, a sentence each; an empty list where nothing does.

    An id is in the registry, an estimate within its own interval and the range that its unit allows, n a
    positive whole number.
    """
    known = registry()
    faults = []
    for finding in findings:
        if finding.status != "answered":
            continue
        spec = known.get(finding.id)
        if spec is None:
            faults.append(f"{finding.id} is in no registry")
            continue
        lowest = -float("inf") if spec.lowest is None else spec.lowest
        highest = float("inf") if spec.highest is None else spec.highest
        estimate, slack = finding.estimate or 0.0, ROUNDING * max(1.0, abs(finding.estimate or 0.0))
        if not lowest - slack <= estimate <= highest + slack:
            faults.append(f"{finding.id} is {estimate:g}, outside {lowest:g} to {highest:g} {finding.unit}")
        low, high = finding.ends
        if not low - slack <= estimate <= high + slack:
            faults.append(f"{finding.id} is {estimate:g}, outside its own interval {low:g} to {high:g}")
        if finding.n is None or finding.n < 1 or finding.n != int(finding.n):
            faults.append(f"{finding.id} rests on n = {finding.n}, which is no positive whole number")
    return faults


def silent_questions(findings: Iterable[Finding], chapter: str = "") -> list[str]:
    """Return the questions of a chapter of which findings say nothing, not even that they were skipped.

    The chapter's questions are those of the registries whose requirements have the letter of its findings;
    what a notebook of one's own declares is asked in no other.
    """
    findings = tuple(findings)
    said = {finding.id for finding in findings}
    letters = {finding.requirement[:1] for finding in findings}
    questions: dict[str, list[FindingSpec]] = {}
    for spec in registry().values():
        if spec.requirement[:1] in letters and _is_asked_in(chapter, spec):
            questions.setdefault(spec.registry, []).append(spec)
    return [
        specs[0].question
        for specs in questions.values()
        if not said.intersection(spec.id for spec in specs) and specs[0].requirement not in said
    ]


def _is_asked_in(chapter: str, spec: FindingSpec) -> bool:
    own = Path(spec.registry).stem
    return own == chapter or not (project_folder() / "notebooks" / f"{own}.ipynb").is_file()


def save_findings(chapter: str, *answers: HasFindings, out: str | os.PathLike = "") -> None:
    """Write the findings of a notebook's answers to `<out>/<chapter>.json`; the last cell of each notebook.

    What the release rule withholds is written as skipped (see `withholding.released`). The counts of people
    behind all findings are written to `<out>/release/<chapter>.json`, for the audit of the run (see `cells`).

    out: a folder; empty means reports/interactive of the project, where the summary notebook looks too.
    Raises ValueError where a finding is invalid (see `faults_of`), a notebook's chapter leaves a question
    without a finding or a skip, or the file is another chapter's.
    """
    folder = Path(out) if out else project_folder() / "reports" / "interactive"
    findings = _one_skip_each(finding for answer in answers for finding in released(answer.findings))
    faults = faults_of(findings)
    whole = any(hasattr(answer, "sections") for answer in answers)
    if whole and (project_folder() / "notebooks" / f"{chapter}.ipynb").is_file():
        faults += [f"nothing is said of “{question}”" for question in silent_questions(findings, chapter)]
    if faults:
        raise ValueError(f"{chapter}: {'; '.join(faults)}")
    _refuse_foreign(folder / f"{chapter}.json", findings)
    write_findings(findings, folder / f"{chapter}.json")
    write_cells([cell for answer in answers for cell in _cells(answer)], folder, chapter)
    many = Counter(finding.status for finding in findings)
    broken = f", {count(many['failed'], 'section')} failed" if many["failed"] else ""
    print(
        f"{chapter}: {count(many['answered'], 'finding')} answered, {count(many['skipped'], 'question')} "
        f"skipped{broken}"
    )


def _cells(answer: HasFindings) -> tuple[Cell, ...]:
    """The cells of a chapter or section, or of an answer that was asked alone."""
    return getattr(answer, "cells", None) or finding_cells(answer.findings)


def _one_skip_each(findings: Iterable[Finding]) -> list[Finding]:
    """Join what was skipped or failed of one requirement, asked in several questions, with every reason.

    Where one of them failed, the one that is kept says so.
    """
    answered: list[Finding] = []
    skips: dict[tuple[str, str | None], Finding] = {}
    for finding in findings:
        if finding.status == "answered":
            answered.append(finding)
            continue
        first = skips.setdefault(finding.key, finding)
        if not says(first.reason or "", finding.reason):
            reason = joined(first.reason or "", finding.reason or "")
            worse = finding if finding.status == "failed" else first
            skips[finding.key] = replace(worse, reason=reason, reading=reason)
    return [*answered, *skips.values()]


def _refuse_foreign(path: Path, findings: Iterable[Finding]) -> None:
    """A chapter may write its own findings anew, never over those of another."""
    if not path.exists():
        return
    before, after = ({one.requirement[:1] for one in some} for some in (read_findings(path), findings))
    if before and after and not before & after:
        raise ValueError(f"{path.name} holds the findings of another chapter ({', '.join(sorted(before))})")
