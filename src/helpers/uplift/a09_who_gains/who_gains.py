"""A9: for whom does an offer work, who should get it under a budget, and what is that worth?"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.drawn_sizes import doubt_on_sizes, drawn_sizes
from helpers.data.experiment import Experiment
from helpers.data.find_experiment import find_experiment
from helpers.data.followed_days import followed_days
from helpers.data.shop import Shop
from helpers.report import (
    INK,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    band_curve,
    canvas,
    claim_p,
    claim_verdict,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval, percent
from helpers.report.people_list import PeopleList
from helpers.report.plain_names import plain_name
from helpers.report.release import Entry, shares_by
from helpers.uplift.a09_who_gains.longer_look import TIMES_AS_LONG, LongerLook, longer_look, orders_over
from helpers.uplift.a09_who_gains.offer_test import COVARIATES, GROUP_NEEDS, offer_test
from helpers.uplift.gates import drawn_as_planned
from helpers.uplift.launch import Launch, drawn_effect, launch_findings, launch_of
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.targeting.cross_fitted_cate import DOUBLY_ROBUST, CrossFittedCate, cross_fitted_cate
from methods.targeting.policy_values import EVERYBODY, targeting_rules
from methods.targeting.ranking import (
    calibration_groups,
    calibration_slope,
    gain_curve,
    ranked_area,
    top_share,
)
from methods.targeting.winners_curse import WinnersCurse, winners_curse
from methods.trials.intention_to_treat import OfferEffect, intention_to_treat

# The repeated figure is of one test and one group; of others it says nothing.
CLAIMED_PERCENT = 52.0
CLAIMED_OF = {"experiment": "try_first", "category": "口红", "shares": 1}
# Few and strong: each further covariate costs a small segment more than it sharpens it.
SHARPENERS = (
    "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days", "shares_before", "friends",
)  # fmt: skip
TRAITS = tuple(name for name in COVARIATES if name not in ("in_segment", "spend_before_cents"))
COLUMNS: dict[str, Any] = {"outcome": "bought", "treatment": "offered"}

WORDS = words_beside(__file__)
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Segment:
    """The declared segment's effect, the others', and the difference; None with the reason if too few."""

    name: str
    inside: OfferEffect | None = None
    others: OfferEffect | None = None
    difference: Interval | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class OfferArm:
    """One offer beside the control: on everyone, and on the declared segment.

    label: test, and arm where it has several, as findings name them. name: of the arm; arm: the same, empty
    where there is one. launch: what may be decided by its effect on everyone. longer: orders over twice the
    window.
    """

    label: str
    arm: str
    name: str
    everyone: OfferEffect
    launch: Launch
    longer: LongerLook
    segment: Segment


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What one more buyer leaves the shop and what treating one customer costs, in hundredths."""

    buyer_cents: float
    contact_cents: int
    margin_percent: float
    currency: str


