"""A5: does cashback for sharing in a group add purchases, or only pay for those that came anyway?"""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.drawn_sizes import doubt_on_sizes, drawn_sizes
from helpers.data.experiment import Experiment
from helpers.data.find_experiment import find_experiment
from helpers.data.followed_days import followed_days
from helpers.data.shop import Shop
from helpers.data.trial_looks import HAPPENED
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import count, in_percent, interval
from helpers.report.plain_names import plain_name
from helpers.report.release import shares_by
from helpers.uplift.a05_cashback.added_cost import Cost, added_cost, is_bounded
from helpers.uplift.a05_cashback.group_trials import FEWEST_GROUPS, group_trials
from helpers.uplift.gates import drawn_as_planned
from helpers.uplift.launch import Launch, launch_findings, launch_of
from methods.intervals.estimates import Interval
from methods.trials.cluster_trial import DRAWS, ClusterTrial
from methods.trials.sample_ratio import SampleRatio

WORDS = words_beside(__file__)
CHANCE = 0.05
FEW_GROUPS = 10
DEALT_FLOOR = 1 / (DRAWS + 1)


@dataclass(frozen=True, kw_only=True)
class CashbackArm:
    """What one arm did to buying and to the number of orders, and what an added order cost.

    segment: the arm's name where the test has several, else None. frame, trial: the customers followed, and
    their draw. buying: effect on the share who bought. buying_plain: the same without what was known before.
    alone: that as if customers had been drawn one by one. orders: effect on orders a customer.
    randomisation_p: of arms dealt to the groups anew. launch: what may be decided by it.
    """

    segment: str | None
    frame: pd.DataFrame
    trial: ClusterTrial
    outcome_days: int
    buying: Interval
    buying_plain: Interval
    alone: Interval
    orders: Interval
    cost: Cost
    randomisation_p: float
    launch: Launch

    @property
    def bought(self) -> np.ndarray:
        """Who bought, float (customers,)."""
        return self.frame["repurchased"].to_numpy(dtype=float)

    @property
    def name(self) -> str:
        """The arm, as the test calls it."""
        return str(self.frame.loc[self.frame["treated"] == 1, "arm"].iloc[0])

    @property
    def about(self) -> dict[str, Any]:
        """What every finding of the arm carries."""
        return {"n": len(self.frame), "segment": self.segment, "arm": self.segment or ""}

    def comparisons(self) -> list[tuple[str, Interval, str]]:
        """The effects with the names and colours that the picture gives them."""
        of = f" ({self.segment})" if self.segment else ""
        return [
            (WORDS.label("adjusted by group", of=of), self.buying, PALETTE[0]),
            (WORDS.label("plain by group", of=of), self.buying_plain, PALETTE[6]),
            (WORDS.label("plain groups ignored", of=of), self.alone, PALETTE[1]),
        ]


