"""A5: does cashback for sharing in a group add purchases, or only pay for those that came anyway?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import PALETTE, Finding, Picture, canvas, question
from helpers.uplift.cashback_cost import Cost, added_cost, cost_findings
from helpers.uplift.drawn_intervals import draw_intervals
from helpers.uplift.group_trial import FEW_GROUPS, GroupTrial, group_trial
from helpers.uplift.wording import POINTS, effect_verdict, in_percent, points, stated
from methods.intervals.estimates import Interval
from methods.trials.intention_to_treat import ALARM

CHANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class CashbackTest:
    """What the cashback did to buying and to the number of orders, and what an added order cost.

    buying: effect on the share who bought. buying_plain: the same without what was known before. alone: that
    as if customers had been drawn one by one. orders: effect on orders a customer. dealt_p: of arms dealt
    to the groups anew. draw_p: of a fair draw missing the planned shares as far.
    """

    trial: GroupTrial
    buying: Interval
    buying_plain: Interval
    alone: Interval
    orders: Interval
    cost: Cost
    dealt_p: float
    draw_p: float
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an arm: arm, groups, customers, bought, orders per 100 customers."""
        frame = self.trial.frame
        arms = frame.groupby("treated").agg(
            groups=("group", "nunique"), customers=("group", "size"),
            bought=("repurchased", "mean"), orders=("orders_after", "mean"),
        )  # fmt: skip
        arms["orders"] = 100 * arms["orders"].astype(float)
        arms.insert(0, "arm", ["without cashback", "with cashback"])
        table = arms.rename(columns={"orders": "orders per 100 customers"}).reset_index(drop=True)
        table.attrs = {
            "caption": f"The two arms over {self.trial.outcome_days} days, before adjustment",
            "formats": {"bought": ".1%", "orders per 100 customers": ".1f"},
            "people": "customers",
        }
        return table

    def draw(self) -> Picture:
        """Draw the effect adjusted, plain, and as if groups did not matter."""
        rows = {
            "adjusted, by group": self.buying,
            "plain, by group": self.buying_plain,
            "plain, groups ignored": self.alone,
        }
        value, low, high = in_percent(self.buying)
        figure, axes = canvas(
            f"Cashback: {value:+.1f} points more customers buy ({low:+.1f} to {high:+.1f})",
            height_inches=2.6,
        )
        label = f"points more customers who bought within {self.trial.outcome_days} days"
        spoken = draw_intervals(
            axes, list(rows.items()), x=label, colours=[PALETTE[0], PALETTE[6], PALETTE[1]]
        )
        return Picture(figure, f"Effect of the cashback on buying, with intervals: {spoken}.")


@question(
    "A5",
    "Does cashback for sharing in a group add purchases, or only pay for those that would have come anyway?",
    needs=("orders.placed_at", "experiments.assigned_at", "experiments.cluster"),
)
def cashback_test(
    shop,
    *,
    experiment: str = "group_cashback",
    control: str = "control",
    treatment: str = "",
    planned_share: float = 0.5,
    outcome_days: int = 56,
    cashback_cents: int = 0,
    seed: int = 1,
) -> CashbackTest:
    """Compare groups drawn to get cashback with groups drawn to get none.

    Customers are followed for `outcome_days` from the draw. planned_share: of groups meant to get cashback.
    cashback_cents: what each order of the cashback arm was paid (hundredths); 0 takes the worth of redeemed
    circle coupons, where these differ between the arms. Intervals: CR2 with Satterthwaite's degrees of
    freedom, by group; below 10 groups in an arm the verdict also asks the arms dealt anew. Raises
    CannotAnswer without such a test or with fewer than 3 groups in an arm.
    """
    trial = group_trial(
        shop, experiment=experiment, control=control, treatment=treatment, outcome_days=outcome_days
    )
    bought = trial.frame["repurchased"].to_numpy(dtype=float)
    orders = trial.frame["orders_after"].to_numpy(dtype=float)
    effect, added = trial.effect(bought), trial.effect(orders)
    dealt_p, draw_p = trial.dealt_p(bought, seed=seed), trial.draw_p(planned_share=planned_share)
    cost = added_cost(shop, trial, orders, cashback_cents=cashback_cents)
    doubt = _doubt(trial, dealt_p, draw_p)
    about = {"requirement": "A5", "question": cashback_test.question, "n": len(trial.frame)}
    findings = (
        _buying_finding(trial, effect, dealt_p, {**about, "p_value": trial.p_value(bought)}, doubt),
        _orders_finding(trial, added, about, doubt),
        *cost_findings(shop, trial, cost, about),
    )
    return CashbackTest(
        trial=trial, buying=effect, buying_plain=trial.effect(bought, adjusted=False),
        alone=_alone(trial, bought), orders=added, cost=cost, dealt_p=dealt_p, draw_p=draw_p,
        findings=findings,
    )  # fmt: skip


