"""What it costs to win a customer and to keep one, as far as the tables say."""

from __future__ import annotations

import numpy as np
from ibis.expr.types import Table

from helpers.data.purchase_history import day_number
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from methods.intervals.estimates import Interval, ratio_of_sums

WINNING = "what was paid to win a customer (channel cost), a mean over the customers won in the time"
KEEPING = (
    "worth of the coupons used on second and later purchase days, divided by the customers who came back; "
    "other costs of keeping (desk, membership) are in no table"
)


def winning_cost(shop: Shop, *, first_day: int, level: float = 0.95) -> Interval | None:
    """Return the mean acquisition cost of customers whose first purchase is on or after `first_day`.

    In hundredths of the shop's currency. None when the shop does not record it for two such customers.
    """
    if shop.missing("customers.acquisition_cost_cents"):
        return None
    first = _first_days(shop)
    rows = first.filter(first.first_day >= first_day).join(
        shop["customers"].select("customer_id", "acquisition_cost_cents"), "customer_id"
    )
    costs = rows.filter(rows.acquisition_cost_cents.notnull()).acquisition_cost_cents.to_pandas()
    return _mean(costs.to_numpy(dtype=float), level=level)


def keeping_cost(shop: Shop, *, first_day: int, level: float = 0.95) -> Interval | None:
    """Return the worth of coupons used per customer who came back on or after `first_day`, in hundredths.

    None when the shop has no coupons that name their order, or fewer than two customers came back.
    """
    if shop.missing("coupons.redeemed_order_id"):
        return None
    orders, first = dated_purchases(shop), _first_days(shop)
    orders = orders.select("order_id", "customer_id", day=day_number(shop, orders.placed_at))
    later = orders.join(first, "customer_id")
    later = later.filter((later.day > later.first_day) & (later.day >= first_day))
    coupons = shop["coupons"]
    used = coupons.filter(coupons.redeemed_order_id.notnull())
    used = used.group_by(order_id=used.redeemed_order_id).agg(worth_cents=used.worth_cents.sum())
    paid = later.left_join(used, "order_id").drop("order_id_right")
    own = paid.group_by("customer_id").agg(cost=paid.worth_cents.fill_null(0).sum()).cost.to_pandas()
    return _mean(own.to_numpy(dtype=float), level=level)


def _first_days(shop: Shop) -> Table:
    orders = dated_purchases(shop)
    days = orders.select("customer_id", day=day_number(shop, orders.placed_at))
    return days.group_by("customer_id").agg(first_day=days.day.min())


def _mean(values: np.ndarray, *, level: float) -> Interval | None:
    return ratio_of_sums(values, np.ones(len(values)), level=level) if len(values) > 1 else None
