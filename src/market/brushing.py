"""Faked orders that five sellers buy in burst weeks, beside those that a few accounts place in any week.

They are added after the weeks have passed, from a random stream of their own, so nothing else moves. Delays,
lengths and ratings of their reviews overlap honest ones, and many accounts look at the product first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from market import settings
from market.people import habit_to_clock
from market.settings import stream

if TYPE_CHECKING:
    from market.world import World

SELLERS = 5
_SHARE = (0.10, 0.30)  # of a burst week's orders
_BURSTS, _BURST_WEEKS = 3, (2, 4)
_WEEKS = (14, 56)  # the bursts are over before the share study begins
_APART_DAYS = settings.QUIET_DAYS
REVIEWED, LOOKS_FIRST = 0.7, 0.4
_COPIES, _COPIED = (9, 14, 23), 0.35  # lengths of the texts that are handed out


def burst_sellers(world: World) -> np.ndarray:
    """Return the sellers that buy orders: five, or one in eight where there are few; none without fraud."""
    sellers = len(world.goods.seller_name)
    if world.fraud != "hard" or not world.people.brushing.any():
        return np.zeros(0, np.int64)
    sold = np.flatnonzero(np.bincount(world.goods.seller, minlength=sellers) > 0)
    few = min(SELLERS, max(len(sold) // 8, 1))
    return np.sort(stream(world.seed, "burst sellers").choice(sold, few, replace=False))


def add_faked_orders(
    world: World, orders: dict[str, np.ndarray], lines: dict[str, np.ndarray]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return orders and lines with the faked ones of the burst weeks behind the others."""
    new = _draw(world, orders, lines)
    rows, first = len(new["customer"]), len(orders["customer"])
    if not rows:
        return orders, lines
    rng = stream(world.seed, "faked deliveries")
    tier = world.people.city_tier[new["customer"]]
    days = np.exp(0.55 + 0.14 * tier + 0.45 * rng.standard_normal(rows))
    goods = world.goods
    more = {
        **new,
        "cancelled": np.zeros(rows, bool),
        "source": np.full(rows, -1),
        "faked": np.ones(rows, bool),
        "wanted": new["item"],
        "placed": habit_to_clock(new["day"], world.people.type[new["customer"]]),
        "shipping_days": np.round(days.clip(0.5, 9.5), 1),
        "promised_days": 2.0 + (tier >= 2) + (tier >= 4),
        "fee": np.where(rng.random(rows) < 0.6, 0, 600 + 200 * (tier >= 4)),
    }
    more["arrived"] = more["placed"] + more["shipping_days"]
    basket = {
        "order": first + np.arange(rows),
        "line": np.ones(rows, np.int64),
        "item": new["item"],
        "quantity": np.ones(rows, np.int64),
        "price": goods.price_cents[new["item"]],
    }
    return (
        {name: np.concatenate([values, more[name].astype(values.dtype)]) for name, values in orders.items()},
        {name: np.concatenate([values, basket[name].astype(values.dtype)]) for name, values in lines.items()},
    )


def _draw(world: World, orders: dict, lines: dict) -> dict[str, np.ndarray]:
    """Return customer, day (habit clock), week and item of each faked order."""
    rng = stream(world.seed, "brushing")
    sold = world.goods.seller[lines["item"][lines["line"] == 1]]
    parts = []
    for seller in burst_sellers(world):
        items = np.flatnonzero((world.goods.seller == seller) & (world.goods.launched_week <= _WEEKS[0]))
        for week in _burst_weeks(rng):
            share = rng.uniform(*_SHARE)
            honest = ((sold == seller) & (orders["week"] == week)).sum()
            count = max(round(honest * share / (1 - share)), 1)
            here = np.flatnonzero(world.people.brushing & (world.people.joined_week < week))
            if not len(items) or not len(here):
                continue
            who = rng.choice(here, min(count, len(here)), replace=False)
            parts.append(
                {
                    "customer": who,
                    "day": 7.0 * week + 7.0 * rng.random(len(who)),
                    "week": np.full(len(who), week),
                    "item": rng.choice(items, len(who)),
                }
            )
    if not parts:
        return {name: np.zeros(0, np.int64) for name in ("customer", "day", "week", "item")}
    drawn = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    kept = _apart(drawn, orders)
    return {name: values[kept] for name, values in drawn.items()}


