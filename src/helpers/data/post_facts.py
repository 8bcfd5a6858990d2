"""What is known of a customer's posts about an order: who saw them, when the order was first shown."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pandas as pd
from ibis.expr.types import BooleanColumn, Table

from helpers.data.shop import Shop

COLUMNS = ("posted", "named", "reacted", "within", "after")


def post_facts(
    shop: Shop, index: Table, customers: Sequence[str], *, landmark_hours: int, outcome_days: int
) -> pd.DataFrame:
    """Return bool facts on the posts of each customer around the own index order.

    index: customer_id (each once), index_order_id, index_at (naive UTC). customers: ids in the order of the
    rows returned. posted: any post before the landmark; named: one of these went to a friend; reacted:
    somebody other than the poster and the brand liked, commented on, clicked or joined one of these.
    within: the index order was shared up to the end of the outcome window; after: it was shared after that.
    """
    moments = index.select("customer_id", "index_order_id", "index_at")
    posts = shop["shares"].select(
        "share_id", "customer_id", "order_id", "audience", "receiver_id", "posted_at"
    )
    posts = posts.join(moments, "customer_id")
    landmark = posts.index_at + ibis.interval(hours=landmark_hours)
    end = landmark + ibis.interval(days=outcome_days)
    early = (posts.posted_at >= posts.index_at) & (posts.posted_at < landmark)
    posts = posts.mutate(early=early, after=posts.posted_at > end)
    posts = _with_reactions(shop, posts)
    named = posts.receiver_id.notnull() | _known(posts.audience == "friend")
    of_index = _known(posts.order_id == posts.index_order_id)
    facts = posts.group_by("customer_id").agg(
        posted=posts.early.any(),
        named=(posts.early & named).any(),
        reacted=_known(posts.is_seen).any(),
        within=(of_index & ~posts.after).any(),
        after=(of_index & posts.after).any(),
    )
    found = facts.execute().set_index("customer_id")
    found.index = found.index.astype("str")
    rows = found.reindex(pd.Index(customers, dtype="str")).fillna(False).astype(bool).reset_index(drop=True)
    return rows[list(COLUMNS)]


def _known(condition: BooleanColumn) -> BooleanColumn:
    return condition.fill_null(False)


def _with_reactions(shop: Shop, posts: Table) -> Table:
    """The posts and is_seen: somebody else did something on an early one; null or false where not known."""
    if shop.missing("reactions"):
        return posts.mutate(is_seen=ibis.literal(False))
    poster = posts.filter(posts.early).select("share_id", poster=posts.customer_id)
    others = shop["reactions"].select("share_id", "customer_id", "kind").join(poster, "share_id")
    others = others.filter((others.kind != "reply") & ~_known(others.customer_id == others.poster))
    seen = others.select("share_id", is_seen=ibis.literal(True)).distinct()
    return posts.left_join(seen, "share_id").drop("share_id_right")
