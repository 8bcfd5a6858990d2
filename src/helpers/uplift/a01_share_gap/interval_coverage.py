"""A1, fifth look: do intervals like these hold the truth in simulated copies of this very data set?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    canvas,
    dots,
    follow_up,
    reference_line,
    words_beside,
)
from helpers.report.formats import interval
from helpers.uplift.a01_share_gap.share_gap import ShareGap, share_gap
from methods.adjust.bootstrap_coverage import BootstrapCoverage, copies_needed
from methods.intervals.estimates import Interval, normal_reach

WORDS = words_beside(__file__)
NAMES = {"ate": "all customers", "att": "sharers"}
USUAL = normal_reach()


@dataclass(frozen=True, kw_only=True)
class IntervalCoverage:
    """What simulated copies say about the intervals of A1. trust: by "ate" (all customers) and "att"."""

    trust: dict[str, BootstrapCoverage]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an interval: copies, share that held the truth, bias, spread, false alarms, widening."""
        rows = [
            (
                NAMES[name],
                len(found.errors),
                _range(found.coverage.scaled(100), 0),
                _range(found.bias, 2),
                _range(found.spread, 2),
                _range(found.false_alarms.scaled(100), 0),
                found.widened,
                "withheld" if found.withheld else "widened" if found.widened > 1 else "as it was",
            )
            for name, found in self.trust.items()
        ]
        names = [
            "effect on",
            "copies",
            "held the truth, %",
            "bias, standard errors",
            "spread, standard errors",
            "false alarms without effect, %",
            "interval times",
            "verdict",
        ]
        frame = pd.DataFrame(rows, columns=names)
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": {"interval times": ".2f"}}
        return frame

    def draw(self) -> Picture:
        """Draw the error of every copy in standard errors, beside what an honest interval allows."""
        each: list[dict[str, Any]] = [
            {
                "name": NAMES[name],
                "held": int(np.sum(np.abs(found.errors) <= USUAL)),
                "copies": len(found.errors),
                "bias": found.bias.estimate,
            }
            for name, found in self.trust.items()
        ]
        held, copies = (sum(one[name] for one in each) for name in ("held", "copies"))
        title, alt = WORDS.picture("copies", self.findings, held=held, copies=copies, intervals=each)
        figure, axes = canvas(title, x="error of the estimate, standard errors", height_inches=2.8)
        for place, found in enumerate(self.trust.values()):
            missed = np.abs(found.errors) > USUAL
            height = np.full(len(found.errors), place) + np.linspace(-0.2, 0.2, len(found.errors))
            for chosen, colour in ((~missed, PALETTE[0]), (missed, PALETTE[1])):
                dots(axes, found.errors[chosen], height[chosen], colour=colour)
        for end in (-USUAL, USUAL):
            reference_line(axes, end)
        axes.set_yticks(range(len(self.trust)), [NAMES[name] for name in self.trust])
        return Picture(figure, alt)


@follow_up(WORDS, of=share_gap)
def interval_coverage(gap: ShareGap) -> IntervalCoverage:
    """Return what the copies behind a share gap say.

    Raises CannotAnswer where the gap was found without copies (`share_gap(..., copies=10)` draws them).
    """
    if not gap.trust:
        raise CannotAnswer(WORDS.text("none drawn"))
    findings = tuple(_finding(gap, name, found) for name, found in gap.trust.items())
    return IntervalCoverage(trust=gap.trust, findings=findings)


def _finding(gap: ShareGap, name: str, found: BootstrapCoverage) -> Finding:
    return WORDS.finding(
        "A1.interval_holds",
        found.coverage,
        scale=100,
        n=gap.effect.rows,
        segment=NAMES[name],
        method=WORDS.text("method"),
        verdict="contradicted" if found.withheld else "supported",
        assumptions=(WORDS.text("assumption"),),
        copies=len(found.errors),
        drawn=found.rows if found.rows < gap.effect.rows else 0,
        first=name == next(iter(gap.trust)),
        widened=found.widened,
        withheld=bool(found.withheld),
        power=found.power,
        needed=copies_needed(),
    )


def _range(value: Interval, decimals: int) -> str:
    return interval(value.estimate, value.low, value.high, decimals=decimals)
