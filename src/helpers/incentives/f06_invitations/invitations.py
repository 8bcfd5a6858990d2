"""F6: how many customers one brings in the end, and what a reward for bringing friends adds and may cost."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.activity_draws import CONTROL, ActivityDraws, read_draws
from helpers.data.shop import Shop
from helpers.incentives.f06_invitations.invited import Invited, brought_within, read_invited
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
from helpers.report.formats import count, interval
from helpers.report.verdicts import p_of_nil
from methods.intervals.estimates import Interval
from methods.invitations import ViralCoefficient, viral_coefficient
from methods.regression.clustered import clustered_fit, ratio_of_contrasts
from methods.trials import intention_to_treat

WORDS = words_beside(__file__)
FOLLOWED_DAYS = 90
BEYOND = 10  # times as long as was watched
_REWARD = ("F6.added_by_reward", "F6.rewards_per_added", "F6.break_even_reward")


@dataclass(frozen=True, kw_only=True)
class RewardArm:
    """What one reward did. rows: customer_id, arm, treated, brought. rewards: paid per added customer, ends
    may be infinite."""

    name: str
    rows: pd.DataFrame = field(repr=False)
    added: Interval
    base: float
    rewards: Interval
    days: int
    doubt: str

    @property
    def is_bounded(self) -> bool:
        """Whether the reward added customers, so that the cost of each exists."""
        return self.rewards.low > 0 and math.isfinite(self.rewards.high)


@dataclass(frozen=True, kw_only=True)
class Invitations:
    """viral: what one customer brings. arms: of the test of a reward, if there was one."""

    viral: ViralCoefficient
    invited: Invited
    arms: tuple[RewardArm, ...]
    findings: tuple[Finding, ...] = ()

    def table(self) -> pd.DataFrame:
        """One row a group: customers, brought so far by 100."""
        brought = np.bincount(
            self.invited.inviter[self.invited.inviter >= 0], minlength=len(self.invited.joined_day)
        )
        rows = [_row("have joined", len(brought), brought.mean())]
        for arm in self.arms:
            days = count(arm.days, "day")
            for treated, name in (
                (0, "had no reward"),
                (1, WORDS.label("had the reward", named=arm.name).rstrip()),
            ):
                if treated or arm is self.arms[0]:
                    own = arm.rows.loc[arm.rows["treated"] == treated, "brought"]
                    rows.append(_row(f"{name} ({days})", len(own), own.mean()))
        frame = pd.DataFrame(rows)
        frame.attrs = {
            "people": "customers",
            "formats": {"brought by 100": ".1f"},
            "caption": WORDS.text("caption"),
        }
        return frame

    def draw(self) -> Picture:
        """Draw how many 100 customers bring: in all, and what the reward adds."""
        marks = [Mark(label="brought in the end", value=self.viral.coefficient, scale=100)]
        marks += [
            Mark(
                label=WORDS.label("added by the reward", named=arm.name).rstrip(),
                value=arm.added,
                scale=100,
                colour=PALETTE[1],
            )
            for arm in self.arms
        ]
        told = [f"{mark.label} {interval(*mark.numbers)}" for mark in marks]
        title, alt = WORDS.picture("invitations", self.findings, told=told)
        figure, axes = canvas(title, height_inches=1.1 + 0.5 * len(marks))
        forest(axes, marks, x="customers brought by 100 customers")
        return Picture(figure, alt)


def _row(who: str, customers: int, brought: float) -> dict[str, object]:
    return {"customers who": who, "customers": customers, "brought by 100": 100 * float(brought)}


@question(WORDS, needs=("customers.invited_by", "customers.joined_at"))
def invitations(shop: Shop) -> Invitations:
    """Say how many customers one brings in the end, and what a reward drawn by lot adds to that.

    The reward is read from activities of the kind `invitation` with an arm `control`; customers are followed
    for 90 days from the lot. Raises CannotAnswer where fewer than 30 customers were brought, in 20 families,
    or nobody is old enough.
    """
    invited = read_invited(shop)
    viral = viral_coefficient(invited.joined_day, invited.inviter, end_day=invited.end_day)
    try:
        draws = _lots(shop) if _has_lots(shop) else None
        reason = WORDS.text("no lot") + "."
    except CannotAnswer as limit:
        draws, reason = None, f"{limit}."
    arms = () if draws is None else tuple(_arm(invited, draws, name, shop) for name in draws.arms)
    rest = _of_reward(shop, arms, invited) if arms else [WORDS.skip(id, reason) for id in _REWARD]
    return Invitations(viral=viral, invited=invited, arms=arms, findings=(*_of_all(viral, invited), *rest))


def _lots(shop: Shop) -> ActivityDraws:
    return read_draws(shop, kind="invitation", days=FOLLOWED_DAYS, outcome="customers")


def _has_lots(shop: Shop) -> bool:
    return not shop.missing("activities.arm", "activities.happened_at", "orders.placed_at")


def _arm(invited: Invited, draws: ActivityDraws, name: str, shop: Shop) -> RewardArm:
    rows = draws.frame[draws.frame["arm"].isin([CONTROL, name])]
    start = pd.Timestamp(shop.known_until("customers")) - pd.Timedelta(days=invited.end_day)
    drawn_day = (rows["drawn_at"] - start) / pd.Timedelta(days=1)
    # A lot at the very moment of joining may be written down a little later than the joining itself.
    brought = brought_within(invited, rows.assign(drawn_day=drawn_day), days=draws.days)
    rows = rows.assign(treated=(rows["arm"] == name).astype(float), brought=brought)
    found = intention_to_treat(rows, outcome="brought", treatment="treated")
    design = np.column_stack([np.ones(len(rows)), rows["treated"]])
    fit = clustered_fit(design, brought, np.arange(len(rows)))
    paid, low, high = ratio_of_contrasts(fit, np.array([1.0, 1.0]), np.array([0.0, 1.0]))
    doubt = WORDS.text("doubt ratio", day=draws.ratio.lost_day) if draws.ratio.alarm else ""
    return RewardArm(
        name=name if len(draws.arms) > 1 else "",
        rows=rows,
        added=found.effect,
        base=found.control_observed,
        rewards=Interval(estimate=paid, low=low, high=high, n=len(rows)),
        days=draws.days,
        doubt=doubt,
    )


def _of_all(viral: ViralCoefficient, invited: Invited) -> list[Finding]:
    assumed = (WORDS.text("wait"), WORDS.text("recorded"))
    coefficient = WORDS.finding(
        "F6.viral_coefficient",
        viral.coefficient,
        method=WORDS.text("method"),
        assumptions=assumed,
        naive=viral.naive,
        unknown=invited.unknown,
        earlier=invited.earlier,
    )
    days = _generation(viral, invited, assumed)
    if viral.multiplier is None:
        return [coefficient, WORDS.skip("F6.multiplier", WORDS.text("above one") + "."), days]
    multiplier = WORDS.finding(
        "F6.multiplier", viral.multiplier, method=WORDS.text("multiplier method"), assumptions=assumed
    )
    return [coefficient, multiplier, days]


def _generation(viral: ViralCoefficient, invited: Invited, assumed: tuple[str, ...]) -> Finding:
    # The fitted law has no end; what it says of days far beyond those that were watched rests on nothing.
    if not viral.generation_days.high <= BEYOND * invited.end_day:
        return WORDS.skip("F6.generation_days", WORDS.text("no end", watched=round(invited.end_day)) + ".")
    return WORDS.finding(
        "F6.generation_days", viral.generation_days, method=WORDS.text("days method"), assumptions=assumed
    )


def _of_reward(shop: Shop, arms: tuple[RewardArm, ...], invited: Invited) -> list[Finding]:
    return [finding for arm in arms for finding in (_added(arm), *_costs(shop, arm, invited))]


def _added(arm: RewardArm) -> Finding:
    return WORDS.finding(
        "F6.added_by_reward",
        arm.added,
        scale=100,
        segment=arm.name or None,
        p_value=p_of_nil(arm.added),
        method=WORDS.text("test method"),
        assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
        verdict=effect_verdict(arm.added, doubt=arm.doubt),
        base=100 * arm.base,
        arm=arm.name,
        days=arm.days,
        doubt=arm.doubt,
    )


def _costs(shop: Shop, arm: RewardArm, invited: Invited) -> list[Finding]:
    segment, ids = arm.name or None, _REWARD[1:]
    if not arm.is_bounded:
        return [WORDS.skip(id, WORDS.text("no bound") + ".", segment=segment) for id in ids]
    assumed = (WORDS.text("drawn"), WORDS.text("every"))
    paid = WORDS.finding(
        ids[0],
        arm.rewards,
        segment=segment,
        method=WORDS.text("rewards method"),
        assumptions=assumed,
        arm=arm.name,
    )
    cost = _cost_otherwise(shop, invited)
    if not cost > 0:
        return [paid, WORDS.skip(ids[1], WORDS.text("no cost") + ".", segment=segment)]
    money = WORDS.finding(
        ids[1],
        _inverse(arm.rewards, cost),
        segment=segment,
        unit=shop.currency,
        method=WORDS.text("money method"),
        assumptions=assumed,
        arm=arm.name,
        otherwise=cost,
    )
    return [paid, money]


def _inverse(rewards: Interval, cost: float) -> Interval:
    return Interval(
        estimate=cost / rewards.estimate, low=cost / rewards.high, high=cost / rewards.low, n=rewards.n
    )


def _cost_otherwise(shop: Shop, invited: Invited) -> float:
    """Mean cost of winning a customer whom nobody brought, in money; nan where no cost is known."""
    if shop.missing("customers.acquisition_cost_cents"):
        return math.nan
    rows = (
        shop["customers"].select("customer_id", "acquisition_cost_cents").to_pandas().set_index("customer_id")
    )
    alone = invited.customer_id[invited.inviter < 0]
    return float(rows["acquisition_cost_cents"].reindex(alone).astype(float).mean()) / 100
