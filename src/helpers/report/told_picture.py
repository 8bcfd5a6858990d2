"""A picture of numbers as a page tells them, in the place of one that would tell of too few people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from helpers.report.finding import Finding
from helpers.report.finding_view import FindingView
from helpers.report.formats import POINTS, short_unit
from helpers.report.phrases import said
from helpers.report.pictures import Mark, forest
from helpers.report.reasons import reason_text
from helpers.report.registry import about_of, spec_of
from helpers.report.style import MUTED, PALETTE, Picture, canvas
from helpers.report.withholding import released, stands

AS_BEFORE = "‡"
MOST_MARKS = 24
_LABEL_CHARACTERS = 46
_INCHES_A_MARK, _INCHES_A_PANEL, _INCHES_OF_TITLE = 0.4, 0.7, 0.5


def told_picture(findings: Iterable[Finding]) -> Picture | None:
    """Draw findings by nothing but what leaves: estimate and interval as told, by unit; None without any.

    What stands as an earlier run told it is drawn so, in grey; what is withheld is not. Details (`folded`)
    are drawn where there is nothing else, and no more than `MOST_MARKS` numbers.
    """
    told = _drawn(findings)
    if not told:
        return None
    of_unit = {one.unit: [other for other in told if other.unit == one.unit] for one in told}
    title = reason_text("title as told", told=len(told), standing=sum(map(stands, told)))
    alt = reason_text("alt as told", numbers=[f"{_label(one)} {FindingView(one).interval}" for one in told])
    heights = [_INCHES_A_PANEL + _INCHES_A_MARK * len(own) for own in of_unit.values()]
    figure, _ = canvas(title, rows=len(of_unit), height_inches=_INCHES_OF_TITLE + sum(heights))
    grid = figure.axes[0].get_gridspec()
    assert grid is not None
    grid.set_height_ratios(heights)
    for panel, (unit, own) in zip(figure.axes, of_unit.items(), strict=True):
        zero = 0.0 if unit.startswith(POINTS) else None
        forest(panel, [_mark(one) for one in own], x=said(short_unit(unit)), zero=zero)
        panel.tick_params(axis="y", labelsize=8)
    return Picture(figure, alt)


def told_caption(findings: Iterable[Finding]) -> str:
    """Say what such a picture is drawn from: how many of its numbers stand as last told or are left out."""
    findings = tuple(findings)
    gone = sum(one.status != "answered" for one in findings)
    return reason_text("as told", standing=sum(map(stands, _drawn(findings))), gone=gone)


def _drawn(findings: Iterable[Finding]) -> list[Finding]:
    told = [one for one in released(findings) if one.status == "answered"]
    main = [one for one in told if not ((spec := spec_of(one.id)) and spec.folded)]
    return (main or told)[:MOST_MARKS]


def _mark(finding: Finding) -> Mark:
    colour = MUTED if stands(finding) else PALETTE[0]
    label = textwrap.fill(_label(finding), _LABEL_CHARACTERS, max_lines=2, placeholder=" …")
    return Mark(label=label, value=finding.told, colour=colour)


def _label(finding: Finding) -> str:
    return about_of(finding.id, finding.segment) + (f" {AS_BEFORE}" if stands(finding) else "")
