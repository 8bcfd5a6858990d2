"""Comments on posts: which the brand answered, what was known of their authors, whether they bought after."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.customer_history import end_of
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

WEEK = dt.timedelta(days=7)
RECENT_DAYS = 90


def answered_comments(
    shop: Shop, *, enrol_weeks: int = 24, reply_hours: int = 24, outcome_weeks: int = 6
) -> pd.DataFrame:
    """Return one row a comment by a customer, on the posts of whole weeks of the shop's clock, by comment_id.

    The week is that of the order shown (of the post, where it shows none); the last `enrol_weeks` whose
    `outcome_weeks` lie fully in the data count. An answer counts within `reply_hours` of the comment. The
    outcome begins on the Monday after the week, or when the time for an answer is over if that is later, and
    ends `outcome_weeks` after that Monday: so nobody is called answered for having waited.
    Columns: comment_id, customer_id (text), commented_at, opens_at (naive UTC), comment_likes (integer),
    answered, bought (0.0 or 1.0); known when the comment was made: orders_before, orders_90d_before,
    days_since_last_order (float, missing without an order), tenure_days (float), answers_before (answers to
    the author in the 6 weeks before), comments_before (integer), gender, age_band, city_tier (text).
    """
    monday = _monday(shop.clock.local(end_of(shop))) - outcome_weeks * WEEK
    monday = min(monday, _monday(shop.clock.local(shop.known_until("shares", "reactions"))))
    first, last = (shop.clock.moment(day) for day in (monday - enrol_weeks * WEEK, monday))
    comments = _comments(shop, start=first, end=last, outcome_weeks=outcome_weeks)
    comments = comments.mutate(reply_ends_at=comments.commented_at + ibis.interval(hours=reply_hours))
    comments = comments.mutate(opens_at=ibis.greatest(comments.monday_at, comments.reply_ends_at))
    rows = comments
    for facts in (_replies(shop, comments), _orders(shop, comments), _history(shop, comments)):
        rows = rows.left_join(facts, "comment_id").drop("comment_id_right")
    people = shop["customers"].select("customer_id", "joined_at", "gender", "age_band", "city_tier")
    rows = rows.left_join(people, "customer_id").drop("customer_id_right")
    return _finished(rows.order_by("comment_id").execute())


def _monday(local: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(local.date() - dt.timedelta(days=local.weekday()), dt.time())


def _comments(shop: Shop, *, start: dt.datetime, end: dt.datetime, outcome_weeks: int) -> Table:
    """Comments on posts whose week begins in [start, end).

    With the Monday after that week, and the one `outcome_weeks` later, both by the shop's clock, in UTC.
    """
    orders = shop["orders"].select("order_id", "placed_at")
    posts = shop["shares"].select("share_id", "order_id", "posted_at").left_join(orders, "order_id")
    shown = posts.select("share_id", shown_at=ibis.coalesce(posts.placed_at, posts.posted_at))
    shown = shown.filter(
        (shown.shown_at >= ibis.literal(start, type="timestamp(6)"))
        & (shown.shown_at < ibis.literal(end, type="timestamp(6)"))
    )
    monday = shop.local(shown.shown_at).truncate("W").cast("timestamp(6)") + ibis.interval(days=7)
    closing = monday + ibis.interval(days=7 * outcome_weeks)
    shown = shown.mutate(monday_at=shop.clock.stored(monday), closes_at=shop.clock.stored(closing))
    rows = shop["reactions"].filter((_.kind == "comment") & _.customer_id.notnull() & _.likes.notnull())
    rows = rows.select(
        "share_id", "customer_id", comment_id="reaction_id", comment_likes="likes", commented_at="posted_at"
    )
    return rows.join(shown, "share_id").drop("shown_at", "share_id")


def _replies(shop: Shop, comments: Table) -> Table:
    replies = _reply_times(shop).join(comments.select("comment_id", "reply_ends_at"), "comment_id")
    in_time = replies.replied_at <= replies.reply_ends_at
    return replies.group_by("comment_id").agg(in_time=in_time.any())


def _reply_times(shop: Shop) -> Table:
    replies = shop["reactions"].filter((_.kind == "reply") & _.parent_id.notnull())
    return replies.select(comment_id="parent_id", replied_at="posted_at")


def _orders(shop: Shop, comments: Table) -> Table:
    orders = dated_purchases(shop).select("customer_id", "placed_at")
    moments = comments.select("comment_id", "customer_id", "commented_at", "opens_at", "closes_at")
    rows = moments.join(orders, "customer_id")
    before = rows.placed_at < rows.commented_at
    recent = before & (rows.placed_at >= rows.commented_at - ibis.interval(days=RECENT_DAYS))
    after = (rows.placed_at > rows.opens_at) & (rows.placed_at <= rows.closes_at)
    return rows.group_by("comment_id").agg(
        orders_before=before.sum(),
        orders_90d_before=recent.sum(),
        last_order_at=rows.placed_at.max(where=before),
        orders_after=after.sum(),
    )


def _history(shop: Shop, comments: Table) -> Table:
    """Earlier comments of the same author, and how many were answered in the six weeks before this one."""
    earlier = shop["reactions"].filter((_.kind == "comment") & _.customer_id.notnull())
    earlier = earlier.select("customer_id", earlier_at="posted_at", earlier_id="reaction_id")
    first = _reply_times(shop).group_by("comment_id").agg(replied_at=_.replied_at.min())
    earlier = earlier.left_join(first, earlier.earlier_id == first.comment_id).drop("comment_id")
    rows = comments.select("comment_id", "customer_id", "commented_at").join(earlier, "customer_id")
    rows = rows.filter(rows.earlier_at < rows.commented_at)
    lately = (rows.replied_at < rows.commented_at) & (
        rows.replied_at >= rows.commented_at - ibis.interval(days=42)
    )
    return rows.group_by("comment_id").agg(comments_before=_.count(), answers_before=lately.sum())


def _finished(frame: pd.DataFrame) -> pd.DataFrame:
    """Zero where nothing happened; ages in days."""
    counts = ["orders_before", "orders_90d_before", "comments_before", "answers_before"]
    found = frame.assign(**{name: frame[name].fillna(0).astype("int64") for name in counts})
    for name, moment in (("days_since_last_order", "last_order_at"), ("tenure_days", "joined_at")):
        found[name] = (frame["commented_at"] - frame[moment]) / pd.Timedelta(days=1)
    return found.assign(
        answered=np.where(frame["in_time"].fillna(False).astype(bool), 1.0, 0.0),
        bought=(frame["orders_after"].fillna(0) > 0).astype(float),
        comment_likes=frame["comment_likes"].astype("int64"),
        city_tier=frame["city_tier"].astype("Int64").astype("string"),
    ).drop(columns=["in_time", "orders_after", "last_order_at", "joined_at", "reply_ends_at", "monday_at"])