@dataclass(frozen=True, kw_only=True)
class Targeting:
    """How well gains can be predicted and what rules earn, on customers from whom nothing was learned.

    curve: what treating the top share by the DR-learner brings (see `ranking.gain_curve`). groups: predicted
    and found effect by fifth of its ranking; slope: of found on predicted, None where all are expected to
    gain alike; area: what the ranking gains over all budgets. rules: see `targeting.targeting_rules`, money
    in hundredths. worth: None, for the reason `worthless`, where no money can be told.
    """

    gains: CrossFittedCate
    curve: pd.DataFrame
    groups: pd.DataFrame
    slope: Interval | None
    area: Interval
    rules: pd.DataFrame
    budget: float
    worth: Worth | None
    worthless: str

    def table(self) -> pd.DataFrame:
        """One row a rule: rule, treated %, extra buyers and money per 100 customers, with intervals."""
        frame = pd.DataFrame({"whom to treat": self.rules["rule"], "treated %": 100 * self.rules["treated"]})
        for name, columns in (("extra buyers", ("extra", "low", "high")),
                              ("more than at random", ("over_random", "over_low", "over_high"))):  # fmt: skip
            frame[name] = [interval(*row) for row in (100 * self.rules[list(columns)]).to_numpy()]
        if self.worth is not None:
            net = self.rules[["net", "net_low", "net_high"]].to_numpy()
            frame[WORDS.label("net", currency=self.worth.currency)] = [
                interval(*row, decimals=0) for row in net
            ]
        caption = WORDS.text("caption", judged=len(self.gains.rows))
        frame.attrs = {"people": None, "caption": caption, "formats": {"treated %": ".0f"}}
        return frame

    def ranked_rule(self) -> pd.Series:
        """Return what treating those ranked highest by the first learner brings, as `rules` has it."""
        ranked = self.rules["rule"].str.startswith(f"{percent(self.budget, 0)} ranked")  # no page says this
        return self.rules[ranked].iloc[0]

    def ranked_first(self) -> np.ndarray:
        """Return whom that rule treats, as places in `gains.rows`; of those tied at its end the first."""
        chance = top_share(next(iter(self.gains.predicted.values())), self.budget, self.gains.block)
        first = np.argsort(-chance, kind="stable")
        return np.sort(first[: round(float(chance.sum()))])

    def draw_curve(self, panel: Axes) -> None:
        """Draw the gain curve beside chance."""
        share, curve = 100 * self.curve["share"], 100 * self.curve
        random, band = curve["random"], curve["band"]
        band_curve(panel, share, curve["gain"], low=curve["low"], high=curve["high"],
                   label="ranked by expected gain", marker="")  # fmt: skip
        band_curve(panel, share, random, low=random - band, high=random + band, colour=PALETTE[6],
                   label="at random, with what chance can do", marker="", dashed=True)  # fmt: skip
        panel.axhline(0, color=INK, linewidth=0.8)
        panel.set_xlabel("% of customers treated")
        panel.set_ylabel("extra buyers per 100 customers")
        panel.legend(loc="upper left")


@dataclass(frozen=True, kw_only=True)
class WhoGains:
    """Each offer's effect on all and by group, what choosing whom to treat earns, and the picked segment.

    test: one row a customer of the test (see `offer_test`); `targeting.gains.rows` and `picked.members` refer
    to them. targeting, picked: None where too few took part, for the reasons `untargeted` and `unpicked`.
    claimed_percent: the repeated figure, None where it is about another test or group. doubt: why nothing is
    settled, empty where nothing speaks against it; draw_doubt: the same where the draw is to blame.
    """

    experiment: str
    test: pd.DataFrame
    offers: tuple[OfferArm, ...]
    targeting: Targeting | None
    untargeted: str
    picked: WinnersCurse | None
    unpicked: str
    claimed_percent: float | None
    outcome_days: int
    doubt: str
    draw_doubt: str
    findings: tuple[Finding, ...]

    @property
    def segment(self) -> Segment:
        """The declared segment under the first offer."""
        return self.offers[0].segment

    def table(self) -> pd.DataFrame:
        """One row a rule (see `Targeting.table`); where none can be judged one row an arm."""
        if self.targeting is not None:
            return self.targeting.table()
        arms = self.test.groupby("arm")["bought"].agg(["size", "mean"]).reset_index()
        frame = arms.set_axis(["arm", "customers", "bought"], axis=1)
        caption = WORDS.text("caption arms", outcome_days=self.outcome_days)
        frame.attrs = {
            "caption": caption,
            "formats": {"bought": ".1%"},
            "people": "customers",
            "shares": {"bought": 1},
        }
        return frame

    def people_lists(self) -> tuple[PeopleList, ...]:
        """Return whom either rule would make the offer to among the customers of the test, for analysts."""
        return tuple(one for one in (self._ranked_first(), self._named_group()) if one is not None)

    def _ranked_first(self) -> PeopleList | None:
        """Those ranked highest by expected gain, as many as the budget allows."""
        told = [
            one.key for one in self.findings if one.id == "A9.targeting_gain" and one.status == "answered"
        ]
        if self.targeting is None or not told:
            return None
        chosen, treated = self.targeting.ranked_first(), self.targeting.ranked_rule()["treated"]
        members = self.test["customer_id"].iloc[self.targeting.gains.rows[chosen]]
        gains = 100 * next(iter(self.targeting.gains.predicted.values()))[chosen]
        frame = pd.DataFrame(
            {"customer_id": members.to_numpy(), "group": "ranked first", "expected gain, pp": gains}
        )
        return PeopleList(
            name="offer_ranked",
            about=WORDS.text("list ranked", experiment=self.experiment, budget=self.targeting.budget),
            findings=tuple(told),
            members=frame.sort_values("expected gain, pp", ascending=False, kind="stable", ignore_index=True),
            spoken={"ranked first": round(float(treated) * len(self.targeting.gains.rows))},
        )

    def _named_group(self) -> PeopleList | None:
        """The group named beforehand, where the test has one offer."""
        told = [one for one in self.findings if one.id == "A9.offer_uplift_named" and one.n]
        if len(self.offers) != 1 or len(told) != 1:
            return None
        members = self.test.loc[self.test["in_segment"].astype(bool), ["customer_id"]]
        return PeopleList(
            name="offer_named_group",
            about=WORDS.text("list named", experiment=self.experiment, named=self.segment.name),
            findings=(told[0].key,),
            members=members.assign(group="named group").reset_index(drop=True),
            spoken={"named group": int(told[0].n or 0)},
        )

    def draw(self) -> Picture:
        """Draw the effects by group, beside the gain curve where there is one."""
        rows = [(name, value) for name, value in self._effects() if value is not None]
        spoken = [
            f"{name} {interval(*in_percent(value), unit='pp')}".replace("\n", " ") for name, value in rows
        ]
        tests = [one for one in self.findings if one.id == "A9.offer_uplift"]
        curve = None if self.targeting is None else self.targeting.curve.set_index("share")
        title, alt = WORDS.picture(
            "offer",
            self.findings,
            arms=len(self.offers),
            settled=sum(one.verdict in ("supported", "contradicted") for one in tests),
            named=self.segment.name,
            curve=curve is not None,
            gain=0.0 if curve is None else 100 * curve.loc[0.2, "gain"],
            random=0.0 if curve is None else 100 * curve.loc[0.2, "random"],
            spoken=spoken,
        )
        if self.targeting is None:
            figure, panel = canvas(title, height_inches=1.4 + 0.5 * len(rows))
        else:
            figure, axes = canvas(title, columns=2, width_inches=10.5, height_inches=4.4)
            self.targeting.draw_curve(axes[0, 0])
            panel = axes[0, 1]
        marks = [
            Mark(label=name, value=value, scale=100, colour=colour)
            for (name, value), colour in zip(rows, PALETTE, strict=False)
        ]
        forest(panel, marks, x="effect of the offer, pp")
        return Picture(figure, alt)

    def _effects(self) -> list[tuple[str, Interval | None]]:
        picked = self.picked
        return [
            *(row for one in self.offers for row in _by_group(one)),
            ("picked by looking:\nwhere it was picked", None if picked is None else picked.looked),
            ("picked by looking:\nin the other half", None if picked is None else picked.held_out),
        ]


