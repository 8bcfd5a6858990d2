"""The customer panel: what was known before a moment, what was done at it, what came after it.

Lazy Ibis expressions from the portable subset, so that DuckDB and Spark give the same rows. Every fact table
is brought to one row a customer before it is joined to the panel.
"""

from __future__ import annotations

import datetime as dt

import ibis
from ibis.expr.types import IntegerValue, Table, TimestampValue, Value

from helpers.data.purchases import line_values, purchase_times
from helpers.data.shop import Shop
from helpers.data.social_facts import RECENT, social_facts

DAY_SECONDS = 86_400
_FIXED = ("age_band", "gender", "city_tier", "channel", "acquisition_cost_cents")


def index_orders(shop: Shop, *, start: dt.datetime, end: dt.datetime) -> Table:
    """Return each customer's first purchase in [start, end) (naive UTC); of equal times the lowest order id.

    Columns: customer_id (text), index_order_id (text), index_at (naive UTC). Raises ValueError without times.
    """
    orders = purchase_times(shop)
    orders = orders.filter((orders.placed_at >= start) & (orders.placed_at < end))
    place = ibis.row_number().over(
        group_by=orders.customer_id, order_by=[orders.placed_at.asc(), orders.order_id.asc()]
    )
    first = orders.select("customer_id", "order_id", "placed_at", place=place)
    first = first.filter(first.place == 0)
    return first.select("customer_id", index_order_id=first.order_id, index_at=first.placed_at)


def orders_just_before(shop: Shop, moments: Table, *, hours: int) -> Table:
    """Return each customer's last purchase in the hours up to a moment; of equal times the lowest order id.

    moments: customer_id (each once), assigned_at (naive UTC). Columns: customer_id (text), index_order_id
    (text), index_at (naive UTC, of the purchase).
    """
    rows = purchase_times(shop).join(moments, "customer_id")
    began = rows.assigned_at - ibis.interval(hours=hours)
    rows = rows.filter((rows.placed_at <= rows.assigned_at) & (rows.placed_at > began))
    place = ibis.row_number().over(
        group_by=rows.customer_id, order_by=[rows.placed_at.desc(), rows.order_id.asc()]
    )
    last = rows.mutate(place=place).filter(lambda row: row.place == 0)
    return last.select("customer_id", index_order_id=last.order_id, index_at=last.placed_at)


def customer_panel(
    shop: Shop, index: Table | dt.datetime, *, landmark_hours: int = 0, outcome_days: int = 90
) -> Table:
    """Return one row a customer: covariates before `index_at`, exposure up to the landmark, outcome after it.

    index: a table of customer_id (each at most once), index_at and, if there is one, index_order_id; or a
    moment (naive UTC), which takes every customer who joined before it. Only customers whose outcome window
    ends by `shop.as_of` are returned. A column whose table or times the shop lacks is null, never 0; so is
    `shared` where the shares ended before the landmark.

    customer_id, index_at, landmark_at = index_at + landmark_hours (naive UTC).
    Strictly before index_at: tenure_days, orders_before, orders_90d_before, spend_before_cents,
    days_since_last_order (whole days; null without an order), categories_before, coupons_used_before,
    shares_before, likes_received_before, returns_before, friends (ties begun and not ended),
    friends_orders_90d_before (integers).
    Fixed: age_band, gender, channel (text), city_tier, acquisition_cost_cents (integer).
    At index_at: index_value_cents (integer), index_category (of the dearest line) of the index order.
    In [index_at, landmark_at): shared (boolean, any post of the customer).
    In (landmark_at, landmark_at + outcome_days]: repurchased (boolean), orders_after, spend_after_cents.
    """
    if landmark_hours < 0 or outcome_days <= 0:
        raise ValueError(
            f"landmark_hours {landmark_hours} must be 0 or more and outcome_days {outcome_days} 1 or more"
        )
    base = _base(shop, index, landmark_hours=landmark_hours, outcome_days=outcome_days)
    dated = _dated_orders(shop, base)
    facts = (
        _orders(dated), _spend(shop, dated), _index_order(shop, base),
        *social_facts(shop, base), *_returns(shop, dated),
    )  # fmt: skip
    panel = base
    for place, one in enumerate(facts):  # one chain of joins: no select between repeats all columns
        panel = panel.left_join(one, "customer_id", rname=f"{{name}}_{place}")
    return _finish(shop, panel)


def _base(shop: Shop, index: Table | dt.datetime, *, landmark_hours: int, outcome_days: int) -> Table:
    customers = shop["customers"].select("customer_id", "joined_at", *_FIXED)
    if isinstance(index, dt.datetime):
        customers = customers.filter(customers.joined_at.isnull() | (customers.joined_at < index))
        base = customers.mutate(index_at=ibis.literal(index, type="timestamp(6)"))
    else:
        base = customers.join(index, "customer_id")
    order_id = base.index_order_id if "index_order_id" in base.columns else ibis.null("string")
    landmark_at = base.index_at + ibis.interval(hours=landmark_hours)
    base = base.select(
        "customer_id", "index_at", "joined_at", *_FIXED,
        index_order_id=order_id, landmark_at=landmark_at,
        end_at=landmark_at + ibis.interval(days=outcome_days),
    )  # fmt: skip
    return base.filter(base.end_at <= ibis.literal(shop.as_of, type="timestamp(6)"))


