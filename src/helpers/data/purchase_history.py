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


def back_test_histories(
    shop: Shop, *, stretches: Iterable[tuple[int, int]]
) -> dict[tuple[int, int], pd.DataFrame]:
    """Return what was known on a day, and what so many days after it brought, by (day, number of days).

    One frame a stretch, one row a customer with an order by its day, ordered by customer_id: first_day,
    last_day, purchases as in `purchase_history`; purchases_recent (of these, those of as many days just
    before), purchases_later (those of the days after it); where prices are known also repeat_spend_cents,
    spend_recent_cents and spend_later_cents. The orders are read once, whatever the number of stretches.
    """
    rows = [{"until": until, "days": days} for until, days in stretches]
    bought = order_days(shop).cross_join(ibis.memtable(rows, schema={"until": "int64", "days": "int64"}))
    seen = bought.day <= bought.until
    recent = seen & (bought.day > bought.until - bought.days)
    later = ~seen & (bought.day <= bought.until + bought.days)
    columns = {
        "first_day": bought.day.min(),
        "last_day": bought.day.max(where=seen),
        "purchases": seen.sum(),
        "purchases_recent": recent.sum(),
        "purchases_later": later.sum(),
    }
    money = {}
    if not shop.missing("order_lines.unit_price_cents"):
        spent = bought.spend_cents
        money = {
            "repeat_spend_cents": spent.sum(where=seen) - spent.argmin(bought.day),
            "spend_recent_cents": spent.sum(where=recent).fill_null(0.0),
            "spend_later_cents": spent.sum(where=later).fill_null(0.0),
        }
    told = bought.group_by("until", "days", "customer_id").agg(**columns, **money)
    frame = told.filter(told.purchases > 0).order_by("until", "days", "customer_id").drop("customer_id")
    frame = frame.to_pandas().astype(dict.fromkeys(columns, "int64") | dict.fromkeys(money, "float64"))
    return {key: known.drop(columns=["until", "days"]) for key, known in frame.groupby(["until", "days"])}


def daily_purchases(shop: Shop) -> pd.DataFrame:
    """Return one row a day with a purchase: day (as above), purchases (customers), newcomers (of these)."""
    orders = dated_purchases(shop)
    days = orders.select("customer_id", day=day_number(shop, orders.placed_at)).distinct()
    own = days.group_by("customer_id").mutate(first=days.day.min())
    counts = own.group_by("day").agg(purchases=own.count(), newcomers=(own.day == own["first"]).sum())
    return counts.order_by("day").to_pandas().astype("int64")


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
