"""What each customer did in a window of days: the rows under every figure whose change is told."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping

import ibis
import pandas as pd
from ibis.expr.types import NumericValue, Table

from helpers.data.monthly.activity import orders_with_spend
from helpers.data.purchases import purchases
from helpers.data.shop import Shop

# Where each deed is recorded: the table's time, and the sums over a customer's rows of it.
RECORDED = {
    "returns": "returns.returned_at",
    "contacts": "tickets.opened_at",
    "stars": "reviews.posted_at",
    "reviews": "reviews.posted_at",
    "shares": "shares.posted_at",
    "reactions": "reactions.posted_at",
    "visits": "events.happened_at",
    "coupon_orders": "orders.coupon_id",
    "spend_cents": "order_lines.unit_price_cents",
}
DEEDS = ("orders", "buyers", "earlier_buyers", "stayed", *RECORDED)


def window_deeds(shop: Shop, *, end: dt.datetime, window_days: int) -> pd.DataFrame:
    """Return one row a customer with a deed in the days before `end`, or an order in as many before these.

    end: naive UTC. window_days: the length of the window. Columns: customer_id (text) and, int64, DEEDS:
    orders, buyers (1 with an order), earlier_buyers (1 with an order in the window before), stayed (both),
    and how many of the others; what the shop does not record is 0. Time of a deed: start <= time < end.
    """
    start = end - dt.timedelta(days=window_days)
    bought = _bought(shop, start, end)
    parts = [bought, *_counted(shop, start, end)]
    everything = functools.reduce(lambda one, other: one.union(other), parts)
    sums = {name: everything[name].sum().cast("int64") for name in DEEDS if name not in ("buyers", "stayed")}
    frame = everything.group_by("customer_id").agg(**sums).to_pandas()
    buyers = (frame["orders"] > 0).astype("int64")
    earlier = (frame["earlier_buyers"] > 0).astype("int64")
    frame = frame.assign(buyers=buyers, earlier_buyers=earlier, stayed=buyers * earlier)
    return frame.sort_values("customer_id", ignore_index=True)[["customer_id", *DEEDS]]


def recorded_since(shop: Shop, need: str) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the first and last moment (naive UTC) at which a table or the orders of a column hold a row.

    need: such as "shares.posted_at" or "orders.coupon_id"; None where there is none.
    """
    if shop.missing(need):
        return None
    name, _, column = need.partition(".")
    if name == "order_lines":
        name, column = "orders", "placed_at"
    rows = shop[name]
    time = rows["placed_at"] if name == "orders" else rows[column]
    found = rows.filter(rows[column].notnull()).aggregate(first=time.min(), last=time.max()).to_pandas()
    first, last = found.loc[0, "first"], found.loc[0, "last"]
    return None if pd.isna(first) else (first.to_pydatetime(), last.to_pydatetime())


def _bought(shop: Shop, start: dt.datetime, end: dt.datetime) -> Table:
    before = start - (end - start)
    rows = orders_with_spend(shop)
    rows = rows.left_join(purchases(shop).select("order_id", "coupon_id"), "order_id")
    rows = rows.filter((rows.placed_at >= before) & (rows.placed_at < end))
    now = (rows.placed_at >= start).cast("int64")
    with_coupon = rows.coupon_id.notnull().cast("int64") * now
    return _part(
        rows,
        {
            "orders": now,
            "earlier_buyers": 1 - now,
            "spend_cents": rows.spend_cents * now,
            "coupon_orders": with_coupon,
        },
    )


def _counted(shop: Shop, start: dt.datetime, end: dt.datetime) -> list[Table]:
    def within(name: str, time: str) -> Table:
        rows = shop[name]
        return rows.filter((rows[time] >= start) & (rows[time] < end))

    one = ibis.literal(1, type="int64")
    parts = []
    for deed, table, time in (
        ("contacts", "tickets", "opened_at"),
        ("shares", "shares", "posted_at"),
        ("reactions", "reactions", "posted_at"),
        ("visits", "events", "happened_at"),
    ):
        if not shop.missing(f"{table}.{time}"):
            rows = within(table, time)
            parts.append(_part(rows.filter(rows.customer_id.notnull()), {deed: one}))
    if not shop.missing("reviews.posted_at"):
        reviews = within("reviews", "posted_at")
        parts.append(_part(reviews, {"reviews": one, "stars": reviews.rating.cast("int64")}))
    if not shop.missing("returns.returned_at"):
        returned = within("returns", "returned_at").select("order_id")
        owners = shop["orders"].select("order_id", "customer_id")
        parts.append(_part(returned.join(owners, "order_id"), {"returns": one}))
    return parts


def _part(rows: Table, sums: Mapping[str, NumericValue]) -> Table:
    """Bring rows to one a customer before they meet the other tables."""
    nothing = ibis.literal(0, type="int64")
    given = {name: sums.get(name, nothing) for name in DEEDS if name not in ("buyers", "stayed")}
    rows = rows.select("customer_id", **given)
    return rows.group_by("customer_id").agg(**{name: rows[name].sum().cast("int64") for name in given})