def _dated_orders(shop: Shop, base: Table) -> Table:
    """Purchases of the panel's customers with flags: before the index, in the 90 days before, after."""
    moments = base.select("customer_id", "index_at", "landmark_at", "end_at")
    rows = purchase_times(shop).join(moments, "customer_id")
    before = rows.placed_at < rows.index_at
    return rows.select(
        "order_id", "customer_id", "placed_at", "coupon_id", "index_at",
        is_before=before,
        is_recent=before & (rows.placed_at >= rows.index_at - RECENT),
        is_after=(rows.placed_at > rows.landmark_at) & (rows.placed_at <= rows.end_at),
    )  # fmt: skip


def _orders(dated: Table) -> Table:
    return dated.group_by("customer_id").agg(
        orders_before=dated.count(where=dated.is_before),
        orders_90d_before=dated.count(where=dated.is_recent),
        last_order_at=dated.placed_at.max(where=dated.is_before),
        coupons_used_before=dated.coupon_id.count(where=dated.is_before),
        orders_after=dated.count(where=dated.is_after),
    )


def _spend(shop: Shop, dated: Table) -> Table:
    """Money and categories from the lines of orders before the index or after the landmark."""
    chosen = dated.filter(dated.is_before | dated.is_after).select("order_id", "customer_id", "is_before")
    lines = line_values(shop).join(chosen, "order_id")
    lines = lines.left_join(shop["items"].select("item_id", "category"), "item_id")
    return lines.group_by("customer_id").agg(
        spend_before_cents=lines.value_cents.sum(where=lines.is_before),
        spend_after_cents=lines.value_cents.sum(where=~lines.is_before),
        categories_before=lines.category.nunique(where=lines.is_before),
    )


def _returns(shop: Shop, dated: Table) -> list[Table]:
    """Returns before the index, of all purchases; none where the shop has no dated returns."""
    if shop.missing("returns.returned_at"):
        return []
    orders = dated.select("order_id", "customer_id", "index_at")
    rows = shop["returns"].select("order_id", "returned_at").join(orders, "order_id")
    rows = rows.filter(rows.returned_at < rows.index_at)
    return [rows.group_by("customer_id").agg(returns_before=rows.count())]


def _index_order(shop: Shop, base: Table) -> Table:
    """What the index order was."""
    chosen = base.select("customer_id", order_id=base.index_order_id)
    lines = line_values(shop).join(chosen, "order_id")
    lines = lines.left_join(shop["items"].select("item_id", "category"), "item_id")
    place = ibis.row_number().over(
        group_by=lines.customer_id, order_by=[lines.value_cents.desc(), lines.line_number.asc()]
    )
    lines = lines.select("customer_id", "value_cents", "category", place=place)
    return lines.group_by("customer_id").agg(
        index_value_cents=lines.value_cents.sum(),
        index_category=lines.category.max(where=lines.place == 0),
    )


def _finish(shop: Shop, panel: Table) -> Table:
    """Zero where nothing happened, null where nothing can be known."""

    def count(name: str, *needs: str) -> Value:
        if shop.missing(*needs):
            return ibis.null("int64")
        return panel[name].cast("int64").fill_null(0)

    priced, shared = ("order_lines.unit_price_cents",), ("shares.posted_at",)
    return panel.select(
        "customer_id", "index_at", "landmark_at",
        tenure_days=_days(panel.index_at, panel.joined_at),
        orders_before=count("orders_before"),
        orders_90d_before=count("orders_90d_before"),
        spend_before_cents=count("spend_before_cents", *priced),
        days_since_last_order=_days(panel.index_at, panel.last_order_at),
        categories_before=count("categories_before", "items.category"),
        coupons_used_before=count("coupons_used_before", "orders.coupon_id"),
        shares_before=count("shares_before", *shared),
        likes_received_before=count("likes_received_before", *shared, "reactions.posted_at"),
        returns_before=count("returns_before", "returns.returned_at"),
        friends=count("friends", "ties"),
        friends_orders_90d_before=count("friends_orders_90d_before", "ties"),
        **{name: panel[name] for name in _FIXED},
        index_value_cents=panel.index_value_cents.cast("int64"),
        index_category=panel.index_category,
        shared=ibis.null("boolean") if shop.missing(*shared) else _shared(shop, panel),
        repurchased=count("orders_after") > 0,
        orders_after=count("orders_after"),
        spend_after_cents=count("spend_after_cents", *priced),
    )  # fmt: skip


def _shared(shop: Shop, panel: Table) -> Value:
    """Whether the customer shared; null where the shares ended before the landmark."""
    known = panel.landmark_at <= ibis.literal(shop.known_until("shares"), type="timestamp(6)")
    return known.ifelse(panel.shared.fill_null(False), ibis.null("boolean"))


def _days(later: TimestampValue, earlier: TimestampValue) -> IntegerValue:
    return (later.epoch_seconds() - earlier.epoch_seconds()) // DAY_SECONDS
