"""C3: how much more often members of smaller circles buy again is what was planted."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from helpers.segments.c03_circles.circle_loyalty import WATCHED_DAYS, smaller_circles

END = dt.datetime(2025, 6, 30)


def people_and_orders(seed, *, small=0.5, large=0.5, circles=60, spread=0.0):
    """Circles of 12 and of 30, of whom these shares buy in the last days; spread: of circles around them."""
    rng = np.random.default_rng(seed)
    size = np.where(np.arange(2 * circles) < circles, 12, 30)
    rate = np.clip(np.where(size == 12, small, large) + rng.normal(0, spread, len(size)), 0, 1)
    circle = np.repeat(np.arange(len(size)), size)
    who = pd.Series([f"c{place}" for place in range(len(circle))])
    again = rng.random(len(who)) < np.repeat(rate, size)
    before, lately = END - dt.timedelta(days=200), END - dt.timedelta(days=10)
    buyers = pd.concat([who, who[again]], ignore_index=True)
    orders = pd.DataFrame(
        {
            "order_id": [f"o{place}" for place in range(len(buyers))],
            "customer_id": buyers,
            "placed_at": [before] * len(who) + [lately] * int(again.sum()),
        }
    )
    return pd.DataFrame({"customer_id": who, "circle": circle}), orders


@pytest.fixture
def asked(make_shop, tmp_path):
    def ask(seed, *, minimum=11, **planted):
        members, orders = people_and_orders(seed, **planted)
        tables = {
            "customers": pd.DataFrame({"customer_id": members["customer_id"], "joined_at": END}),
            "items": pd.DataFrame({"item_id": ["i"]}),
            "orders": orders,
            "order_lines": pd.DataFrame({"order_id": orders["order_id"], "line_number": 1, "item_id": "i"}),
        }
        shop = make_shop(tables, folder=tmp_path / str(seed), as_of=END, timezone="UTC")
        return smaller_circles(shop, members, minimum=minimum)

    return ask


def test_a_planted_difference_is_found_and_none_is_none(asked):
    found = asked(1, small=0.6, large=0.4)
    assert found.low < 20 < found.high
    assert found.low > 10
    assert "circles of 30 or fewer" not in found.reading
    assert "circles of 12 or fewer" in found.reading
    assert f"last {WATCHED_DAYS} days" in found.reading
    none = asked(2)
    assert none.low < 0 < none.high


def test_the_interval_holds_where_circles_differ(asked):
    held = [one.low <= 0 <= one.high for one in (asked(seed, spread=0.15) for seed in range(10, 20))]
    assert sum(held) >= 8, "10 shops at 95 %: fewer in 1 of 100 such tests"


def test_few_circles_or_circles_of_one_size_are_not_parted(asked):
    assert "fewer than 30 circles" in asked(3, circles=20).reason
    assert "fewer than 30 circles" in asked(4, minimum=13).reason
