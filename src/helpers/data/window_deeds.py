"""What each customer did in windows of days: the rows under every figure whose change is told."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping, Sequence

import ibis
import pandas as pd
from ibis.expr.types import NumericValue, Table

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
    "spend_cents": "order_lines.unit_price_cents",
    "usual_cents": "order_lines.unit_price_cents",
}
_SUMS = ("orders", *RECORDED)
DEEDS = (*_SUMS, "known", "known_orders")
_BOUGHT = ("orders", "spend_cents", "usual_cents")


def window_deeds(shop: Shop, *, ends: Sequence[dt.datetime], window_days: int) -> list[pd.DataFrame]:
    """Return, for the days before each end, one row a customer with a deed in them or an order before them.

    ends: naive UTC. window_days: the length of each window. Columns: customer_id (text) and, int64, DEEDS:
    orders, known (1 with an order before the window), known_orders (orders of those), spend_cents,
    usual_cents (the same goods at what each cost on average over the data), and how many of the others; what
    the shop does not record is 0. Time of a deed: start <= time < end.
    """
    length = dt.timedelta(days=window_days)
    windows = ibis.memtable(
        pd.DataFrame({"window": range(len(ends)), "start": [end - length for end in ends], "end": list(ends)})
    )
    everything = functools.reduce(lambda one, other: one.union(other), _parts(shop, windows))
    sums = {name: everything[name].sum().cast("int64") for name in _SUMS}
    frame = everything.group_by("window", "customer_id").agg(**sums).to_pandas()
    orders = purchases(shop)
    first = orders.group_by("customer_id").agg(first_at=orders.placed_at.min()).to_pandas()
    return [
        _with_known(frame[frame["window"] == place], first[first["first_at"] < end - length])
        for place, end in enumerate(ends)
    ]


def recorded_since(shop: Shop, need: str) -> tuple[dt.datetime, dt.datetime] | None:
    """Return the first and last moment (naive UTC) at which a column of times holds one.

    need: such as "shares.posted_at", or a column of order_lines for the orders'; None where there is none.
    """
    if shop.missing(need):
        return None
    name, _, column = need.partition(".")
    if name == "order_lines":
        name, column = "orders", "placed_at"
    time = shop[name][column]
    found = shop[name].aggregate(first=time.min(), last=time.max()).to_pandas()
    first, last = found.loc[0, "first"], found.loc[0, "last"]
    return None if pd.isna(first) else (first.to_pydatetime(), last.to_pydatetime())


def _with_known(deeds: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Add the customers who had bought before and did nothing, and say who had."""
    before = known[["customer_id"]].assign(known=1)
    frame = deeds.merge(before, on="customer_id", how="outer").fillna(dict.fromkeys([*_SUMS, "known"], 0))
    frame = frame.astype(dict.fromkeys([*_SUMS, "known"], "int64"))
    frame = frame.assign(known_orders=frame["orders"] * frame["known"])
    return frame.sort_values("customer_id", ignore_index=True)[["customer_id", *DEEDS]]


def _parts(shop: Shop, windows: Table) -> list[Table]:
    """Return the deeds of each table, one row a window and customer."""
    one = ibis.literal(1, type="int64")
    parts = [_part(_bought(shop), "placed_at", windows, {name: name for name in _BOUGHT})]
    for deed, table, time in (
        ("contacts", "tickets", "opened_at"),
        ("shares", "shares", "posted_at"),
        ("reactions", "reactions", "posted_at"),
    ):
        if not shop.missing(f"{table}.{time}"):
            rows = shop[table]
            parts.append(_part(rows.filter(rows.customer_id.notnull()), time, windows, {deed: one}))
    if not shop.missing("reviews.posted_at"):
        parts.append(_part(shop["reviews"], "posted_at", windows, {"reviews": one, "stars": "rating"}))
    if not shop.missing("returns.returned_at"):
        returned = shop["returns"].select("order_id", "returned_at")
        owners = shop["orders"].select("order_id", "customer_id")
        parts.append(_part(returned.join(owners, "order_id"), "returned_at", windows, {"returns": one}))
    return parts


def _bought(shop: Shop) -> Table:
    """Return the purchases with what was paid and what the same goods cost on average."""
    orders = purchases(shop).select("order_id", "customer_id", "placed_at")
    priced = orders.select("order_id").join(shop["order_lines"], "order_id")
    priced = priced.filter(priced.unit_price_cents.notnull())
    priced = priced.mutate(paid=priced.quantity * priced.unit_price_cents)
    usual = priced.group_by("item_id").agg(usual=priced.paid.sum() / priced.quantity.sum())
    lines = priced.left_join(usual, "item_id")
    worth = lines.group_by("order_id").agg(
        spend_cents=lines.paid.sum(),
        usual_cents=(lines.quantity * lines.usual).sum().round(),
    )
    joined = orders.left_join(worth, "order_id")
    return joined.select(
        "customer_id",
        "placed_at",
        orders=ibis.literal(1, type="int64"),
        spend_cents=joined.spend_cents.fill_null(0).cast("int64"),
        usual_cents=joined.usual_cents.fill_null(0).cast("int64"),
    )


def _part(rows: Table, time: str, windows: Table, sums: Mapping[str, NumericValue | str]) -> Table:
    """Bring rows to one a window and customer before they meet the other tables."""
    nothing = ibis.literal(0, type="int64")
    worth = {name: rows[deed] if isinstance(deed, str) else deed for name, deed in sums.items()}
    given = {name: worth.get(name, nothing) for name in _SUMS}
    rows = rows.select("customer_id", at=rows[time], **given)
    rows = windows.join(rows, [windows.start <= rows.at, rows.at < windows.end])
    return rows.group_by("window", "customer_id").agg(
        **{name: rows[name].sum().cast("int64") for name in given}
    )
