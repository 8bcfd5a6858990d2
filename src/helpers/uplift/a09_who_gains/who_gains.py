"""A9: for whom does an offer work, who should get it under a budget, and what is that worth?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.report.plain_names import plain_name
from helpers.uplift.a09_who_gains.offer_test import COVARIATES, offer_test
from helpers.uplift.a09_who_gains.who_gains_findings import Segment, Worth, findings_of
from helpers.uplift.drawn_intervals import draw_intervals
from helpers.uplift.wording import points
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.targeting.cross_fitted_cate import DOUBLY_ROBUST, CrossFittedCate, cross_fitted_cate
from methods.targeting.policy_values import targeting_rules
from methods.targeting.ranking import calibration_groups, calibration_slope, gain_curve, ranked_area
from methods.targeting.winners_curse import WinnersCurse, winners_curse
from methods.trials.intention_to_treat import OfferEffect, intention_to_treat, sample_ratio

CLAIMED_PERCENT = 52.0
# Few and strong: each further covariate costs a small segment more than it sharpens it.
SHARPENERS = (
    "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days", "shares_before", "friends",
)  # fmt: skip
TRAITS = tuple(name for name in COVARIATES if name not in ("in_segment", "spend_before_cents"))


@dataclass(frozen=True, kw_only=True)
class WhoGains:
    """The offer's effect by group, how well gains can be predicted, what rules earn, and the picked segment.

    curve: what treating the top share by the DR-learner brings (see `ranking.gain_curve`). groups: predicted
    and found effect by fifth of its ranking. rules: see `targeting.targeting_rules`, money in hundredths.
    test: one row a customer of the test (see `offer_test`); `gains.rows` and `picked.members` refer to them.
    """

    test: pd.DataFrame
    worth: Worth
    everyone: OfferEffect
    segment: Segment
    gains: CrossFittedCate
    curve: pd.DataFrame
    groups: pd.DataFrame
    rules: pd.DataFrame
    picked: WinnersCurse
    currency: str
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a rule: rule, treated %, extra buyers and money per 100 customers, with intervals."""
        frame = pd.DataFrame({"whom to treat": self.rules["rule"], "treated %": 100 * self.rules["treated"]})
        for name, columns in (("extra buyers", ("extra", "low", "high")),
                              ("more than at random", ("over_random", "over_low", "over_high"))):  # fmt: skip
            frame[name] = [_range(*row) for row in (100 * self.rules[list(columns)]).to_numpy()]
        net = self.rules[["net", "net_low", "net_high"]].to_numpy()
        frame[f"net {self.currency}"] = [_range(*row, digits=0) for row in net]
        caption = "What each rule brings per 100 customers of the test, on customers it was not learned from"
        frame.attrs = {"caption": caption, "formats": {"treated %": ".0f"}}
        return frame

    def draw(self) -> Picture:
        """Draw the gain curve beside chance, and the effects by group."""
        rows = [(name, value) for name, value in self._effects() if value is not None]
        figure, axes = canvas(self._headline(), columns=2, width_inches=10.5, height_inches=4.4)
        self._draw_curve(axes[0, 0])
        spoken = draw_intervals(axes[0, 1], rows, x="effect of the offer, points")
        fifth = self.curve.set_index("share").loc[0.2]
        return Picture(
            figure,
            f"Left, extra buyers by share of customers treated: the 20 % ranked highest bring "
            f"{100 * fifth['gain']:.1f} per 100 customers, as many at random {100 * fifth['random']:.1f}. "
            f"Right, effects by group: {spoken}.",
        )

    def _headline(self) -> str:
        if self.segment.inside is None:
            return f"The offer's effect: {points(self.everyone.effect)}"
        return (
            f"The offer moves {self.segment.name} by {100 * self.segment.inside.effect.estimate:.1f} points, "
            f"the others by {100 * self.segment.others.effect.estimate:.1f}"
        )

    def _effects(self) -> list[tuple[str, Interval | None]]:
        inside, others = self.segment.inside, self.segment.others
        return [
            ("all in the test", self.everyone.effect),
            (self.segment.name.replace(" who ", "\nwho "), None if inside is None else inside.effect),
            ("all others", None if others is None else others.effect),
            ("picked by looking:\nwhere it was picked", self.picked.looked),
            ("picked by looking:\nin the other half", self.picked.held_out),
        ]

    def _draw_curve(self, panel) -> None:
        share, curve = 100 * self.curve["share"], 100 * self.curve
        panel.fill_between(share, curve["low"], curve["high"], color=PALETTE[0], alpha=0.15, linewidth=0)
        panel.plot(share, curve["gain"], color=PALETTE[0], label="ranked by expected gain")
        panel.plot(share, curve["random"], color=PALETTE[6], linestyle="--", label="at random")
        for sign in (-1, 1):
            panel.plot(share, curve["random"] + sign * curve["band"], color=PALETTE[6], linewidth=0.7,
                       linestyle=":", label="what chance can do" if sign > 0 else None)  # fmt: skip
        panel.axhline(0, color=INK, linewidth=0.8)
        panel.set_xlabel("% of customers treated")
        panel.set_ylabel("extra buyers per 100 customers")
        panel.legend(loc="upper left")


