"""Weeks after a friend's share, counted against a count by hand."""

from __future__ import annotations

import pandas as pd

from helpers.stickiness.b10_dependence.exposed_weeks import SEEN_WEEKS, WEEKS, exposed_weeks
from market.settings import AS_OF_UTC
from tests.stickiness.market_shops import market

WEEK = pd.Timedelta(weeks=1)


def test_counts_are_those_by_hand(make_shop):
    tables, _ = market(800, 2)
    names = ("customers", "orders", "ties", "shares")
    found = exposed_weeks(make_shop({name: tables[name] for name in names}, as_of=AS_OF_UTC))
    start = pd.Timestamp(AS_OF_UTC) - WEEKS * WEEK
    orders = tables["orders"]
    orders = orders[(orders["status"] != "cancelled") & (orders["placed_at"] >= start)]
    week = (orders["placed_at"] - start) // WEEK
    assert found.bought == len(set(zip(orders["customer_id"], week, strict=True)))
    posted = tables["shares"].groupby("customer_id")["posted_at"].apply(lambda at: (at - start) // WEEK)
    by_author = posted.groupby(level=0).apply(lambda weeks: sorted(set(weeks))).to_dict()
    exposed = set()
    for tie in tables["ties"].itertuples():
        for owner, friend in ((tie.customer_a, tie.customer_b), (tie.customer_b, tie.customer_a)):
            for number in by_author.get(friend, ()):
                for ahead in range(number + 1, number + SEEN_WEEKS + 1):
                    opens = start + ahead * WEEK
                    holds = tie.since_at <= opens and not tie.until_at <= opens
                    if 0 <= ahead < WEEKS and holds:
                        exposed.add((owner, ahead))
    assert found.exposed == len(exposed) > 1_000