@dataclass(frozen=True, kw_only=True)
class CashbackTest:
    """Every arm of the test against its control. ratio: groups by arm against the plan."""

    experiment: str
    arms: tuple[CashbackArm, ...]
    ratio: SampleRatio
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row an arm: arm, groups, customers, bought, orders per 100 customers."""
        first = self.arms[0]
        parts = [_row(first.frame[first.frame["treated"] == 0], WORDS.text("without"))]
        for one in self.arms:
            name = WORDS.text("with", arm=one.segment or "")
            parts.append(_row(one.frame[one.frame["treated"] == 1], name))
        table = pd.DataFrame(parts)
        table.attrs = {
            "caption": WORDS.text("caption", outcome_days=first.outcome_days),
            "formats": {"bought": ".1%", "orders per 100 customers": ".1f"},
            "people": "customers",
            "shares": {"bought": 1},
        }
        return table

    def draw(self) -> Picture:
        """Draw the effect of each arm adjusted, plain, and as if groups did not matter."""
        rows = [row for arm in self.arms for row in arm.comparisons()]
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value, _ in rows]
        tests = [one for one in self.findings if one.id == "A5.cashback_uplift"]
        settled = sum(one.verdict in ("supported", "contradicted") for one in tests)
        title, alt = WORDS.picture(
            "cashback", self.findings, effects=spoken, arms=len(self.arms), settled=settled
        )
        figure, axes = canvas(title, height_inches=1.1 + 0.5 * len(rows))
        marks = [Mark(label=name, value=value, scale=100, colour=colour) for name, value, colour in rows]
        days = self.arms[0].outcome_days
        forest(axes, marks, x=WORDS.label("pp more customers who", days=count(days, "day")))
        return Picture(figure, alt)


def _row(frame: pd.DataFrame, arm: str) -> dict[str, Any]:
    return {
        "arm": arm,
        "groups": frame["group"].nunique(),
        "customers": len(frame),
        "bought": float(frame["repurchased"].mean()),
        "orders per 100 customers": 100 * float(frame["orders_after"].mean()),
    }


@question(WORDS, needs=("orders.placed_at", "experiments.assigned_at"), one_of=(("experiments.cluster",),))
def cashback_test(
    shop: Shop, *, experiment: str = "", outcome_days: int = 56, margin_pp: float = 2.0, seed: int = 1
) -> CashbackTest:
    """Compare groups drawn to get cashback with groups drawn to get none.

    experiment: name of the test; empty means the one declared as cashback (see `find_experiment`). Its
    declared control, planned shares of groups, column of the group drawn (of experiments or else of
    customers, such as city_tier), outcome_days, margin and pay of an order hold; margin_pp: smallest gain
    worth having, and the loss that a guardrail must rule out (`trial_looks`). Where no pay is declared it is
    the worth of redeemed circle coupons, if these differ between the arms. Customers are followed for
    `outcome_days` from the draw, or so far where the test still runs; every arm is compared with the control.
    Intervals: CR2 with Satterthwaite's degrees of freedom, by group; below 10 groups in an arm the verdict
    also asks the arms dealt anew. Raises CannotAnswer without such a test, with fewer than 3 groups in an
    arm, or where all or none of the customers bought.
    """
    test = find_experiment(shop, kind="cashback", name=experiment)
    if test.outcome == "recorded":
        raise CannotAnswer(WORDS.text("recorded", experiment=repr(test.name)) + ".")
    planned_days = test.outcome_days or outcome_days
    days = followed_days(shop, test, outcome_days=planned_days)
    trials = group_trials(shop, test, outcome_days=days)
    _demand_differences([frame for _, frame, _ in trials], days)
    everyone = pd.concat([frame["customer_id"] for _, frame, _ in trials]).nunique()
    asked: dict[str, Any] = {"days": days, "planned_days": planned_days, "margin_pp": margin_pp, "seed": seed}
    arms = tuple(
        _arm(shop, frame, trial, test, segment=arm if len(trials) > 1 else None, everyone=everyone, **asked)
        for arm, frame, trial in trials
    )
    drawn = pd.concat([arm.frame for arm in arms]).groupby("group")
    groups = drawn.agg(arm=("arm", "first"), drawn_at=("index_at", "min"))
    plan = test.shares(sorted(groups["arm"].unique()))
    ratio = drawn_sizes(shop, groups["arm"], groups["drawn_at"], planned=plan)
    findings = tuple(found for arm in arms for found in _findings(arm, test, ratio, plan, shop.currency))
    return CashbackTest(experiment=test.name, arms=arms, ratio=ratio, findings=findings)


def _demand_differences(frames: list[pd.DataFrame], outcome_days: int) -> None:
    everyone = pd.concat(frames).drop_duplicates("customer_id")
    if everyone["repurchased"].nunique() < 2:
        facts = {"rows": len(everyone), "outcome_days": outcome_days}
        everybody = bool(everyone["repurchased"].iloc[0] == 1)
        raise CannotAnswer(WORDS.text("all alike", everybody=everybody, **facts) + ".")


def _arm(
    shop: Shop,
    frame: pd.DataFrame,
    trial: ClusterTrial,
    test: Experiment,
    *,
    segment: str | None,
    days: int,
    planned_days: int,
    margin_pp: float,
    everyone: int,
    seed: int,
) -> CashbackArm:
    bought = frame["repurchased"].to_numpy(dtype=float)
    buying = trial.effect(bought)
    return CashbackArm(
        segment=segment,
        frame=frame,
        trial=trial,
        outcome_days=days,
        buying=buying,
        buying_plain=trial.effect(bought, adjusted=False),
        alone=trial.without_groups().effect(bought, adjusted=False),
        orders=trial.effect(frame["orders_after"].to_numpy(dtype=float)),
        cost=added_cost(shop, frame, trial, outcome_days=days, cashback_cents=test.paid_cents),
        randomisation_p=trial.randomisation_p(bought, seed=seed),
        launch=launch_of(
            shop,
            test,
            frame,
            measured=buying,
            effect=functools.partial(_effect, trial),
            plain=functools.partial(_effect, trial, adjusted=False),
            treated="treated",
            outcome_days=days,
            margin_pp=margin_pp,
            planned_days=planned_days,
            of_all=len(frame) / everyone,
        ),
    )


def _effect(trial: ClusterTrial, rows: pd.DataFrame, *, adjusted: bool = True) -> Interval:
    """The arm's effect on the rows known so far, with the groups that they are of."""
    place = rows.index.to_numpy()
    known = replace(trial, group=trial.group[place], arm=trial.arm[place], covariates=trial.covariates[place])
    few = int(min(known.groups.sum(), (1 - known.groups).sum()))
    if few < FEWEST_GROUPS:
        raise CannotAnswer(WORDS.text("few groups yet", few=few, fewest_groups=FEWEST_GROUPS))
    return known.effect(rows[HAPPENED].to_numpy(dtype=float), adjusted=adjusted)