def _by_group(offer: OfferArm) -> list[tuple[str, Interval | None]]:
    inside, others = offer.segment.inside, offer.segment.others
    of = f" ({offer.arm})" if offer.arm else ""
    return [
        (WORDS.label("all in the test", of=of), offer.everyone.effect),
        (f"{offer.segment.name}{of}".replace(" who ", "\nwho "), None if inside is None else inside.effect),
        (WORDS.label("all others", of=of), None if others is None else others.effect),
    ]


@question(WORDS, needs=("orders.placed_at", "experiments.assigned_at"))
def who_gains(
    shop: Shop,
    *,
    experiment: str = "",
    shares: int = 1,
    outcome_days: int = 56,
    budget_percent: float = 20.0,
    contact_cost_cents: int = 500,
    margin_percent: float = 30.0,
    margin_pp: float = 2.0,
    seed: int = 1,
) -> WhoGains:
    """Find for whom a randomised offer raises buying, and judge on others whether that could be known.

    experiment: name of the test; empty means the one declared as an offer (see `find_experiment`). Its
    declared control, planned shares, outcome_days after the draw and category hold. The declared segment:
    customers with a purchase of that category and at least `shares` posts before the draw. budget_percent:
    of customers who can be treated. contact_cost_cents: of treating one customer; margin_percent: of what a
    buyer spends in the window that the shop keeps. margin_pp: smallest gain worth having, and the loss that a
    guardrail must rule out (`trial_looks`), where the test declares none. Each arm is compared with the
    control; whom to treat is asked where one is. The effect on all needs no more than the test and orders;
    each other number that the data cannot give is skipped by itself. Raises CannotAnswer with too few
    customers in an arm, or where everybody bought, or nobody.
    """
    test = find_experiment(shop, kind="offer", name=experiment)
    if test.outcome == "recorded":
        raise CannotAnswer(WORDS.text("recorded", experiment=test.name))
    usual = CLAIMED_OF["category"] if test.name == CLAIMED_OF["experiment"] else ""
    group: dict[str, Any] = {"category": test.category or usual, "shares": shares}
    planned_days = test.outcome_days or outcome_days
    days = followed_days(shop, test, outcome_days=planned_days)
    frame = offer_test(shop, test, outcome_days=days, **group)
    _demand_both_outcomes(frame, days)
    asked: dict[str, Any] = {"days": days, "planned_days": planned_days, "margin_pp": margin_pp}
    offers = _offers(shop, frame, test, category=group["category"], **asked)
    several = WORDS.text("several", arms=len(offers)) if len(offers) > 1 else ""
    worth, worthless = _unless_refused(
        lambda: _worth(frame, contact_cost_cents, margin_percent, shop.currency)
    )
    targeting, untargeted = _unless_refused(
        lambda: _targeting(
            frame, offers[0].segment, worth, worthless, budget=budget_percent / 100, seed=seed
        ),
        but=several,
    )
    spoken = frame.rename(columns={trait: plain_name(trait) for trait in TRAITS})
    traits = [plain_name(trait) for trait in TRAITS]
    picked, unpicked = _unless_refused(
        lambda: winners_curse(spoken, traits=traits, seed=seed, **COLUMNS), but=several
    )
    plan = test.shares(sorted(frame["arm"].unique()))
    ratio = drawn_sizes(shop, frame["arm"], frame["index_at"], planned=plan)
    doubt = doubt_on_sizes(ratio, test)
    answer = WhoGains(
        experiment=test.name,
        test=frame,
        offers=offers,
        targeting=targeting,
        untargeted=untargeted,
        picked=picked,
        unpicked=unpicked,
        claimed_percent=CLAIMED_PERCENT if {"experiment": test.name, **group} == CLAIMED_OF else None,
        outcome_days=days,
        doubt=doubt or ("" if days == planned_days else WORDS.text("still runs", days=days)),
        draw_doubt=doubt,
        findings=(),
    )
    sizes = [
        drawn_as_planned(
            WORDS,
            ratio,
            plan,
            offer.name,
            segment=offer.label,
            arm=offer.arm,
            unit="customer",
            test=test,
            method=WORDS.text("ratio method"),
        )
        for offer in offers
    ]
    return replace(answer, findings=(*_findings(answer), *sizes))


