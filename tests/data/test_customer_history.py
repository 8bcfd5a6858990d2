"""Days before the end of a shop are days of its clock, also where that was put forward or back in between."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from helpers.data.customer_history import days_before_end, last_day
from tests.conftest import write_shop


@pytest.fixture(scope="module")
def london(tmp_path_factory):
    orders = pd.DataFrame(
        {
            "order_id": ["1", "2"],
            "customer_id": ["a", "a"],
            "placed_at": [dt.datetime(2010, 12, 1, 9), dt.datetime(2011, 12, 9, 12)],
            "status": "completed",
        }
    )
    customers = pd.DataFrame({"customer_id": ["a"], "joined_at": [None]})
    return write_shop(
        {"customers": customers, "orders": orders},
        tmp_path_factory.mktemp("london"),
        as_of=dt.datetime(2011, 12, 10),
        timezone="Europe/London",
    )


@pytest.mark.parametrize("days", [1, 30, 91, 182])
def test_so_many_days_earlier_is_so_many_days_less(london, days):
    before = london.at(days_before_end(london, days=days))
    assert last_day(london) - last_day(before) == days


def test_midnight_comes_an_hour_earlier_in_summer(london):
    assert days_before_end(london, days=91) == dt.datetime(2011, 9, 9, 23)
    assert days_before_end(london, days=10) == dt.datetime(2011, 11, 30)
