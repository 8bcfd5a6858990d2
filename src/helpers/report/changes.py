"""What changed since the report before: declared figures with intervals, and verdicts that flipped (G2)."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.report.estimate import standard_error
from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.last_run import RunRecord
from helpers.report.pictures import Mark, forest
from helpers.report.question import Skipped
from helpers.report.registry import spec_of
from helpers.report.style import MUTED, PALETTE, Picture, canvas
from helpers.report.verdicts import effect_verdict
from helpers.report.withholding import stands
from helpers.report.words import stated, words_beside
from methods.intervals.estimates import Interval, normal_reach
from methods.intervals.multiplicity import holm

WORDS = words_beside(__file__)
CHANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Changes between two reports of one shop.

    findings: one a declared figure that both have, judged together. flips: one row a verdict that is another
    than before: id, of, before, now, why. since: the last day of the data before. standing: how many declared
    figures are not compared, as an earlier number stands in the place of one.
    """

    findings: tuple[Finding, ...]
    flips: pd.DataFrame
    since: str
    standing: int = 0

    def table(self) -> pd.DataFrame:
        """The verdicts that flipped, or where none did the changes of the figures."""
        return self.flips

    def draw(self) -> Picture:
        """Draw each change as a share of the figure before."""
        marks = [{"about": one.facts["about"], "finding": FindingView(one)} for one in self.findings]
        settled = [one.segment for one in self.findings if one.verdict in ("supported", "contradicted")]
        about = {"settled": settled, "tests": len(self.findings), "since": self.since, "marks": marks}
        about["standing"] = self.standing
        title, alt = WORDS.picture("changes", (), **about)
        figure, axes = canvas(
            title, x="change, % of the figure before", height_inches=1.4 + 0.4 * len(self.findings)
        )
        forest(axes, [_mark(one) for one in self.findings])
        return Picture(figure, alt)


def what_changed(
    findings: Iterable[Finding], now: RunRecord | None, last: RunRecord | None
) -> Changes | Skipped:
    """Compare what this run found with the report before of the same data.

    Only the figures that changes.toml declares are tested, under one Holm correction. The same customers
    stand in both reports, so that taking the two errors as independent makes the intervals rather too wide
    than too narrow. Where code or parameters changed as well, no change is ascribed to the shop. What stands
    in either report as a still earlier one told it is not compared: it says nothing of the time between them.
    """
    if now is None:
        return _skipped("by hand")
    if last is None:
        return _skipped("no earlier")
    found, before, old = _compared(findings, last)
    flips = _flips(found, before, _causes(now, last))
    if now.inputs == last.inputs and now.data_until == last.data_until and flips.empty:
        return _skipped("same")
    pairs = [
        (found[id, None], before[id, None])
        for id in declared_figures()
        if (id, None) in found and (id, None) in before and found[id, None].unit == before[id, None].unit
    ]
    standing = sum((id, None) in old for id in declared_figures())
    if not pairs:
        return _skipped("standing" if standing else "none")
    return Changes(findings=_judged(pairs, now, last), flips=flips, since=last.data_until, standing=standing)


def flips_since(findings: Iterable[Finding], now: RunRecord, last: RunRecord) -> pd.DataFrame:
    """Return the verdicts that are others than in the report before, as `Changes.flips` has them."""
    found, before, _ = _compared(findings, last)
    return _flips(found, before, _causes(now, last))


def _compared(
    findings: Iterable[Finding], last: RunRecord
) -> tuple[dict[Any, Finding], dict[Any, Finding], set[Any]]:
    """The answers now that may be compared, those before, and the keys where an earlier number stands."""
    found = {one.key: one for one in findings if one.status == "answered"}
    before = {one.key: one for one in last.findings if one.status == "answered"}
    old = {key for key in set(found) & set(before) if stands(found[key]) or stands(before[key])}
    return {key: one for key, one in found.items() if key not in old}, before, old


def _skipped(why: str) -> Skipped:
    return Skipped(requirement=WORDS.requirement, question=WORDS.question, reason=WORDS.text(why))


