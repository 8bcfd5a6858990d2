"""The measures of stickiness, each declared once: its definition, its unit, and its part of each customer.

A measure is a ratio of two sums over customers. Its cells are one row a customer and month: customer_id,
month, x (above the line), y (below the line).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from helpers.data.cohorts import month_number
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.stickiness.activity import SOCIAL, activity, months_bought

REPURCHASE_DAYS = 90


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One measure. More of it means stickier.

    id: of its finding. definition: in words; `{active}` and `{interacted}` stand for what counts as such in
    the shop (see `activity.words_for`). unit: of its value after `scale`; `{currency}` stands for the shop's.
    is_share: whether it lies between 0 and 1. needs: tables or columns, as in `question`; needs_one_of: at
    least one of these too. follow_months, follow_days: how long a month must be watched after its end.
    in_points: moves are counted in points of its own scale, not in % of its level.
    """

    id: str
    label: str
    definition: str
    unit: str
    needs: tuple[str, ...]
    needs_one_of: tuple[str, ...] = ()
    cells: Callable[[Shop], Table]
    scale: float = 1.0
    is_share: bool = False
    follow_months: int = 0
    follow_days: int = 0
    in_points: bool = False

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


_ORDERS, _PRICED = ("orders.placed_at",), ("orders.placed_at", "order_lines.unit_price_cents")

NEXT_MONTH = Measure(
    id="B1.next_month_return", label="Buyers who buy again next month", unit="% of buyers", scale=100,
    definition="of the customers who bought in a month, those who bought in the next calendar month",
    needs=_ORDERS, cells=_returning(1), is_share=True, follow_months=1,
)  # fmt: skip
THIRD_MONTH = Measure(
    id="B1.third_month_return", label="Buyers who buy in the third month", unit="% of buyers", scale=100,
    definition="of the customers who bought in a month, those who bought in the third calendar month after",
    needs=_ORDERS, cells=_returning(3), is_share=True, follow_months=3,
)  # fmt: skip
REPURCHASE = Measure(
    id="B2.repurchase_rate_90d", label="Repurchase within 90 days", unit="% of buyers", scale=100,
    definition="of the customers who bought in a month, those who bought again within 90 days of their first "
    "purchase of that month",
    needs=_ORDERS, cells=_repurchase, is_share=True, follow_days=REPURCHASE_DAYS,
)  # fmt: skip
ORDERS = Measure(
    id="B2.orders_per_buyer", label="Orders per buyer", unit="orders a month",
    definition="purchases of a month divided by the customers who bought in it",
    needs=_ORDERS, cells=_orders_per_buyer,
)  # fmt: skip
INTERACTION = Measure(
    id="B3.interaction_rate", label="Active customers who interact", unit="% of active customers", scale=100,
    definition="of the customers {active}, those who {interacted} at least once",
    needs=_ORDERS, needs_one_of=SOCIAL, cells=_interacting, is_share=True,
)  # fmt: skip
SHARES = Measure(
    id="B3.shares_per_100_active", label="Shares", unit="shares a month per 100 active customers", scale=100,
    definition="posts of a month per 100 active customers",
    needs=(*_ORDERS, "shares.posted_at"), cells=_per_active("shares"),
)  # fmt: skip
REACTIONS = Measure(
    id="B3.reactions_per_100_active", label="Likes, comments and joins",
    unit="reactions a month per 100 active customers", scale=100,
    definition="likes, comments and joins given in a month per 100 active customers",
    needs=(*_ORDERS, "reactions.posted_at"), cells=_per_active("reactions"),
)  # fmt: skip
COMMENTS = Measure(
    id="B3.comments_per_100_active", label="Comments", unit="comments a month per 100 active customers",
    definition="comments given in a month per 100 active customers", scale=100,
    needs=(*_ORDERS, "reactions.posted_at"), cells=_per_active("comments"),
)  # fmt: skip
JOINS = Measure(
    id="B3.joins_per_100_active", label="Events joined", unit="joins a month per 100 active customers",
    definition="group events joined in a month per 100 active customers", scale=100,
    needs=(*_ORDERS, "reactions.posted_at"), cells=_per_active("joins"),
)  # fmt: skip
REVIEWS = Measure(
    id="B3.reviews_per_100_active", label="Reviews",
    unit="reviews a month per 100 active customers", scale=100,
    definition="reviews written in a month per 100 active customers",
    needs=(*_ORDERS, "reviews.posted_at"), cells=_per_active("reviews"),
)  # fmt: skip
AOV = Measure(
    id="B4.aov", label="Average order value", unit="{currency} an order", scale=0.01,
    definition="what was paid for the products of a month's purchases, divided by the purchases",
    needs=_PRICED, cells=_per_order,
)  # fmt: skip
ARPU = Measure(
    id="B4.arpu_month", label="Revenue per active customer", unit="{currency} a month", scale=0.01,
    definition="what was paid for products in a month, divided by the customers {active}",
    needs=_PRICED, cells=_per_active("spend_cents"),
)  # fmt: skip
NPS = Measure(
    id="B5.nps", label="Net promoter score", unit="points (-100 to 100)", scale=100,
    definition="answers of 9 and 10 less answers of 0 to 6, as a share of all answers",
    needs=(*_ORDERS, "surveys.answered_at", "surveys.score"), cells=_nps, in_points=True,
)  # fmt: skip

FAMILY = (NEXT_MONTH, THIRD_MONTH, REPURCHASE, ORDERS, INTERACTION, AOV, ARPU, NPS)
