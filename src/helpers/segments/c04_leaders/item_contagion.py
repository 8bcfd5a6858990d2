"""Do friends buy the very item that was posted? Taste explains the category, not the item within it.

A purchase line counts as exposed to the items of its category that friends posted in the days before. Whether
it is one of them is compared with the item's share of the category's sales in the same month. The placebo
does the same with posts of the days after the purchase: friends of like taste, but the post can't have moved
anybody (after the shuffle test of Anagnostopoulos, Kumar & Mahdian 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.cohorts import month_number
from helpers.data.friend_graph import both_ways
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from methods.intervals.estimates import Interval, ratio_of_sums

WINDOW_DAYS = 14
FEWEST_EXPECTED = 20  # purchases by chance; below, the ratio's interval is not to be trusted
NEEDS = (
    "ties",
    "shares.item_id",
    "shares.posted_at",
    "items.category",
    "orders.placed_at",
)


@dataclass(frozen=True, kw_only=True)
class Contagion:
    """Purchases of posted items over what the category explains: after the post, and before it."""

    after: Interval
    before: Interval


def item_contagion(shop: Shop, *, window_days: int = WINDOW_DAYS) -> Contagion | None:
    """Return both ratios, clustered on buyers; None where fewer than `FEWEST_EXPECTED` are expected."""
    lines = _lines(shop)
    posts = _posts_to_friends(shop)
    ratios = []
    for later in (True, False):
        rows = _exposed(lines, posts, window_days=window_days, later=later)
        if len(rows) < 2 or rows["expected"].sum() < FEWEST_EXPECTED:
            return None
        ratios.append(ratio_of_sums(rows["hits"], rows["expected"]))
    return Contagion(after=ratios[0], before=ratios[1])


def _lines(shop: Shop) -> Table:
    """One row a purchase line: friend, line, item_id, category, placed_at, month."""
    orders = dated_purchases(shop)
    orders = orders.select(
        "order_id", "placed_at", friend="customer_id", month=month_number(orders.placed_at)
    )
    rows = shop["order_lines"].select("order_id", "line_number", "item_id").join(orders, "order_id")
    return rows.join(
        shop["items"].filter(_.category.notnull()).select("item_id", "category"), "item_id"
    ).cache()


def _posts_to_friends(shop: Shop) -> Table:
    """One row a post and friend: friend, posted, category, posted_at."""
    posts = shop["shares"].select("posted_at", author="customer_id", posted="item_id")
    posts = posts.join(shop["items"].select("category", posted="item_id"), "posted").join(
        both_ways(shop), "author"
    )
    begun = posts.since_at.isnull() | (posts.since_at <= posts.posted_at)
    posts = posts.filter(begun & (posts.until_at.isnull() | (posts.until_at > posts.posted_at)))
    return posts.select("friend", "posted", "category", "posted_at")


def _exposed(lines: Table, posts: Table, *, window_days: int, later: bool) -> pd.DataFrame:
    """One row a buyer: hits and expected over the buyer's exposed lines."""
    window = ibis.interval(days=window_days)
    met = lines.join(posts, ["friend", "category"])
    wait = (met.posted_at < met.placed_at) & (met.placed_at <= met.posted_at + window)
    early = (met.placed_at < met.posted_at) & (met.posted_at <= met.placed_at + window)
    met = met.filter(wait if later else early)
    met = met.select("friend", "order_id", "line_number", "item_id", "category", "month", "posted").distinct()
    sold = lines.group_by("category", "month", posted="item_id").agg(sold=_.count())
    total = lines.group_by("category", "month").agg(total=_.count())
    met = met.left_join(sold, ["category", "month", "posted"]).select(
        "friend", "item_id", "category", "month", "posted", sold=_.sold.fill_null(0)
    )
    met = met.join(total, ["category", "month"]).filter(_.total > 1)
    hit = (met.item_id == met.posted).cast("int64")
    # The line itself is left out of the sales it is compared with.
    met = met.mutate(hit=hit, chance=(met.sold - hit) / (met.total - 1))
    return (
        met.group_by("friend").agg(hits=_.hit.sum(), expected=_.chance.sum()).order_by("friend").to_pandas()
    )
