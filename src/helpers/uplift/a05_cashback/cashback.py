"""A5: does cashback for sharing in a group add purchases, or only pay for those that came anyway?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.drawn_sizes import drawn_sizes
from helpers.data.planned_shares import planned_shares
from helpers.data.shop import Shop
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
from helpers.report.formats import in_percent, interval
from helpers.report.plain_names import plain_name
from helpers.uplift.a05_cashback.added_cost import Cost, added_cost, is_bounded
from helpers.uplift.a05_cashback.group_trial import group_trial
from methods.intervals.estimates import Interval
from methods.trials.cluster_trial import DRAWS, ClusterTrial
from methods.trials.sample_ratio import SampleRatio

WORDS = words_beside(__file__)
CHANCE = 0.05
FEW_GROUPS = 10
DEALT_FLOOR = 1 / (DRAWS + 1)


@dataclass(frozen=True, kw_only=True)
class CashbackTest:
    """What the cashback did to buying and to the number of orders, and what an added order cost.

    frame, trial: the customers followed, and their draw. buying: effect on the share who bought.
    buying_plain: the same without what was known before. alone: that as if customers had been drawn one by
    one. orders: effect on orders a customer. dealt_p: of arms dealt to the groups anew. ratio: groups by
    arm against the plan.
    """

    frame: pd.DataFrame
    trial: ClusterTrial
    outcome_days: int
    buying: Interval
    buying_plain: Interval
    alone: Interval
    orders: Interval
    cost: Cost
    dealt_p: float
    ratio: SampleRatio
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row an arm: arm, groups, customers, bought, orders per 100 customers."""
        arms = self.frame.groupby("treated").agg(
            groups=("group", "nunique"), customers=("group", "size"),
            bought=("repurchased", "mean"), orders=("orders_after", "mean"),
        )  # fmt: skip
        arms["orders"] = 100 * arms["orders"].astype(float)
        arms.insert(0, "arm", ["without cashback", "with cashback"])
        table = arms.rename(columns={"orders": "orders per 100 customers"}).reset_index(drop=True)
        table.attrs = {
            "caption": WORDS.text("caption", outcome_days=self.outcome_days),
            "formats": {"bought": ".1%", "orders per 100 customers": ".1f"},
            "people": "customers",
        }
        return table

    def draw(self) -> Picture:
        """Draw the effect adjusted, plain, and as if groups did not matter."""
        rows = [
            ("adjusted, by group", self.buying, PALETTE[0]),
            ("plain, by group", self.buying_plain, PALETTE[6]),
            ("plain, groups ignored", self.alone, PALETTE[1]),
        ]
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value, _ in rows]
        title, alt = WORDS.picture("cashback", self.findings, effects=spoken)
        figure, axes = canvas(title, height_inches=2.6)
        marks = [Mark(label=name, value=value, scale=100, colour=colour) for name, value, colour in rows]
        forest(axes, marks, x=f"pp more customers who bought within {self.outcome_days} days")
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "experiments.assigned_at"), one_of=(("experiments.cluster",),))
def cashback_test(
    shop: Shop,
    *,
    experiment: str = "group_cashback",
    control: str = "control",
    treatment: str = "",
    cluster: str = "cluster",
    planned: str = "",
    outcome_days: int = 56,
    cashback_cents: int = 0,
    seed: int = 1,
) -> CashbackTest:
    """Compare groups drawn to get cashback with groups drawn to get none.

    Customers are followed for `outcome_days` from the draw. treatment: the arm to compare; empty means the
    only one beside control. cluster: the column that names the group drawn, of experiments or else of
    customers (such as city_tier). planned: shares of groups meant for each arm,
    such as "control 75, cashback 25"; empty means equal ones. cashback_cents: what each order of the
    cashback arm was paid (hundredths); 0 takes the worth of redeemed circle coupons, where these differ
    between the arms. Intervals: CR2 with Satterthwaite's degrees of freedom, by group; below 10 groups in an
    arm the verdict also asks the arms dealt anew. Raises CannotAnswer without such a test, with fewer than 3
    groups in an arm, or where all or none of the customers bought.
    """
    frame, trial = group_trial(
        shop,
        experiment=experiment,
        control=control,
        treatment=treatment,
        cluster=cluster,
        outcome_days=outcome_days,
    )
    bought = frame["repurchased"].to_numpy(dtype=float)
    if np.ptp(bought) == 0:
        everybody = bool(bought[0] == 1)
        facts = {"rows": len(frame), "outcome_days": outcome_days}
        raise CannotAnswer(WORDS.text("all alike", everybody=everybody, **facts) + ".")
    arm = str(frame.loc[frame["treated"] == 1, "arm"].iloc[0])
    plan = planned_shares(planned, [control, arm], experiment=experiment)
    groups = frame.groupby("group").agg(arm=("arm", "first"), drawn_at=("index_at", "min"))
    test = CashbackTest(
        frame=frame,
        trial=trial,
        outcome_days=outcome_days,
        buying=trial.effect(bought),
        buying_plain=trial.effect(bought, adjusted=False),
        alone=trial.without_groups().effect(bought, adjusted=False),
        orders=trial.effect(frame["orders_after"].to_numpy(dtype=float)),
        cost=added_cost(shop, frame, trial, outcome_days=outcome_days, cashback_cents=cashback_cents),
        dealt_p=trial.dealt_p(bought, seed=seed),
        ratio=drawn_sizes(shop, groups["arm"], groups["drawn_at"], planned=plan),
    )
    doubt = _doubt(test)
    return replace(
        test, findings=(_buying(test, bought, doubt), _orders(test, doubt), *_costs(test, shop.currency))
    )


