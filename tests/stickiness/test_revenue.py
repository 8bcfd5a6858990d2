"""Revenue taken apart and in whose hands it lies, against counts by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.stickiness import revenue, revenue_hands
from helpers.stickiness.b04_concentration.concentration import WORDS as HANDS
from helpers.stickiness.b04_revenue.revenue import WORDS as REVENUE
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

EARLY, LATE = "2024-01-01", "2025-05-31"


def shop_of(make_shop, rows):
    """rows: customer, time, cents; a purchase at either end of the time makes its months whole."""
    rows = [("first", pd.Timestamp(EARLY), 1), *rows, ("last", pd.Timestamp(LATE), 1)]
    orders = pd.DataFrame(rows, columns=["customer_id", "placed_at", "cents"])
    orders["order_id"] = [f"o{one}" for one in range(len(orders))]
    lines = orders[["order_id"]].assign(
        line_number=1, item_id="i", quantity=1, unit_price_cents=orders["cents"]
    )
    tables = {
        "customers": orders[["customer_id"]].drop_duplicates(),
        "items": pd.DataFrame({"item_id": ["i"]}),
        "orders": orders.drop(columns="cents"),
        "order_lines": lines,
    }
    return make_shop(tables, timezone="UTC")


@pytest.fixture
def grown(make_shop):
    """40 customers in the first months of 2024; 60 a year later who buy twice as often at half the price."""
    rows = [(f"c{one}", pd.Timestamp("2024-03-10"), 1_000) for one in range(40)]
    for day in ("2025-02-10", "2025-03-10"):
        rows += [(f"c{one}", pd.Timestamp(day), 500) for one in range(60)]
    return shop_of(make_shop, rows)


def test_revenue_is_taken_apart_against_the_same_months(grown):
    answer = revenue(grown)
    assert (answer.before, answer.now, answer.same_months) == (
        "2024-01 to 2024-05",
        "2025-01 to 2025-05",
        True,
    )
    found = {one.segment: one.estimate for one in answer.findings}
    expected = {"customers": 61 / 41, "orders per customer": (121 / 61) / (41 / 41)}
    for name, ratio in expected.items():
        assert found[name] == pytest.approx(100 * (ratio - 1))
    assert found["revenue"] == pytest.approx(100 * (60_001 / 40_001 - 1))
    assert "orders of each +98 %" in answer.draw().figure.get_suptitle()
    assert answer.table()["customers"].tolist() == [61] * 4


def test_a_short_shop_says_that_a_season_may_move_it(make_shop):
    rows = [(f"c{one}", pd.Timestamp("2024-01-02") + pd.Timedelta(days=one), 900) for one in range(200)]
    tables = shop_of(make_shop, rows)
    short = tables.at(pd.Timestamp("2024-07-01").to_pydatetime())
    answer = revenue(short)
    assert not answer.same_months
    assert "a season moves them" in answer.table().attrs["caption"]


def test_the_tenth_who_paid_most(make_shop):
    """200 customers, of whom 20 pay 40 and the others 10 each."""
    rows = [
        (f"c{one:03d}", pd.Timestamp("2025-03-01") + pd.Timedelta(hours=one), 4_000 if one < 20 else 1_000)
        for one in range(200)
    ]
    answer = revenue_hands(shop_of(make_shop, rows))
    top, gini = answer.findings
    assert top.low < 100 * 80_000 / 260_001 < top.high
    assert gini.estimate == pytest.approx(0.21, abs=0.02)
    table = answer.table()
    assert table["customers"].sum() == 201
    assert table["% so far"].iloc[-1] == pytest.approx(100)
    assert np.diff(table["% of revenue"]).max() <= 1e-9
    assert "Lorenz" in answer.draw().alt


def test_too_few_for_tenths(make_shop):
    found, *_ = revenue_hands(shop_of(make_shop, [("a", pd.Timestamp("2025-03-01"), 5)])).findings
    assert "too few to tell tenths" in found.reason


def test_money_that_one_customer_holds_is_not_in_the_table(make_shop):
    rows = [(f"c{one:03d}", pd.Timestamp("2025-03-01"), 9_000_000 if not one else 10) for one in range(150)]
    answer = revenue_hands(shop_of(make_shop, rows))
    assert answer.table()["% of revenue"].isna().all()


def test_sentences_read_well():
    for words in (HANDS, REVENUE):
        assert_every_block_is_declared(words)
    months = {"months": ["2024-06 to 2025-05"]}
    for id in HANDS.registry:
        assert_truth_table(
            HANDS, id, facts=months, verdicts=["reported"], intervals={"above": (3.1, 1.8, 4.4)}
        )
    spans = {"now": ["2025-01 to 2025-05"], "before": ["2024-01 to 2024-05"]}
    assert_truth_table(
        REVENUE, "B4.revenue_change", facts=spans, verdicts=["reported"], segments=["value of an order"]
    )
