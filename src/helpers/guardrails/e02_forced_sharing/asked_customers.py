"""Customers of a test that drew how often each was asked to share, followed from the draw."""

from __future__ import annotations

import re

import ibis
import pandas as pd
from ibis.expr.types import Table

from helpers.data.experiment import Experiment
from helpers.data.panel import customer_panel
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.formats import count

BEFORE = (
    "orders_90d_before",
    "orders_before",
    "days_since_last_order",
    "shares_before",
    "friends",
    "tenure_days",
)
COUNTED = ("orders_after", "shares_after")
_NUMBER = re.compile(r"(\d+)\D*$")


def asked_customers(shop: Shop, test: Experiment, *, outcome_days: int) -> pd.DataFrame:
    """Return one row a customer of a test whose window lies fully in the data, by customer_id.

    Columns: those of BEFORE, index_at, arm (text), asks (requests drawn, integer), orders_after and
    shares_after (integers), spend_after_cents and repurchased, all of the `outcome_days` after the draw.
    Raises CannotAnswer where the test has no control or no other arm, or an arm does not say how often it
    asked (`asks_of`).
    """
    rows = shop["experiments"]
    rows = rows.filter((rows.experiment == test.name) & rows.assigned_at.notnull())
    drawn = rows.select("customer_id", "arm", index_at="assigned_at")
    panel = customer_panel(shop, drawn.drop("arm"), outcome_days=outcome_days)
    told = panel.select(
        "customer_id", "index_at", *BEFORE, "orders_after", "spend_after_cents", "repurchased"
    )
    frame = told.left_join(drawn.select("customer_id", "arm"), "customer_id").drop("customer_id_right")
    found = frame.order_by("customer_id").execute()
    arms = sorted(found["arm"].unique())
    if test.control not in arms or len(arms) < 2:
        raise CannotAnswer(
            f"the test {test.name!r} has {count(len(arms), 'arm')} followed for {count(outcome_days, 'day')} "
            f"({', '.join(arms) or 'none'}); it needs {test.control!r} and another"
        )
    asks = {arm: 0 if arm == test.control else asks_of(arm, test=test.name) for arm in arms}
    posted = _within(shop["shares"], drawn, "posted_at", outcome_days)
    found["shares_after"] = found["customer_id"].map(posted).fillna(0)
    return found.assign(asks=found["arm"].map(asks), spend_after=found["spend_after_cents"].fillna(0) / 100)


def asks_of(arm: str, *, test: str) -> int:
    """Return how often an arm asked, the last number in its name; raises CannotAnswer where it has none.

    >>> asks_of("ask_3", test="forced_share")
    3
    """
    found = _NUMBER.search(arm)
    if found is None:
        raise CannotAnswer(
            f"the arm {arm!r} of {test!r} does not say how often it asked; name arms by the number, as ask_3"
        )
    return int(found[1])


def _within(events: Table, drawn: Table, moment: str, days: int) -> pd.Series:
    """Events of each customer in the days after the draw, by customer; who has none is missing."""
    rows = events.select("customer_id", at=events[moment]).join(
        drawn.select("customer_id", "index_at"), "customer_id"
    )
    inside = (rows["at"] > rows.index_at) & (rows["at"] <= rows.index_at + ibis.interval(days=days))
    counted = rows.filter(inside).group_by("customer_id").agg(events=ibis._.count())
    return counted.execute().set_index("customer_id")["events"]
