"""A9, second look: is the expected gain right, and what are those like who gain?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import INK, MUTED, PALETTE, Finding, Picture, Skipped, canvas
from helpers.report.plain_names import plain_name
from helpers.uplift.a09_who_gains.who_gains import WhoGains
from methods.intervals.multiplicity import holm
from methods.regression.covariates import covariate_matrix
from methods.targeting.projection import best_linear_projection

CHANCE = 0.05
# Declared beforehand, and few, so that each slope can be told.
PROJECTED = (
    "in_segment", "orders_before", "days_since_last_order", "tenure_days", "shares_before", "friends",
)  # fmt: skip
QUESTION = "Is the expected gain right, and what are those like who gain?"


@dataclass(frozen=True, kw_only=True)
class GainProfile:
    """Predicted beside found effects, and the effect's slope along each trait; no findings of its own.

    groups: see `ranking.calibration_groups`. slopes: see `best_linear_projection`, with p_holm (adjusted for
    having looked at all traits).
    """

    groups: pd.DataFrame
    slopes: pd.DataFrame
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a trait: trait, points more gain, low, high, p adjusted for all traits."""
        frame = self.slopes[["trait"]].copy()
        for name, column in (("points more gain", "slope"), ("low", "low"), ("high", "high")):
            frame[name] = 100 * self.slopes[column]
        frame["p, all traits looked at"] = self.slopes["p_holm"]
        formats = {**dict.fromkeys(["points more gain", "low", "high"], "+.1f"), frame.columns[-1]: ".3f"}
        caption = "How much more the offer gains with each trait, the others equal (numbers: one SD more)"
        frame.attrs = {"caption": caption, "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw predicted and found effects by fifth of the ranking, and the slopes along the traits."""
        clear = self.slopes[self.slopes["p_holm"] < CHANCE]
        told = ", ".join(clear["trait"]) or "none of the traits alone"
        figure, axes = canvas(f"Who gains more from the offer: {told}", columns=2, width_inches=10.5)
        left, right = axes[0]
        groups, slopes = 100 * self.groups[["predicted", "effect", "low", "high"]], self.slopes
        places = np.arange(len(groups))
        left.errorbar(
            places, groups["effect"], fmt="o", color=PALETTE[0], label="found, with interval",
            yerr=[groups["effect"] - groups["low"], groups["high"] - groups["effect"]],
        )  # fmt: skip
        left.plot(places, groups["predicted"], "D", color=PALETTE[1], label="expected by the DR-learner")
        left.axhline(0, color=INK, linewidth=0.8)
        left.set_xticks(places, ["most", *[""] * (len(places) - 2), "least"])
        left.set(xlabel="fifths of customers by expected gain", ylabel="effect of the offer, points")
        left.legend(loc="upper right")
        rows = np.arange(len(slopes))
        colours = [PALETTE[0] if p < CHANCE else MUTED for p in slopes["p_holm"]]
        for row, slope, colour in zip(rows, slopes.itertuples(), colours, strict=True):
            value, low, high = (100 * getattr(slope, name) for name in ("slope", "low", "high"))
            right.errorbar([value], [row], xerr=[[value - low], [high - value]], fmt="o", color=colour)
        right.axvline(0, color=INK, linewidth=0.8)
        right.set_yticks(rows, slopes["trait"], fontsize=8)
        right.set_ylim(len(rows) - 0.5, -0.5)
        right.set_xlabel("points more gain, the other traits equal")
        first, last = groups.iloc[0], groups.iloc[-1]
        return Picture(
            figure,
            f"Left, the fifth expected to gain most gains {first['effect']:.1f} points, the last fifth "
            f"{last['effect']:.1f}. Right, traits along which the gain clearly differs: {told}.",
        )


def gain_profile(offer: WhoGains | Skipped) -> GainProfile | Skipped:
    """Return calibration and best linear projection of the offer's effects; a skipped offer stays skipped.

    Both are worked out on customers held out, whose scores had no part in the predictions.
    """
    if isinstance(offer, Skipped):
        return offer
    traits = covariate_matrix(offer.test.iloc[offer.gains.rows], PROJECTED)
    try:
        slopes = best_linear_projection(offer.gains.score, traits)
    except ValueError as limit:
        return Skipped(requirement="A9", question=QUESTION, reason=f"Not answered: {limit}.")
    slopes = slopes.assign(
        trait=slopes["trait"].map(plain_name).replace(plain_name("in_segment"), offer.segment.name),
        p_holm=holm(slopes["p_value"]),
    )
    return GainProfile(groups=offer.groups, slopes=slopes)
