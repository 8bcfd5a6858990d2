"""Each customer's purchases in one row, kept in Ibis until that row is left."""

from __future__ import annotations

import pandas as pd
from ibis.expr.types import IntegerValue, Table, TimestampValue

from helpers.data.cohorts import seen_until
from helpers.data.purchases import dated_purchases, line_values
from helpers.data.shop import Shop

DAY_SECONDS = 86_400


def last_seen_day(shop: Shop) -> int:
    """Return the last day known whole, as whole days since 1970-01-01 on the shop's clock."""
    return (pd.Timestamp(seen_until(shop)) - pd.Timestamp(0)) // pd.Timedelta(days=1) - 1


def purchase_history(shop: Shop, *, until: int, recent_days: int = 90) -> pd.DataFrame:
    """Return one row a customer with an order up to the day `until`, ordered by customer_id.

    Orders of one day are one purchase, as in the published studies of the purchase model. Days are whole days
    since 1970-01-01 on the shop's clock. customer_id (text); first_day, last_day; purchases (days with an
    order up to `until`), purchases_recent (of these, the last `recent_days`), purchases_later (after it);
    first_spend_cents, repeat_spend_cents (of the first day, and of all later ones up to `until`), null
    without prices.
    """
    days = order_days(shop)
    seen = days.day <= until
    told = days.group_by("customer_id").agg(
        first_day=days.day.min(),
        last_day=days.day.max(where=seen),
        purchases=seen.sum(),
        purchases_recent=(seen & (days.day > until - recent_days)).sum(),
        purchases_later=(~seen).sum(),
        first_spend_cents=days.spend_cents.argmin(days.day),
        spend_cents=days.spend_cents.sum(where=seen),
    )
    told = told.filter(told.purchases > 0)
    told = told.mutate(repeat_spend_cents=told.spend_cents - told.first_spend_cents).drop("spend_cents")
    frame = told.order_by("customer_id").to_pandas()
    return frame.astype({name: "int64" for name in frame.columns if name.startswith("purchases")})


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
