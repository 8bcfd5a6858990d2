"""Signs that an order was faked, as far as the shop's tables tell, and sellers by their suspicious orders."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd

from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.errors import CannotAnswer

WORDS = words_beside(__file__, "manipulation")

_SOON_DAYS, _VIEW_DAYS = 2.0, 7
_SAME_LENGTH = 3  # reviews of one seller with as many characters to a whole number, at least


def order_signs(shop: Shop) -> tuple[pd.DataFrame, pd.Series]:
    """Return the signs of each order (bool, a row an order_id) and the seller of its first line.

    no view before: none of the seller's items was looked at in the 7 days before, of customers whose visits
    are known at all and of orders before visits ended. busy week: the seller sold at least half more than in
    the weeks around. praise soon: five stars within two days of arrival. copied review: a review as long as
    two others of the same seller that week. Signs without their table are left out. Raises CannotAnswer where
    no sign can be read.
    """
    orders = _orders(shop)
    if not len(orders):
        raise CannotAnswer(WORDS.text("no seller known"))
    signs = pd.DataFrame(index=orders.index)
    if not shop.missing("events.item_id", "events.happened_at"):
        signs["no view before"] = _no_view(shop, orders)
    signs["busy week"] = _busy_week(orders)
    if not shop.missing("reviews.order_id", "reviews.rating", "reviews.posted_at"):
        reviews = _reviews(shop, orders)
        signs["praise soon"] = reviews["soon"]
        if "length_characters" in reviews:
            signs["copied review"] = reviews["copied"]
    if signs.shape[1] < 2:
        raise CannotAnswer(WORDS.text("orders tell little"))
    return signs, orders["seller_id"]


def _orders(shop: Shop) -> pd.DataFrame:
    lines = shop["order_lines"].select("order_id", "item_id")
    items = shop["items"].select("item_id", "seller_id")
    bought = purchases(shop).select("order_id", "customer_id", "placed_at")
    rows = bought.join(lines, "order_id").join(items, "item_id")
    first = rows.group_by("order_id", "customer_id", "placed_at").agg(
        seller_id=rows.seller_id.min(), item_id=rows.item_id.min()
    )
    return first.filter(first.seller_id.notnull()).order_by("order_id").to_pandas().set_index("order_id")


def _no_view(shop: Shop, orders: pd.DataFrame) -> pd.Series:
    events = shop["events"]
    views = events.filter(events.item_id.notnull()).select("customer_id", "item_id", "happened_at")
    bought = purchases(shop).select("order_id", "customer_id", "placed_at")
    lines = shop["order_lines"].select("order_id", "item_id")
    # Made distinct, so that lines meet their orders before they meet views: joined to views by the item
    # alone, as an engine may choose to begin, they are thousands of pairs each.
    wanted = bought.semi_join(views, "customer_id").join(lines, "order_id").distinct()
    pairs = wanted.join(views, ["customer_id", "item_id"])
    near = pairs.happened_at >= pairs.placed_at - ibis.interval(days=_VIEW_DAYS)
    seen = (
        pairs.filter((pairs.happened_at <= pairs.placed_at) & near).select("order_id").distinct().to_pandas()
    )
    watched = events.select("customer_id").distinct().to_pandas()["customer_id"]
    known = orders["customer_id"].isin(watched) & (orders["placed_at"] < shop.known_until("events"))
    return known & ~orders.index.isin(seen["order_id"])


def _busy_week(orders: pd.DataFrame) -> pd.Series:
    week = ((orders["placed_at"] - orders["placed_at"].min()).dt.days // 7).to_numpy()
    seller = pd.factorize(orders["seller_id"])[0]
    counts = np.zeros((seller.max() + 1, week.max() + 1))
    np.add.at(counts, (seller, week), 1)
    total = counts.sum(axis=0)
    usual = counts.sum(axis=1, keepdims=True) * total / max(total.sum(), 1)
    busy = (counts >= 1.5 * usual) & (counts >= usual + 2 * np.sqrt(usual + 1))
    return pd.Series(busy[seller, week], index=orders.index)


def _reviews(shop: Shop, orders: pd.DataFrame) -> pd.DataFrame:
    names = ["order_id", "rating", "posted_at"]
    long = not shop.missing("reviews.length_characters")
    table = shop["reviews"].select(*names, *(["length_characters"] if long else []))
    reviews = table.order_by("order_id").to_pandas().drop_duplicates("order_id").set_index("order_id")
    shipped = shop["orders"].select("order_id", "shipping_days").to_pandas().set_index("order_id")
    frame = orders.join(reviews, how="left").join(shipped, how="left")
    arrived = frame["placed_at"] + pd.to_timedelta(frame["shipping_days"].astype(float).fillna(0), unit="D")
    delay = (frame["posted_at"] - arrived) / pd.Timedelta(days=1)
    found = pd.DataFrame({"soon": (frame["rating"] == 5) & (delay <= _SOON_DAYS)}, index=orders.index).fillna(
        False
    )
    if long:
        told = frame[frame["length_characters"].notna()]
        week = (told["posted_at"] - told["posted_at"].min()).dt.days // 7
        same = told.groupby([told["seller_id"], week, told["length_characters"]])["rating"].transform("size")
        found["length_characters"] = frame["length_characters"]
        found["copied"] = same.reindex(orders.index).ge(_SAME_LENGTH).fillna(False).astype(bool)
    return found.astype({"soon": bool})
