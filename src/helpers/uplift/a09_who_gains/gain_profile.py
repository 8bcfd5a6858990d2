"""A9, second look: is the expected gain right, and what are those like who gain?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.report import (
    INK,
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    dots,
    effect_verdict,
    follow_up,
    forest,
    words_beside,
)
from helpers.report.plain_names import plain_name
from helpers.uplift.a09_who_gains.who_gains import Targeting, WhoGains, who_gains
from methods.intervals.estimates import Interval
from methods.intervals.multiplicity import holm
from methods.regression.covariates import covariate_matrix
from methods.targeting.projection import best_linear_projection

CHANCE = 0.05
# Declared beforehand, and few, so that each slope can be told.
PROJECTED = (
    "in_segment", "orders_before", "days_since_last_order", "tenure_days", "shares_before", "friends",
)  # fmt: skip
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class GainProfile:
    """Predicted beside found effects, and the effect's slope along each trait.

    groups: see `ranking.calibration_groups`. slopes: see `best_linear_projection`, with p_holm (adjusted for
    having looked at all traits).
    """

    groups: pd.DataFrame
    slopes: pd.DataFrame
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a trait: trait, points more gain, low, high, p adjusted for all traits."""
        frame = self.slopes[["trait"]].copy()
        for name, column in (("points more gain", "slope"), ("low", "low"), ("high", "high")):
            frame[name] = 100 * self.slopes[column]
        frame["p, all traits looked at"] = self.slopes["p_holm"]
        formats = {**dict.fromkeys(["points more gain", "low", "high"], "+.1f"), frame.columns[-1]: ".3f"}
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw predicted and found effects by fifth of the ranking, and the slopes along the traits."""
        told = list(self.slopes.loc[self.slopes["p_holm"] < CHANCE, "trait"])
        found = 100 * self.groups["effect"]
        title, alt = WORDS.picture(
            "profile", self.findings, told=told, first=found.iloc[0], last=found.iloc[-1]
        )
        figure, axes = canvas(title, columns=2, width_inches=10.5)
        self._draw_fifths(axes[0, 0])
        marks = [
            Mark(
                label=row.trait,
                value=Interval(estimate=row.slope, low=row.low, high=row.high, n=0),
                scale=100,
                colour=PALETTE[0] if row.p_holm < CHANCE else MUTED,
            )
            for row in self.slopes.itertuples()
        ]
        forest(axes[0, 1], marks, x="pp more gain, the other traits equal")
        return Picture(figure, alt)

    def _draw_fifths(self, panel: Axes) -> None:
        groups = 100 * self.groups[["predicted", "effect", "low", "high"]]
        places = np.arange(len(groups))
        panel.errorbar(
            places, groups["effect"], fmt="o", color=PALETTE[0], label="found, with interval",
            yerr=[groups["effect"] - groups["low"], groups["high"] - groups["effect"]],
        )  # fmt: skip
        dots(
            panel,
            places,
            groups["predicted"],
            label="expected by the DR-learner",
            colour=PALETTE[1],
            marker="D",
        )
        panel.axhline(0, color=INK, linewidth=0.8)
        panel.set_xticks(places, ["most", *[""] * (len(places) - 2), "least"])
        panel.set(xlabel="fifths of customers by expected gain", ylabel="effect of the offer, pp")
        low, high = panel.get_ylim()
        panel.set_ylim(low, high + 0.3 * (high - low))  # room for the legend, which would lie over points
        panel.legend(loc="upper right")


@follow_up(WORDS, of=who_gains)
def gain_profile(offer: WhoGains) -> GainProfile:
    """Return calibration and best linear projection of the offer's effects.

    Both are worked out on customers held out, whose scores had no part in the predictions. Raises
    CannotAnswer where the customers held out are too few for the traits, or nothing could be learned of them.
    """
    targeting = offer.targeting
    if targeting is None:
        raise CannotAnswer(f"{offer.untargeted}.")
    traits = covariate_matrix(offer.test.iloc[targeting.gains.rows], PROJECTED)
    try:
        slopes = best_linear_projection(targeting.gains.score, traits)
    except ValueError as limit:
        raise CannotAnswer(f"{limit}.") from limit
    slopes = slopes.assign(
        trait=slopes["trait"].map(plain_name).replace(plain_name("in_segment"), offer.segment.name),
        p_holm=holm(slopes["p_value"]),
    )
    return GainProfile(groups=targeting.groups, slopes=slopes, findings=(_calibration(offer, targeting),))


def _calibration(offer: WhoGains, targeting: Targeting) -> Finding:
    slope = targeting.slope
    if slope is None:
        return WORDS.skip("A9.calibration", WORDS.text("gains alike"), segment=offer.experiment)
    return WORDS.finding(
        "A9.calibration",
        slope,
        method=WORDS.text("method calibration"),
        assumptions=(WORDS.text("assumption drawn"), WORDS.text("assumption left out")),
        segment=offer.experiment,
        verdict=effect_verdict(slope, doubt=offer.doubt),
        budget=targeting.budget,
    )
