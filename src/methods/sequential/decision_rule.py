"""A decision rule set before a test begins: ship, discuss, do not ship, or keep running."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from methods.result import Result
from methods.sequential.sequential_test import SequentialTest

Action = Literal["ship", "discuss", "do not ship", "keep running"]
Reason = Literal["gain", "harm", "too small", "guardrail", "guardrail open", "open"]


@dataclass(frozen=True, kw_only=True)
class Guardrail(Result):
    """A metric that a change may not worsen by its margin.

    test: its looks. margin: above 0, in the metric's unit. worse: the direction that is a loss.
    """

    test: SequentialTest
    margin: float
    worse: Literal["lower", "higher"] = "lower"

    def __post_init__(self) -> None:
        if not self.margin > 0:
            raise ValueError(f"margin is {self.margin!r}; a guardrail needs one above 0, in its own unit")


@dataclass(frozen=True, kw_only=True)
class LaunchDecision(Result):
    """What the rule says, since which week of the test, and why.

    reason: gain (ship); harm, too small or guardrail (do not ship); guardrail open or open (discuss).
    guardrails: names of those behind the reason.
    """

    action: Action
    week: int
    reason: Reason
    guardrails: tuple[str, ...] = ()


def decide_launch(
    goal: SequentialTest,
    guardrails: Mapping[str, Guardrail] | None = None,
    *,
    worthwhile: float = 0.0,
    ran_on: bool = False,
) -> LaunchDecision:
    """Return the decision of a test on a goal to raise, looked at every week, and never more than one.

    goal: looks at the metric that is to rise. guardrails: by name.
    worthwhile: smallest gain worth having, in the goal's unit; 0 where any gain is.
    ran_on: the test ran on whatever its looks said, so that only the last one decides.
    While the test runs the always-valid intervals count, at the planned end the fixed ones. Ship: the goal is
    above 0 and every guardrail above minus its margin. Do not ship: the goal is below 0, or at the end below
    `worthwhile`, or a guardrail is shown to lose more than its margin. At the end anything else is to be
    discussed. The first look that decides ends the test. Each side of either interval errs in at most 2.5 %
    (at level 0.95), so at most 5 % ship without effect or with a guardrail that loses its margin; several
    guardrails, all to be passed, need no adjustment. Source: Schultzberg, Ankargren and Frånberg (2024),
    arXiv 2402.11609, for the rule; there the looks are group-sequential.
    Raises ValueError for a worthwhile gain below 0.

    >>> from methods.intervals.estimates import Interval
    >>> from methods.sequential import Look, sequential_test
    >>> gain = Interval(estimate=0.05, low=0.01, high=0.09, n=900, standard_error=0.0204)
    >>> test = sequential_test([Look(week=8, rows=900, effect=gain, fraction=1.0)])
    >>> decide_launch(test).action, decide_launch(test, worthwhile=0.02).action
    ('ship', 'ship')
    """
    if worthwhile < 0:
        raise ValueError(f"worthwhile is {worthwhile!r}; a smallest gain is 0 or more")
    places = goal.looks.index[-1:] if ran_on else goal.looks.index
    decisions = [_at_look(place, goal, guardrails or {}, worthwhile) for place in places]
    return next((one for one in decisions if one.action != "keep running"), decisions[-1])


def _at_look(
    place: int, goal: SequentialTest, guardrails: Mapping[str, Guardrail], worthwhile: float
) -> LaunchDecision:
    at_end = goal.ended and place == goal.looks.index[-1]
    kind, look = "fixed" if at_end else "always", goal.looks.loc[place]
    low, high, week = look[f"{kind}_low"], look[f"{kind}_high"], int(look["week"])
    losses = {name: _loss(one, week, at_end) for name, one in guardrails.items()}
    broken = tuple(name for name, loss in losses.items() if loss is not None and loss[1])
    unknown = tuple(name for name, loss in losses.items() if loss is None or not loss[0])
    if high < 0:
        return LaunchDecision(action="do not ship", week=week, reason="harm")
    if broken:
        return LaunchDecision(action="do not ship", week=week, reason="guardrail", guardrails=broken)
    if low > 0 and not unknown:
        return LaunchDecision(action="ship", week=week, reason="gain")
    if not at_end:
        return LaunchDecision(action="keep running", week=week, reason="open")
    if high < worthwhile:
        return LaunchDecision(action="do not ship", week=week, reason="too small")
    if low > 0:
        return LaunchDecision(action="discuss", week=week, reason="guardrail open", guardrails=unknown)
    return LaunchDecision(action="discuss", week=week, reason="open")


def _loss(guardrail: Guardrail, week: int, at_end: bool) -> tuple[bool, bool] | None:
    """Whether the guardrail is passed, and whether it is broken; None before it has a look."""
    looks = guardrail.test.looks
    known = looks[looks["week"] <= week]
    if known.empty:
        return None
    row = known.iloc[-1]
    kind = "fixed" if at_end and guardrail.test.ended else "always"
    low, high = row[f"{kind}_low"], row[f"{kind}_high"]
    if guardrail.worse == "higher":
        low, high = -high, -low
    return bool(low > -guardrail.margin), bool(high < -guardrail.margin)
