"""What the plan of the next test says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpers.report import Finding
from methods.trials.planner import encouragement_inflation

if TYPE_CHECKING:
    from helpers.uplift.next_test import NextTest


def plan_findings(plan: NextTest, about: dict) -> tuple[Finding, ...]:
    """Return A12.sample_per_arm, A12.weeks and A12.peeking_false_alarms.

    about: requirement and question of the findings.
    """
    return _size(plan, about), _weeks(plan, about), _peeking(plan, about)


def _size(plan: NextTest, about: dict) -> Finding:
    size, base = plan.per_arm, plan.base
    return Finding(
        id="A12.sample_per_arm",
        unit="customers",
        estimate=size.estimate,
        low=size.low,
        high=size.high,
        n=size.n,
        method=f"two shares, two-sided 5 % test, {plan.power:.0%} power; range from the base rate's interval",
        assumptions=("two equal arms", "buying again stays as common as it was"),
        reading=(
            f"{base.estimate:.1%} of {base.n:,} customers bought again. To find a change of "
            f"{plan.uplift_pp:g} points with {plan.power:.0%} chance, each arm needs {size.estimate:,.0f} "
            f"customers ({size.low:,.0f} to {size.high:,.0f}).{_moved(plan)}{_grouped(plan)}"
        ),
        **about,
    )


def _moved(plan: NextTest) -> str:
    if plan.first_stage == 1:
        return ""
    times = encouragement_inflation(plan.first_stage)
    return (
        f" That is about {times:.0f} times as many as if the offer moved everyone, for it is taken to move "
        f"{plan.first_stage:.0%}."
    )


def _grouped(plan: NextTest) -> str:
    if plan.groups is None:
        return ""
    factor, most = plan.group_factor
    known = plan.groups
    return (
        f" Drawing whole groups ({known.mean_size:.0f} customers each, as in the last such test) takes "
        f"{factor:.2f} times as many, at most {most:.2f} times: members of a group are alike by "
        f"{known.icc:.3f} ({known.low:.3f} to {known.high:.3f}), where 0 is no more than strangers."
    )


def _weeks(plan: NextTest, about: dict) -> Finding:
    follow, enrol = plan.follow_days / 7, plan.enrol_weeks
    return Finding(
        id="A12.weeks",
        unit="weeks",
        estimate=enrol.estimate + follow,
        low=enrol.low + follow,
        high=enrol.high + follow,
        n=enrol.n,
        method="weeks until both arms are full at the shop's pace of first orders, plus the waiting time",
        assumptions=("customers keep coming at the pace of the last weeks of the window",),
        reading=(
            f"At the present pace both arms are full after {enrol.estimate:.1f} weeks, and the last outcome "
            f"is known {follow:.1f} weeks later: {enrol.estimate + follow:.1f} weeks in all."
        ),
        **about,
    )


def _peeking(plan: NextTest, about: dict) -> Finding:
    rates = plan.peeking[-1]
    plain, sequence = rates.plain.scaled(100), rates.sequence.scaled(100)
    return Finding(
        id="A12.peeking_false_alarms",
        unit="% of tests without effect",
        estimate=plain.estimate,
        low=plain.low,
        high=plain.high,
        n=plain.n,
        method=f"simulation of {plain.n:,} tests without effect, {rates.looks} equal looks, 5 % test at each",
        assumptions=("as many new customers between any two looks",),
        reading=(
            f"A plain 5 % test that is looked at {rates.looks} times, once a week, announces an effect that "
            f"is not there in {plain.estimate:.1f} % of tests. An interval made to be looked at every week "
            f"does so in {sequence.estimate:.1f} %: look as often as you like, but by that one."
        ),
        **about,
    )
