"""Purchases with and without a shop coupon, and what their customers bought around them."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.panel import customer_panel
from helpers.data.purchases import dated_purchases, line_values
from helpers.data.shop import Shop
from helpers.data.some_customers import only_of

RECENT = ibis.interval(days=90)
PERIOD_DAYS = 28


def coupon_orders(shop: Shop, *, outcome_days: int, drawn: Table | None = None) -> pd.DataFrame:
    """Return one row a purchase that used a shop coupon or none, with what its customer did around it.

    Columns: order_id, customer_id, seller_id (of the dearest line; text), placed_at (naive UTC), couponed
    (0.0 or 1.0); before the purchase: orders_before, orders_90d_before, seller_before (purchases from that
    seller), days_since_last (missing without one), days_since_joined; within `outcome_days` after it:
    rest_of_shop (0.0 or 1.0: another product of that seller), other_shops (0.0 or 1.0: anything of another
    seller). Purchases with other coupons, without a seller, or whose window is not complete are left out.
    drawn: the customers to look at (see `some_customers`); None: all.
    """
    base = _index(shop, outcome_days, drawn)
    frame = base
    for facts in (_before(shop, base), _after(shop, base)):
        frame = frame.left_join(facts, "order_id").drop("order_id_right")
    known = ("orders_before", "orders_90d_before", "seller_before", "rest_of_shop", "other_shops", "couponed")
    frame = frame.mutate(**{name: frame[name].cast("float64").fill_null(0.0) for name in known})
    rows = frame.order_by("order_id").execute()
    day = pd.Timedelta(days=1)
    return rows.assign(
        days_since_last=(rows["placed_at"] - rows["last_at"]) / day,
        days_since_joined=(rows["placed_at"] - rows["joined_at"]) / day,
    ).drop(columns=["last_at", "joined_at", "end_at"])


def _index(shop: Shop, outcome_days: int, drawn: Table | None) -> Table:
    orders = only_of(dated_purchases(shop), drawn).select("order_id", "customer_id", "placed_at", "coupon_id")
    ends = ibis.literal(shop.end - dt.timedelta(days=outcome_days), type="timestamp(6)")
    orders = orders.filter(orders.placed_at <= ends)
    lines = line_values(shop).join(shop["items"].select("item_id", "seller_id"), "item_id")
    place = ibis.row_number().over(
        group_by=lines.order_id, order_by=[lines.value_cents.desc(), lines.line_number.asc()]
    )
    dearest = lines.mutate(place=place).filter(_.place == 0).filter(_.seller_id.notnull())
    coupons = shop["coupons"].filter(_.redeemed_order_id.notnull())
    used = coupons.group_by(order_id=coupons.redeemed_order_id).agg(
        shop_coupons=(coupons.source == "shop").sum(), coupons=_.count()
    )
    rows = orders.join(dearest.select("order_id", "seller_id"), "order_id")
    rows = rows.left_join(used, "order_id").drop("order_id_right")
    rows = rows.left_join(shop["customers"].select("customer_id", "joined_at"), "customer_id")
    rows = rows.mutate(couponed=rows.shop_coupons.fill_null(0) > 0)
    plain = rows.coupons.isnull() & rows.coupon_id.isnull()
    rows = rows.filter(rows.couponed | plain)
    return rows.mutate(end_at=rows.placed_at + ibis.interval(days=outcome_days)).select(
        "order_id", "customer_id", "seller_id", "placed_at", "end_at", "couponed", "joined_at"
    )


def _before(shop: Shop, base: Table) -> Table:
    """By index order: the customer's earlier purchases, lately and from this seller, and the last of them."""
    orders = dated_purchases(shop).select("customer_id", other_id="order_id", other_at="placed_at")
    sold = _lines(shop).select("other_id", seller_id="other_seller").distinct()
    keys = base.select("order_id", "customer_id", "seller_id", "placed_at")
    rows = keys.join(orders, "customer_id").filter(_.other_at < _.placed_at)
    rows = rows.left_join(sold.mutate(here=ibis.literal(True)), ["other_id", "seller_id"])
    return rows.group_by("order_id").agg(
        orders_before=_.count(),
        orders_90d_before=(rows.other_at >= rows.placed_at - RECENT).sum(),
        seller_before=rows.here.count(),
        last_at=rows.other_at.max(),
    )


def _after(shop: Shop, base: Table) -> Table:
    """By index order: whether another product of this seller, or anything of another, was bought after it."""
    orders = dated_purchases(shop).select("customer_id", other_id="order_id", other_at="placed_at")
    own = shop["order_lines"].select("order_id", "item_id").distinct().mutate(same=ibis.literal(True))
    keys = base.select("order_id", "customer_id", "seller_id", "placed_at", "end_at")
    rows = keys.join(orders, "customer_id")
    rows = rows.filter((_.other_at > _.placed_at) & (_.other_at <= _.end_at))
    rows = rows.join(_lines(shop), "other_id").left_join(own, ["order_id", "item_id"])
    here = rows.other_seller == rows.seller_id
    return rows.group_by("order_id").agg(
        rest_of_shop=(here & rows.same.isnull()).any(), other_shops=(~here).any()
    )


def _lines(shop: Shop) -> Table:
    items = shop["items"].select("item_id", other_seller="seller_id")
    return shop["order_lines"].select("item_id", other_id="order_id").join(items, "item_id")


def issued_and_others(
    shop: Shop, *, outcome_days: int, seed: int, drawn: Table | None = None
) -> pd.DataFrame:
    """Return customers at the issue of their first shop coupon, and those without one at a like moment.

    A customer without a coupon gets, by chance, the moment of one that was issued after he or she had
    joined. drawn: as for `coupon_orders`. Columns: the customer panel, `issued` (0.0 or 1.0),
    `days_in_calendar` (float).
    """
    coupons = only_of(shop["coupons"].filter(_.source == "shop"), drawn)
    first = (
        coupons.group_by("customer_id")
        .agg(index_at=coupons.issued_at.min())
        .order_by("customer_id")
        .execute()
    )
    everyone = only_of(shop["customers"], drawn).select("customer_id", "joined_at")
    customers = everyone.order_by("customer_id").execute()
    couponed = pd.Index(first["customer_id"])
    rest = customers[couponed.get_indexer(customers["customer_id"]) < 0]
    moments = (
        first["index_at"].sample(len(rest), replace=True, random_state=seed)
        if len(first)
        else rest["joined_at"]
    )
    rest = rest.assign(index_at=moments.to_numpy())
    rest = rest[rest["joined_at"].isna() | (rest["joined_at"] < rest["index_at"])]
    index = pd.concat([first, rest[["customer_id", "index_at"]]], ignore_index=True)
    frame = (
        customer_panel(shop, ibis.memtable(index), outcome_days=outcome_days)
        .order_by("customer_id")
        .execute()
    )
    begin = frame["index_at"].min()
    return frame.assign(
        issued=(couponed.get_indexer(frame["customer_id"]) >= 0).astype(float),
        days_in_calendar=(frame["index_at"] - begin) / pd.Timedelta(days=1),
        repurchased=frame["repurchased"].astype(float),
    )
