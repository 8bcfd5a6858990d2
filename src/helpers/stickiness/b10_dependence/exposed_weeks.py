"""How many customer-weeks came after a friend's share, and in how many weeks customers bought."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis

from helpers.data.customer_history import end_of
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

WEEKS, SEEN_WEEKS = 26, 4
_WEEK_SECONDS = 7 * 86_400


@dataclass(frozen=True, kw_only=True)
class ExposedWeeks:
    """Counts over the last WEEKS weeks. exposed: customer-weeks with a friend's share in the SEEN_WEEKS weeks
    before; bought: customer-weeks with a purchase."""

    exposed: int
    bought: int


def exposed_weeks(shop: Shop) -> ExposedWeeks:
    """Count both; a friend is one whose tie holds when the week begins. Needs ties, shares, order times."""
    start = end_of(shop) - dt.timedelta(weeks=WEEKS)
    begin = ibis.literal(start, type="timestamp(6)")

    def week(time):
        return ((time.epoch_seconds() - begin.epoch_seconds()) // _WEEK_SECONDS).cast("int64")

    orders = dated_purchases(shop)
    orders = orders.filter(orders.placed_at >= begin)
    bought = orders.select("customer_id", week=week(orders.placed_at)).distinct().count()
    shares = shop["shares"]
    shares = shares.filter(shares.posted_at >= begin - ibis.interval(weeks=SEEN_WEEKS))
    posts = shares.select(friend_id="customer_id", posted=week(shares.posted_at)).distinct()
    ahead = ibis.memtable({"ahead": list(range(1, SEEN_WEEKS + 1))})
    posts = posts.cross_join(ahead)
    posts = posts.select("friend_id", week=posts.posted + posts.ahead).distinct()
    posts = posts.filter((posts.week >= 0) & (posts.week < WEEKS))
    ties = shop["ties"].select("customer_a", "customer_b", "since_at", "until_at")
    both = ties.rename(customer_id="customer_a", friend_id="customer_b").union(
        ties.rename(customer_id="customer_b", friend_id="customer_a").select(
            "customer_id", "friend_id", "since_at", "until_at"
        )
    )
    rows = both.join(posts, "friend_id")
    opens = begin.epoch_seconds() + rows.week * _WEEK_SECONDS
    holds = rows.since_at.isnull() | (rows.since_at.epoch_seconds() <= opens)
    rows = rows.filter(holds & (rows.until_at.isnull() | (rows.until_at.epoch_seconds() > opens)))
    exposed = rows.select("customer_id", "week").distinct().count()
    return ExposedWeeks(exposed=int(exposed.execute()), bought=int(bought.execute()))
