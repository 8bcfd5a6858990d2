"""Who could see a post and answered it: each post and friend of its author then, with the friend's taste."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.friend_graph import both_ways
from helpers.data.purchases import dated_purchases
from helpers.data.reaction_kinds import reaction_kinds
from helpers.data.shop import Shop

ANSWER_KINDS = ("join", "click", "like", "comment")
_PRIOR_PURCHASES = 3.0


def answer_kind(shop: Shop) -> str:
    """Return the costliest kind of answer that the shop records: join, else click, like, comment."""
    known = reaction_kinds(shop)
    return next((kind for kind in ANSWER_KINDS if kind in known), ANSWER_KINDS[0])


def exposures(
    shop: Shop, *, until: dt.datetime, kind: str, since: dt.datetime = dt.datetime.min
) -> pd.DataFrame:
    """Return one row a post in [since, until) and friend of its author then: answered or not, and taste.

    Columns: share_id, author, friend (text), answered (boolean, an answer of this kind before `until`), taste
    (float: the friend's share of purchases in the post's category up to the post over everyone's, pulled to
    1; 1 without category).
    """
    posts = shop["shares"].filter((_.posted_at < until) & (_.posted_at >= since))
    posts = posts.select("share_id", "item_id", "posted_at", author="customer_id")
    pairs = posts.join(both_ways(shop), "author")
    begun = pairs.since_at.isnull() | (pairs.since_at <= pairs.posted_at)
    pairs = pairs.filter(begun & (pairs.until_at.isnull() | (pairs.until_at > pairs.posted_at)))
    answers = shop["reactions"].filter((_.kind == kind) & _.customer_id.notnull() & (_.posted_at < until))
    answers = answers.select("share_id", friend="customer_id").distinct().mutate(answered=True)
    pairs = pairs.left_join(answers, ["share_id", "friend"]).select(
        "share_id", "item_id", "posted_at", "author", "friend", answered=_.answered.fill_null(False)
    )
    if shop.missing("items.category", "orders.placed_at"):
        return _sorted(pairs.select("share_id", "author", "friend", "answered").to_pandas()).assign(taste=1.0)
    return _sorted(_with_taste(shop, pairs, until))


def _with_taste(shop: Shop, pairs: Table, until: dt.datetime) -> pd.DataFrame:
    """Count, for each exposure, the friend's purchase lines before the post, all and of its category."""
    items = shop["items"].select("item_id", "category")
    pairs = pairs.left_join(items, "item_id").select(
        "share_id", "author", "friend", "answered", "posted_at", "category"
    )
    orders = dated_purchases(shop).filter(_.placed_at < until).select("order_id", "customer_id", "placed_at")
    lines = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id").join(items, "item_id")
    lines = lines.select(friend="customer_id", placed_at="placed_at", bought="category")
    met = pairs.left_join(lines, "friend").select(
        "share_id", "author", "friend", "answered", "category", "bought",
        earlier=lambda row: row.placed_at < row.posted_at,
    )  # fmt: skip
    counted = met.group_by("share_id", "author", "friend", "answered", "category").agg(
        every=met.earlier.sum().fill_null(0),
        same=(met.earlier & (met.bought == met.category)).sum().fill_null(0),
    )
    frame = counted.to_pandas()
    share = lines.group_by("bought").agg(lines=_.count()).to_pandas().set_index("bought")["lines"]
    common = frame["category"].map(share / share.sum()).to_numpy(dtype=float)
    own = (frame["same"] + _PRIOR_PURCHASES * common) / (frame["every"] + _PRIOR_PURCHASES)
    taste = np.where(np.isfinite(common), own / common, 1.0)
    return frame[["share_id", "author", "friend", "answered"]].assign(taste=taste)


def _sorted(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["author", "share_id", "friend"], ignore_index=True)
