"""Baskets of customers who buy their few favourites again and again: independent ones, and true pairs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.strange.shop_world import FIRST_DAY, ShopWorld, named, trade

PAIRS = ((3, 40), (10, 11), (22, 55))
_ITEMS, _FAVOURITES, _BASKETS, _DAYS = 80, 4, 12, 300


def independent_habits(customers: int, seed: int) -> ShopWorld:
    """Draw customers whose favourites have nothing to do with each other."""
    return _shop(customers, seed, likely=0.0)


def habits_of_pairs(customers: int, seed: int) -> ShopWorld:
    """Draw customers who, liking the first product of one of three pairs, mostly like the second too."""
    return _shop(customers, seed, likely=0.8)


def _shop(customers: int, seed: int, *, likely: float) -> ShopWorld:
    rng = np.random.default_rng(seed)
    popularity = 1 / np.arange(1, _ITEMS + 1) ** 0.5
    popularity /= popularity.sum()
    owner: list[int] = []
    order: list[int] = []
    item: list[int] = []
    for customer in range(customers):
        favourites = rng.choice(_ITEMS, _FAVOURITES, replace=False, p=popularity)
        for one, other in PAIRS:
            if one in favourites and other not in favourites and rng.random() < likely:
                favourites[np.flatnonzero(favourites != one)[0]] = other
        fondness = rng.dirichlet(np.ones(_FAVOURITES))
        for _ in range(rng.poisson(_BASKETS)):
            basket = set(favourites[rng.choice(_FAVOURITES, rng.integers(2, 4), p=fondness)].tolist())
            basket |= {int(rng.choice(_ITEMS, p=popularity))} if rng.random() < 0.3 else set()
            item += sorted(basket)
            order += [len(owner)] * len(basket)
            owner.append(customer)
    number = np.arange(_ITEMS)
    goods = pd.DataFrame({"item_id": named("i", number), "category": [f"类{n % 2}" for n in number]})
    placed = FIRST_DAY + pd.to_timedelta(rng.integers(0, _DAYS * 1_440, len(owner)), unit="min")
    lines = pd.DataFrame({"order": order, "item_id": named("i", np.array(item))})
    pairs = float(len(PAIRS)) if likely else 0.0
    truth = {"D7.pairs_beyond_taste": pairs, "D7.pairs_beyond_chance": pairs}
    return ShopWorld(tables=trade(np.array(owner), placed, goods, lines), truth=truth)
