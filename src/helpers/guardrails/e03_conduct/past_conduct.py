"""What a shop knows of its customers' conduct at a moment: returns, cancellations, reviews; no traits."""

from __future__ import annotations

import pandas as pd

from helpers.data.shop import Shop
from helpers.guardrails.sale_cases import SETTLE_DAYS

HISTORY_DAYS = 365
FEWEST_LINES = 2
REVIEWS = ("reviews.rating", "reviews.posted_at", "reviews.item_id")


def past_conduct(
    lines: pd.DataFrame, orders: pd.DataFrame, reviews: pd.DataFrame | None, moment: pd.Timestamp
) -> pd.DataFrame:
    """Return one row a customer with two sales or more whose returns were known at the moment.

    lines: of `sold_lines`. orders: customer_id, placed_at, cancelled, of all orders. reviews: customer_id,
    item_id, rating, posted_at; None where not known. Columns, larger is worse: return_ratio (returned over
    what is usual in the category, a case of the usual added), cancelled_share and, where reviews are known,
    review_gap (mean distance of a rating from the item's mean; missing without a review).
    """
    since = moment - pd.Timedelta(days=HISTORY_DAYS)
    known = lines[
        (lines["placed_at"] > since) & (lines["placed_at"] <= moment - pd.Timedelta(days=SETTLE_DAYS))
    ]
    usual = known.groupby("category", dropna=False)["returned"].transform("mean")
    sums = known.assign(expected=usual).groupby("customer_id")
    counted = sums.agg(sales=("returned", "size"), returned=("returned", "sum"), expected=("expected", "sum"))
    counted = counted[counted["sales"] >= FEWEST_LINES]
    mine = orders[(orders["placed_at"] > since) & (orders["placed_at"] <= moment)]
    found = pd.DataFrame(
        {
            "return_ratio": (counted["returned"] + known["returned"].mean())
            / (counted["expected"] + known["returned"].mean()),
            "cancelled_share": mine.groupby("customer_id")["cancelled"].mean().reindex(counted.index),
        }
    )
    if reviews is None:
        return found
    told = reviews[(reviews["posted_at"] > since) & (reviews["posted_at"] <= moment)]
    gap = (told["rating"] - told.groupby("item_id")["rating"].transform("mean")).abs()
    return found.assign(review_gap=gap.groupby(told["customer_id"]).mean().reindex(found.index))


def all_orders(shop: Shop) -> pd.DataFrame:
    """Return customer_id, placed_at and cancelled (0.0, 1.0) of every dated order."""
    orders = shop["orders"]
    rows = orders.filter(orders.placed_at.notnull()).select("customer_id", "placed_at", "status").execute()
    return rows.assign(cancelled=rows["status"].eq("cancelled").fillna(False).astype(float))


def all_reviews(shop: Shop) -> pd.DataFrame | None:
    """Return the reviews with a rating, None where the shop has none."""
    if shop.missing(*REVIEWS):
        return None
    table = shop["reviews"]
    rows = table.filter(table.rating.notnull() & table.posted_at.notnull())
    found = rows.select("customer_id", "item_id", "rating", "posted_at").execute()
    return found.assign(rating=found["rating"].astype(float))
