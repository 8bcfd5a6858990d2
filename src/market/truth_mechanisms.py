"""The truth of incentives built at the end of the data: the market is lived on with and without them (F2)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from market.settings import SIZES, WEEKS
from market.truth_stickiness import unending
from market.weeks import live
from market.world import History, World

AHEAD_WEEKS = 13


def mechanism_truth(world: World, history: History) -> dict[str, dict[str, float]]:
    """Return the orders that each incentive adds in 13 weeks per 100 customers who had bought by the end.

    Chances are summed, not purchases, and all lives meet the same random numbers. Nobody joins after the end.
    Not given above 100,000 customers.
    """
    if len(world.people) > 5 * SIZES["demo"]:
        return {}
    orders = history.log["orders"]
    buyers = len(np.unique(orders["customer"][~orders["cancelled"]]))

    def to_come(built: str) -> float:
        lived = live(replace(unending(world), from_now_on=built), weeks=WEEKS + AHEAD_WEEKS, after=history)
        return 100.0 * lived.tally["orders_to_come"] / buyers

    as_it_is, without_coupon = to_come(""), to_come("no coupon")
    return {
        "F2.orders_added": {
            "group cashback": to_come("group cashback") - as_it_is,
            "coupon for likes": as_it_is - without_coupon,
            "six asks a week": to_come("six asks") - as_it_is,
        }
    }