@question(
    "A9",
    "For whom does the offer work, who should get it under a budget, and what is that worth?",
    needs=("orders.placed_at", "experiments.assigned_at", "items.category", "shares.posted_at"),
)
def who_gains(
    shop,
    *,
    experiment: str = "try_first",
    control: str = "control",
    planned_share: float = 0.5,
    category: str = "口红",
    shares: int = 1,
    outcome_days: int = 56,
    claimed_percent: float = CLAIMED_PERCENT,
    budget_percent: float = 20.0,
    contact_cost_cents: int = 500,
    margin_percent: float = 30.0,
    seed: int = 1,
) -> WhoGains:
    """Find for whom a randomised offer raises buying, and judge on others whether that could be known.

    The declared segment: customers with a purchase of `category` and at least `shares` posts before the
    draw. outcome_days: after the draw. planned_share: of customers meant to get the offer. budget_percent: of
    customers who can be treated. contact_cost_cents: of treating one customer; margin_percent: of what a
    buyer spends in the window that the shop keeps. Raises CannotAnswer with too few customers in an arm.
    """
    drawn = {"experiment": experiment, "control": control, "outcome_days": outcome_days}
    frame = offer_test(shop, category=category, shares=shares, **drawn)
    columns = {"outcome": "bought", "treatment": "offered"}
    everyone = intention_to_treat(frame, covariates=SHARPENERS, **columns)
    segment = _segment(frame, columns, name=f"{category} buyers who have shared")
    gains = cross_fitted_cate(frame, covariates=COVARIATES, seed=seed, **columns)
    predicted = gains.predicted[DOUBLY_ROBUST], gains.score, gains.block
    curve = gain_curve(*predicted)
    spoken = frame.rename(columns={trait: plain_name(trait) for trait in TRAITS})
    picked = winners_curse(spoken, traits=[plain_name(trait) for trait in TRAITS], seed=seed, **columns)
    worth = _worth(frame, contact_cost_cents, margin_percent, shop.currency)
    rules = targeting_rules(
        gains,
        budget=budget_percent / 100,
        segments={segment.name: frame["in_segment"].to_numpy()[gains.rows]},
        worth=worth.buyer_cents,
        cost=contact_cost_cents,
    )
    return WhoGains(
        test=frame, worth=worth, everyone=everyone, segment=segment, gains=gains, curve=curve, rules=rules,
        picked=picked, groups=calibration_groups(*predicted), currency=shop.currency,
        findings=findings_of(
            experiment=experiment, question=who_gains.question, outcome_days=outcome_days,
            everyone=everyone, segment=segment, slope=calibration_slope(*predicted),
            area=ranked_area(*predicted), rules=rules, judged=len(gains.rows), budget=budget_percent / 100,
            worth=worth, picked=picked, claimed_percent=claimed_percent,
            doubt=_doubt(frame, planned_share),
        ),
    )  # fmt: skip


def _segment(frame: pd.DataFrame, columns: dict, *, name: str) -> Segment:
    """Effects inside and outside the declared segment, and their difference; None where too few are in."""
    inside = frame["in_segment"].to_numpy(dtype=bool)
    try:
        one, two = (
            intention_to_treat(frame[rows], covariates=SHARPENERS, **columns) for rows in (inside, ~inside)
        )
    except CannotAnswer as limit:
        return Segment(name=name, inside=None, others=None, difference=None, reason=str(limit))
    error = math.hypot(one.effect.standard_error, two.effect.standard_error)
    gap = normal_interval(one.effect.estimate - two.effect.estimate, error, len(frame))
    return Segment(name=name, inside=one, others=two, difference=gap, reason="")


def _worth(frame: pd.DataFrame, contact_cost_cents: int, margin_percent: float, currency: str) -> Worth:
    """What one more buyer leaves the shop: the margin on what buyers spent who got no offer."""
    buyers = (frame["offered"] == 0) & (frame["bought"] == 1)
    spent = frame.loc[buyers, "spend_after_cents"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if not len(spent) or np.isnan(spent).all():
        raise CannotAnswer(
            "nobody without the offer bought, so nothing can be said about what a buyer is worth"
        )
    return Worth(
        buyer_cents=float(np.nanmean(spent)) * margin_percent / 100,
        contact_cents=contact_cost_cents,
        margin_percent=margin_percent,
        currency=currency,
    )


def _range(value: float, low: float, high: float, *, digits: int = 1) -> str:
    return f"{value:+.{digits}f} ({low:+.{digits}f} to {high:+.{digits}f})"


def _doubt(frame, planned_share: float) -> str:
    """Say that the draw went wrong, where the arms do not have the planned sizes."""
    arms = frame["offered"].map({0.0: "control", 1.0: "offer"})
    ratio = sample_ratio(arms, planned={"control": 1 - planned_share, "offer": planned_share})
    return "the arms do not have the planned sizes" if ratio.alarm else ""
