"""Shops where half of the customers have no friend and post all the same, so that nobody can see it.

Being seen brings the poster back, posting alone does not. Among the keen both posting and buying again have a
cause that nothing before the order shows. Design after Lipsitch, Tchetgen Tchetgen and Cohen 2010.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from market.strange.shop_world import FIRST_DAY, ShopWorld, named, trade
from market.strange.world import chance

_DAYS, _POSTED_FROM, _ITEMS = 400.0, 250.0, 12
_SEEN = 0.8  # log odds of buying again that a post seen by friends adds


def unseen_posts(customers: int, seed: int) -> ShopWorld:
    """Draw posts that depend on nothing but orders before and chance."""
    return _shop(customers, seed, keen=0.0)


def unseen_posts_of_the_keen(customers: int, seed: int) -> ShopWorld:
    """Draw posts of the keen, who buy again anyway."""
    return _shop(customers, seed, keen=1.2)


def _shop(customers: int, seed: int, *, keen: float) -> ShopWorld:
    rng = np.random.default_rng(seed)
    who, hidden = np.arange(customers), keen * rng.standard_normal(customers)
    before, has_friends = rng.poisson(2.0, customers), rng.random(customers) < 0.5
    posts = rng.random(customers) < chance(-1.2 + 0.5 * np.log1p(before) + hidden)
    base = -1.0 + 0.6 * np.log1p(before) + hidden
    without, seen = chance(base), chance(base + _SEEN * has_friends)
    again = who[rng.random(customers) < np.where(posts, seen, without)]
    day = _POSTED_FROM + 40 * rng.random(customers)
    earlier = np.repeat(who, before)
    orders = pd.DataFrame({"customer": np.concatenate([who, earlier, again, who[:1]])})
    orders["day"] = np.concatenate(
        [day, 230 * rng.random(len(earlier)), day[again] + rng.uniform(3, 85, len(again)), [_DAYS]]
    )
    tables = _trade(rng, orders)
    tables["ties"] = _ties(rng, who[has_friends])
    tables["shares"] = _posts(tables["orders"].iloc[:customers][posts])
    tables["reactions"] = _likes(tables["shares"][has_friends[posts]])
    gain = 100.0 * float((seen - without)[posts].mean())
    return ShopWorld(tables=tables, truth={"A1.adjusted_uplift_sharers": gain, "A1.unseen_posts": 0.0})


def _trade(rng: np.random.Generator, orders: pd.DataFrame) -> dict[str, pd.DataFrame]:
    items = pd.DataFrame({"item_id": named("i", np.arange(_ITEMS))})
    items["category"] = [f"类{number % 6}" for number in range(_ITEMS)]
    lines = pd.DataFrame({"order": np.arange(len(orders))})
    lines["item_id"] = rng.choice(items["item_id"], len(orders))
    placed = FIRST_DAY + pd.to_timedelta((orders["day"] * 86_400).round(), unit="s")
    return trade(orders["customer"].to_numpy(), placed, items, lines)


def _ties(rng: np.random.Generator, who: np.ndarray) -> pd.DataFrame:
    """Each is a friend of the next in a ring drawn by lot, since the first day."""
    ring = rng.permutation(who)
    pairs = np.sort(np.column_stack([ring, np.roll(ring, 1)]), axis=1)
    return pd.DataFrame(
        {"customer_a": named("c", pairs[:, 0]), "customer_b": named("c", pairs[:, 1]), "since_at": FIRST_DAY}
    )


def _posts(orders: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "share_id": named("s", np.arange(len(orders))),
            "customer_id": orders["customer_id"].to_numpy(),
            "order_id": orders["order_id"].to_numpy(),
            "audience": "timeline",
            "prompted": False,
            "posted_at": orders["placed_at"].to_numpy() + np.timedelta64(3, "h"),
        }
    )


def _likes(shares: pd.DataFrame) -> pd.DataFrame:
    """One like a post, within the hour; whose it was is not kept."""
    return pd.DataFrame(
        {
            "reaction_id": named("r", np.arange(len(shares))),
            "share_id": shares["share_id"].to_numpy(),
            "kind": "like",
            "posted_at": shares["posted_at"].to_numpy() + np.timedelta64(1, "h"),
        }
    )