def _alone(trial: GroupTrial, bought: np.ndarray) -> Interval:
    single = trial.frame.assign(group=np.arange(len(trial.frame)))
    parts = {"covariates": trial.covariates, "names": trial.names, "outcome_days": trial.outcome_days}
    return GroupTrial(frame=single, **parts).effect(bought, adjusted=False)


def _doubt(trial: GroupTrial, dealt_p: float, draw_p: float) -> str:
    arms = trial.groups
    few = int(min(arms.sum(), (1 - arms).sum()))
    if draw_p < ALARM:
        return "the arms do not have the planned numbers of groups, so the draw cannot be trusted"
    if few < FEW_GROUPS and dealt_p >= CHANCE:
        return (
            f"an arm has only {few} groups, and dealing the arms anew parts them as far (p = {dealt_p:.2f})"
        )
    return ""


def _buying_finding(trial: GroupTrial, effect: Interval, dealt_p: float, about: dict, doubt: str) -> Finding:
    base = float(trial.frame.loc[trial.frame["treated"] == 0, "repurchased"].mean())
    verdict = effect_verdict(effect, doubt=doubt)
    meaning = {
        "supported": "the cashback adds buyers",
        "contradicted": "the cashback lowers the number of buyers",
        "not settled": f"whether the cashback adds buyers is not settled{', for ' + doubt if doubt else ''}",
    }[verdict]
    held = ", ".join(trial.names) or "nothing"
    return stated(
        effect,
        id="A5.cashback_uplift",
        unit=POINTS,
        method=f"difference of shares by drawn group, adjusted by {held}; CR2 interval by group "
        f"({len(trial.groups)} groups)",
        assumptions=(
            "the groups' arms were drawn at random",
            "a group's cashback does not move other groups",
        ),
        verdict=verdict,
        reading=(
            f"Within {trial.outcome_days} days the cashback changed the share of customers who bought by "
            f"{points(effect)}; without it {base:.1%} bought: {meaning}. Dealing the arms to the groups anew "
            f"parts them as far in {_rarely(dealt_p)} of draws."
        ),
        **about,
    )


def _rarely(p: float) -> str:
    return "fewer than 0.1 %" if p < 0.001 else f"{p:.1%}"


def _orders_finding(trial: GroupTrial, added: Interval, about: dict, doubt: str) -> Finding:
    value, low, high = in_percent(added)
    return stated(
        added,
        id="A5.added_orders",
        unit="orders per 100 customers",
        method="difference of mean orders by drawn group, adjusted; CR2 interval by group",
        assumptions=(
            "the groups' arms were drawn at random",
            "a group's cashback does not move other groups",
        ),
        verdict=effect_verdict(added, doubt=doubt),
        reading=(
            f"Per 100 customers, the cashback added {value:.1f} orders ({low:.1f} to {high:.1f}) in "
            f"{trial.outcome_days} days."
        ),
        **about,
    )