def _offers(
    shop: Shop,
    frame: pd.DataFrame,
    test: Experiment,
    *,
    category: str,
    days: int,
    planned_days: int,
    margin_pp: float,
) -> tuple[OfferArm, ...]:
    arms = sorted(set(frame["arm"]) - {test.control})
    reason = _no_group(shop, test, category)
    longer = TIMES_AS_LONG * days
    orders = orders_over(shop, test, days=longer)
    offers = []
    for arm in arms:
        pair = frame[frame["arm"].isin([test.control, arm])].reset_index(drop=True)
        everyone = intention_to_treat(pair, covariates=SHARPENERS, **COLUMNS)
        offers.append(
            OfferArm(
                label=test.name if len(arms) == 1 else f"{test.name}: {arm}",
                arm="" if len(arms) == 1 else arm,
                name=arm,
                everyone=everyone,
                launch=launch_of(
                    shop,
                    test,
                    pair,
                    measured=everyone.effect,
                    effect=functools.partial(drawn_effect, treated="offered", covariates=SHARPENERS),
                    plain=functools.partial(drawn_effect, treated="offered"),
                    treated="offered",
                    outcome_days=days,
                    margin_pp=margin_pp,
                    planned_days=planned_days,
                    of_all=len(pair) / len(frame),
                ),
                longer=longer_look(pair, orders, days=longer, covariates=SHARPENERS),
                segment=_segment(pair, name=WORDS.text("named", category=category), reason=reason),
            )
        )
    return tuple(offers)


