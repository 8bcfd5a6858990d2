"""A1, fourth look: how strong would something unseen have to be to explain the effect away?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    follow_up,
    reference_line,
    words_beside,
)
from helpers.report.formats import number, percent
from helpers.report.plain_names import plain_name
from helpers.uplift.a01_share_gap.share_gap import ShareGap, share_gap
from methods.adjust.sensitivity import Benchmark, benchmarks, e_value
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes

WORDS = words_beside(__file__)
MOST_LISTED = 4


@dataclass(frozen=True, kw_only=True)
class Sensitivity:
    """What it would take to undo the effect. benchmarks: what an unseen covariate as strong as
    each of ours would leave of it, the most harmful first.
    """

    benchmarks: tuple[Benchmark, ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a measure: what is measured, its result, what it should be."""
        mark = self.benchmarks[0]
        rows = [
            ("robustness value of the estimate", percent(mark.robustness), "the larger the better"),
            ("robustness value of the interval", percent(mark.robustness_of_interval), "above 0"),
            (
                "plain regression estimate",
                WORDS.label("pp again", number=number(100 * mark.estimate)),
                "near the effect",
            ),
            *[
                (
                    WORDS.text(
                        "benchmark",
                        trait=plain_name(benchmark.covariate),
                        of_sharing=benchmark.treatment_share,
                        of_buying=benchmark.outcome_share,
                    ),
                    WORDS.label("pp again", number=number(100 * benchmark.remaining)),
                    "same sign",
                )
                for benchmark in self.benchmarks[:MOST_LISTED]
            ],
        ]
        frame = pd.DataFrame(rows, columns=["measure", "result", "should be"])
        frame.attrs = {"people": None, "caption": WORDS.text("caption")}
        return frame

    def draw(self) -> Picture:
        """Draw the plain estimate beside what unseen twins of the traits would leave of it."""
        benchmarks = self.benchmarks[:MOST_LISTED]
        names = [plain_name(benchmark.covariate) for benchmark in benchmarks]
        left = [
            WORDS.label("pp", named=name, number=number(100 * one.remaining))
            for name, one in zip(names, benchmarks, strict=True)
        ]
        title, alt = WORDS.picture("benchmarks", self.findings, left=left, **_strongest(benchmarks[0]))
        figure, axes = canvas(title, x="pp more customers who buy again", height_inches=2.8)
        values = [100 * benchmarks[0].estimate, *(100 * benchmark.remaining for benchmark in benchmarks)]
        labels = ["plain estimate", *(WORDS.label("with a twin of", named=name) for name in names)]
        bars(axes, labels, values, colour=[PALETTE[0], *[PALETTE[6]] * len(benchmarks)])
        reference_line(axes, 0)
        axes.tick_params(axis="y", colors=MUTED, labelsize=8)
        return Picture(figure, alt)


@follow_up(WORDS, of=share_gap)
def sensitivity(gap: ShareGap) -> Sensitivity:
    """Return how strong something unseen would have to be to undo a share gap.

    E-value: VanderWeele and Ding 2017; omitted-variable bounds: Cinelli and Hazlett 2020. Raises CannotAnswer
    where nobody comparable bought again.
    """
    frame, lift = gap.study.frame, gap.effect.relative_att
    if lift is None:
        raise CannotAnswer(WORDS.text("nobody") + ".")
    found = benchmarks(gap.effect.covariates, frame["shared"].to_numpy(), frame["repurchased"].to_numpy())
    return Sensitivity(benchmarks=found, findings=(_e_value(lift, found[0], gap.effect.rows),))


def _strongest(mark: Benchmark) -> dict[str, Any]:
    kept = mark.remaining / mark.estimate if mark.estimate else 0.0
    return {
        "trait": plain_name(mark.covariate),
        "estimate": 100 * mark.estimate,
        "remaining": 100 * mark.remaining,
        "kept": kept,
    }


def _e_value(lift: Interval, mark: Benchmark, rows: int) -> Finding:
    """E-values of the estimate and of the ends of its interval; 1 where the interval holds no effect."""
    ends = sorted(e_value(1 + value) for value in (lift.low, lift.high))
    middle = e_value(1 + lift.estimate)
    needed = Interval(
        estimate=middle,
        low=1.0 if not excludes(lift, 0) else ends[0],
        high=max(ends[1], middle),
        n=rows,
        level=lift.level,
    )
    return WORDS.finding(
        "A1.e_value",
        needed,
        method=WORDS.text("method"),
        assumptions=(WORDS.text("assumption"),),
        **_strongest(mark),
    )
