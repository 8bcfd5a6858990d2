"""A1, fourth look: do intervals like these hold the truth in simulated copies of this very data set?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, Skipped, canvas
from helpers.uplift.a01_share_gap.share_gap import ShareGap
from helpers.uplift.wording import stated
from methods.adjust.bootstrap_coverage import Trust
from methods.intervals.estimates import Interval

NAMES = {"ate": "all customers", "att": "sharers"}
USUAL = 1.96


@dataclass(frozen=True, kw_only=True)
class CoverageCard:
    """What simulated copies say about the intervals of A1. trust: by "ate" (all customers) and "att"."""

    trust: dict[str, Trust]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an interval: copies, share that held the truth, bias, spread, false alarms, widening."""
        rows = [
            (
                NAMES[name], len(found.errors), _range(found.coverage, 100, ".0f"),
                _range(found.bias, 1, "+.2f"), _range(found.spread, 1, ".2f"),
                _range(found.false_alarms, 100, ".0f"), f"{found.widened:.2f}",
                "withheld" if found.withheld else "widened" if found.widened > 1 else "as it was",
            )
            for name, found in self.trust.items()
        ]  # fmt: skip
        names = [
            "effect on", "copies", "held the truth, %", "bias, standard errors",
            "spread, standard errors", "false alarms without effect, %", "interval times", "verdict",
        ]  # fmt: skip
        frame = pd.DataFrame(rows, columns=names)
        frame.attrs = {
            "caption": "The intervals of A1 in simulated copies of these data, half without effect"
        }
        return frame

    def draw(self) -> Picture:
        """Draw the error of every copy in standard errors, beside what an honest interval allows."""
        errors = np.concatenate([found.errors for found in self.trust.values()])
        held = np.sum(np.abs(errors) <= USUAL)
        title = f"In simulated copies of these data, {held} of {len(errors)} intervals held the truth"
        figure, axes = canvas(title, x="error of the estimate, standard errors", height_inches=2.8)
        for place, found in enumerate(self.trust.values()):
            missed = np.abs(found.errors) > USUAL
            height = np.full(len(found.errors), place) + np.linspace(-0.2, 0.2, len(found.errors))
            for chosen, colour in ((~missed, PALETTE[0]), (missed, PALETTE[1])):
                axes.scatter(found.errors[chosen], height[chosen], color=colour, s=22)
        for end in (-USUAL, USUAL):
            axes.axvline(end, color=INK, linewidth=0.8, linestyle="--")
        axes.set_yticks(range(len(self.trust)), [NAMES[name] for name in self.trust])
        alt = "; ".join(
            f"{NAMES[name]}: {np.sum(np.abs(found.errors) <= USUAL)} of {len(found.errors)} copies within "
            f"the interval, mean error {found.bias.estimate:+.2f} standard errors"
            for name, found in self.trust.items()
        )
        return Picture(figure, f"Errors of the estimate in simulated copies. {alt}.")


def coverage_card(gap: ShareGap | Skipped) -> CoverageCard | Skipped:
    """Return what the copies behind a share gap say; a skipped gap stays skipped.

    Raises CannotAnswer where the gap was found without copies (`share_gap(..., copies=10)` draws them).
    """
    if isinstance(gap, Skipped):
        return gap
    if not gap.trust:
        raise CannotAnswer("no copies of the data were simulated; ask `share_gap` for some")
    findings = tuple(_finding(gap, name, found) for name, found in gap.trust.items())
    return CoverageCard(trust=gap.trust, findings=findings)


def _finding(gap: ShareGap, name: str, found: Trust) -> Finding:
    done = "its verdict is withheld" if found.withheld else "it was left as it was"
    if found.widened > 1 and not found.withheld:
        done = f"it was made {found.widened:.2f} times as wide"
    reading = (
        f"Customers like these were simulated {len(found.errors)} times, half of the times with no effect of "
        f"sharing. The interval for {NAMES[name]} held the truth in {found.coverage.estimate:.0%}; its "
        f"middle was off by {_range(found.bias, 1, '+.2f')} standard errors on average: {done}."
    )
    return stated(
        found.coverage,
        id=f"A1.interval_holds_{name}",
        requirement="A1",
        question="Do intervals like these hold the truth on data like these?",
        unit="% of simulated copies",
        n=gap.effect.rows,
        method="copies drawn from the fitted models (parametric bootstrap), analysed by the same estimator",
        assumptions=("what the fitted models miss, the copies miss too",),
        verdict="reported",
        reading=reading,
    )


def _range(value: Interval, times: float, form: str) -> str:
    low, middle, high = (format(times * end, form) for end in (value.low, value.estimate, value.high))
    return f"{middle} ({low} to {high})"
