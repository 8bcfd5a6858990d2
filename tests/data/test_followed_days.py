"""How long the customers of a test can be followed."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data import Experiment
from helpers.data.followed_days import followed_days

DRAWN = pd.Timestamp("2024-03-04")


@pytest.mark.parametrize(
    ("spread_days", "so_far", "expected"),
    [
        (0, 100, 56),  # its window is over
        (0, 56, 56),
        (0, 30, 30),  # it still runs
        (6, 30, 30),
        (0, 6, 56),  # too early to say anything: nobody has been followed for as long as asked
        (20, 30, 56),  # it goes on drawing: those are counted whose own window is over
    ],
)
def test_a_test_drawn_at_once_is_followed_so_far(make_shop, spread_days, so_far, expected):
    at = [DRAWN, DRAWN + pd.Timedelta(days=spread_days)]
    frame = pd.DataFrame({"experiment": "x", "customer_id": ["a", "b"], "arm": "control", "assigned_at": at})
    people = pd.DataFrame({"customer_id": ["a", "b"]})
    now = (at[1] + pd.Timedelta(days=so_far, hours=2)).to_pydatetime()
    shop = make_shop({"customers": people, "experiments": frame}, as_of=now)
    assert followed_days(shop, Experiment(name="x"), outcome_days=56) == expected


def test_a_test_without_known_draws_is_asked_as_planned(make_shop):
    frame = pd.DataFrame({"experiment": ["x"], "customer_id": ["a"], "arm": ["control"]})
    shop = make_shop({"customers": frame[["customer_id"]], "experiments": frame}, as_of=DRAWN.to_pydatetime())
    assert followed_days(shop, Experiment(name="x"), outcome_days=56) == 56
