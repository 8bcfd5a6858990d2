"""How long the customers of a test can be followed: all of its window, or so far where it still runs."""

from __future__ import annotations

import pandas as pd

from helpers.data.experiment import Experiment
from helpers.data.shop import Shop

# Customers drawn within so many days of each other are followed together, from their draws on.
AT_ONCE = pd.Timedelta(days=7)
FEWEST_DAYS = 7


def followed_days(shop: Shop, test: Experiment, *, outcome_days: int) -> int:
    """Return the days after the draw for which all customers of a test can be followed.

    outcome_days: as planned. It is returned unless the customers were drawn within a week, at least a week
    and fewer than `outcome_days` days ago: then the whole days since the last was drawn. Of a test that goes
    on drawing, those are counted whose own window is over.
    """
    table = shop["experiments"]
    drawn = table.filter((table.experiment == test.name) & table.assigned_at.notnull())
    moments = drawn.agg(first=drawn.assigned_at.min(), last=drawn.assigned_at.max()).execute().iloc[0]
    if pd.isna(moments["last"]) or moments["last"] - moments["first"] > AT_ONCE:
        return outcome_days
    so_far = (pd.Timestamp(shop.as_of) - moments["last"]).days
    return so_far if FEWEST_DAYS <= so_far < outcome_days else outcome_days
