"""The truth of chapter B: retention without sharing, drivers that do nothing, what customers still buy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from market.network import NEVER
from market.settings import DAYS, SIZES, WEEKS
from market.truth_visits import advert_truth
from market.truth_window import return_chance
from market.weeks import live
from market.world import History, World

HORIZON_DAYS = 365
_FOREVER = 30_000  # week numbers are 16 bit
# No effect of an intervention: what these drivers do moves no purchase in this market.
IDLE_DRIVERS = (
    "B7.late", "B7.returned", "B7.slow_answer", "B7.complaint", "B7.low_rating", "B7.personal",
)  # fmt: skip


def stickiness_truth(
    world: World, history: History, outcomes: dict[str, np.ndarray]
) -> dict[str, float | dict[str, float]]:
    """Return finding id to true value, or to one a segment."""
    return {
        **dict.fromkeys(IDLE_DRIVERS, 0.0),
        **_without_sharing(world, history, outcomes),
        **_value(world, history),
        **advert_truth(world, history),
    }


def _without_sharing(world: World, history: History, outcomes: dict[str, np.ndarray]) -> dict[str, float]:
    """Return the share study's repurchase (%) without the own share, and without friends' shares either."""
    index, spillover = history.log["index"], world.effects.spillover
    alone = {
        week: rate - spillover * history.exposure[week]
        for week, rate in history.outside.items()
        if week in history.exposure
    }
    old = {"boost": index["old_boost"], "until": index["old_until"], "coupon": index["old_coupon"]}
    nobody = return_chance(world, replace(history, outside=alone), index, **old).mean()
    now = np.where(index["shared"], outcomes["shared"], outcomes["not_shared"]).mean()
    return {
        "B10.without_own_share": 100.0 * outcomes["not_shared"].mean(),
        "B10.without_any_share": 100.0 * nobody,
        "B10.resting_on_sharing": 100.0 * (now - nobody) / now,
    }


def _value(world: World, history: History) -> dict[str, float]:
    """Return what buyers did in the year after the end.

    Per customer with a purchase before the end; nobody joins after it. Not given above 100,000 customers.
    """
    if len(world.people) > 5 * SIZES["demo"]:
        return {}
    known = history.log["orders"]
    log = live(unending(world), weeks=WEEKS + HORIZON_DAYS // 7 + 1, after=history).log
    orders, lines = log["orders"], log["lines"]
    seen = np.bincount(known["customer"][~known["cancelled"]], minlength=len(world.people))
    to_come = ~orders["cancelled"] & (orders["day"] < DAYS + HORIZON_DAYS)
    to_come &= (seen > 0)[orders["customer"]]
    money = (lines["quantity"] * lines["price"])[to_come[lines["order"]]].sum() / 100.0
    buyers = (seen > 0).sum()
    return {
        "B9.purchases_to_come": to_come.sum() / buyers,
        "B9.value_to_come": money / buyers,
        "B9.buy_again": 100.0 * len(np.unique(orders["customer"][to_come])) / buyers,
    }


def unending(world: World) -> World:
    """Return the world without an end: what never happens within its time never happens after it either."""

    def far(weeks: np.ndarray) -> np.ndarray:
        return np.where(weeks >= NEVER, _FOREVER, weeks).astype(weeks.dtype)

    network, plans = world.network, world.programmes
    ties = {name: far(getattr(network, name)) for name in ("moved_week", "tie_until", "until")}
    weeks = {
        name: far(getattr(plans, name)) for name in ("member_week", "quality_week", "desk_week", "moved_week")
    }
    return replace(world, network=replace(network, **ties), programmes=replace(plans, **weeks))
