"""Each customer's purchases in one row, kept in Ibis until that row is left."""

from __future__ import annotations

import datetime as dt

import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchase_history import day_number, order_days
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.statistics.customer_base import Histories, histories

DAYS_A_WEEK = 7


def last_day(shop: Shop) -> int:
    """Return the last day that may be seen, as whole days since 1970-01-01 in the shop's clock."""
    moment = shop.as_of - dt.timedelta(microseconds=1)
    local = moment + dt.timedelta(minutes=shop.receipt.utc_offset_minutes)
    return (local - dt.datetime(1970, 1, 1)) // dt.timedelta(days=1)


def purchase_history(shop: Shop, *, until: int) -> Table:
    """Return one row a customer who joined or ordered up to the day `until`; days count from 1970-01-01.

    Orders of one day are one purchase, as in the published studies of the purchase model.
    customer_id (text); first_day, last_day (whole days in the shop's clock; null without an order);
    purchases (days with an order, up to `until`); purchases_later (days with an order after `until`);
    spend_cents, repeat_spend_cents (all days; all but the first day; null without prices).
    """
    days = order_days(shop)
    seen, later = days.day <= until, days.day > until
    told = days.group_by("customer_id").agg(
        first_day=days.day.min(where=seen),
        last_day=days.day.max(where=seen),
        purchases=days.day.count(where=seen),
        purchases_later=days.day.count(where=later),
        spend_cents=days.spend_cents.sum(where=seen),
        first_spend_cents=days.spend_cents.argmin(days.day, where=seen),
    )
    customers = shop["customers"]
    joined = customers.select("customer_id", joined_day=day_number(shop, customers.joined_at))
    rows = joined.left_join(told, "customer_id").drop("customer_id_right")
    known = rows.joined_day.isnull() | (rows.joined_day <= until) | (rows.first_day <= until)
    return rows.filter(known).select(
        "customer_id",
        "first_day",
        "last_day",
        purchases=rows.purchases.fill_null(0),
        purchases_later=rows.purchases_later.fill_null(0),
        spend_cents=rows.spend_cents,
        repeat_spend_cents=rows.spend_cents - rows.first_spend_cents,
    )


def history_frame(shop: Shop, *, until: int) -> pd.DataFrame:
    """Return `purchase_history` in memory, ordered by customer_id; NaN where there is nothing."""
    return purchase_history(shop, until=until).order_by("customer_id").to_pandas()


def weeks(buyers: pd.DataFrame, *, until: int) -> Histories:
    """Return the histories of customers with a purchase, in weeks, as the purchase model wants them."""
    first = buyers["first_day"].to_numpy(dtype=float)
    return histories(
        buyers["purchases"].to_numpy(dtype=float) - 1,
        (buyers["last_day"].to_numpy(dtype=float) - first) / DAYS_A_WEEK,
        (until - first) / DAYS_A_WEEK,
    )


def purchase_days(shop: Shop) -> Table:
    """Return the days on which customers bought: customer_id (text), day (since 1970-01-01, shop's clock)."""
    rows = purchases(shop)
    return rows.select("customer_id", day=day_number(shop, rows.placed_at)).distinct()
