"""Friends of buyers: was the order shown to the community, and did they buy the same product after it?"""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.purchases import dated_purchases, line_values
from helpers.data.shop import Shop
from helpers.uplift.a08_spill_over.friend_circles import friend_circles

SHOWN, NOT_SHOWN = "shown", "not shown"
RECENT = ibis.interval(days=90)


def shown_orders(
    shop: Shop,
    *,
    weeks: int,
    share_hours: int,
    outcome_days: int,
    audiences: tuple[str, ...],
    most_orders: int,
    seed: int,
) -> pd.DataFrame:
    """Return one row a purchase and friend of its buyer, for the last `weeks` weeks that can be followed.

    shown: the order was posted to one of `audiences` within `share_hours`; orders posted elsewhere are left
    out. The product is that of the post, else of the dearest line. Friends are those whose tie stood then.
    Columns: buyer, receiver, item_id, label (text), bought (0.0 or 1.0: the friend bought the product within
    `outcome_days` after the time for posting was over), orders_90d_before, item_before (friend's purchases
    before the order, of the product), buyer_orders_before, circle (code of the buyer's circle). A shop with
    more than `most_orders` such orders is sampled.
    """
    orders = _orders(shop, weeks, share_hours, outcome_days, audiences).execute()
    if len(orders) > most_orders:
        kept = np.random.default_rng(seed).choice(len(orders), most_orders, replace=False)
        orders = orders.iloc[np.sort(kept)]
    ties = shop["ties"].select("customer_a", "customer_b", "since_at", "until_at")
    pairs = _pairs(ibis.memtable(orders.reset_index(drop=True)), ties)
    rows = pairs.left_join(_after(shop, pairs, share_hours, outcome_days), ["order_id", "receiver"])
    counts = ("bought", "orders_90d_before", "item_before")
    rows = rows.mutate(**{name: rows[name].cast("float64").fill_null(0.0) for name in counts})
    rows = rows.drop("order_id_right", "receiver_right").order_by("order_id", "receiver").execute()
    return rows.assign(
        label=np.where(rows["is_shown"], SHOWN, NOT_SHOWN),
        circle=friend_circles(shop, rows["buyer"], seed=seed),
    ).drop(columns=["is_shown"])


def _orders(shop: Shop, weeks: int, share_hours: int, outcome_days: int, audiences: tuple[str, ...]) -> Table:
    """Purchases of the window with their product, their buyer's earlier purchases, and whether shown."""
    last = min(shop.end - dt.timedelta(days=outcome_days), shop.known_until("shares"))
    last -= dt.timedelta(hours=share_hours)
    bought = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    earlier = ibis.window(group_by=bought.customer_id, order_by=bought.placed_at, preceding=(None, 1))
    bought = bought.mutate(buyer_orders_before=bought.order_id.count().over(earlier))
    inside = (bought.placed_at > ibis.literal(last - dt.timedelta(weeks=weeks), type="timestamp(6)")) & (
        bought.placed_at <= ibis.literal(last, type="timestamp(6)")
    )
    lines = line_values(shop)
    place = ibis.row_number().over(
        group_by=lines.order_id, order_by=[lines.value_cents.desc(), lines.line_number.asc()]
    )
    dearest = lines.mutate(place=place).filter(_.place == 0).select("order_id", dearest_id="item_id")
    rows = bought.filter(inside).left_join(dearest, "order_id").drop("order_id_right")
    posts = _posts(shop, bought, share_hours, audiences)
    rows = rows.left_join(posts, "order_id").drop("order_id_right")
    rows = rows.filter(rows.elsewhere.isnull() | ~rows.elsewhere)
    rows = rows.mutate(item_id=ibis.coalesce(rows.shown_id, rows.dearest_id), buyer=rows.customer_id)
    return rows.filter(rows.item_id.notnull()).select(
        "order_id", "buyer", "placed_at", "item_id", "buyer_orders_before", is_shown=rows.elsewhere.notnull()
    ).order_by("order_id")  # fmt: skip


def _posts(shop: Shop, bought: Table, share_hours: int, audiences: tuple[str, ...]) -> Table:
    """One row an order posted in time: its product, and whether it was posted to another audience only."""
    shares = shop["shares"].filter(_.order_id.notnull())
    rows = shares.join(bought.select("order_id", "placed_at"), "order_id")
    rows = rows.filter(rows.posted_at < rows.placed_at + ibis.interval(hours=share_hours))
    here = rows.order_id.notnull() if shop.missing("shares.audience") else rows.audience.isin(audiences)
    return rows.group_by("order_id").agg(shown_id=rows.item_id.max(), elsewhere=~here.any())


def _pairs(orders: Table, ties: Table) -> Table:
    """One row an order and friend whose tie stood when it was placed."""
    back = ties.rename(customer_a="customer_b", customer_b="customer_a").select(*ties.columns)
    both = ties.union(back).rename(buyer="customer_a", receiver="customer_b")
    rows = orders.join(both, "buyer")
    stands = (rows.since_at.isnull() | (rows.since_at <= rows.placed_at)) & (
        rows.until_at.isnull() | (rows.until_at > rows.placed_at)
    )
    return rows.filter(stands).drop("since_at", "until_at").distinct()


def _after(shop: Shop, pairs: Table, share_hours: int, outcome_days: int) -> Table:
    """What the friend bought around the order: the product after it and before it, anything lately."""
    orders = dated_purchases(shop).select(own_id="order_id", receiver="customer_id", own_at="placed_at")
    rows = pairs.select("order_id", "receiver", "item_id", "placed_at").join(orders, "receiver")
    lines = shop["order_lines"].select(own_id="order_id", own_item="item_id").distinct()
    same = rows.left_join(lines, (rows.own_id == lines.own_id) & (rows.item_id == lines.own_item))
    opens = same.placed_at + ibis.interval(hours=share_hours)
    after = (same.own_at > opens) & (same.own_at <= opens + ibis.interval(days=outcome_days))
    before, is_same = same.own_at < same.placed_at, same.own_item.notnull()
    return same.group_by("order_id", "receiver").agg(
        bought=(after & is_same).any(),
        item_before=(before & is_same).sum(),
        orders_90d_before=(before & (same.own_at >= same.placed_at - RECENT)).sum(),
    )
