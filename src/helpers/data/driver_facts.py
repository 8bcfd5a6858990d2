"""What each customer of the driver study lived through, and from when: late parcels, returns, friends' posts.

Every fact carries the moment from which it was known, so that a period only sees what lay before it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import ibis
import pandas as pd
from ibis.expr.types import Table

from helpers.data.shop import Shop

LOOK_BACK_DAYS = 28
SLOW_HOURS = 12
PERIODS, PERIOD_DAYS = 3, 30
_LOW_SHARE = 1 / 3  # of the sellers count as low rated

DELIVERY = ("orders.shipping_days", "orders.promised_days")
ANSWERS = ("tickets.first_response_at", "tickets.opened_at")
RATINGS = ("reviews.rating", "reviews.posted_at", "items.seller_id")


def facts_frame(shop: Shop, base: Table, *, personal_policy: str) -> pd.DataFrame:
    """Return one row a customer of the study with every fact that the shop records.

    base: customer_id, index_order_id, index_at, landmark_at, one row a customer. Columns, as far as there are
    tables: late_at, returned_at, asked_at, slow_at, complaint_at (naive UTC, null where it did not happen),
    low_rating and coupon (0/1), and for each period p (0, 1, 2), of the LOOK_BACK_DAYS before it begins,
    friends_shared_p (0/1), shown_p and personal_p (recommendations shown, and those under `personal_policy`).
    """
    parts: list[tuple[tuple[str, ...], Callable[[], Table]]] = [
        (DELIVERY, lambda: _late(shop, base)),
        (("orders.coupon_id",), lambda: _coupon(shop, base)),
        (("returns.returned_at",), lambda: _returned(shop, base)),
        (ANSWERS, lambda: _tickets(shop, base)),
        (RATINGS, lambda: _low_rating(shop, base)),
        (("ties", "shares.posted_at"), lambda: _friends_shared(shop, base)),
        (("impressions.policy", "impressions.shown_at"), lambda: _shown(shop, base, personal_policy)),
    ]
    frames = [base.select("customer_id").to_pandas()]
    frames += [make().to_pandas() for needs, make in parts if not shop.missing(*needs)]
    return functools.reduce(lambda one, two: one.merge(two, on="customer_id", how="left"), frames)


def _index_order(shop: Shop, base: Table) -> Table:
    orders = shop["orders"].select("order_id", "placed_at", "shipping_days", "promised_days")
    chosen = base.select("customer_id", "index_at", order_id=base.index_order_id)
    return chosen.join(orders, "order_id")


def _late(shop: Shop, base: Table) -> Table:
    rows = _index_order(shop, base)
    rows = rows.filter(rows.shipping_days > rows.promised_days)
    seconds = (rows.shipping_days * 86_400).cast("int64")
    return rows.select("customer_id", late_at=rows.placed_at + seconds.as_interval("s"))


def _coupon(shop: Shop, base: Table) -> Table:
    orders = shop["orders"].select("order_id", "coupon_id")
    rows = base.select("customer_id", order_id=base.index_order_id).join(orders, "order_id")
    return rows.select("customer_id", coupon=rows.coupon_id.notnull().cast("int64"))


def _returned(shop: Shop, base: Table) -> Table:
    chosen = base.select("customer_id", order_id=base.index_order_id)
    rows = shop["returns"].select("order_id", "returned_at").join(chosen, "order_id")
    return rows.group_by("customer_id").agg(returned_at=rows.returned_at.min())


def _tickets(shop: Shop, base: Table) -> Table:
    """Service contacts since the index order; whether one was slow is known when its time is over."""
    rows = shop["tickets"].select("customer_id", "opened_at", "first_response_at", "topic")
    rows = rows.join(base.select("customer_id", "index_at"), "customer_id")
    rows = rows.filter(rows.opened_at >= rows.index_at)
    known = rows.opened_at + ibis.interval(hours=SLOW_HOURS)
    rows = rows.mutate(known_at=known)
    slow = rows.first_response_at.isnull() | (rows.first_response_at > rows.known_at)
    return rows.group_by("customer_id").agg(
        asked_at=rows.known_at.min(),
        slow_at=rows.known_at.min(where=slow),
        complaint_at=rows.opened_at.min(where=rows.topic == "complaint"),
    )


def _low_rating(shop: Shop, base: Table) -> Table:
    """Whether the seller of the index order was among the lowest third by ratings before the study began."""
    items = shop["items"].select("item_id", "seller_id")
    reviews = shop["reviews"].select("item_id", "rating", "posted_at").join(items, "item_id")
    begin = base.index_at.min().execute()
    reviews = reviews.filter(reviews.posted_at < begin)
    rated = reviews.group_by("seller_id").agg(rating=reviews.rating.mean())
    line = rated.rating.quantile(_LOW_SHARE).execute()
    lines = shop["order_lines"].select("order_id", "item_id").join(items, "item_id").join(rated, "seller_id")
    chosen = base.select("customer_id", order_id=base.index_order_id)
    bought = lines.join(chosen, "order_id")
    low = (bought.rating <= line).cast("int64")
    return bought.group_by("customer_id").agg(low_rating=low.max())


def _moments(base: Table) -> list[tuple[int, ibis.Value]]:
    return [(p, base.landmark_at + ibis.interval(days=PERIOD_DAYS * p)) for p in range(PERIODS)]


def _friends_shared(shop: Shop, base: Table) -> Table:
    ties = shop["ties"].select("customer_a", "customer_b", "since_at", "until_at")
    both = ties.rename(customer_id="customer_a", friend_id="customer_b").union(
        ties.rename(customer_id="customer_b", friend_id="customer_a").select(
            "customer_id", "friend_id", "since_at", "until_at"
        )
    )
    rows = both.join(base.select("customer_id", "landmark_at"), "customer_id")
    posts = shop["shares"].select(friend_id="customer_id", posted_at="posted_at")
    rows = rows.join(posts, "friend_id")
    begun = rows.since_at.isnull() | (rows.since_at <= rows.posted_at)
    rows = rows.filter(begun & (rows.until_at.isnull() | (rows.until_at > rows.posted_at)))
    back = ibis.interval(days=LOOK_BACK_DAYS)
    seen = {
        f"friends_shared_{p}": ((rows.posted_at < at) & (rows.posted_at >= at - back)).any().cast("int64")
        for p, at in _moments(rows)
    }
    return rows.group_by("customer_id").agg(**seen)


def _shown(shop: Shop, base: Table, personal_policy: str) -> Table:
    rows = shop["impressions"].select("customer_id", "policy", "shown_at")
    rows = rows.join(base.select("customer_id", "landmark_at"), "customer_id")
    back = ibis.interval(days=LOOK_BACK_DAYS)
    counts = {}
    for p, at in _moments(rows):
        inside = (rows.shown_at < at) & (rows.shown_at >= at - back)
        counts[f"shown_{p}"] = inside.sum()
        counts[f"personal_{p}"] = (inside & (rows.policy == personal_policy)).sum()
    return rows.group_by("customer_id").agg(**counts)