def _no_group(shop: Shop, test: Experiment, category: str) -> str:
    """Why the group named beforehand cannot be told from the others; empty where it can."""
    if not category:
        return WORDS.text("no group", experiment=test.name)
    if lacks := shop.missing(*GROUP_NEEDS):
        return WORDS.text("group lacks", lacks=list(lacks))
    items = shop["items"]
    if not items.filter(items.category == category).count().execute():
        return WORDS.text("not sold", category=category, experiment=test.name)
    return ""


def _unless_refused(analysis: Callable[[], T], *, but: str = "") -> tuple[T | None, str]:
    """Return what an analysis finds, or None and its reason, by which its findings are then skipped.

    but: why it is not asked at all.
    """
    if but:
        return None, but
    try:
        return analysis(), ""
    except CannotAnswer as limit:
        return None, str(limit)


def _demand_both_outcomes(frame: pd.DataFrame, outcome_days: int) -> None:
    if frame["bought"].nunique() < 2:
        bought = bool(frame["bought"].iloc[0])
        raise CannotAnswer(WORDS.text("nobody", all=bought, customers=len(frame), outcome_days=outcome_days))


def _segment(frame: pd.DataFrame, *, name: str, reason: str) -> Segment:
    """Effects inside and outside the declared segment, and their difference; None where too few are in."""
    if reason:
        return Segment(name=name, reason=reason)
    inside = frame["in_segment"].to_numpy(dtype=bool)
    try:
        one, two = (
            intention_to_treat(frame[rows], covariates=SHARPENERS, **COLUMNS) for rows in (inside, ~inside)
        )
    except CannotAnswer as limit:
        return Segment(name=name, reason=str(limit))
    if min(frame.loc[rows, "bought"].nunique() for rows in (inside, ~inside)) < 2:
        return Segment(name=name, reason=WORDS.text("constant group"))
    error = math.hypot(one.effect.standard_error, two.effect.standard_error)
    gap = normal_interval(one.effect.estimate - two.effect.estimate, error, len(frame))
    return Segment(name=name, inside=one, others=two, difference=gap)


def _targeting(
    frame: pd.DataFrame, segment: Segment, worth: Worth | None, worthless: str, *, budget: float, seed: int
) -> Targeting:
    gains = cross_fitted_cate(frame, covariates=COVARIATES, seed=seed, **COLUMNS)
    predicted = gains.predicted[DOUBLY_ROBUST], gains.score, gains.block
    inside = frame["in_segment"].to_numpy()[gains.rows]
    money = {} if worth is None else {"worth": worth.buyer_cents, "cost": worth.contact_cents}
    return Targeting(
        gains=gains,
        curve=gain_curve(*predicted),
        groups=calibration_groups(*predicted),
        slope=calibration_slope(*predicted),
        area=ranked_area(*predicted),
        rules=targeting_rules(
            gains, budget=budget, segments={} if segment.inside is None else {segment.name: inside}, **money
        ),
        budget=budget,
        worth=worth,
        worthless=worthless,
    )


