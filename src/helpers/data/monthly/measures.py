"""The measures of stickiness, each declared once: what it needs, and its part of each customer.

A measure is a ratio of two sums over customers. Its cells are one row a customer and month: customer_id,
month, x (above the line), y (below the line). Its name and unit stand in the registry of its question.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from helpers.data.cohorts import month_number
from helpers.data.monthly.activity import SOCIAL, activity, months_bought
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import registry

REPURCHASE_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure. More of it means stickier.

    id: of its finding. is_share: whether it lies between 0 and 1 before `scale`. needs: tables or columns, as
    in `question`; needs_one_of: at least one of these too. follow_months, follow_days: how long a month must
    be watched after its end. counts: tables of which it counts every row: months after one ended are not
    known. in_points: moves are counted in points of its own scale, not in % of its level.
    """

    id: str
    needs: tuple[str, ...]
    needs_one_of: tuple[str, ...] = ()
    cells: Callable[[Shop], Table]
    scale: float = 1.0
    is_share: bool = False
    follow_months: int = 0
    follow_days: int = 0
    counts: tuple[str, ...] = ()
    in_points: bool = False

    @property
    def label(self) -> str:
        """What it is, in a few words; from its registry."""
        return registry()[self.id].about

    @property
    def unit(self) -> str:
        """Unit of its value after `scale`; `{currency}` stands for the shop's; from its registry."""
        return registry()[self.id].unit

    @property
    def requirement(self) -> str:
        """The requirement that it belongs to, such as B4."""
        return self.id.partition(".")[0]


def _returning(months_later: int) -> Callable[[Shop], Table]:
    def cells(shop: Shop) -> Table:
        bought = months_bought(shop)
        again = bought.select("customer_id", month=bought.month - months_later, returned=ibis.literal(1))
        both = bought.left_join(again, ["customer_id", "month"])
        return both.select("customer_id", "month", x=both.returned.fill_null(0), y=ibis.literal(1))

    return cells


def _repurchase(shop: Shop) -> Table:
    """The first purchase of each customer's month, and whether another came within the days after it."""
    orders = purchases(shop).select("customer_id", "order_id", "placed_at")
    orders = orders.mutate(month=month_number(shop.local(orders.placed_at)).cast("int64"))
    first = orders.group_by("customer_id", "month").agg(first_at=orders.placed_at.min())
    within = ibis.interval(days=REPURCHASE_DAYS)
    later = orders.select("customer_id", later_at=orders.placed_at)
    pairs = first.join(later, "customer_id")
    pairs = pairs.filter((pairs.later_at > pairs.first_at) & (pairs.later_at <= pairs.first_at + within))
    again = pairs.select("customer_id", "month", returned=ibis.literal(1)).distinct()
    both = first.left_join(again, ["customer_id", "month"])
    return both.select("customer_id", "month", x=both.returned.fill_null(0), y=ibis.literal(1))


def _per_active(*counts: str) -> Callable[[Shop], Table]:
    def cells(shop: Shop) -> Table:
        rows = activity(shop)
        total = sum((rows[name] for name in counts[1:]), start=rows[counts[0]])
        return rows.select("customer_id", "month", x=total, y=ibis.literal(1))

    return cells


def _orders_per_buyer(shop: Shop) -> Table:
    orders = purchases(shop)
    rows = orders.select("customer_id", month=month_number(shop.local(orders.placed_at)).cast("int64"))
    return rows.group_by("customer_id", "month").agg(x=rows.count(), y=ibis.literal(1))


def _interacting(shop: Shop) -> Table:
    rows = activity(shop)
    did = (rows.shares + rows.reactions + rows.reviews) > 0
    return rows.select("customer_id", "month", x=did.cast("int64"), y=ibis.literal(1))


def _per_order(shop: Shop) -> Table:
    rows = activity(shop)
    return rows.filter(rows.orders > 0).select("customer_id", "month", x=rows.spend_cents, y=rows.orders)


