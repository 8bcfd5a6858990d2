"""Who changes circle: within days, most of the friends of before are gone.

Only ties are read, never purchases, so that whether somebody is flagged cannot depend on what the flag is
then held to explain. A tie that ends after `shop.as_of` still stands.
"""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchase_history import day_number
from helpers.data.shop import Shop


def tie_days(shop: Shop) -> Table:
    """Return each end of each tie: customer_id (text), since_day, until_day (whole days since 1970-01-01 in
    the
    shop's clock; until_day null while the tie stands at `shop.as_of`)."""
    ties = shop["ties"].filter(lambda row: row.customer_a != row.customer_b)
    ended = ties.until_at < ibis.literal(shop.as_of)
    ties = ties.mutate(
        since_day=day_number(shop, ties.since_at),
        until_day=ended.ifelse(day_number(shop, ties.until_at), ibis.null()),
    )
    sides = [ties.select("since_day", "until_day", customer_id=ties[side]) for side in _SIDES]
    return sides[0].union(sides[1])


_SIDES = ("customer_a", "customer_b")


def circle_changes(
    shop: Shop, *, window_days: int = 14, least_lost: int = 2, least_share: float = 0.5
) -> pd.DataFrame:
    """Return the first day on which each customer has lost most friends within a few days.

    window_days: ties that end within so many days count together. least_lost, least_share: how many of them,
    and what part of the friends at the start of the window, must be gone.
    One row a flagged customer, by customer_id: customer_id (text), flagged_day, first_lost_day (whole days
    since 1970-01-01, shop's clock), lost, friends_before (integers).
    """
    events = _turnover(shop)
    so_far = ibis.window(group_by="customer_id", order_by="day", preceding=None, following=0)
    lately = ibis.range_window(group_by="customer_id", order_by="day", preceding=window_days - 1, following=0)
    rows = events.mutate(
        lost_lately=events.lost.sum().over(lately),
        gained_lately=events.gained.sum().over(lately),
        standing=(events.gained - events.lost).sum().over(so_far),
        first_lost=ibis.ifelse(events.lost > 0, events.day, ibis.null()).min().over(lately),
    )
    rows = rows.mutate(friends_before=rows.standing + rows.lost_lately - rows.gained_lately)
    most = rows.lost_lately >= least_share * rows.friends_before
    flagged = rows.filter(most & (rows.lost_lately >= least_lost))
    first = flagged.group_by("customer_id").agg(
        flagged_day=flagged.day.min(),
        first_lost_day=flagged.first_lost.argmin(flagged.day),
        lost=flagged.lost_lately.argmin(flagged.day),
        friends_before=flagged.friends_before.argmin(flagged.day),
    )
    return first.order_by("customer_id").to_pandas()


def _turnover(shop: Shop) -> Table:
    """Friends gained and lost by customer and day."""
    ties = tie_days(shop)
    gained = ties.select("customer_id", day=ties.since_day.fill_null(0), gained=1, lost=0)
    lost = ties.filter(ties.until_day.notnull())
    lost = lost.select("customer_id", day=lost.until_day, gained=0, lost=1)
    both = gained.union(lost)
    return both.group_by("customer_id", "day").agg(gained=both.gained.sum(), lost=both.lost.sum())


def day_text(day: float) -> str:
    """Write a day since 1970-01-01 as a date.

    >>> day_text(19723)
    '2024-01-01'
    """
    return (dt.date(1970, 1, 1) + dt.timedelta(days=int(day))).isoformat()
