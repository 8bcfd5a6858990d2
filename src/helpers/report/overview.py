"""What a set of tables can answer, and what a run did answer."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pandas as pd

from helpers.paths import project_folder
from helpers.report.finding import Finding, read_findings
from helpers.report.formats import specified
from helpers.report.phrases import said
from helpers.report.question import HasTables
from helpers.report.reasons import bare, reason_text
from helpers.report.registry import about_of
from helpers.report.withholding import released


def answerable(shop: HasTables, *rooms: ModuleType) -> pd.DataFrame:
    """Return which questions of the rooms these tables can answer.

    One row a question: id, question, answerable (yes or no), still needed (what holds nothing).
    """
    rows = []
    for analysis in _analyses(rooms):
        missing = [*shop.missing(*analysis.needs)]
        if analysis.one_of and all(shop.missing(*group) for group in analysis.one_of):
            missing.append(
                f" {said('or')} ".join(f" {said('with')} ".join(group) for group in analysis.one_of)
            )
        answer = "no" if missing else "yes"
        rows.append((analysis.requirement, analysis.question, answer, ", ".join(missing)))
    frame = pd.DataFrame(rows, columns=["id", "question", "answerable", "still needed"])
    frame = frame.sort_values("id", kind="stable", ignore_index=True)
    frame.attrs = {"people": None, "caption": "What these tables can answer"}
    return frame


def _analyses(rooms: Iterable[ModuleType]) -> list:
    public = (getattr(room, name) for room in rooms for name in room.__all__)
    return [thing for thing in public if hasattr(thing, "requirement") and hasattr(thing, "needs")]


def read_chapters(folder: str | os.PathLike = "", *, leave_out: str = "08_summary") -> tuple[Finding, ...]:
    """Read the findings that the chapters wrote into a folder, in chapter order.

    folder: empty means reports/interactive, or where no notebook was run by hand the latest report. Where
    there is nothing to read it says so and returns none, so that the summary still runs alone.
    """
    reports = project_folder() / "reports"
    paths = sorted((Path(folder) if folder else reports / "interactive").glob("*.json"))
    paths = [path for path in paths if path.stem != leave_out]
    latest = reports / "latest" / "findings.json"
    if not paths and not folder and latest.is_file():
        print(reason_text("findings of latest"))
        return tuple(finding for finding in read_findings(latest) if finding.requirement != "G1")
    if not paths:
        print(reason_text("no findings yet"))
    return tuple(finding for path in paths for finding in read_findings(path))


def answers_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return the answered findings: id, in words, estimate with its interval and unit, n.

    What the release rule withholds is left out.
    """
    rows = [
        {
            "id": finding.id,
            "in words": finding.reading,
            "estimate (interval)": _interval(finding),
            "unit": finding.unit,
            "n": finding.n,
        }
        for finding in released(findings)
        if finding.status == "answered"
    ]
    frame = pd.DataFrame(rows, columns=["id", "in words", "estimate (interval)", "unit", "n"])
    frame.attrs = {"people": None, "caption": "Everything this run answered", "formats": {"n": ","}}
    return frame


def _interval(finding: Finding) -> str:
    assert finding.estimate is not None  # only what was answered is listed
    estimate, low, high = (specified(number, ",.4g") for number in (finding.estimate, *finding.ends))
    return f"{estimate} ({low} {said('to')} {high})"


def skipped_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """Return what was skipped: id, what it is about (of a whole question the question), reason."""
    rows = [
        (f.id, f.question if f.id == f.requirement else about_of(f.id, f.segment), bare(f.reason))
        for f in findings
        if f.status == "skipped"
    ]
    frame = pd.DataFrame(rows, columns=["id", "about", "reason"])
    frame.attrs = {"people": None, "caption": reason_text("caption skipped", many=len(frame))}
    return frame
