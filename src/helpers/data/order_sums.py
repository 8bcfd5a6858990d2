"""What each customer's orders and order lines add up to, in as few passes over them as there are joins.

Customers get whole numbers once, in the order of their ids, so that millions of orders are joined and
grouped by these and not by text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchase_history import DAY_SECONDS, day_number
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

_NIGHT_FROM, _NIGHT_TO = 22, 6
# So many customers' orders lie in memory for a join; each part costs a further reading of the lines' ids.
_PART_CUSTOMERS = 250_000


@dataclass(frozen=True, kw_only=True)
class OrderSums:
    """Frames of equal length, one row a customer of the shop by customer_id; 0 or NaN where there is nothing.

    customers: customer_id (text), joined_day. days: first_day, last_day, purchases, purchases_later (days
    with an order after `until`). lines: spend_cents, first_spend_cents (of the first day; NaN without
    prices); with `habits` also lines, paid, paid_square (of lines with a list price: their number, and the
    sums of unit price / list price, at most 1, and of its square) and count_0, count_1, … (lines of each
    category asked for, and of all others in the last). hours: None, or with `habits` all, cosine, sine (of
    the hour on the circle of the clock), night (22 to 6 o'clock), first and last (hour), over orders.
    Days are whole days since 1970-01-01 on the shop's clock.
    """

    customers: pd.DataFrame
    days: pd.DataFrame
    lines: pd.DataFrame
    hours: pd.DataFrame | None


def order_sums(shop: Shop, *, until: int, habits: bool = False, categories: Sequence[str] = ()) -> OrderSums:
    """Sum up the orders of every customer up to the day `until`.

    habits: also hours, prices paid and lines by category. categories: those to be counted apart; the sums of
    lines are made in one pass for all of these. Raises ValueError when the orders carry no times.
    """
    people, orders = _coded(shop)
    names = people.order_by("customer").select("customer_id", "joined_day").to_pandas()
    parts = []
    for first in range(0, max(len(names), 1), _PART_CUSTOMERS):
        part = orders.filter((orders.customer >= first) & (orders.customer < first + _PART_CUSTOMERS))
        days, seen = _days(part, until).cache(), part.filter(part.day <= until)
        dated = seen.join(days.select("customer", "first_day"), "customer")
        sums = [days, _lines(shop, dated, habits, categories), *([_hours(seen)] if habits else [])]
        parts.append([one.to_pandas() for one in sums])
    told = [
        pd.concat(frames).set_index("customer").reindex(range(len(names)))
        for frames in zip(*parts, strict=True)
    ]
    counted = {name: told[0][name].fillna(0).astype("int64") for name in ("purchases", "purchases_later")}
    return OrderSums(
        customers=names,
        days=told[0].assign(**counted),
        lines=told[1],
        hours=told[2] if habits else None,
    )


def _coded(shop: Shop) -> tuple[Table, Table]:
    """The customers, numbered from 0, and their purchases: customer (number), order_id, day, hour."""
    customers = shop["customers"]
    people = customers.select(
        "customer_id",
        joined_day=day_number(shop, customers.joined_at),
        customer=ibis.row_number().over(order_by=customers.customer_id).cast("int32"),
    ).cache()
    orders = dated_purchases(shop)
    hour = (shop.local(orders.placed_at).epoch_seconds() % DAY_SECONDS) // 3600
    orders = orders.select(
        "customer_id",
        "order_id",
        day=day_number(shop, orders.placed_at).cast("int32"),
        hour=hour.cast("int8"),
    )
    coded = orders.join(people.select("customer_id", "customer"), "customer_id")
    return people, coded.select("customer", "order_id", "day", "hour").cache()


def _days(orders: Table, until: int) -> Table:
    """First and last day and the number of days with an order; orders of one day are one purchase."""
    days = orders.select("customer", "day").distinct()
    seen, later = days.day <= until, days.day > until
    return days.group_by("customer").agg(
        first_day=days.day.min(where=seen),
        last_day=days.day.max(where=seen),
        purchases=days.day.count(where=seen),
        purchases_later=days.day.count(where=later),
    )


def _lines(shop: Shop, orders: Table, habits: bool, categories: Sequence[str]) -> Table:
    """Money, prices paid and categories; orders: customer, order_id, day, first_day."""
    rows = shop["order_lines"].select("order_id", "item_id", "quantity", "unit_price_cents")
    if habits:
        rows = rows.left_join(_items(shop, categories), "item_id")
    rows = rows.join(orders, "order_id")
    value = rows.quantity * rows.unit_price_cents
    sums = {
        "spend_cents": value.sum().cast("float64"),
        "first_spend_cents": value.sum(where=rows.day == rows.first_day).cast("float64"),
    }
    if habits:
        part = (rows.unit_price_cents / rows.list_price_cents).clip(0.0, 1.0)
        listed = rows.list_price_cents > 0
        sums |= {
            "lines": part.count(where=listed),
            "paid": part.sum(where=listed),
            "paid_square": (part * part).sum(where=listed),
        }
        places = range(len(categories) + 1)
        sums |= {f"count_{place}": rows.place.count(where=rows.place == place) for place in places}
    return rows.group_by("customer").agg(**sums)


def _items(shop: Shop, categories: Sequence[str]) -> Table:
    """item_id, list_price_cents and place: the category's place in `categories`, their number for others."""
    items = shop["items"]
    place = ibis.literal(len(categories))
    for number, name in enumerate(categories):
        place = (items.category == name).ifelse(number, place)
    known = items.category.notnull().ifelse(place, ibis.null()).cast("int8")
    return items.select("item_id", "list_price_cents", place=known)


def _hours(orders: Table) -> Table:
    """Where on the circle of the clock the orders lie: 23 and 1 o'clock are close, so as sine and cosine."""
    turn = orders.hour * (2 * np.pi / 24)
    night = (orders.hour >= _NIGHT_FROM) | (orders.hour < _NIGHT_TO)
    return orders.group_by("customer").agg(
        all=orders.count(), cosine=turn.cos().sum(), sine=turn.sin().sum(), night=night.sum(),
        first=orders.hour.min(), last=orders.hour.max(),
    )  # fmt: skip
