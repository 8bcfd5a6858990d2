"""What went wrong with sales: returned products, slow answers, late parcels, each with its kind of case."""

from __future__ import annotations

import pandas as pd
from ibis import _

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.words import words_beside

WORDS = words_beside(__file__)

SETTLE_DAYS = 30  # a sale is judged by the returns of so many days after it
ASPECTS = ("product", "service", "delivery")
NEEDS = {
    "product": ("returns.returned_at",),
    "service": ("tickets.opened_at", "tickets.first_response_at", "tickets.order_id"),
    "delivery": ("orders.shipping_days", "orders.promised_days"),
}
KINDS = ("category", "city_tier")  # what a case is like: its goods and where they go
MOST_UNKNOWN = 0.2  # share of sales without a destination up to which sellers are compared by it


def sold_lines(shop: Shop) -> pd.DataFrame:
    """Return one row a product of an order, of sales old enough to have come back.

    Columns: order_id, item_id, seller_id, category, customer_id, city_tier, placed_at, and returned (0.0 or
    1.0: within 30 days of the sale; NaN where returns ended before). Sales of the last 30 days
    are left out. Raises CannotAnswer without any.
    """
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    orders = orders.filter(orders.placed_at <= pd.Timestamp(shop.as_of) - pd.Timedelta(days=SETTLE_DAYS))
    items = shop["items"].select("item_id", "seller_id", "category")
    lines = shop["order_lines"].select("order_id", "item_id", "line_number")
    rows = lines.join(orders, "order_id").join(items, "item_id")
    rows = rows.left_join(shop["customers"].select("customer_id", "city_tier"), "customer_id")
    found = rows.drop("customer_id_right").execute()
    if found.empty:
        raise CannotAnswer(WORDS.text("no sale settled", settle_days=SETTLE_DAYS))
    found = found.sort_values(["placed_at", "order_id", "line_number"], ignore_index=True)
    found = found.drop_duplicates(["order_id", "item_id"], ignore_index=True)
    return found.assign(returned=_returned(shop, found))


def knows_destination(lines: pd.DataFrame) -> bool:
    """Return whether it is known of nearly all sales where they went; lines: of `sold_lines`."""
    return bool(lines["city_tier"].isna().mean() <= MOST_UNKNOWN)


def _returned(shop: Shop, lines: pd.DataFrame) -> pd.Series:
    if shop.missing(*NEEDS["product"]):
        return pd.Series(float("nan"), index=lines.index)
    back = shop["returns"].filter(_.returned_at.notnull())
    back = back.select("order_id", "item_id", "returned_at").execute()
    back = back.sort_values("returned_at").drop_duplicates(["order_id", "item_id"])
    when = lines.merge(back, on=["order_id", "item_id"], how="left")["returned_at"]
    settle = pd.Timedelta(days=SETTLE_DAYS)
    known = lines["placed_at"] <= shop.known_until("returns") - settle
    return (when - lines["placed_at"] <= settle).astype(float).where(known)


def cases_of(shop: Shop, lines: pd.DataFrame, aspect: str, *, slow_hours: float) -> pd.DataFrame | None:
    """Return one row a case of an aspect: seller_id, customer_id, its kinds, placed_at, happened (0.0, 1.0).

    lines: of `sold_lines`. product: a line, happened: returned. service: a service contact, happened: no
    answer within `slow_hours`. delivery: an order, happened: longer under way than promised. Contacts and
    orders count for the seller of their first line. None where the shop lacks what the aspect needs.
    """
    if shop.missing(*NEEDS[aspect]):
        return None
    if aspect == "product":
        return lines.rename(columns={"returned": "happened"}).dropna(subset=["seller_id", "happened"])
    first = lines.drop_duplicates("order_id").dropna(subset=["seller_id"])
    if aspect == "delivery":
        days = dated_purchases(shop).select("order_id", "shipping_days", "promised_days")
        known = days.filter(days.shipping_days.notnull() & days.promised_days.notnull()).execute()
        late = known["shipping_days"].astype(float) > known["promised_days"].astype(float)
        return first.merge(known[["order_id"]].assign(happened=late.astype(float)), on="order_id")
    asked = shop["tickets"].filter(_.opened_at.notnull() & _.order_id.notnull())
    contacts = asked.select("order_id", "opened_at", "first_response_at").execute()
    limit = pd.Timedelta(hours=slow_hours)
    contacts = contacts[contacts["opened_at"] <= shop.known_until("tickets") - limit]
    quick = contacts["first_response_at"] - contacts["opened_at"] <= limit
    return first.merge(contacts[["order_id"]].assign(happened=(~quick).astype(float)), on="order_id")
