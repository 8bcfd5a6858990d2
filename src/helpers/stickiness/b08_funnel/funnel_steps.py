"""The ordered funnel: how far each customer came from a first visit, step by step, in due order and time."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

STEPS = ("visit", "view", "cart", "order", "repeat")


def funnel_frame(
    shop: Shop, *, start: dt.datetime, end: dt.datetime, window_days: int, repeat_days: int
) -> pd.DataFrame:
    """Return one row a customer who visited in [start, end): when each step was first reached in order.

    customer_id; visit, view, cart, order, repeat (naive UTC; null where not reached). A step counts at its
    first moment at or after that of the step before it: views, carts and orders within `window_days` of the
    visit, the repeat (another order) within `repeat_days` after the order. Nothing can be reached by leaving
    a step out.
    """
    events = shop["events"].select("customer_id", "kind", at="happened_at")
    entered = events.filter((events.kind == "visit") & (events.at >= start) & (events.at < end))
    base = entered.group_by("customer_id").agg(visit=entered.at.min())
    for step in ("view", "cart"):
        found = events.filter(events.kind == step).select("customer_id", "at")
        base = _next(base, found, step, after=base.columns[-1], since="visit", days=window_days)
    orders = dated_purchases(shop).select("customer_id", at="placed_at")
    base = _next(base, orders, "order", after="cart", since="visit", days=window_days)
    base = _next(base, orders, "repeat", after="order", since="order", days=repeat_days, strictly=True)
    return base.order_by("customer_id").to_pandas()


def _next(
    base: Table, events: Table, step: str, *, after: str, since: str, days: int, strictly: bool = False
) -> Table:
    """Add the first event at or (strictly) after one column's moment, within days of another's."""
    rows = base.select("customer_id", "visit", *{after, since} - {"visit"}).join(events, "customer_id")
    due = rows.at > rows[after] if strictly else rows.at >= rows[after]
    rows = rows.filter(due & (rows.at <= rows[since] + ibis.interval(days=days)))
    first = rows.group_by("customer_id").agg(**{step: rows.at.min()})
    return base.left_join(first, "customer_id").drop("customer_id_right")


def step_counts(frame: pd.DataFrame, steps: tuple[str, ...] = STEPS) -> np.ndarray:
    """Return how many customers reached each step; a step is reached only with all steps before it.

    frame: one column a step, null where it was not reached.

    >>> step_counts(pd.DataFrame({"a": [1, 1, 1], "b": [2, None, 2]}), ("a", "b"))
    array([3, 2])
    """
    reached = np.cumprod(frame[list(steps)].notna().to_numpy(), axis=1)
    return reached.sum(axis=0)
