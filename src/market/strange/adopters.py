"""Early adopters who show what they bought, and move nobody: the eager have eager friends."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from market.strange.customers import drawn_shop
from market.strange.paces import START, Paces
from market.strange.shop_world import ShopWorld, named

_DAYS, _ITEMS = 1_096, 12
_FIRST_LAUNCH, _BETWEEN_LAUNCHES, _SLOWEST_DAYS = 400, 45, 150


def early_adopters(customers: int, seed: int) -> ShopWorld:
    """Draw people who buy each item when they are ready and post at once; the eager are friends of the eager.

    No post moves anybody: a friend who buys later was ready later.
    """
    shop = drawn_shop(customers, seed, Paces(days=_DAYS))
    rng = np.random.default_rng(seed + 1)
    ids = shop.tables["customers"]["customer_id"].to_numpy()
    ready = rng.random(len(ids))  # how early one takes up anything new
    tables = {**shop.tables, **_adoptions(rng, ids, ready, shop.tables), **_friends(rng, ids, ready)}
    first = tables["orders"].groupby("customer_id")["placed_at"].min()
    tables["customers"] = first.rename("joined_at").reset_index()
    tables["shares"] = _posts(rng, tables["orders"], tables["order_lines"])
    tables["reactions"] = _likes(rng, tables["shares"], tables["ties"])
    return ShopWorld(tables=tables, truth={"C4.bought_after_post": 1.0})


def _adoptions(
    rng: np.random.Generator, ids: np.ndarray, ready: np.ndarray, tables: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Twelve new items, each taken up by a third of the customers when these are ready for it."""
    rows = []
    for number in range(_ITEMS):
        takes = np.flatnonzero(rng.random(len(ids)) < 0.33)
        launched = _FIRST_LAUNCH + _BETWEEN_LAUNCHES * number
        day = launched + _SLOWEST_DAYS * ready[takes] + rng.exponential(10.0, len(takes))
        rows.append(pd.DataFrame({"customer_id": ids[takes], "item_id": f"n{number:02d}", "day": day}))
    taken = pd.concat(rows, ignore_index=True)
    taken["order_id"] = named("a", np.arange(len(taken)))
    placed = START + pd.to_timedelta((taken["day"] * 86_400).round(), unit="s")
    orders = taken[["order_id", "customer_id"]].assign(placed_at=placed, status="completed")
    lines = taken[["order_id", "item_id"]].assign(line_number=1, quantity=1, unit_price_cents=9_900)
    items = pd.DataFrame({"item_id": [f"n{number:02d}" for number in range(_ITEMS)], "category": "数码"})
    return {
        "items": pd.concat([tables["items"], items], ignore_index=True),
        "orders": pd.concat([tables["orders"], orders], ignore_index=True),
        "order_lines": pd.concat([tables["order_lines"], lines], ignore_index=True),
    }


def _friends(rng: np.random.Generator, ids: np.ndarray, ready: np.ndarray) -> dict[str, pd.DataFrame]:
    """Ties between people who are about equally eager."""
    order = np.argsort(ready + rng.normal(0.0, 0.05, len(ids)))
    reach = rng.integers(1, 25, 4 * len(ids))
    one = rng.integers(0, len(ids), 4 * len(ids))
    pairs = np.column_stack([one, np.minimum(one + reach, len(ids) - 1)])
    pairs = np.unique(np.sort(order[pairs[pairs[:, 0] < pairs[:, 1]]], axis=1), axis=0)
    ties = pd.DataFrame({"customer_a": ids[pairs[:, 0]], "customer_b": ids[pairs[:, 1]], "since_at": START})
    return {"ties": ties}


def _posts(rng: np.random.Generator, orders: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Half of the new items bought are shown to friends within the day."""
    new = orders.merge(lines[lines["item_id"].str.startswith("n")], on="order_id")
    posted = new[rng.random(len(new)) < 0.5].reset_index(drop=True)
    after = pd.to_timedelta(rng.integers(600, 86_400, len(posted)), unit="s")
    return pd.DataFrame(
        {
            "share_id": named("s", np.arange(len(posted))),
            "customer_id": posted["customer_id"],
            "order_id": posted["order_id"],
            "item_id": posted["item_id"],
            "audience": "timeline",
            "prompted": False,
            "posted_at": posted["placed_at"] + after,
        }
    )


def _likes(rng: np.random.Generator, shares: pd.DataFrame, ties: pd.DataFrame) -> pd.DataFrame:
    """A fifth of an author's friends like a post, whoever the author is."""
    both = pd.concat(
        [
            ties[["customer_a", "customer_b"]],
            ties[["customer_b", "customer_a"]].set_axis(["customer_a", "customer_b"], axis=1),
        ]
    )
    seen = shares.merge(both, left_on="customer_id", right_on="customer_a")
    liked = seen[rng.random(len(seen)) < 0.2].reset_index(drop=True)
    after = pd.to_timedelta(rng.integers(60, 172_800, len(liked)), unit="s")
    return pd.DataFrame(
        {
            "reaction_id": named("r", np.arange(len(liked))),
            "share_id": liked["share_id"],
            "customer_id": liked["customer_b"],
            "kind": "like",
            "posted_at": liked["posted_at"] + after,
        }
    )