def _per_shopper(shop: Shop) -> Table:
    """Spend of those who bought or visited: who only likes a post did not come to shop."""
    rows = activity(shop)
    came = rows.filter((rows.orders > 0) | (rows.visits > 0))
    return came.select("customer_id", "month", x=came.spend_cents, y=ibis.literal(1))


def _nps(shop: Shop) -> Table:
    answers = shop["surveys"]
    answers = answers.filter(
        (answers.kind == "nps") & answers.score.notnull() & answers.answered_at.notnull()
    )
    month = month_number(shop.local(answers.answered_at)).cast("int64")
    up, down = (answers.score >= 9).cast("int64"), (answers.score <= 6).cast("int64")
    rows = answers.select("customer_id", month=month, up=up, down=down)
    counts = rows.group_by("customer_id", "month").agg(
        promoters=rows.up.sum(), detractors=rows.down.sum(), y=rows.count()
    )
    return counts.mutate(x=counts.promoters - counts.detractors)


ACTIVE = ("shares", "reactions", "reviews", "events")  # whose rows make a customer active in a month
_ORDERS, _PRICED = ("orders.placed_at",), ("orders.placed_at", "order_lines.unit_price_cents")

NEXT_MONTH = Measure(
    id="B1.next_month_return", scale=100, needs=_ORDERS, cells=_returning(1), is_share=True, follow_months=1
)
THIRD_MONTH = Measure(
    id="B1.third_month_return", scale=100, needs=_ORDERS, cells=_returning(3), is_share=True, follow_months=3
)
REPURCHASE = Measure(
    id="B2.repurchase_rate_90d", scale=100, needs=_ORDERS, cells=_repurchase, is_share=True,
    follow_days=REPURCHASE_DAYS,
)  # fmt: skip
ORDERS = Measure(id="B2.orders_per_buyer", needs=_ORDERS, cells=_orders_per_buyer)
INTERACTION = Measure(
    id="B3.interaction_rate",
    scale=100,
    needs=_ORDERS,
    needs_one_of=SOCIAL,
    counts=ACTIVE,
    cells=_interacting,
    is_share=True,
)
SHARES = Measure(
    id="B3.shares_per_100_active", scale=100, needs=(*_ORDERS, "shares.posted_at"),
    counts=ACTIVE, cells=_per_active("shares"),
)  # fmt: skip
REACTIONS = Measure(
    id="B3.reactions_per_100_active", scale=100, needs=(*_ORDERS, "reactions.posted_at"),
    counts=ACTIVE, cells=_per_active("reactions"),
)  # fmt: skip
COMMENTS = Measure(
    id="B3.comments_per_100_active", scale=100, needs=(*_ORDERS, "reactions.posted_at"),
    counts=ACTIVE, cells=_per_active("comments"),
)  # fmt: skip
JOINS = Measure(
    id="B3.joins_per_100_active", scale=100, needs=(*_ORDERS, "reactions.posted_at"),
    counts=ACTIVE, cells=_per_active("joins"),
)  # fmt: skip
REVIEWS = Measure(
    id="B3.reviews_per_100_active", scale=100, needs=(*_ORDERS, "reviews.posted_at"),
    counts=ACTIVE, cells=_per_active("reviews"),
)  # fmt: skip
AOV = Measure(id="B4.aov", scale=0.01, needs=_PRICED, cells=_per_order)
ARPU = Measure(id="B4.arpu_month", scale=0.01, needs=_PRICED, counts=("events",), cells=_per_shopper)
NPS = Measure(
    id="B5.nps", scale=100, needs=(*_ORDERS, "surveys.answered_at", "surveys.score"), cells=_nps,
    in_points=True,
)  # fmt: skip

# What the verdict of B6 is given on, declared before looking.
FAMILY = (NEXT_MONTH, THIRD_MONTH, REPURCHASE, ORDERS, INTERACTION, AOV, ARPU, NPS)
