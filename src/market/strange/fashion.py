"""A shop in which fashion moves fast: products sell for weeks and are forgotten, and taste decides little."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.strange.shop_world import FIRST_DAY, ShopWorld, named, trade

_ITEMS, _KINDS, _DAYS, _LIFE_DAYS, _PURCHASES = 250, 6, 420, 100.0, 12


def fast_fashion(customers: int, seed: int) -> ShopWorld:
    """Draw customers who buy what is in fashion on the day, of their own kind a little more often."""
    return _shop(customers, seed, taste=1.3)


def fashion_alone(customers: int, seed: int) -> ShopWorld:
    """Draw customers who buy what is in fashion on the day, whoever they are."""
    return _shop(customers, seed, taste=1.0)


def lasting_taste(customers: int, seed: int) -> ShopWorld:
    """Draw customers who keep to one kind of product, in whatever is in fashion there."""
    return _shop(customers, seed, taste=12.0)


def _shop(customers: int, seed: int, *, taste: float) -> ShopWorld:
    """taste: how many times as often a product is bought by those who like its kind."""
    rng = np.random.default_rng(seed)
    launched = np.sort(rng.uniform(-90, _DAYS, _ITEMS))
    kind, appeal = rng.integers(0, _KINDS, _ITEMS), rng.lognormal(0, 1, _ITEMS)
    liked, joined = rng.integers(0, _KINDS, customers), rng.uniform(0, 0.9 * _DAYS, customers)
    number = 1 + rng.poisson(_PURCHASES * (1 - joined / _DAYS))
    who = np.repeat(np.arange(customers), number)
    day = rng.uniform(joined[who], _DAYS)
    order = np.lexsort([day, who])
    who, day, item = who[order], day[order], np.empty(len(who), int)
    held = np.zeros(_ITEMS, bool)
    for row in range(len(who)):
        if row == 0 or who[row] != who[row - 1]:
            held[:] = False
        age = day[row] - launched
        weight = np.where((age >= 0) & ~held, appeal * np.exp(-np.maximum(age, 0) / _LIFE_DAYS), 0.0)
        edges = np.cumsum(weight * np.where(kind == liked[who[row]], taste, 1.0))
        item[row] = np.searchsorted(edges, rng.random() * edges[-1], side="right")
        held[item[row]] = True
    goods = pd.DataFrame({"item_id": named("i", np.arange(_ITEMS)), "category": [f"类{n}" for n in kind]})
    placed = FIRST_DAY + pd.to_timedelta(np.floor(day * 86_400), unit="s")
    lines = pd.DataFrame({"order": np.arange(len(who)), "item_id": named("i", item)})
    return ShopWorld(tables=trade(who, placed, goods, lines), truth={"taste": taste})
