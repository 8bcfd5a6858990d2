"""How fast a shop's customers buy, for turning effects on shares of customers into effects on rates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.data.find_experiment import find_experiment
from helpers.data.purchase_history import day_number, order_days
from helpers.data.shop import Shop
from methods.errors import CannotAnswer

WEEK_DAYS = 7
CASHBACK_WEEKS, ASKS_WEEKS = 8, 12
_SETTLED_DAYS = 2


@dataclass(frozen=True, kw_only=True)
class ShopPace:
    """orders: per customer and week. again: part of the shares whose author buys within outcome_days.

    friends: mean friends of a sharer. cashback_orders, asks_orders: orders per customer of the control of the
    cashback test in its 8 weeks, and of the test of requests to share in its 12; NaN without such a test.
    outcome_days: of effects on buying again.
    """

    orders: float
    again: float
    friends: float
    cashback_orders: float
    asks_orders: float
    outcome_days: int

    @property
    def hazard(self) -> float:
        """Expected orders within outcome_days of a share, as if they came at a steady rate."""
        return float(-np.log1p(-np.clip(self.again, 0.01, 0.98)))


def again_after_share(shop: Shop, *, until: int, outcome_days: int) -> float:
    """Return the part of shares whose author buys within so many days, from 2 days after it on.

    until: last day known whole. NaN where nothing was shared early enough.
    """
    if shop.missing("shares.posted_at"):
        return float("nan")
    posts = shop["shares"]
    posts = posts.select("share_id", "customer_id", shared=day_number(shop, posts.posted_at))
    posts = posts.filter(posts.shared <= until - outcome_days - _SETTLED_DAYS)
    days = order_days(shop).select("customer_id", "day")
    since = days.day - posts.shared
    rows = posts.join(
        days,
        [posts.customer_id == days.customer_id, since > _SETTLED_DAYS, since <= outcome_days + _SETTLED_DAYS],
    )
    followed, all_posts = rows.share_id.nunique().execute(), posts.count().execute()
    return followed / all_posts if all_posts else float("nan")


def control_orders(shop: Shop, *, kind: str, weeks: int) -> float:
    """Return the orders per customer of a test's control in so many weeks after its draw.

    kind: of the test (see `find_experiment`). NaN where the shop has none.
    """
    try:
        test = find_experiment(shop, kind=kind)
    except CannotAnswer:
        return float("nan")
    if shop.missing("experiments.assigned_at"):
        return float("nan")
    rows = shop["experiments"]
    rows = rows.filter((rows.experiment == test.name) & (rows.arm == test.control))
    rows = rows.select("customer_id", drawn=day_number(shop, rows.assigned_at))
    days = order_days(shop).select("customer_id", "day")
    since = days.day - rows.drawn
    found = rows.join(days, [rows.customer_id == days.customer_id, since >= 0, since < WEEK_DAYS * weeks])
    customers = rows.customer_id.nunique().execute()
    return found.count().execute() / customers if customers else float("nan")