def _findings(
    arm: CashbackArm, test: Experiment, ratio: SampleRatio, plan: dict[str, float], currency: str
) -> list[Finding]:
    doubt = _doubt(arm, test, ratio)
    launch = launch_findings(WORDS, arm.launch, doubt=doubt, costs=True, **arm.about)
    if arm.launch.running:
        doubt = doubt or WORDS.text("still runs", days=arm.outcome_days)
    sizes = drawn_as_planned(
        WORDS,
        ratio,
        plan,
        arm.name,
        segment=arm.segment,
        arm=arm.segment or "",
        unit="group",
        test=test,
        method=WORDS.text("ratio method"),
    )
    return [_buying(arm, doubt), *launch, _orders(arm, doubt), *_costs(arm, test, currency), sizes]


def _doubt(arm: CashbackArm, test: Experiment, ratio: SampleRatio) -> str:
    groups = arm.trial.groups
    few = int(min(groups.sum(), (1 - groups).sum()))
    if ratio.alarm:
        return doubt_on_sizes(ratio, test, groups=True)
    if few < FEW_GROUPS and arm.randomisation_p >= CHANCE:
        return WORDS.text("doubt few", few=few, dealt=arm.randomisation_p)
    return ""


def _buying(arm: CashbackArm, doubt: str) -> Finding:
    trial, frame = arm.trial, arm.frame
    base = float(frame.loc[frame["treated"] == 0, "repurchased"].mean())
    return WORDS.finding(
        "A5.cashback_uplift",
        arm.buying,
        scale=100,
        p_value=trial.p_value(arm.bought),
        method=WORDS.text(
            "method", held=[plain_name(name) for name in trial.names], groups=len(trial.groups)
        ),
        assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
        verdict=effect_verdict(arm.buying, doubt=doubt),
        tells=shares_by(frame, "repurchased", "treated"),
        untreated=100 * base,
        base=base,
        outcome_days=arm.outcome_days,
        dealt=arm.randomisation_p,
        floor=DEALT_FLOOR,
        doubt=doubt,
        **arm.about,
    )


def _orders(arm: CashbackArm, doubt: str) -> Finding:
    return WORDS.finding(
        "A5.added_orders",
        arm.orders,
        scale=100,
        method=WORDS.text("orders method"),
        assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
        verdict=effect_verdict(arm.orders, doubt=doubt),
        outcome_days=arm.outcome_days,
        **arm.about,
    )


def _costs(arm: CashbackArm, test: Experiment, currency: str) -> list[Finding]:
    """How many orders are paid for each added, and its price where the data or the caller know it."""
    cost, segment = arm.cost, arm.segment
    if not cost.is_bounded:
        reason, ids = WORDS.text("not added") + ".", ("A5.paid_per_added_order", "A5.cost_per_added_order")
        return [WORDS.skip(id, reason, segment=segment) for id in ids]
    common: dict[str, Any] = {
        **arm.about,
        "assumptions": (WORDS.text("every order"), WORDS.text("drawn")),
    }
    paid = WORDS.finding(
        "A5.paid_per_added_order",
        cost.paid_orders,
        method=WORDS.text("paid method"),
        anyway=_anyway(cost.paid_orders),
        **common,
    )
    if cost.cents is None or not is_bounded(cost.cents):
        reason = WORDS.text("no record", experiment=test.name) + "."
        return [paid, WORDS.skip("A5.cost_per_added_order", reason, segment=segment)]
    method = WORDS.text("cost method", source=cost.source)
    money = WORDS.finding(
        "A5.cost_per_added_order", cost.cents, scale=0.01, unit=currency, method=method, **common
    )
    return [paid, money]


def _anyway(paid: Interval) -> dict[str, float]:
    """Of 100 orders paid, those that would have come anyway."""
    return {name: 100 * (1 - 1 / getattr(paid, name)) for name in ("estimate", "low", "high")}