def _doubt(test: CashbackTest) -> str:
    arms = test.trial.groups
    few = int(min(arms.sum(), (1 - arms).sum()))
    if test.ratio.alarm:
        return WORDS.text("doubt ratio", day=test.ratio.lost_day)
    if few < FEW_GROUPS and test.dealt_p >= CHANCE:
        return WORDS.text("doubt few", few=few, dealt=test.dealt_p)
    return ""


def _buying(test: CashbackTest, bought: np.ndarray, doubt: str) -> Finding:
    trial, frame = test.trial, test.frame
    return WORDS.finding(
        "A5.cashback_uplift",
        test.buying,
        scale=100,
        n=len(frame),
        p_value=trial.p_value(bought),
        method=WORDS.text(
            "method", held=[plain_name(name) for name in trial.names], groups=len(trial.groups)
        ),
        assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
        verdict=effect_verdict(test.buying, doubt=doubt),
        base=float(frame.loc[frame["treated"] == 0, "repurchased"].mean()),
        outcome_days=test.outcome_days,
        dealt=test.dealt_p,
        floor=DEALT_FLOOR,
        doubt=doubt,
    )


def _orders(test: CashbackTest, doubt: str) -> Finding:
    return WORDS.finding(
        "A5.added_orders",
        test.orders,
        scale=100,
        n=len(test.frame),
        method=WORDS.text("orders method"),
        assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
        verdict=effect_verdict(test.orders, doubt=doubt),
        outcome_days=test.outcome_days,
    )


def _costs(test: CashbackTest, currency: str) -> list[Finding]:
    """How many orders are paid for each added, and its price where the data or the caller know it."""
    cost = test.cost
    if not cost.is_bounded:
        reason = WORDS.text("not added") + "."
        return [WORDS.skip(id, reason) for id in ("A5.paid_per_added_order", "A5.cost_per_added_order")]
    common: dict[str, Any] = {
        "n": len(test.frame),
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
        return [paid, WORDS.skip("A5.cost_per_added_order", WORDS.text("no record") + ".")]
    method = WORDS.text("cost method", source=cost.source)
    money = WORDS.finding(
        "A5.cost_per_added_order", cost.cents, scale=0.01, unit=currency, method=method, **common
    )
    return [paid, money]


def _anyway(paid: Interval) -> dict[str, float]:
    """Of 100 orders paid, those that would have come anyway."""
    return {name: 100 * (1 - 1 / getattr(paid, name)) for name in ("estimate", "low", "high")}