def _judged(pairs: Sequence[tuple[Finding, Finding]], now: RunRecord, last: RunRecord) -> tuple[Finding, ...]:
    doubt = _doubt(now, last)
    made = [_change(after, before, since=last.data_until, doubt=doubt) for after, before in pairs]
    together = holm(np.array([one.p_value for one in made]))
    return tuple(_settled(one, float(p), doubt=doubt) for one, p in zip(made, together, strict=True))


def _settled(finding: Finding, together: float, *, doubt: str) -> Finding:
    low, high = finding.ends
    change = Interval(estimate=finding.estimate or 0.0, low=low, high=high, n=finding.n or 1)
    verdict = effect_verdict(change, doubt=doubt or ("chance" if together >= CHANCE else ""))
    return stated(replace(finding, adjusted_p=together, verdict=verdict))


def _change(after: Finding, before: Finding, *, since: str, doubt: str) -> Finding:
    difference = after.told.estimate - before.told.estimate
    error = math.hypot(_error(after), _error(before))
    reach = normal_reach() * error
    spec = spec_of(after.id)
    return WORDS.finding(
        "G2.change",
        Interval(estimate=difference, low=difference - reach, high=difference + reach, n=after.n or 1),
        unit=after.unit,
        segment=after.id,
        method=WORDS.text("method difference"),
        assumptions=(WORDS.text("assumption same thing"),),
        verdict="not settled",
        p_value=float(2 * norm.sf(abs(difference) / error)) if error else 1.0,
        about=spec.about if spec else after.id,
        before=FindingView(before).value,
        now=FindingView(after).value,
        since=since,
        doubt=doubt,
        base=before.told.estimate,
    )


def _error(finding: Finding) -> float:
    low, high = finding.ends
    return standard_error(low, high, level=finding.level or 0.95)


def _changed_parameters(now: RunRecord, last: RunRecord) -> list[str]:
    names: set[str] = set()
    for book in set(now.parameters) & set(last.parameters):
        here, there = now.parameters[book], last.parameters[book]
        names |= {name for name in set(here) | set(there) if here.get(name) != there.get(name)}
    return sorted(names)


def _causes(now: RunRecord, last: RunRecord) -> list[str]:
    """Return what differs between two runs and so may be why a verdict flipped: data, code, parameters."""
    causes = [] if now.inputs == last.inputs and now.data_until == last.data_until else ["data"]
    causes += [] if now.commit == last.commit else ["code"]
    return causes + [f"parameter {name}" for name in _changed_parameters(now, last)]


def _doubt(now: RunRecord, last: RunRecord) -> str:
    """Return why a difference is not the shop's alone; empty where only the data changed."""
    names = _changed_parameters(now, last)
    if now.commit != last.commit and names:
        return WORDS.text("both", names=names)
    if now.commit != last.commit:
        return WORDS.text("method", before=last.commit[:10], after=now.commit[:10])
    return WORDS.text("parameters", names=names) if names else ""


def _flips(
    found: Mapping[Any, Finding], before: Mapping[Any, Finding], causes: Sequence[str]
) -> pd.DataFrame:
    rows = [
        {
            "id": one.id,
            "of": one.segment,
            "before": before[key].verdict,
            "now": one.verdict,
            "why it may be": WORDS.text("why", causes=list(causes)),
        }
        for key, one in found.items()
        if key in before and one.verdict != before[key].verdict
    ]
    frame = pd.DataFrame(rows, columns=["id", "of", "before", "now", "why it may be"])
    caption = "Verdicts that are others than in the report before"
    frame.attrs = {"people": None, "caption": caption if rows else "No verdict is another than before"}
    return frame


def _mark(finding: Finding) -> Mark:
    base = abs(float(str(finding.facts["base"]))) or 1.0
    settled = finding.verdict in ("supported", "contradicted")
    view = FindingView(finding)
    return Mark(
        label=str(finding.facts["about"]),
        value=view,
        scale=100 / base,
        colour=PALETTE[0] if settled else MUTED,
    )


@cache
def declared_figures() -> tuple[str, ...]:
    """Return the ids of the figures whose change is tested."""
    entry = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(entry["figures"])
