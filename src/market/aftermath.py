"""What follows an order: delivery, returns, service contacts, reviews, and what customers say when asked."""

from __future__ import annotations

import numpy as np

from market.brushing import disguise
from market.settings import DAYS, LIPSTICK, logistic, pick, stream
from market.world import World

RETURN_REASONS = ("defect", "size", "not as described", "late", "changed mind")
TOPICS = ("delivery", "return", "product question", "payment", "complaint")
LEAVING_REASONS = (
    "price",
    "quality",
    "too many share requests",
    "slow service",
    "no longer needed",
    "friends left",
)
LEAVING_SHARES = np.array([0.28, 0.22, 0.04, 0.14, 0.24, 0.08])
TIRED, _TIRED_CHANCE = LEAVING_REASONS.index("too many share requests"), 0.25
ASKED_FROM_DAYS, ASKED_DAYS = 15.0, 40.0  # who has left is asked 15 to 55 days after the last purchase
RETURNED_WITHIN_DAYS = 24.0
_RETURN_LOGIT = np.array([-0.2, 0.4, -0.1, -1.2, -0.4, 0.3, 0.7, 0.5, -0.3, -1.0, 0.1, -0.8])


def return_logit(world: World, orders: dict, lines: dict, *, controlled: bool) -> np.ndarray:
    """Return each line's log odds of being returned, with or without what quality control does."""
    category = world.goods.category[lines["item"]]
    logit = -2.9 + _RETURN_LOGIT[category] + world.goods.defect[lines["item"]]
    treated = world.programmes.quality_week[category] <= orders["week"][lines["order"]]
    return logit + world.effects.quality_returns * treated * controlled


def deliver(world: World, orders: dict) -> None:
    """Add shipping_days, promised_days, fee and arrived (day) to the orders."""
    rng = stream(world.seed, "delivery")
    tier = world.people.city_tier[orders["customer"]]
    days = np.exp(0.55 + 0.14 * tier + 0.45 * rng.standard_normal(len(tier)))
    orders["shipping_days"] = np.round(days.clip(0.5, 9.5), 1)
    orders["promised_days"] = 2.0 + (tier >= 2) + (tier >= 4)
    orders["fee"] = np.where(rng.random(len(tier)) < 0.6, 0, 600 + 200 * (tier >= 4))
    orders["arrived"] = orders["placed"] + orders["shipping_days"]


def make_returns(world: World, orders: dict, lines: dict) -> dict[str, np.ndarray]:
    """Return returns as columns: order, item, day, reason, refund; each within 24 days of the order."""
    rng = stream(world.seed, "returns")
    chance = logistic(return_logit(world, orders, lines, controlled=True))
    back = (rng.random(len(chance)) < chance) & ~orders["cancelled"][lines["order"]]
    rows = np.flatnonzero(back)
    order = lines["order"][rows]
    late = orders["shipping_days"][order] > orders["promised_days"][order]
    reason = pick(rng.random(len(rows)), [0.30, 0.22, 0.20, 0.08, 0.20])
    reason = np.where(late & (rng.random(len(rows)) < 0.3), 3, reason)
    wait = 0.2 + 13.0 * rng.random(len(rows)) ** 2
    return {
        "order": order,
        "item": lines["item"][rows],
        "day": np.minimum(
            orders["arrived"][order] + wait, orders["placed"][order] + RETURNED_WITHIN_DAYS - 0.1
        ),
        "reason": reason,
        "refund": lines["quantity"][rows] * lines["price"][rows],
    }


def make_tickets(world: World, orders: dict, lines: dict, returns: dict) -> dict[str, np.ndarray]:
    """Return tickets as columns; a seller under the faster desk answers sooner."""
    rng = stream(world.seed, "tickets")
    main = lines["item"][lines["line"] == 1]
    asks = (rng.random(len(main)) < 0.05) & ~orders["cancelled"]
    after_return = rng.random(len(returns["order"])) < 0.5
    order = np.concatenate([np.flatnonzero(asks), returns["order"][after_return]])
    opened = np.concatenate(
        [orders["placed"][asks] + 6.0 * rng.random(asks.sum()), returns["day"][after_return] + 0.01]
    )
    fast = world.programmes.desk_week[world.goods.seller[main[order]]] <= opened // 7
    hours = np.exp(1.9 + world.effects.desk * fast + 0.8 * rng.standard_normal(len(order)))
    topic = np.where(
        np.arange(len(order)) < asks.sum(), pick(rng.random(len(order)), [0.4, 0.0, 0.3, 0.12, 0.18]), 1
    )
    first = opened + hours / 24.0
    return {
        "order": order,
        "customer": orders["customer"][order],
        "opened": opened,
        "first": first,
        "resolved": first + np.exp(-0.3 + 0.7 * rng.standard_normal(len(order))),
        "topic": topic,
    }


