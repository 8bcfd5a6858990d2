"""Each customer's purchases in one row, kept in Ibis until that row is left."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import pandas as pd
from ibis.expr.types import IntegerValue, Table, TimestampValue

from helpers.data.cohorts import seen_until
from helpers.data.purchases import dated_purchases, line_values
from helpers.data.shop import Shop

DAY_SECONDS = 86_400


def last_seen_day(shop: Shop) -> int:
    """Return the last day known whole, as whole days since 1970-01-01 on the shop's clock."""
    return (pd.Timestamp(seen_until(shop)) - pd.Timestamp(0)) // pd.Timedelta(days=1) - 1


def purchase_history(shop: Shop, *, until: int) -> pd.DataFrame:
    """Return one row a customer with an order up to the day `until`, ordered by customer_id.

    Orders of one day are one purchase, as in the published studies of the purchase model. Days are whole days
    since 1970-01-01 on the shop's clock. customer_id (text); first_day, last_day; purchases (days with an
    order); first_spend_cents, repeat_spend_cents (of the first day, and of all later ones), null without
    prices. All are as known on the day `until`.
    """
    days = order_days(shop)
    days = days.filter(days.day <= until)
    told = days.group_by("customer_id").agg(
        first_day=days.day.min(),
        last_day=days.day.max(),
        purchases=days.count(),
        first_spend_cents=days.spend_cents.argmin(days.day),
        spend_cents=days.spend_cents.sum(),
    )
    told = told.mutate(repeat_spend_cents=told.spend_cents - told.first_spend_cents).drop("spend_cents")
    return told.order_by("customer_id").to_pandas()


def back_test_histories(shop: Shop, *, untils: Iterable[int], days: int) -> dict[int, pd.DataFrame]:
    """Return what was known on each day of `untils`, and what the `days` after it brought, by that day.

    One frame a day, one row a customer with an order by then, ordered by customer_id: first_day, last_day,
    purchases as in `purchase_history`; purchases_recent (of these, those of the last `days`), purchases_later
    (those of the `days` after it). The orders are read once, whatever the number of days.
    """
    orders = dated_purchases(shop)
    bought = orders.select("customer_id", day=day_number(shop, orders.placed_at)).distinct()
    bought = bought.cross_join(ibis.memtable({"until": [*untils]}, schema={"until": "int64"}))
    seen = bought.day <= bought.until
    told = bought.group_by("until", "customer_id").agg(
        first_day=bought.day.min(),
        last_day=bought.day.max(where=seen),
        purchases=seen.sum(),
        purchases_recent=(seen & (bought.day > bought.until - days)).sum(),
        purchases_later=(~seen & (bought.day <= bought.until + days)).sum(),
    )
    frame = told.filter(told.purchases > 0).order_by("until", "customer_id")
    frame = frame.drop("customer_id").to_pandas().astype("int64")
    return {until: known.drop(columns="until") for until, known in frame.groupby("until")}


def order_days(shop: Shop) -> Table:
    """Return customer_id, day (as above) and spend_cents (null without prices), a row a day with an order."""
    orders = dated_purchases(shop)
    orders = orders.select("order_id", "customer_id", day=day_number(shop, orders.placed_at))
    # Bringing lines to one row an order first would cost more than all the rest at millions of orders.
    rows = orders.left_join(line_values(shop).select("order_id", "value_cents"), "order_id")
    return rows.group_by("customer_id", "day").agg(spend_cents=rows.value_cents.sum().cast("float64"))


def day_number(shop: Shop, moment: TimestampValue) -> IntegerValue:
    """Return the whole days since 1970-01-01 of a stored time, on the shop's clock."""
    return (shop.local(moment).epoch_seconds() // DAY_SECONDS).cast("int64")
