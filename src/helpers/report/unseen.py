"""What an open test could have found: one sentence, said beside each by this alone and by no template."""

from __future__ import annotations

from math import inf, isnan
from pathlib import Path

from helpers.report import formats
from helpers.report.detectable import CHANCE, nil_of
from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.readings import readings_at
from helpers.report.registry import spec_of

_JUDGING = ("test", "check")
# A share cannot move by more both ways; nothing a shop does trebles a number.
_UNLIKELY = {formats.POINTS: 50.0, formats.PERCENT: 200.0}


def unseen(finding: Finding) -> str:
    """Return the sentence on what could have been seen, or nothing where the data were not too few to see.

    It is said of tests and checks that are open because their interval, or their p-value beside the other
    tests of the chapter, leaves no effect possible; never of one that is open for a doubt alone.
    """
    spec = spec_of(finding.id)
    if spec is None or spec.role not in _JUDGING or finding.verdict != "not settled":
        return ""
    nil = nil_of(finding, spec)
    low, high = finding.ends
    by_chance = finding.adjusted_p is not None and finding.adjusted_p >= CHANCE
    if low == high or isnan(nil) or not (low <= nil <= high or by_chance):
        return ""
    view = FindingView(finding)
    return readings_at(Path(__file__).with_suffix("")).render(
        "text: unseen",
        unlikely=view.detectable_number > _UNLIKELY.get(view.short_unit, inf),
        nil=_written(nil, view) if nil else None,
        causal=spec.causal,
        amount=_written(view.detectable_number, view) if nil else view.detectable,
    )


def _written(nil: float, view: FindingView) -> str:
    unit = view.short_unit if view.short_unit in (formats.POINTS, formats.PERCENT) else ""
    return f"{formats.number(nil, 0 if nil == round(nil) else view.decimals)} {unit}".rstrip()
