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
_FEWEST_ALIKE = 3  # reviews of one seller in a week, at least, for one to count as copied
_FEWEST_CHARACTERS = 8  # of a text: buyers write "good" by themselves


def order_signs(shop: Shop) -> tuple[pd.DataFrame, pd.Series]:
    """Return the signs of each order (bool, a row an order_id) and the seller of its first line.

    no view before: none of the seller's items was looked at in the 7 days before, of customers whose visits
    are known at all and of orders before visits ended. busy week: the seller sold at least half more than in
    the weeks around. praise soon: five stars within two days of arrival. copied review: a review in
    the words of two others of the same seller that week, but for case, signs and blanks; as long as two
    others where the shop keeps lengths alone. Signs without their table are left out. Raises CannotAnswer
    where no sign can be read.
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
        if "copied" in reviews:
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
    written = [name for name in ("text", "length_characters") if not shop.missing(f"reviews.{name}")][:1]
    table = shop["reviews"].select(*names, *written)
    reviews = table.order_by("order_id").to_pandas().drop_duplicates("order_id").set_index("order_id")
    shipped = shop["orders"].select("order_id", "shipping_days").to_pandas().set_index("order_id")
    frame = orders.join(reviews, how="left").join(shipped, how="left")
    arrived = frame["placed_at"] + pd.to_timedelta(frame["shipping_days"].astype(float).fillna(0), unit="D")
    delay = (frame["posted_at"] - arrived) / pd.Timedelta(days=1)
    soon = ((frame["rating"] == 5) & (delay <= _SOON_DAYS)).fillna(False)
    found = pd.DataFrame({"soon": soon.astype(bool)}, index=orders.index)
    if written:
        found["copied"] = _copied(frame.assign(alike=_fingerprint(frame[written[0]])))
    return found


def _fingerprint(written: pd.Series) -> pd.Series:
    """What two copies share: a text without case, signs and blanks (missing where it is short); a length."""
    if pd.api.types.is_numeric_dtype(written):
        return written
    bare = written.str.casefold().str.replace(r"[\W_]+", "", regex=True)
    return bare.where(bare.str.len() >= _FEWEST_CHARACTERS)


def _copied(frame: pd.DataFrame) -> pd.Series:
    """Which orders' reviews are alike two others of their seller that week: (orders,) bool."""
    told = frame[frame["alike"].notna()]
    week = (told["posted_at"] - told["posted_at"].min()).dt.days // 7
    same = told.groupby([told["seller_id"], week, told["alike"]])["rating"].transform("size")
    return same.reindex(frame.index).ge(_FEWEST_ALIKE).fillna(False).astype(bool)
