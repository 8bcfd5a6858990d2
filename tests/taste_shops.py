"""A shop whose tastes are known: each customer prefers one category, and buys from it at a known rate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from methods.lists.purchases import Purchases


def draw_taste(
    *, seed: int, taste: float, customers: int = 600, orders: int = 12, dated: bool = True
) -> dict[str, pd.DataFrame]:
    """Return contract tables. taste: chance to buy from the own category (0.2: no taste)."""
    rng = np.random.default_rng(seed)
    groups, width = 5, 30
    popularity = 1 / np.arange(1, width + 1) ** 0.7
    popularity /= popularity.sum()
    owner = np.repeat(np.arange(customers), orders)
    own = rng.integers(0, groups, customers)[owner]
    group = np.where(rng.random(len(owner)) < taste, own, rng.integers(0, groups, len(owner)))
    item = group * width + rng.choice(width, len(owner), p=popularity)
    placed = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 365 * 24, len(owner)), unit="h")
    order_id = [f"o{number:06d}" for number in range(len(owner))]
    frame = pd.DataFrame({"order_id": order_id, "customer_id": [f"c{n:05d}" for n in owner]})
    if dated:
        frame["placed_at"] = placed
    frame["status"] = np.where(rng.random(len(owner)) < 0.05, "cancelled", "completed")
    number = np.arange(groups * width)
    return {
        "customers": pd.DataFrame({"customer_id": [f"c{n:05d}" for n in range(customers)]}),
        "items": pd.DataFrame(
            {
                "item_id": [f"i{n:03d}" for n in number],
                "seller_id": [f"s{n % 12}" for n in number],
                "category": [f"类{n // width}" for n in number],
            }
        ),
        "orders": frame,
        "order_lines": pd.DataFrame(
            {
                "order_id": order_id,
                "line_number": 1,
                "item_id": [f"i{n:03d}" for n in item],
                "quantity": 1,
            }
        ),
    }


def purchases_of(rows: pd.DataFrame) -> Purchases:
    """Turn rows (customer, item, placed_at, the first two whole numbers) into Purchases."""
    items = np.array([f"i{n:05d}" for n in range(int(rows["item"].max()) + 1)], object)
    nothing = np.full(len(items), None)
    customers = np.array([f"c{n:05d}" for n in range(int(rows["customer"].max()) + 1)], object)
    return Purchases(rows=rows, customers=customers, items=items, sellers=nothing, categories=nothing)