def _burst_weeks(rng: np.random.Generator) -> np.ndarray:
    begin = rng.integers(*_WEEKS, _BURSTS)
    bursts = [np.arange(one, one + rng.integers(_BURST_WEEKS[0], _BURST_WEEKS[1] + 1)) for one in begin]
    weeks = np.unique(np.concatenate(bursts))
    return weeks[weeks < _WEEKS[1]]


def _apart(drawn: dict[str, np.ndarray], orders: dict[str, np.ndarray]) -> np.ndarray:
    """Nobody orders twice within 48 hours: keep what stands apart from the account's other orders."""
    kept = np.zeros(len(drawn["day"]), bool)
    for who in np.unique(drawn["customer"]):
        taken = orders["day"][orders["customer"] == who].tolist()
        for row in np.flatnonzero(drawn["customer"] == who):
            day = drawn["day"][row]
            if all(abs(day - other) > _APART_DAYS for other in taken):
                kept[row] = True
                taken.append(day)
    return kept


def disguise(reviews: dict[str, np.ndarray], fake: np.ndarray, arrived: np.ndarray, *, seed: int) -> None:
    """Give reviews of faked orders ratings, lengths and delays that honest ones have too; in place."""
    rows = np.flatnonzero(fake)
    rng = stream(seed, "disguised reviews")
    uniform, delay, scatter = (
        rng.random(len(rows)),
        rng.exponential(2.0, len(rows)),
        rng.standard_normal(len(rows)),
    )
    length = np.round(np.exp(2.9 + 0.7 * scatter))
    copied = rng.random(len(rows)) < _COPIED
    reviews["rating"][rows] = np.where(uniform < 0.75, 5, np.where(uniform < 0.97, 4, 3))
    reviews["length"][rows] = np.where(copied, rng.choice(_COPIES, len(rows)), length)
    reviews["pictures"][rows] = rng.poisson(0.3, len(rows))
    reviews["day"][rows] = arrived[rows] + 0.1 + delay


def faked_reviews(world: World, orders: dict[str, np.ndarray], first: int) -> dict[str, np.ndarray]:
    """Return the reviews of the faked orders that stand from row `first` on, as columns."""
    rng = stream(world.seed, "faked reviews")
    order = first + np.flatnonzero(rng.random(len(orders["customer"]) - first) < REVIEWED)
    nothing = np.zeros(len(order), np.int64)
    reviews = {
        "order": order,
        "customer": orders["customer"][order],
        "item": orders["wanted"][order],
        "rating": nothing.copy(),
        "length": nothing.copy(),
        "pictures": nothing.copy(),
        "day": np.zeros(len(order)),
    }
    disguise(reviews, np.ones(len(order), bool), orders["arrived"][order], seed=world.seed + 1)
    return reviews


def faked_looks(world: World, orders: dict[str, np.ndarray], first: int) -> dict[str, np.ndarray]:
    """Return a visit and a view before some of the faked orders from row `first` on, as events."""
    rng = stream(world.seed, "faked looks")
    order = first + np.flatnonzero(rng.random(len(orders["customer"]) - first) < LOOKS_FIRST)
    before = (4.0 + 30.0 * rng.random(len(order))) / 1440
    return {
        "customer": np.repeat(orders["customer"][order], 2),
        "kind": np.tile([0, 1], len(order)),
        "item": np.column_stack([np.full(len(order), -1), orders["wanted"][order]]).ravel(),
        "session": np.repeat(np.arange(len(order)), 2),
        "query": np.full(2 * len(order), -1),
        "day": np.column_stack(
            [orders["placed"][order] - before, orders["placed"][order] - before / 2]
        ).ravel(),
    }
