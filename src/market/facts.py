"""Everything that happened in one market, in arrays, ready to become tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market import aftermath
from market.brushing import add_faked_orders
from market.columns import Ids
from market.coupons import make_coupons
from market.people import habit_to_clock
from market.settings import stream
from market.world import History, World


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The world, its history, and what was added after it; moments are days on the wall clock.

    lived_orders, lived_lines: those of the weeks; behind them orders and lines hold the faked orders of
    sellers.
    """

    world: World
    history: History
    joined: np.ndarray
    orders: dict[str, np.ndarray]
    lines: dict[str, np.ndarray]
    lived_orders: dict[str, np.ndarray]
    lived_lines: dict[str, np.ndarray]
    shares: dict[str, np.ndarray]
    returns: dict[str, np.ndarray]
    coupons: dict[str, np.ndarray]
    customer_ids: Ids
    item_ids: Ids
    order_ids: Ids
    share_ids: Ids


def gather(world: World, history: History) -> Facts:
    """Put the history on the wall clock, deliver and return goods, hand out coupons."""
    log, people = history.log, world.people
    orders, lines, shares = log["orders"], log["lines"], log["shares"]
    orders["placed"] = habit_to_clock(orders["day"], people.type[orders["customer"]])
    aftermath.deliver(world, orders)
    rng = stream(world.seed, "audience")
    rows = len(shares["order"])
    shares["posted"] = orders["placed"][shares["order"]] + np.minimum(rng.exponential(0.25, rows), 1.95)
    draw = rng.random(rows)
    shares["audience"] = np.where(draw < 0.62, 0, np.where(draw < 0.84, 1, 2)).astype(np.int8)
    who, week = shares["customer"], shares["week"]
    receiver = np.full(rows, -1)
    for value in np.unique(week):
        now = week == value
        receiver[now] = world.network.one_friend(who[now], rng.random(now.sum()), int(value))
    shares["audience"][(shares["audience"] == 2) & (receiver < 0)] = 0
    shares["receiver"] = np.where(shares["audience"] == 2, receiver, -1)
    every_order, every_line = add_faked_orders(world, orders, lines)
    return Facts(
        world=world,
        history=history,
        joined=habit_to_clock(people.joined_day, people.type),
        orders=every_order,
        lines=every_line,
        lived_orders=orders,
        lived_lines=lines,
        shares=shares,
        returns=aftermath.make_returns(world, orders, lines),
        coupons=make_coupons(people, orders, shares, world.seed),
        customer_ids=Ids("c", len(people)),
        item_ids=Ids("i", len(world.goods.title)),
        order_ids=Ids("o", len(every_order["customer"])),
        share_ids=Ids("p", rows),
    )
