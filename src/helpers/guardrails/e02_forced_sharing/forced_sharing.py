"""E2: when does asking customers again to share cost more than it brings?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from helpers.data.drawn_sizes import drawn_sizes
from helpers.data.find_experiment import find_experiment
from helpers.data.followed_days import followed_days
from helpers.data.shop import Shop
from helpers.guardrails.e02_forced_sharing.asked_customers import BEFORE, asked_customers
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
from helpers.report.formats import interval
from methods.intervals.estimates import Interval, wilson
from methods.trials.intention_to_treat import intention_to_treat
from methods.trials.sample_ratio import SampleRatio

WORDS = words_beside(__file__)
OUTCOMES = {"E2.shares": "shares_after", "E2.orders": "orders_after"}


@dataclass(frozen=True, kw_only=True)
class AskedArm:
    """One arm beside the control. effects: difference of mean outcome a customer, by finding id."""

    name: str
    asks: int
    customers: int
    effects: dict[str, Interval]


@dataclass(frozen=True, kw_only=True)
class ForcedSharing:
    """Every arm of a test that drew how often customers were asked to share.

    frame: of `asked_customers`. ratio: customers by arm against the plan.
    """

    experiment: str
    outcome_days: int
    frame: pd.DataFrame = field(repr=False)
    arms: tuple[AskedArm, ...]
    ratio: SampleRatio
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row an arm: requests, customers, shares and orders per 100 customers, who bought."""
        by_arm = self.frame.groupby("asks")
        table = pd.DataFrame(
            {
                "requests": list(by_arm.groups),
                "customers": by_arm.size().to_numpy(),
                "shares per 100": 100 * by_arm["shares_after"].mean().to_numpy(dtype=float),
                "orders per 100": 100 * by_arm["orders_after"].mean().to_numpy(dtype=float),
                "bought": by_arm["repurchased"].mean().to_numpy(dtype=float),
            }
        )
        table.attrs = {
            "caption": WORDS.text("caption", outcome_days=self.outcome_days),
            "formats": {"shares per 100": ".1f", "orders per 100": ".1f", "bought": ".1%"},
            "people": "customers",
            "shares": {"bought": 1},
        }
        return table

    def draw(self) -> Picture:
        """Draw what each number of requests did to shares and to orders."""
        names = {"E2.shares": "shares", "E2.orders": "orders"}
        rows = [
            (f"{names[id]}, {arm.asks} asked", arm.effects[id], PALETTE[place])
            for place, id in enumerate(names)
            for arm in self.arms
        ]
        spoken = [f"{name} {interval(100 * v.estimate, 100 * v.low, 100 * v.high)}" for name, v, _ in rows]
        settled = sum(one.id == "E2.orders" and one.verdict != "not settled" for one in self.findings)
        title, alt = WORDS.picture(
            "arms", self.findings, effects=spoken, arms=len(self.arms), settled=settled
        )
        figure, axes = canvas(title, height_inches=1.2 + 0.4 * len(rows))
        marks = [Mark(label=name, value=value, scale=100, colour=colour) for name, value, colour in rows]
        forest(axes, marks, x="more than without a request, per 100 customers")
        return Picture(figure, alt)


@question(WORDS, needs=("orders.placed_at", "shares.posted_at", "experiments.assigned_at"))
def forced_sharing(shop: Shop, *, experiment: str = "", outcome_days: int = 84) -> ForcedSharing:
    """Compare customers by how often they were drawn to be asked to share.

    experiment: name of the test; empty means the one declared as asks (see `find_experiment`). outcome_days:
    days followed from the draw, or so far where the test still runs; what the test declares holds. Each arm
    is compared with the control. Raises CannotAnswer without such a test, or where the name of an arm holds
    no number.
    """
    test = find_experiment(shop, kind="asks", name=experiment)
    days = followed_days(shop, test, outcome_days=test.outcome_days or outcome_days)
    frame = asked_customers(shop, test, outcome_days=days)
    if frame["orders_after"].nunique() < 2 and frame["shares_after"].nunique() < 2:
        raise CannotAnswer("nobody in the test ordered or shared differently, so it can show no difference")
    arms = tuple(_arm(frame, test.control, name) for name in _by_asks(frame, test.control))
    plan = test.shares(sorted(frame["arm"].unique()))
    ratio = drawn_sizes(shop, frame["arm"], frame["index_at"], planned=plan)
    made = {"experiment": test.name, "outcome_days": days, "frame": frame, "arms": arms, "ratio": ratio}
    findings = tuple(found for arm in arms for found in _findings(arm, frame, plan, ratio, days))
    return ForcedSharing(**made, findings=findings)


def _by_asks(frame: pd.DataFrame, control: str) -> list[str]:
    others = frame[frame["arm"] != control]
    return list(others.groupby("arm")["asks"].first().sort_values().index)


def _arm(frame: pd.DataFrame, control: str, name: str) -> AskedArm:
    own = frame[frame["arm"].isin([control, name])]
    own = own.assign(treated=(own["arm"] == name).astype(float))
    effects = {
        id: intention_to_treat(own, outcome=outcome, treatment="treated", covariates=BEFORE).effect
        for id, outcome in OUTCOMES.items()
    }
    drawn = own[own["treated"] == 1]
    return AskedArm(name=name, asks=int(drawn["asks"].iloc[0]), customers=len(drawn), effects=effects)


def _findings(
    arm: AskedArm, frame: pd.DataFrame, plan: dict[str, float], ratio: SampleRatio, days: int
) -> list[Finding]:
    doubt = WORDS.text("doubt", day=ratio.lost_day) if ratio.alarm else ""
    control = frame[frame["asks"] == 0]
    about: dict[str, Any] = {"segment": arm.name, "asks": arm.asks}
    found = [_ratio(arm, plan, ratio, doubt)]
    for id, outcome in OUTCOMES.items():
        found.append(
            WORDS.finding(
                id,
                arm.effects[id],
                scale=100,
                method=WORDS.text("method"),
                assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
                verdict=effect_verdict(arm.effects[id], doubt=doubt),
                base=100 * float(control[outcome].mean()),
                outcome_days=days,
                doubt=doubt,
                **about,
            )
        )
    return found


def _ratio(arm: AskedArm, plan: dict[str, float], ratio: SampleRatio, doubt: str) -> Finding:
    everyone = float(ratio.counts.sum())
    return WORDS.finding(
        "E2.sample_ratio",
        wilson(float(ratio.counts[arm.name]), everyone),
        scale=100,
        n=int(everyone),
        method=WORDS.text("ratio method"),
        assumptions=(WORDS.text("ratio assumption", planned=plan[arm.name]),),
        verdict="contradicted" if doubt else "supported",
        p_value=ratio.p_value,
        segment=arm.name,
        asks=arm.asks,
        planned=plan[arm.name],
        chance=ratio.p_value,
    )