def make_reviews(world: World, orders: dict, lines: dict) -> dict[str, np.ndarray]:
    """Return reviews as columns; faked orders praise briefly and at once, unless they hide."""
    rng = stream(world.seed, "reviews")
    main = lines["item"][lines["line"] == 1]
    fake = orders["faked"]
    writes = ((rng.random(len(main)) < 0.30) | (fake & (rng.random(len(main)) < 0.9))) & ~orders["cancelled"]
    order = np.flatnonzero(writes)
    item, fake = main[order], fake[order]
    late = orders["shipping_days"][order] > orders["promised_days"][order]
    mood = 4.35 - 0.45 * world.goods.defect[item] - 0.6 * late + 0.8 * rng.standard_normal(len(order))
    length = np.round(np.exp(3.2 + 0.8 * rng.standard_normal(len(order))))
    lipstick = world.goods.category[item] == LIPSTICK
    reviews = {
        "order": order,
        "customer": orders["customer"][order],
        "item": item,
        "rating": np.where(fake, 5, np.round(mood).clip(1, 5)).astype(np.int64),
        "length": np.where(fake, 8 + length % 5, length).astype(np.int64),
        "pictures": np.where(fake, 0, rng.poisson(0.5 + 0.6 * lipstick)).astype(np.int64),
        "day": orders["arrived"][order] + np.where(fake, 0.05, 0.2 + rng.exponential(3.0, len(order))),
    }
    if world.fraud == "hard":
        disguise(reviews, fake, orders["arrived"][order], seed=world.seed)
    return reviews


def make_surveys(world: World, orders: dict, alive: np.ndarray, joined: np.ndarray) -> dict[str, np.ndarray]:
    """Return surveys as columns: NPS of a random twentieth each quarter, and why some have left."""
    rng = stream(world.seed, "surveys")
    customers = len(world.people)
    kept = ~orders["cancelled"]
    last = np.full(customers, -1.0)
    np.maximum.at(last, orders["customer"][kept], orders["placed"][kept])
    who, day = [], []
    for start in range(60, DAYS - 10, 91):
        asked = np.flatnonzero((joined < start) & (rng.random(customers) < 0.05))
        who.append(asked)
        day.append(start + 7.0 * rng.random(len(asked)))
    asked, moment = np.concatenate(who), np.concatenate(day)
    bond = np.array([1.2, 0.9, 0.0, -0.2, -1.6])[world.people.type[asked]]
    gone = ~alive[asked] & (last[asked] < moment)
    score = np.round(7.6 + bond - 1.5 * gone + 1.7 * rng.standard_normal(len(asked))).clip(0, 10)
    left = np.flatnonzero(~alive & (last >= 0) & (rng.random(customers) < 0.12))
    reason = pick(rng.random(len(left)), LEAVING_SHARES)
    reason = np.where(rng.random(len(left)) < _tired(world, left), TIRED, reason)
    return {
        "customer": np.concatenate([asked, left]),
        "day": np.concatenate([moment, last[left] + ASKED_FROM_DAYS + ASKED_DAYS * rng.random(len(left))]),
        "score": np.concatenate([score, np.full(len(left), -1)]).astype(np.int64),
        "reason": np.concatenate([np.full(len(asked), -1), reason]).astype(np.int64),
    }


def _tired(world: World, customers: np.ndarray) -> np.ndarray:
    """The chance that being asked to share too often was the reason."""
    return tired_chance(world.programmes.asks[customers])


def tired_chance(asks: np.ndarray | int) -> np.ndarray:
    """Return the chance that a leaver of so many asks a week names them beyond those who name them anyway."""
    return _TIRED_CHANCE * np.minimum(asks, 6) / 6.0


def leaving_chances(world: World, customers: np.ndarray) -> np.ndarray:
    """Return the chance of each of LEAVING_REASONS (columns) for each of these customers (rows)."""
    tired = _tired(world, customers)
    chances = np.outer(1.0 - tired, LEAVING_SHARES)
    chances[:, TIRED] += tired
    return chances
