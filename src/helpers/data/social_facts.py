"""What the panel knows of a customer's shares, likes and friends before the index moment."""

from __future__ import annotations

import ibis
from ibis import _
from ibis.expr.types import Table

from helpers.data.purchases import purchase_times
from helpers.data.shop import Shop

RECENT = ibis.interval(days=90)


def social_facts(shop: Shop, base: Table) -> list[Table]:
    """Return one-row-a-customer tables of shares, likes received and friends, each where the shop has it.

    base: customer_id, index_at, landmark_at (the latter two naive UTC), one row a customer.
    """
    facts = []
    if not shop.missing("shares.posted_at"):
        moments = base.select("customer_id", "index_at", "landmark_at")
        shares = shop["shares"].select("share_id", "customer_id", "posted_at").join(moments, "customer_id")
        facts.append(
            shares.group_by("customer_id").agg(
                shares_before=(shares.posted_at < shares.index_at).sum(),
                shared=(
                    (shares.posted_at >= shares.index_at) & (shares.posted_at < shares.landmark_at)
                ).any(),
            )
        )
        if not shop.missing("reactions.posted_at"):
            facts.append(_likes(shop, shares))
    if not shop.missing("ties"):
        facts.append(_friends(shop, base))
    return facts


def _likes(shop: Shop, shares: Table) -> Table:
    reactions = shop["reactions"]
    likes = reactions.filter(reactions.kind == "like").select("share_id", liked_at=reactions.posted_at)
    earlier = shares.filter(shares.posted_at < shares.index_at).select("share_id", "customer_id", "index_at")
    rows = likes.join(earlier, "share_id")
    return (
        rows.filter(rows.liked_at < rows.index_at)
        .group_by("customer_id")
        .agg(likes_received_before=_.count())
    )


def _friends(shop: Shop, base: Table) -> Table:
    """Ties as they stood just before the index, and what those friends had ordered in the 90 days before."""
    ties = shop["ties"].select("customer_a", "customer_b", "since_at", "until_at")
    mirrored = ties.rename(customer_id="customer_b", friend_id="customer_a")
    both = ties.rename(customer_id="customer_a", friend_id="customer_b").union(
        mirrored.select("customer_id", "friend_id", "since_at", "until_at")
    )
    rows = both.join(base.select("customer_id", "index_at"), "customer_id")
    begun = rows.since_at.isnull() | (rows.since_at < rows.index_at)
    active = rows.filter(begun & (rows.until_at.isnull() | (rows.until_at >= rows.index_at)))
    met = active.select("customer_id", "friend_id", "index_at").join(_recent_orders(shop, base), "friend_id")
    met = met.filter((met.placed_at < met.index_at) & (met.placed_at >= met.index_at - RECENT))
    ordered = met.group_by("customer_id").agg(friends_orders_90d_before=_.count())
    known = active.group_by("customer_id").agg(friends=_.count())
    return known.left_join(ordered, "customer_id").drop("customer_id_right")


def _recent_orders(shop: Shop, base: Table) -> Table:
    """Purchases that may lie in anyone's 90 days, as friend_id, placed_at."""
    span = base.agg(earliest=base.index_at.min(), latest=base.index_at.max())
    orders = purchase_times(shop).select("placed_at", friend_id="customer_id").cross_join(span)
    orders = orders.filter(
        (orders.placed_at < orders.latest) & (orders.placed_at >= orders.earliest - RECENT)
    )
    return orders.select("friend_id", "placed_at")
