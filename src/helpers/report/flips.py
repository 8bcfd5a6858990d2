"""Verdicts that are others than in the report before, and what differed between the two (G2)."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from helpers.report.finding import Finding
from helpers.report.last_run import RunRecord
from helpers.report.phrases import said
from helpers.report.withholding import stands
from helpers.report.words import words_beside

WORDS = words_beside(__file__)
COLUMNS = ("id", "of", "before", "now", "what differed")


def flipped_verdicts(
    findings: Iterable[Finding], now: RunRecord | None, last: RunRecord | None
) -> pd.DataFrame:
    """Return one row a verdict that is another than in the report before of the same data.

    Columns: id, of (its segment), before, now, and what differed between the two runs: data, code,
    parameters by name. What stands in either report as a still earlier one told it says nothing of the time
    between them and is left out. Empty, with the reason as caption, where there is no report before.
    """
    frame = pd.DataFrame(_rows(findings, now, last) if now and last else [], columns=list(COLUMNS))
    frame.attrs = {"people": None, "caption": _caption(now, last, len(frame))}
    return frame


def causes(now: RunRecord, last: RunRecord) -> tuple[str, ...]:
    """Return what differs between two runs: data, code, and each parameter by name."""
    found = [] if now.inputs == last.inputs and now.data_until == last.data_until else ["data"]
    found += [] if now.commit == last.commit else ["code"]
    return (*found, *(f"{said('parameter')} {name}" for name in _changed_parameters(now, last)))


def _caption(now: RunRecord | None, last: RunRecord | None, flips: int) -> str:
    which = "by hand" if now is None else "no report" if last is None else "some" if flips else "none"
    return WORDS.text(which)


def _rows(findings: Iterable[Finding], now: RunRecord, last: RunRecord) -> list[dict[str, object]]:
    before = {one.key: one for one in last.findings if one.status == "answered" and not stands(one)}
    told = [one for one in findings if one.status == "answered" and not stands(one)]
    why = WORDS.text("why", causes=list(causes(now, last)))
    return [
        {
            "id": one.id,
            "of": one.segment,
            "before": before[one.key].verdict,
            "now": one.verdict,
            "what differed": why,
        }
        for one in told
        if one.key in before and one.verdict != before[one.key].verdict
    ]


def _changed_parameters(now: RunRecord, last: RunRecord) -> list[str]:
    names: set[str] = set()
    for book in set(now.parameters) & set(last.parameters):
        here, there = now.parameters[book], last.parameters[book]
        names |= {name for name in set(here) | set(there) if here.get(name) != there.get(name)}
    return sorted(names - {"as_of"})
