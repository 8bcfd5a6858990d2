"""When each customer of a test first bought, returned something or asked the service desk."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

# What is counted, with the columns that it needs.
EVENTS = {
    "purchases": ("orders.placed_at",),
    "returns": ("orders.placed_at", "returns.returned_at"),
    "service contacts": ("tickets.opened_at",),
}
_DAY = pd.Timedelta(days=1)


def days_to_first(
    shop: Shop, frame: pd.DataFrame, event: str, *, experiment: str, within_days: int
) -> np.ndarray:
    """Return the days from each customer's landmark to their first event after it, nan where none came.

    frame: customer_id and landmark_at (naive UTC), one row a customer. event: one of EVENTS, whose columns
    the shop has. experiment: name of the test. within_days: later events do not count.
    Returns float, (customers,).
    """
    first, last = frame["landmark_at"].min(), frame["landmark_at"].max() + within_days * _DAY
    tests = shop["experiments"]
    drawn = tests.filter(tests.experiment == experiment).select("customer_id").distinct()
    rows = _moments(shop, event).semi_join(drawn, "customer_id")
    found = rows.filter((rows.at > first.to_pydatetime()) & (rows.at <= last.to_pydatetime())).execute()
    merged = frame[["customer_id", "landmark_at"]].merge(found, on="customer_id", how="inner")
    days = (merged["at"] - merged["landmark_at"]) / _DAY
    after = (days > 0) & (days <= within_days)
    soonest = days[after].groupby(merged.loc[after, "customer_id"]).min()
    return soonest.reindex(frame["customer_id"]).to_numpy(dtype=float)


def is_recorded(shop: Shop, event: str, *, until: dt.datetime) -> bool:
    """Return whether the shop's tables tell of an event, one of EVENTS, until a moment (naive UTC)."""
    return not shop.missing(*EVENTS[event]) and min(until, shop.end) <= shop.known_until(*EVENTS[event])


def _moments(shop: Shop, event: str) -> Table:
    """Every such event as customer_id and at."""
    if event == "service contacts":
        tickets = shop["tickets"]
        return tickets.select("customer_id", at=tickets.opened_at)
    orders = dated_purchases(shop)
    if event == "purchases":
        return orders.select("customer_id", at=orders.placed_at)
    returns = shop["returns"].select("order_id", "returned_at")
    rows = returns.join(orders.select("order_id", "customer_id"), "order_id")
    return rows.select("customer_id", at=rows.returned_at)
