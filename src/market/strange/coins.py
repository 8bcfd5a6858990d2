"""Lists shown or withheld by a coin: a fair one, broken ones that find something in nothing, and lists
that only move what customers buy.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.strange.shop_world import FIRST_DAY, ShopWorld, named, trade

LISTS = ("familiar", "discovery")
_ITEMS, _PLACES, _PAST_DAYS = 60, 5, 180


def fair_coin(customers: int, seed: int) -> ShopWorld:
    """Draw lists by a fair coin; showing them adds nothing."""
    return _shop(customers, seed)


def coin_broken_for_a_list(customers: int, seed: int) -> ShopWorld:
    """Draw one list by 60 to 40 and the other by 40 to 60, of which the log says 50 to 50."""
    return _shop(customers, seed, fault="list")


def coin_of_the_eager(customers: int, seed: int) -> ShopWorld:
    """Draw lists by 80 to 20 for the eager half and 20 to 80 for the others; the log says 50 to 50."""
    return _shop(customers, seed, fault="eager")


def list_that_moves_purchases(customers: int, seed: int) -> ShopWorld:
    """Draw lists by a fair coin, of which each product sold replaces one that would have been bought."""
    return _shop(customers, seed, gain=0.04, replaced=1.0)


def _shop(
    customers: int, seed: int, *, fault: str = "", gain: float = 0.0, replaced: float = 0.0
) -> ShopWorld:
    """Draw one list a customer. gain: what showing adds to the chance of each place; replaced: its part that
    is taken from other products."""
    rng = np.random.default_rng(seed)
    eager = rng.gamma(2, 0.5, customers)
    past = rng.poisson(3 * eager)
    policy = rng.integers(0, 2, customers)
    chance = np.full(customers, 0.5)
    if fault == "list":
        chance = np.where(policy == 0, 0.6, 0.4)
    if fault == "eager":
        chance = np.where(eager > np.median(eager), 0.8, 0.2)
    shown = rng.random(customers) < chance
    item = np.argsort(rng.random((customers, _ITEMS)), axis=1)[:, : _PLACES + 3]
    listed = rng.random((customers, _PLACES)) < np.minimum(0.03 * eager[:, None] + gain * shown[:, None], 1)
    fewer = gain * replaced * _PLACES * shown[:, None] / 3
    other = rng.random((customers, 3)) < np.clip(0.15 + 0.05 * eager[:, None] - fewer, 0, 1)
    coin_day = _PAST_DAYS + rng.integers(0, 30, customers)
    return _tables(rng, policy, shown, item, listed, other, past, coin_day, gain=gain, replaced=replaced)


def _tables(
    rng: np.random.Generator,
    policy: np.ndarray,
    shown: np.ndarray,
    item: np.ndarray,
    listed: np.ndarray,
    other: np.ndarray,
    past: np.ndarray,
    coin_day: np.ndarray,
    *,
    gain: float,
    replaced: float,
) -> ShopWorld:
    who = np.arange(len(policy))
    before = np.repeat(who, past)
    bought = np.concatenate([listed, other], axis=1)
    owner, place = np.nonzero(bought)
    order_of = np.concatenate([before, owner])
    day = np.concatenate(
        [rng.random(len(before)) * coin_day[before], coin_day[owner] + 7 * rng.random(len(owner))]
    )
    sold = np.concatenate([rng.integers(0, _ITEMS, len(before)), item[owner, place]])
    number = np.arange(_ITEMS)
    goods = pd.DataFrame({"item_id": named("i", number), "category": [f"类{n % 6}" for n in number]})
    goods["list_price_cents"] = 2_000
    lines = pd.DataFrame({"order": np.arange(len(sold)), "item_id": named("i", sold)})
    placed = FIRST_DAY + pd.to_timedelta(np.floor(day * 86_400), unit="s")
    tables = trade(order_of, placed, goods, lines)
    tables["customers"] = pd.DataFrame({"customer_id": named("c", who)})
    slate, spot = np.divmod(np.arange(listed.size), _PLACES)
    tables["holdouts"] = pd.DataFrame(
        {
            "holdout_id": named("h", np.arange(listed.size)),
            "slate_id": named("s", slate),
            "customer_id": named("c", slate),
            "item_id": named("i", item[slate, spot]),
            "policy": np.array(LISTS)[policy[slate]],
            "position": spot + 1,
            "shown": shown[slate],
            "shown_chance": 0.5,
            "decided_at": FIRST_DAY + pd.to_timedelta(coin_day[slate], unit="D"),
            "bought": listed[slate, spot],
        }
    )
    net = 1_000 * gain * _PLACES * (1 - replaced)
    truth = {"D5.uplift": dict.fromkeys(LISTS, 100 * gain), "D5.net_purchases": dict.fromkeys(LISTS, net)}
    return ShopWorld(tables=tables, truth=truth)
