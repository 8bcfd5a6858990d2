"""What each customer did in each month: the lazy table under every monthly measure."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerValue, Table, TimestampValue

from helpers.data.cohorts import month_number
from helpers.data.purchases import line_values, purchases
from helpers.data.shop import Shop

COUNTS = ("orders", "spend_cents", "shares", "reactions", "comments", "joins", "reviews", "visits")
_INTERACTIONS = {
    "shares.posted_at": "shared",
    "reactions.posted_at": "reacted",
    "reviews.posted_at": "reviewed",
}
SOCIAL = tuple(_INTERACTIONS)


def activity(shop: Shop) -> Table:
    """Return one row a customer and month (shop's clock) in which the customer did anything at all.

    Columns: customer_id (text), month (integer, see `month_number`), orders, spend_cents, shares, reactions
    (likes, comments and joins given to others' posts), of these comments and joins (of a group's event), and
    reviews and visits (events of any kind; integers). What the shop does not record is 0.
    Kept by the engine, for most measures count in it.
    """
    return shop.once("activity", lambda: _activity(shop).cache())


def _activity(shop: Shop) -> Table:
    parts = [_counted(shop, orders_with_spend(shop), "placed_at", orders=1, spend_cents="spend_cents")]
    if not shop.missing("shares.posted_at"):
        parts.append(_counted(shop, shop["shares"], "posted_at", shares=1))
    if not shop.missing("reactions.posted_at"):
        reactions = shop["reactions"]
        given = reactions.customer_id.notnull() & reactions.kind.isin(["like", "comment", "join"])
        kinds = {f"{kind}s": (reactions.kind == kind).cast("int64") for kind in ("comment", "join")}
        reactions = reactions.mutate(**kinds).filter(given)
        counts: dict[str, int | str] = {"reactions": 1, "comments": "comments", "joins": "joins"}
        parts.append(_counted(shop, reactions, "posted_at", **counts))
    if not shop.missing("reviews.posted_at"):
        parts.append(_counted(shop, shop["reviews"], "posted_at", reviews=1))
    if not shop.missing("events.happened_at"):
        parts.append(_counted(shop, shop["events"], "happened_at", visits=1))
    everything = functools.reduce(lambda one, other: one.union(other), parts)
    return everything.group_by("customer_id", "month").agg(
        **{name: everything[name].sum().cast("int64") for name in COUNTS}
    )


@dataclass(frozen=True)
class Deeds:
    """What customers are known to have done, as verbs: active (any of these makes one active), interacted.

    shopped: what makes one a shopper: bought, or visited where visits are known.
    """

    active: tuple[str, ...]
    interacted: tuple[str, ...]
    shopped: tuple[str, ...]


def recorded_deeds(shop: Shop) -> Deeds:
    """Return which deeds the shop records, such as bought, shared and visited, and of them shared."""
    social = tuple(verb for need, verb in _INTERACTIONS.items() if not shop.missing(need))
    visited = () if shop.missing("events.happened_at") else ("visited",)
    return Deeds(active=("bought", *social, *visited), interacted=social, shopped=("bought", *visited))


def orders_with_spend(shop: Shop) -> Table:
    """Return the purchases with spend_cents, the sum of their lines (0 where no price is known)."""
    lines = line_values(shop)
    value = lines.group_by("order_id").agg(spend_cents=lines.value_cents.sum().cast("int64"))
    orders = purchases(shop).select("order_id", "customer_id", "placed_at")
    joined = orders.left_join(value, "order_id")
    return joined.select("order_id", "customer_id", "placed_at", spend_cents=joined.spend_cents.fill_null(0))


def months_bought(shop: Shop) -> Table:
    """Return each customer and month with at least one purchase: customer_id, month."""
    orders = purchases(shop)
    return orders.select("customer_id", month=_month(shop, orders.placed_at)).distinct()


def _counted(shop: Shop, rows: Table, time: str, **counts: int | str) -> Table:
    """Bring rows to one a customer and month before they meet the other tables."""
    rows = rows.filter(rows[time].notnull())
    worth = {
        name: rows[counts[name]] if isinstance(counts.get(name), str) else ibis.literal(counts.get(name, 0))
        for name in COUNTS
    }
    rows = rows.select("customer_id", month=_month(shop, rows[time]), **worth)
    return rows.group_by("customer_id", "month").agg(
        **{name: rows[name].sum().cast("int64") for name in COUNTS}
    )


def _month(shop: Shop, time: TimestampValue) -> IntegerValue:
    return month_number(shop.local(time)).cast("int64")
