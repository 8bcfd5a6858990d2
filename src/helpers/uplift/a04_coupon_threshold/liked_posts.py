"""Posts with the likes they gathered, what was known before them, and whether their author came back."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.purchases import purchases
from helpers.data.shop import Shop


def liked_posts(shop: Shop, *, count_hours: int = 48, outcome_days: int = 90) -> pd.DataFrame:
    """Return one row a post whose outcome window lies fully in the data, sorted by share_id.

    Likes are counted for `count_hours` after the post; the outcome begins when counting ends, so that
    nobody's return can be the cause of the likes. Columns: share_id, customer_id (text), posted_at (naive
    UTC), likes (integer), orders_before (purchases before the post, integer), days_since_joined (float),
    again (0.0 or 1.0: a purchase in the outcome window), coupon (0.0 or 1.0: a threshold coupon names the
    post; missing where the shop has no such coupons). Raises ValueError unless both windows are positive.
    """
    if count_hours <= 0 or outcome_days <= 0:
        raise ValueError(f"count_hours {count_hours} and outcome_days {outcome_days} must be above 0")
    posts = _posts(shop, count_hours=count_hours, outcome_days=outcome_days)
    rows = posts
    for facts in (_likes(shop, posts), _orders(shop, posts), _coupons(shop)):
        rows = rows.left_join(facts, "share_id").drop("share_id_right")
    coupons = not shop.missing("coupons.share_id")
    rows = rows.select(
        "share_id",
        "customer_id",
        "posted_at",
        likes=rows.likes.fill_null(0),
        orders_before=rows.orders_before.fill_null(0),
        joined_at=rows.joined_at,
        again=rows.orders_after.fill_null(0) > 0,
        coupon=rows.coupons.fill_null(0) > 0 if coupons else ibis.null("boolean"),
    )
    frame = rows.order_by("share_id").execute()
    since = (frame["posted_at"] - frame["joined_at"]) / pd.Timedelta(days=1)
    return frame.drop(columns="joined_at").assign(
        days_since_joined=since,
        again=frame["again"].astype("float64"),
        coupon=frame["coupon"].astype("Float64").astype("float64"),
    )


def _posts(shop: Shop, *, count_hours: int, outcome_days: int) -> Table:
    shares = shop["shares"].select("share_id", "customer_id", "posted_at")
    counted = shares.mutate(counted_at=shares.posted_at + ibis.interval(hours=count_hours))
    rows = counted.mutate(end_at=counted.counted_at + ibis.interval(days=outcome_days))
    rows = rows.filter(
        (rows.end_at <= ibis.literal(shop.end, type="timestamp(6)"))
        & (rows.counted_at <= ibis.literal(shop.known_until("reactions"), type="timestamp(6)"))
    )
    joined = shop["customers"].select("customer_id", "joined_at")
    return rows.left_join(joined, "customer_id").drop("customer_id_right")


def _likes(shop: Shop, posts: Table) -> Table:
    reactions = shop["reactions"]
    likes = reactions.filter(reactions.kind == "like").select("share_id", liked_at=reactions.posted_at)
    rows = likes.join(posts.select("share_id", "counted_at"), "share_id")
    return rows.filter(rows.liked_at < rows.counted_at).group_by("share_id").agg(likes=_.count())


def _orders(shop: Shop, posts: Table) -> Table:
    orders = purchases(shop).select("customer_id", "placed_at")
    rows = posts.select("share_id", "customer_id", "posted_at", "counted_at", "end_at")
    rows = rows.join(orders, "customer_id")
    after = (rows.placed_at > rows.counted_at) & (rows.placed_at <= rows.end_at)
    return rows.group_by("share_id").agg(
        orders_before=(rows.placed_at < rows.posted_at).sum(), orders_after=after.sum()
    )


def _coupons(shop: Shop) -> Table:
    if shop.missing("coupons.share_id"):
        return shop["shares"].select("share_id", coupons=ibis.null("int64")).limit(0)
    coupons = shop["coupons"]
    earned = coupons.filter((coupons.source == "threshold") & coupons.share_id.notnull())
    return earned.group_by("share_id").agg(coupons=_.count())
