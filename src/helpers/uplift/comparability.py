"""A1, second look: is there common ground between sharers and others, and are they alike after weighting?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import INK, PALETTE, Finding, Picture, Skipped, canvas
from helpers.report.plain_names import plain_name
from helpers.uplift.a01_share_gap.share_gap import ShareGap
from methods.adjust.overlap import Overlap, balance

BALANCED = 0.1
ROWS_DRAWN, ROWS_LISTED = 14, 20


@dataclass(frozen=True, kw_only=True)
class Comparability:
    """Overlap and balance of the share study.

    differences: one row a column of the covariates, as `overlap.balance` gives it (standard deviations), and
    source, the trait that the column comes from.
    """

    overlap: Overlap
    differences: pd.DataFrame
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a covariate column, most unlike first: means, differences before and after weighting."""
        columns = {
            "covariate": "trait",
            "mean_treated": "sharers",
            "mean_control": "others",
            "smd_before": "difference before",
            "smd_after": "difference after",
        }
        frame = self.differences[list(columns)].head(ROWS_LISTED).rename(columns=columns)
        frame.attrs = {
            "caption": f"The {len(frame)} most unlike of {len(self.differences)} columns that "
            f"{self.differences['source'].nunique()} traits make (each level of a category is one): means of "
            "sharers and others, and their differences in standard deviations",
            "formats": {
                "sharers": ".2f", "others": ".2f", "difference before": "+.2f", "difference after": "+.2f"
            },
        }  # fmt: skip
        return frame

    def draw(self) -> Picture:
        """Draw the propensities of both groups, and the differences before and after weighting."""
        shown = self.differences.head(ROWS_DRAWN)
        before, after = shown["smd_before"].abs(), shown["smd_after"].abs()
        worst = self.differences["smd_after"].abs().max()
        figure, (left, right) = _canvas(worst)
        centres = (self.overlap.edges[1:] + self.overlap.edges[:-1]) / 2
        for counts, colour, label in (
            (self.overlap.control, PALETTE[6], "others"),
            (self.overlap.treated, PALETTE[0], "sharers"),
        ):
            left.bar(centres, counts / counts.sum(), width=0.05, alpha=0.55, color=colour, label=label)
        left.legend()
        places = np.arange(len(shown))
        right.scatter(before, places, color=PALETTE[1], marker="o", label="before")
        right.scatter(after, places, color=PALETTE[0], marker="D", label="after weighting")
        right.axvline(BALANCED, color=INK, linewidth=0.8, linestyle="--")
        right.set_yticks(places, shown["covariate"], fontsize=8)
        right.invert_yaxis()
        right.legend(loc="lower right")
        alt = (
            "Left: how likely each customer was to share, for sharers and for others. Right: the most unlike "
            f"covariates differ by up to {before.max():.2f} standard deviations before weighting and by at "
            f"most {worst:.2f} after it."
        )
        return Picture(figure, alt)


def _canvas(worst: float):
    alike = "alike" if worst < BALANCED else "still unlike"
    figure, axes = canvas(
        f"After weighting, sharers and others are {alike}: they differ by {worst:.2f} SD at most",
        columns=2,
        width_inches=9.5,
        height_inches=4.4,
    )
    left, right = axes[0]
    left.set_xlabel("estimated chance of sharing")
    left.set_ylabel("share of the group")
    right.set_xlabel("difference, standard deviations")
    return figure, (left, right)


def comparability(gap: ShareGap | Skipped) -> Comparability | Skipped:
    """Return overlap and balance of the study behind a share gap; a skipped gap stays skipped.

    The others are weighted to look like the sharers, by the odds of sharing.
    """
    if isinstance(gap, Skipped):
        return gap
    effect, shared = gap.effect, gap.study.frame["shared"].to_numpy()
    overlap = effect.overlap
    bounded = np.clip(effect.nuisances.propensity, overlap.trim, 1 - overlap.trim)
    weights = np.where(shared == 1, 1.0, bounded / (1 - bounded))
    differences = balance(effect.covariates, shared, weights)
    differences = differences.assign(
        covariate=differences["covariate"].map(plain_name), source=effect.covariates.sources
    )
    order = differences["smd_before"].abs().sort_values(ascending=False, kind="stable").index
    differences = differences.loc[order].reset_index(drop=True)
    return Comparability(overlap=overlap, differences=differences, findings=(_finding(gap, differences),))


def _finding(gap: ShareGap, differences: pd.DataFrame) -> Finding:
    overlap, n = gap.effect.overlap, gap.effect.rows
    before, after = (differences[name].abs().max() for name in ("smd_before", "smd_after"))
    judged = "alike" if after < BALANCED else "not yet alike"
    reading = (
        f"{1 - overlap.trimmed_share:.1%} of the customers have counterparts in the other group. Before "
        f"weighting the two groups differ by up to {before:.2f} standard deviations, after it by at most "
        f"{after:.2f}: {judged} in what was measured (the usual line is {BALANCED}). The weighted others "
        f"carry as much information as {overlap.effective_control_for_treated:,.0f} customers."
    )
    if overlap.warning:
        reading += f" Warning: {overlap.warning}."
    percent = 100 * (1 - overlap.trimmed_share)
    # Counted on fitted chances, not drawn: no interval promises to hold what the true chances would say.
    return Finding(
        id="A1.common_ground",
        estimate=percent,
        low=percent,
        high=percent,
        level=None,
        requirement="A1",
        question="Are sharers and others alike enough to be compared?",
        unit="% of customers",
        n=n,
        method=f"cross-fitted chance of sharing between {overlap.trim:g} and {1 - overlap.trim:g}",
        assumptions=("says nothing about traits that were not measured",),
        verdict="reported",
        reading=reading,
    )
