"""A shop's test looked at week by week: buyers as the goal, returns and service contacts as guardrails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.first_events import days_to_first, is_recorded
from helpers.data.followed_days import AT_ONCE
from helpers.data.shop import Shop
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval, share_difference
from methods.sequential.decision_rule import Guardrail, LaunchDecision, decide_launch
from methods.sequential.looks import Look, looks_as_known, looks_since_draw
from methods.sequential.sequential_test import SequentialTest, sequential_test
from methods.trials.equivalence import error_of

HAPPENED = "happened"
GOAL, GUARDED = "purchases", ("returns", "service contacts")
Effect = Callable[[pd.DataFrame], Interval]


@dataclass(frozen=True, kw_only=True)
class TrialLooks:
    """Looks at one arm against the control, and what the rule says of it.

    goal: share of customers who bought. guardrails: of those that the shop has a record of until the last
    window ended, by name; a rise by the margin is a loss. decision: of a test that ran to its end whatever
    its looks said.
    """

    goal: SequentialTest
    guardrails: Mapping[str, Guardrail]
    decision: LaunchDecision


def trial_looks(
    shop: Shop,
    frame: pd.DataFrame,
    *,
    experiment: str,
    treated: str,
    outcome_days: int,
    effect: Effect,
    plain: Effect,
    margin_pp: float,
    planned_customers: float = 0,
    planned_days: int = 0,
) -> TrialLooks:
    """Look at a test every week, by what was known of each customer then.

    frame: customer_id, landmark_at (naive UTC, from when on events count) and the arm, one row a customer.
    experiment: its name. treated: column of the arm, 0 or 1. outcome_days: after the landmark.
    effect: returns the arm's effect on the column `happened` of the rows given, as the question measures it;
    plain: the same without covariates, for guardrails. margin_pp: smallest gain worth having, and the
    loss that a guardrail must rule out, points. planned_customers: of both arms; 0: those there are.
    planned_days: of a test drawn at once that still runs; 0: it has ended.
    Customers drawn within a week of each other are looked at as they buy, others as their windows end.
    Raises CannotAnswer where no week has enough buyers.
    """
    margin, planned = margin_pp / 100, planned_customers or len(frame)
    asked: dict[str, Any] = {"treated": treated, "outcome_days": outcome_days}
    asked |= {"planned": planned, "planned_days": planned_days}

    def with_days(event: str) -> pd.DataFrame:
        days = days_to_first(shop, frame, event, experiment=experiment, within_days=outcome_days)
        return frame.assign(days=days)

    goal = sequential_test(_looks(with_days(GOAL), effect, **asked))
    guardrails = {}
    last = frame["landmark_at"].max() + pd.Timedelta(days=outcome_days)
    for name in (name for name in GUARDED if is_recorded(shop, name, until=last)):
        rows = with_days(name)
        try:
            looks = _looks(rows, plain, **asked)
        except CannotAnswer:
            looks = (_last_look(rows, treated, goal),)
        guardrails[name] = Guardrail(test=sequential_test(looks), margin=margin, worse="higher")
    decision = decide_launch(goal, guardrails, worthwhile=margin, ran_on=True)
    return TrialLooks(goal=goal, guardrails=guardrails, decision=decision)


def _looks(
    rows: pd.DataFrame,
    effect: Effect,
    *,
    treated: str,
    outcome_days: int,
    planned: float,
    planned_days: int,
) -> tuple[Look, ...]:
    if rows["landmark_at"].max() - rows["landmark_at"].min() <= AT_ONCE and planned <= len(rows):
        return looks_since_draw(
            rows,
            outcome=HAPPENED,
            treated=treated,
            days_to_event="days",
            effect=effect,
            outcome_days=outcome_days,
            planned_days=planned_days or None,
        )
    rows = rows.assign(
        happened=rows["days"].notna().astype(float),
        known_at=rows["landmark_at"] + pd.Timedelta(days=outcome_days),
    )
    return looks_as_known(
        rows, outcome=HAPPENED, treated=treated, known_at="known_at", effect=effect, planned_n=planned
    )


def _last_look(rows: pd.DataFrame, treated: str, goal: SequentialTest) -> Look:
    """Of events too few for looks on the way: Newcombe's interval, as wide to both sides as to the wider."""
    drawn = rows[treated].map({1.0: "treated", 0.0: "control"})
    counts = rows["days"].notna().groupby(drawn).agg(["sum", "size"])
    (few, of), (many, among) = counts.loc[["treated", "control"]].to_numpy()
    gap = share_difference(int(few), int(of), int(many), int(among))
    reach = max(gap.high - gap.estimate, gap.estimate - gap.low)
    effect = Interval(
        estimate=gap.estimate,
        low=gap.estimate - reach,
        high=gap.estimate + reach,
        n=len(rows),
        level=gap.level,
        standard_error=error_of(gap),
    )
    last = goal.looks.iloc[-1]
    return Look(week=int(last["week"]), rows=len(rows), effect=effect, fraction=float(last["fraction"]))
