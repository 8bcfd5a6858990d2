"""The trust appendix: on the demo market, whose truth is known, findings beside the truth."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.report.finding import Finding
from helpers.report.pictures import dots, reference_line
from helpers.report.question import Skipped
from helpers.report.reasons import reason_text
from helpers.report.style import PALETTE, Picture, canvas

Truth = Mapping[str, float | Mapping[str, float]]
_QUESTION = "Do the methods find the truth where the truth is known?"


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Findings whose truth is known, with that truth; it writes no findings of its own.

    rows: one row a finding: finding, unit, estimate, low, high, truth, covered.
    """

    rows: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row an interval that missed: finding, unit, estimate, low, high, truth."""
        frame = self.rows[~self.rows["covered"]].drop(columns="covered")
        formats = {name: ".2f" for name in ("estimate", "low", "high", "truth")}
        caption = reason_text("caption missed", all=len(self.rows))
        frame.attrs = {"people": None, "caption": caption, "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw where each truth lies, in half-widths of its interval; inside −1 to 1 it is held."""
        rows, held = self.rows, int(self.rows["covered"].sum())
        figure, axes = canvas(
            reason_text("title held", held=held, all=len(rows)),
            x="distance of the truth from the middle, in half-widths of the interval",
            height_inches=2.4,
        )
        half_width = ((rows["high"] - rows["low"]) / 2).replace(0, np.nan)
        distance = ((rows["truth"] - (rows["low"] + rows["high"]) / 2) / half_width).clip(-3, 3)
        # Spread over the height in order of id, so that points on one spot can be told apart.
        height = np.linspace(0, 1, len(rows)) if len(rows) > 1 else np.array([0.5])
        for covered, colour, label in ((True, PALETTE[0], "held"), (False, PALETTE[1], "missed")):
            mine = (rows["covered"] == covered).to_numpy()
            if mine.any():
                dots(axes, distance[mine], height[mine], colour=colour, label=label)
        for edge in (-1, 1):
            reference_line(axes, edge)
        axes.set_yticks([])
        axes.set_xlim(-3.1, 3.1)
        axes.legend(loc="upper right")
        missed = list(rows.loc[~rows["covered"], "finding"])
        return Picture(figure, reason_text("alt held", held=held, all=len(rows), missed=missed))


def compare_with_truth(findings: Iterable[Finding], shop: Any) -> Trust | Skipped:
    """Return the findings beside the truth that a simulated shop carries; skipped on real data.

    The truth is that of the whole market, seen to its last day and with the parameters as they are set.
    A share of about 1 − level of the intervals should miss: 1 in 20 at 95 %.
    """
    path = shop.folder / "truth.json"
    if not path.exists():
        return _no_truth(reason_text("real data"))
    if shop.as_of != shop.receipt.last_moment:
        return _no_truth(reason_text("earlier truth"))
    truth = json.loads(path.read_text(encoding="utf-8"))
    promised = [one for one in findings if one.status == "answered" and one.level is not None]
    known = [(finding, truth_of(truth, finding)) for finding in promised]
    rows = [_row(finding, true) for finding, true in known if true is not None]
    if not rows:
        return _no_truth(reason_text("no truth"))
    return Trust(rows=pd.DataFrame(rows))


def truth_of(truth: Truth, finding: Finding) -> float | None:
    """Return the true value of a finding's estimand, or None where the market does not know it.

    truth: finding id to the number, or to a number a segment where one id is asked of several.

    >>> asked = Finding(id="A1.raw_gap", requirement="A1", question="?", status="skipped", reason="no shares")
    >>> truth_of({"A1.raw_gap": 3.0}, asked)
    3.0
    """
    known = truth.get(finding.id)
    if isinstance(known, Mapping):
        return known.get(finding.segment or "")
    return known


def _no_truth(reason: str) -> Skipped:
    return Skipped(requirement="G1", question=_QUESTION, reason=reason, is_finding=False)


def _row(finding: Finding, truth: float) -> dict[str, object]:
    return {
        "finding": finding.id if finding.segment is None else f"{finding.id}: {finding.segment}",
        "unit": finding.unit,
        "estimate": finding.estimate,
        "low": finding.low,
        "high": finding.high,
        "truth": truth,
        "covered": finding.ends[0] <= truth <= finding.ends[1],
    }
