"""Clicks on a product, by who stood behind it, and whether the click was followed by a purchase of it."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

CLOSE, LOOSE, FRIEND, STRANGER, OFFICIAL = "close friend", "loose friend", "friend", "stranger", "shop"
RECENT = ibis.interval(days=90)
KNOWN = ("category_part", "orders_90d_before", "friends")


def item_clicks(
    shop: Shop, *, strong_from: float = 0.5, convert_days: int = 7, audiences: tuple[str, ...] = ("timeline",)
) -> pd.DataFrame:
    """Return each customer's first click on a product, if what followed it lies in the data.

    Columns: receiver, sender, item_id, tie, category (text; tie is close friend from strength `strong_from`
    on, loose friend below it, friend where strengths are missing, stranger, or shop for a recommendation),
    clicked_at (naive UTC), bought (0.0 or 1.0, the product within `convert_days`); before the click:
    orders_90d_before, category_part (of products bought, 0 without any), friends. audiences: of posts that
    anyone may come across; empty takes all. Raises ValueError unless 0 < strong_from <= 1 and
    convert_days > 0.
    """
    if not 0 < strong_from <= 1 or convert_days <= 0:
        raise ValueError(
            f"strong_from {strong_from} must lie in (0, 1] and convert_days {convert_days} be above 0"
        )
    clicks = _post_clicks(shop, audiences)
    if not shop.missing("impressions.clicked", "impressions.shown_at"):
        clicks = clicks.union(_official_clicks(shop))
    place = ibis.row_number().over(
        group_by=[clicks.receiver, clicks.item_id],
        order_by=[clicks.clicked_at.asc(), clicks.sender.asc(nulls_first=True)],
    )
    first = clicks.mutate(place=place).filter(_.place == 0).drop("place")
    ends = ibis.literal(shop.end - dt.timedelta(days=convert_days), type="timestamp(6)")
    first = first.filter(first.clicked_at <= ends)
    rows = first.left_join(_behind(shop, first, convert_days), ["receiver", "item_id"])
    rows = rows.drop("receiver_right", "item_id_right").left_join(_ties(shop, first), ["receiver", "item_id"])
    rows = rows.drop("receiver_right", "item_id_right").order_by("receiver", "item_id")
    return _named(rows.execute(), strong_from)


def _post_clicks(shop: Shop, audiences: tuple[str, ...]) -> Table:
    shares = shop["shares"].filter(_.item_id.notnull())
    if audiences and not shop.missing("shares.audience"):
        shares = shares.filter(shares.audience.isin(audiences))
    posts = shares.select("share_id", "item_id", sender=shares.customer_id)
    reactions = shop["reactions"]
    clicks = reactions.filter((reactions.kind == "click") & reactions.customer_id.notnull())
    rows = clicks.select("share_id", receiver=clicks.customer_id, clicked_at=clicks.posted_at)
    rows = rows.join(posts, "share_id").filter(_.receiver != _.sender)
    return rows.select("receiver", "sender", "item_id", "clicked_at")


def _official_clicks(shop: Shop) -> Table:
    shown = shop["impressions"]
    shown = shown.filter(shown.clicked.fill_null(False))
    return shown.select(
        receiver=shown.customer_id,
        sender=ibis.null("string"),
        item_id=shown.item_id,
        clicked_at=shown.shown_at,
    )


def _behind(shop: Shop, clicks: Table, convert_days: int) -> Table:
    """Whether the product was bought after the click; before it, orders of late and the category's part."""
    items = shop["items"].select("item_id", "category")
    known = clicks.left_join(items, "item_id").select("receiver", "item_id", "clicked_at", "category")
    orders = dated_purchases(shop).select("order_id", "placed_at", receiver="customer_id")
    lines = shop["order_lines"].select("order_id", bought_id="item_id")
    lines = lines.left_join(items.rename(bought_id="item_id", bought_category="category"), "bought_id")
    rows = known.join(orders, "receiver").join(lines.drop("bought_id_right"), "order_id")
    after = (rows.placed_at > rows.clicked_at) & (
        rows.placed_at <= rows.clicked_at + ibis.interval(days=convert_days)
    )
    before = rows.placed_at < rows.clicked_at
    recent = before & (rows.placed_at >= rows.clicked_at - RECENT)
    return rows.group_by("receiver", "item_id").agg(
        bought=(after & (rows.bought_id == rows.item_id)).any(),
        category_part=(rows.bought_category == rows.category).mean(where=before),
        orders_90d_before=rows.order_id.nunique(where=recent),
    )


def _ties(shop: Shop, clicks: Table) -> Table:
    """The receiver's friends at the click, and whether the sender was one.

    Who has few friends meets strangers' posts, and buys less whatever is clicked.
    """
    ties = shop["ties"].select("customer_a", "customer_b", "since_at", "until_at", "strength")
    back = ties.rename(customer_a="customer_b", customer_b="customer_a").select(*ties.columns)
    pairs = ties.union(back).rename(friend="customer_a", receiver="customer_b")
    rows = clicks.select("receiver", "sender", "item_id", "clicked_at").join(pairs, "receiver")
    begun = rows.since_at.isnull() | (rows.since_at <= rows.clicked_at)
    rows = rows.filter(begun & (rows.until_at.isnull() | (rows.until_at > rows.clicked_at)))
    sent = rows.friend == rows.sender
    return rows.group_by("receiver", "item_id").agg(
        friends=rows.friend.nunique(), tied=sent.any(), strength=rows.strength.max(where=sent)
    )


def _named(frame: pd.DataFrame, strong_from: float) -> pd.DataFrame:
    friend, strength = frame["tied"].fillna(False).astype(bool), frame["strength"].astype("Float64")
    close = np.where(strength.fillna(0) >= strong_from, CLOSE, LOOSE)
    tie = np.where(friend, np.where(strength.isna(), FRIEND, close), STRANGER)
    tie = np.where(frame["sender"].isna(), OFFICIAL, tie)
    known = {name: frame[name].fillna(0).astype(float) for name in KNOWN}
    return frame.assign(tie=tie, bought=frame["bought"].fillna(False).astype(float), **known)[
        ["receiver", "sender", "item_id", "tie", "clicked_at", "bought", *known]
    ]
