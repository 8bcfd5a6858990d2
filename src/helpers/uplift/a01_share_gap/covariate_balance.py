"""A1, second look: is there common ground between sharers and others, and are they alike after weighting?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.report import (
    PALETTE,
    Finding,
    Picture,
    canvas,
    dots,
    follow_up,
    reference_line,
    words_beside,
)
from helpers.report.plain_names import plain_name
from helpers.report.release import is_few, may_leave, shares_by
from helpers.uplift.a01_share_gap.share_gap import ShareGap, share_gap
from methods.adjust.adjusted_effect import AdjustedEffect
from methods.adjust.comparable import BALANCED, comparability, weighted_balance
from methods.adjust.overlap import Overlap
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
ROWS_DRAWN, ROWS_LISTED = 14, 8


@dataclass(frozen=True, kw_only=True)
class CovariateBalance:
    """Overlap and balance of the share study.

    differences: one row a column of the covariates, as `overlap.balance` gives it (standard deviations), and
    source, the trait that the column comes from, and few, whether its means tell of too few people; most
    unlike first.
    """

    overlap: Overlap
    differences: pd.DataFrame
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a covariate column, most unlike first: means, differences before and after weighting.

        Columns of yes and no that tell of too few people are left out.
        """
        columns = {
            "covariate": "trait",
            "mean_treated": "sharers",
            "mean_control": "others",
            "smd_before": "difference before",
            "smd_after": "difference after",
        }
        told = self.differences[~self.differences["few"]]
        frame = told[list(columns)].head(ROWS_LISTED).rename(columns=columns)
        means, gaps = ("sharers", "others"), ("difference before", "difference after")
        caption = WORDS.text(
            "caption",
            shown=len(frame),
            columns=len(self.differences),
            traits=self.differences["source"].nunique(),
        )
        frame.attrs = {
            "people": None,
            "caption": caption,
            "formats": {**dict.fromkeys(means, ".2f"), **dict.fromkeys(gaps, "+.2f")},
        }
        return frame

    def draw(self) -> Picture:
        """Draw the propensities of both groups, and the differences before and after weighting."""
        title, alt = WORDS.picture("balance", self.findings, line=BALANCED, **_worst(self.differences))
        figure, axes = canvas(title, columns=2, width_inches=9.5, height_inches=4.4)
        left, right = axes[0]
        self._draw_propensities(left)
        shown = self.differences.head(ROWS_DRAWN)
        places = np.arange(len(shown))
        dots(right, shown["smd_before"].abs(), places, colour=PALETTE[1], label="before")
        dots(right, shown["smd_after"].abs(), places, marker="D", label="after weighting")
        reference_line(right, BALANCED)
        right.set_yticks(places, shown["covariate"], fontsize=8)
        right.invert_yaxis()
        right.set_xlabel("difference, standard deviations")
        right.legend(loc="lower right")
        return Picture(figure, alt)

    def _draw_propensities(self, panel: Axes) -> None:
        edges = self.overlap.edges
        centres, width = (edges[1:] + edges[:-1]) / 2, edges[1] - edges[0]
        for counts, colour, label in (
            (self.overlap.control, PALETTE[6], "others"),
            (self.overlap.treated, PALETTE[0], "sharers"),
        ):
            told = np.where(is_few(counts), np.nan, counts / counts.sum())
            panel.bar(centres, told, width=width, alpha=0.55, color=colour, label=label)
        panel.set_xlabel("estimated chance of sharing")
        panel.set_ylabel("share of the group")
        panel.legend()


@follow_up(WORDS, of=share_gap)
def covariate_balance(gap: ShareGap) -> CovariateBalance:
    """Return overlap and balance of the study behind a share gap.

    The others are weighted to look like the sharers, by the odds of sharing.
    """
    effect, shared = gap.effect, gap.study.frame["shared"].to_numpy()
    overlap = effect.overlap
    differences = weighted_balance(effect, shared)
    differences = differences.assign(
        covariate=differences["covariate"].map(plain_name),
        source=effect.covariates.sources,
        few=[_tells_of_few(column, shared) for column in effect.covariates.matrix.T],
    )
    order = differences["smd_before"].abs().sort_values(ascending=False, kind="stable").index
    differences = differences.loc[order].reset_index(drop=True)
    return CovariateBalance(
        overlap=overlap,
        differences=differences,
        findings=(_common_ground(overlap, differences, effect),),
    )


def _tells_of_few(column: np.ndarray, shared: np.ndarray) -> bool:
    """Whether the share of sharers or others with a trait of yes or no tells of too few people."""
    traits = pd.DataFrame({"has": column, "shared": shared})
    return not all(map(may_leave, shares_by(traits, "has", "shared")))


def _worst(differences: pd.DataFrame) -> dict[str, Any]:
    return {
        "before": float(differences["smd_before"].abs().max()),
        "after": float(differences["smd_after"].abs().max()),
    }


def _common_ground(overlap: Overlap, differences: pd.DataFrame, effect: AdjustedEffect) -> Finding:
    share = 1 - overlap.trimmed_share
    found = WORDS.finding(
        "A1.common_ground",
        Interval(estimate=share, low=share, high=share, n=effect.rows),
        scale=100,
        method=WORDS.text("method", trim=overlap.trim),
        assumptions=(WORDS.text("assumption"),),
        fails=comparability(effect, differences).fails,
        line=BALANCED,
        worth=overlap.effective_control_for_treated,
        warning=overlap.warning,
        **_worst(differences),
    )
    # Counted on fitted chances, not drawn: no interval promises to hold what the true chances would say.
    return replace(found, level=None)
