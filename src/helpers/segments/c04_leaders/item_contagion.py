"""Do friends buy the very item that was posted? Taste explains the category, not the item within it.

A purchase line counts as exposed to the items of its category that friends posted in the days before. Whether
it is one of them is compared with the item's share of the category's sales in the same month. Two placebos
ask the same where no post can have moved anybody: in reversed time, of posts of the days after the purchase
(after the shuffle test of Anagnostopoulos, Kumar & Mahdian 2008), and of friends who bought an item that
others posted that month but never posted it themselves, in both directions of time. Early adopters have
eager friends, who buy after them and before them, whether they post or not: what remains is the posters'
ratio of after to before over that of those matched to them.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.cohorts import month_number
from helpers.data.friend_graph import both_ways
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.data.some_customers import only_of, some_customers
from methods.intervals.estimates import Interval, normal_reach, ratio_of_sums

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
    """Purchases of posted items over what the category explains: after the post, and before it.

    quiet_after, quiet_before: the same around purchases that were not posted. remains: after over before,
    over the same of the purchases not posted; nil is 1. drawn: of how many customers, where not of all.
    """

    after: Interval
    before: Interval
    quiet_after: Interval
    quiet_before: Interval
    remains: Interval
    drawn: int | None = None


def item_contagion(
    shop: Shop, *, window_days: int = WINDOW_DAYS, most_customers: int = 100_000, seed: int = 1
) -> Contagion | None:
    """Return all ratios, clustered on buyers; None where fewer than `FEWEST_EXPECTED` are expected in one.

    most_customers: of a larger shop the purchases of so many, drawn at random, are looked at, beside all
    posts that these could see and the sales to everyone.
    """
    lines = _lines(shop)
    drawn = some_customers(shop, most=most_customers, seed=seed)
    posts = _to_friends(shop, _posts(shop), drawn)
    quiet = _to_friends(shop, _not_posted(shop, lines), drawn)
    sums = [
        _exposed(lines, events, window_days=window_days, later=later)
        for events in (posts, quiet)
        for later in (True, False)
    ]
    if any(_is_few(rows) for rows in sums):
        return None
    ratios = [ratio_of_sums(rows["hits"], rows["expected"]) for rows in sums]
    names = ("after", "before", "quiet_after", "quiet_before")
    return Contagion(
        **dict(zip(names, ratios, strict=True)),
        remains=_remains(sums),
        drawn=None if drawn is None else most_customers,
    )


def _is_few(rows: pd.DataFrame) -> bool:
    return len(rows) < 2 or rows["expected"].sum() < FEWEST_EXPECTED or not rows["hits"].sum()


def _remains(sums: list[pd.DataFrame]) -> Interval:
    """(after / before) / (quiet after / quiet before) on the log scale, by what each buyer adds to it."""
    estimate, added = 0.0, pd.Series(dtype=float)
    for rows, sign in zip(sums, (1, -1, -1, 1), strict=True):
        hits, expected = rows["hits"].sum(), rows["expected"].sum()
        estimate += sign * float(np.log(hits / expected))
        own = sign * (rows["hits"] / hits - rows["expected"] / expected)
        added = added.add(own.set_axis(rows["friend"]), fill_value=0.0)
    error = float(np.sqrt(np.square(added).sum() * len(added) / (len(added) - 1)))
    half = normal_reach() * error
    low, middle, high = np.exp([estimate - half, estimate, estimate + half])
    return Interval(estimate=float(middle), low=float(low), high=float(high), n=len(added))


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


def _posts(shop: Shop) -> Table:
    """One row a post of an item: author, posted, posted_at."""
    return shop["shares"].select("posted_at", author="customer_id", posted="item_id")


def _not_posted(shop: Shop, lines: Table) -> Table:
    """Purchases of an item that others posted that month and the buyer never did, as `_posts`.

    Each is taken for a post that came as long after the purchase as posts of what one bought usually do.
    """
    posts, bought = _posts(shop), lines.select("placed_at", "month", author="friend", posted="item_id")
    both = bought.join(posts, ["author", "posted"]).filter(_.posted_at >= _.placed_at)
    wait = both.select(seconds=both.posted_at.delta(both.placed_at, unit="second")).seconds.median().execute()
    shown = posts.select("posted", month=month_number(posts.posted_at)).distinct()
    quiet = bought.semi_join(shown, ["posted", "month"]).anti_join(posts, ["author", "posted"])
    late = ibis.interval(seconds=int(wait) if pd.notna(wait) else 0)
    return quiet.select("author", "posted", posted_at=quiet.placed_at + late)


def _to_friends(shop: Shop, events: Table, drawn: Table | None) -> Table:
    """One row a post and friend who may have been drawn: friend, posted, category, posted_at."""
    posts = events.join(shop["items"].select("category", posted="item_id"), "posted").join(
        only_of(both_ways(shop), drawn, column="friend"), "author"
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