def _worth(frame: pd.DataFrame, contact_cost_cents: int, margin_percent: float, currency: str) -> Worth:
    """What one more buyer leaves the shop: the margin on what buyers spent who got no offer."""
    buyers = (frame["offered"] == 0) & (frame["bought"] == 1)
    spent = frame.loc[buyers, "spend_after_cents"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if not len(spent) or np.isnan(spent).all():
        raise CannotAnswer(WORDS.text("nobody without offer bought"))
    return Worth(
        buyer_cents=float(np.nanmean(spent)) * margin_percent / 100,
        contact_cents=contact_cost_cents,
        margin_percent=margin_percent,
        currency=currency,
    )


def _findings(answer: WhoGains) -> tuple[Finding, ...]:
    """Every finding, in the order in which they are read."""
    return (
        *(found for offer in answer.offers for found in _effect_findings(answer, offer)),
        *(found for offer in answer.offers for found in _segment_findings(answer, offer)),
        *_targeting_findings(answer),
        _picked_finding(answer),
    )


def _effect_findings(answer: WhoGains, offer: OfferArm) -> list[Finding]:
    everyone = offer.everyone
    about: dict[str, Any] = {"n": everyone.rows, "segment": offer.label, "arm": offer.arm}
    sooner = offer.longer.only_sooner
    launch = launch_findings(WORDS, offer.launch, doubt=answer.draw_doubt, costs=True, sooner=sooner, **about)
    effect = WORDS.finding(
        "A9.offer_uplift",
        everyone.effect,
        scale=100,
        method=WORDS.text("method compared"),
        assumptions=(WORDS.text("assumption drawn"), WORDS.text("assumption alone")),
        verdict=effect_verdict(everyone.effect, doubt=answer.doubt),
        tells=_told(answer.test, offer),
        offered=everyone.treated_observed,
        without=everyone.control_observed,
        levelled=everyone.effect != everyone.unadjusted,
        outcome_days=answer.outcome_days,
        doubt=answer.doubt,
        **about,
    )
    return [effect, _orders_kept(answer, offer), *launch]


def _orders_kept(answer: WhoGains, offer: OfferArm) -> Finding:
    """What is left of the effect where purchases that were only brought forward no longer count."""
    longer, doubt = offer.longer, answer.draw_doubt
    if longer.added is None:
        reason = WORDS.text("not followed", followed=longer.followed, days=longer.days)
        return _skip(answer, "A9.orders_kept", reason, segment=offer.label)
    return WORDS.finding(
        "A9.orders_kept",
        longer.added,
        scale=100,
        n=longer.followed,
        method=WORDS.text("method longer"),
        assumptions=(WORDS.text("assumption drawn"), WORDS.text("assumption alone")),
        segment=offer.label,
        verdict=effect_verdict(longer.added, doubt=doubt),
        days=longer.days,
        arm=offer.arm,
        doubt=doubt,
    )


def _told(test: pd.DataFrame, offer: OfferArm) -> tuple[Entry, ...]:
    """Who bought and who did not of an offer's arm and of the control."""
    pair = test[(test["offered"] == 0) | (test["arm"] == offer.arm)] if offer.arm else test
    return shares_by(pair, "bought", "offered")


def _targeting_findings(answer: WhoGains) -> list[Finding]:
    targeting = answer.targeting
    if targeting is None:
        names = ("targeting_gain", "segment_net_value", "ranking_gain")
        return [_skip(answer, f"A9.{name}", f"{answer.untargeted}.") for name in names]
    return [
        _budget_finding(answer, targeting),
        _money_finding(answer, targeting),
        _ranking_finding(answer, targeting),
    ]


def _skip(answer: WhoGains, id: str, reason: str, *, segment: str = "") -> Finding:
    return WORDS.skip(id, reason, segment=segment or answer.experiment)


def _segment_findings(answer: WhoGains, offer: OfferArm) -> list[Finding]:
    segment, doubt = offer.segment, answer.doubt
    inside, others, gap = segment.inside, segment.others, segment.difference
    if inside is None or others is None or gap is None:
        reason = WORDS.text("for the named", named=segment.name, why=segment.reason)
        names = ("offer_uplift_named", "segment_difference", "relative_uplift_named", "offer_uplift_others")
        return [_skip(answer, f"A9.{name}", reason, segment=offer.label) for name in names]
    common: dict[str, Any] = {
        "scale": 100,
        "method": WORDS.text("method compared"),
        "assumptions": (
            WORDS.text("assumption drawn"),
            WORDS.text("assumption alone"),
            WORDS.text("assumption named before"),
        ),
        "segment": offer.label,
        "named": segment.name,
        "arm": offer.arm,
        "doubt": doubt,
    }
    return [
        WORDS.finding(
            "A9.offer_uplift_named",
            inside.effect,
            n=inside.rows,
            verdict=effect_verdict(inside.effect, doubt=doubt),
            tells=_told(answer.test[answer.test["in_segment"]], offer),
            without=inside.control_observed,
            ratio=None if answer.claimed_percent or inside.relative is None else inside.relative.scaled(100),
            **common,
        ),
        WORDS.finding("A9.segment_difference", gap, verdict=effect_verdict(gap, doubt=doubt), **common),
        _relative(answer, inside, offer, common),
        WORDS.finding(
            "A9.offer_uplift_others",
            others.effect,
            n=others.rows,
            verdict=effect_verdict(others.effect, doubt=doubt),
            tells=_told(answer.test[~answer.test["in_segment"].astype(bool)], offer),
            untreated=100 * others.control_observed,
            **common,
        ),
    ]


def _relative(answer: WhoGains, inside: OfferEffect, offer: OfferArm, common: dict[str, Any]) -> Finding:
    claimed = answer.claimed_percent
    if claimed is None:
        reason = WORDS.text("other claim", claimed=CLAIMED_PERCENT, of=CLAIMED_OF)
        return _skip(answer, "A9.relative_uplift_named", f"{reason}.", segment=offer.label)
    if inside.relative is None:
        reason = WORDS.text("no ratio", named=answer.segment.name)
        return _skip(answer, "A9.relative_uplift_named", reason, segment=offer.label)
    return WORDS.finding(
        "A9.relative_uplift_named",
        inside.relative,
        n=inside.rows,
        verdict=claim_verdict(inside.relative, claimed_percent=claimed, doubt=answer.doubt),
        p_value=claim_p(inside.relative, claimed_percent=claimed),
        claimed=claimed,
        **common,
    )


def _budget_finding(answer: WhoGains, targeting: Targeting) -> Finding:
    row = targeting.ranked_rule()
    over = _interval(row, "over_random", "over_low", "over_high", len(targeting.gains.rows))
    return WORDS.finding(
        "A9.targeting_gain",
        over,
        scale=100,
        method=WORDS.text("method judged"),
        assumptions=(WORDS.text("assumption drawn"), WORDS.text("assumption alone")),
        segment=answer.experiment,
        verdict=effect_verdict(over, doubt=answer.doubt),
        budget=targeting.budget,
        extra=100 * float(row["extra"]),
        doubt=answer.doubt,
    )


def _money_finding(answer: WhoGains, targeting: Targeting) -> Finding:
    """Hundredths per customer are whole money per 100 customers."""
    worth, judged = targeting.worth, len(targeting.gains.rows)
    if worth is None:
        return _skip(answer, "A9.segment_net_value", f"{targeting.worthless}.")
    if answer.segment.inside is None:
        reason = WORDS.text("for the named", named=answer.segment.name, why=answer.segment.reason)
        return _skip(answer, "A9.segment_net_value", reason)
    named = targeting.rules.set_index("rule")
    net, everybody = (
        _interval(named.loc[rule], "net", "net_low", "net_high", judged)
        for rule in (answer.segment.name, EVERYBODY)
    )
    money: dict[str, Any] = {
        "cost": worth.contact_cents / 100,
        "worth": worth.buyer_cents / 100,
        "currency": worth.currency,
    }
    return WORDS.finding(
        "A9.segment_net_value",
        net,
        unit=WORDS.label("per customers", currency=worth.currency),
        method=WORDS.text("method judged"),
        assumptions=(
            WORDS.text("assumption drawn"),
            WORDS.text("cost", **money),
            WORDS.text("worth", margin=worth.margin_percent, **money),
        ),
        segment=answer.experiment,
        verdict=effect_verdict(net, doubt=answer.doubt),
        named=answer.segment.name,
        everybody=everybody,
        **money,
    )


def _ranking_finding(answer: WhoGains, targeting: Targeting) -> Finding:
    if targeting.slope is None:
        return _skip(answer, "A9.ranking_gain", WORDS.text("gains alike"))
    return WORDS.finding(
        "A9.ranking_gain",
        targeting.area,
        scale=100,
        method=WORDS.text("method ranking"),
        assumptions=(WORDS.text("assumption drawn"), WORDS.text("assumption left out")),
        segment=answer.experiment,
        verdict=effect_verdict(targeting.area, doubt=answer.doubt),
    )


def _picked_finding(answer: WhoGains) -> Finding:
    picked = answer.picked
    if picked is None:
        return _skip(answer, "A9.best_segment_held_out", f"{answer.unpicked}.")
    many = len(picked.segments)
    return WORDS.finding(
        "A9.best_segment_held_out",
        picked.held_out,
        scale=100,
        method=WORDS.text("picked method", many=many),
        assumptions=(WORDS.text("assumption drawn"), WORDS.text("assumption warning")),
        segment=answer.experiment,
        many=many,
        picked=picked.name,
        looked=picked.looked.scaled(100),
        halvings=picked.halvings,
        curse=100 * (picked.looked_average - picked.held_out_average),
        winners=picked.picked_anew,
    )


def _interval(row: pd.Series, middle: str, low: str, high: str, n: int) -> Interval:
    return Interval(estimate=float(row[middle]), low=float(row[low]), high=float(row[high]), n=n)
