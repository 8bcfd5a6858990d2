"""The hidden days repeated from earlier days: customers of the model itself, a season, leakage, thin data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.purchase_history import back_test_histories, last_seen_day, purchase_history
from helpers.report.formats import number
from helpers.stickiness import lifetime_value
from helpers.stickiness.b09_lifetime_value.check import check_findings
from methods.customers.rolling_origin import origins, rolling_origin
from tests.stickiness.conftest import START, leaving_tables
from tests.stickiness.market_shops import by_id

DAYS = 90


def tried(shop, *, days=DAYS, last=None):
    last = last_seen_day(shop) if last is None else last
    first = int(purchase_history(shop, until=last)["first_day"].min())
    untils = origins(first=first, last=last, days=days)
    return rolling_origin(back_test_histories(shop, untils=untils, days=days), days=days)


def windows_words(found):
    """The sentence that says how all windows went."""
    return check_findings(found, "", level=0.95)[0].reading


def test_the_models_own_customers_come_true_in_every_window(leaving_shop):
    """Misses lie about zero within their errors, and the newest window is no exception.

    Counting whole days alone makes for 1 % too many (their hours are lost), a fifth of the errors here.
    """
    found = [tried(leaving_shop(seed=seed)) for seed in range(1, 6)]
    misses = [[one.miss_percent * one.actual / (100 * one.error) for one in (*each.earlier, each.newest)]
              for each in found]  # fmt: skip
    assert np.shape(misses) == (5, 6)
    assert np.abs(misses).max() < 3.5
    # Windows of one shop share days, so its mean is about as uncertain as a single one of them.
    assert abs(np.mean(misses)) < 2.5 / np.sqrt(len(found))
    assert min(each.alike() for each in found) > 0.01


@pytest.mark.parametrize(("busy", "side"), [(1.5, -1), (0.6, 1)])
def test_a_season_in_the_newest_days_is_noticed(leaving_shop, busy, side):
    shop = leaving_shop(seed=7, busy_from=540 - DAYS, busy=busy)
    found = tried(shop)
    assert found.alike() < 0.001
    assert side * found.newest.miss_percent > 10
    assert "seasonal" in windows_words(found)


def test_a_season_that_the_newest_days_do_not_show_is_noticed(make_shop):
    """Busy in mid-history, else four of ten orders fall away: misses of both signs, of no telling mean."""
    tables = leaving_tables(seed=7, customers=5_000)
    day = (tables["orders"]["placed_at"] - START) / pd.Timedelta(days=1)
    kept = day.between(200, 290) | (np.random.default_rng(7).random(len(day)) < 0.6)
    found = tried(make_shop({**tables, "orders": tables["orders"][kept]}))
    misses = [one.miss_percent for one in found.earlier]
    assert min(misses) < -10
    assert max(misses) > 10
    assert found.alike() < 0.001
    assert "differ by more than chance" in windows_words(found)


def test_days_after_a_window_change_nothing_in_its_forecast(make_shop):
    """Half of the orders after the third window's last known day vanish; the others come three days later."""
    tables = leaving_tables(seed=3)
    before = tried(make_shop(tables))
    orders, until = tables["orders"], before.earlier[2].until
    later = (orders["placed_at"] - pd.Timestamp(0)) // pd.Timedelta(days=1) > until + 1
    gone = later & (np.arange(len(orders)) % 2 == 0)
    moved = orders["placed_at"].where(~later | gone, orders["placed_at"] + pd.Timedelta(days=3))
    kept = orders.assign(placed_at=moved)[~gone]
    after = tried(make_shop({**tables, "orders": kept}), last=before.newest.until + DAYS)
    for old, new in zip(before.earlier[:3], after.earlier[:3], strict=True):
        assert (old.until, old.customers, old.predicted, old.error) == (
            new.until, new.customers, new.predicted, new.error,
        )  # fmt: skip
    assert after.earlier[2].actual < before.earlier[2].actual
    assert after.newest.predicted != before.newest.predicted


@pytest.mark.parametrize("length", [30, 91, 120, 140, 200, 373, 545, 2_000])
@pytest.mark.parametrize("days", [7, 60, 182])
def test_origins_leave_a_quarter_before_and_the_hidden_days_after(length, days):
    found = origins(first=100, last=100 + length, days=days)
    assert found[-1] + days == 100 + length
    assert 1 <= len(found) <= 6
    assert (np.diff(found) >= 7).all()
    assert all(day - 100 + 1 >= max(91, 3 * days // 2) for day in found[:-1])
    assert origins(first=100, last=100 + length, days=days, most=1) == found[-1:]


def test_a_frame_an_analyst_can_use(leaving_shop):
    found = tried(leaving_shop(seed=2))
    frame = found.frame()
    assert len(frame) == 6
    assert frame["until"].is_monotonic_increasing
    assert frame["customers"].is_monotonic_increasing
    np.testing.assert_allclose(frame["miss_percent"], 100 * (frame["predicted"] / frame["actual"] - 1))
    assert (frame["low"] < frame["miss_percent"]).all()
    assert (frame["miss_percent"] < frame["high"]).all()
    narrow = replace(found, level=0.5).frame()
    assert (narrow["high"] - narrow["low"] < 0.4 * (frame["high"] - frame["low"])).all()


def test_the_answer_holds_the_windows(leaving_shop):
    answer = lifetime_value(leaving_shop(seed=2))
    table, frame = answer.table(), answer.back_test.frame()
    assert len(table) == 4 + 5
    assert table["known until"].iloc[0] == f"{frame['until'].iloc[-1]:%Y-%m-%d}"
    reading = by_id(answer)["B9.hidden_days_miss"].reading
    assert f"{number(frame['miss_percent'].iloc[:-1].min(), signed=True)} to" in reading
    assert f"{frame['until'].iloc[0]:%Y-%m-%d}" in answer.draw().alt


def test_too_short_for_an_earlier_window_is_said(leaving_shop):
    found = by_id(lifetime_value(leaving_shop(seed=4, days=100)))["B9.hidden_days_miss"]
    assert found.status == "answered"
    assert "cannot show whether there is a season: the data are too short to repeat" in found.reading
    assert "rolling" not in found.method


def test_one_earlier_window_is_no_range(leaving_shop):
    answer = lifetime_value(leaving_shop(seed=2, customers=900, days=148))
    (earlier,) = answer.back_test.earlier
    assert (
        f"From 1 earlier day on the miss was {number(earlier.miss_percent, signed=True)} %"
        in by_id(answer)["B9.hidden_days_miss"].reading
    )


def test_an_earlier_day_with_too_few_returns_is_left_out_and_said(make_shop):
    """For the first 200 days only a first purchase each: the model has nothing to learn from."""
    tables = leaving_tables(seed=5)
    orders = tables["orders"].sort_values("placed_at")
    early = orders["placed_at"] < START + pd.Timedelta(days=200)
    tables["orders"] = orders[~(early & orders.duplicated("customer_id"))]
    found = tried(make_shop(tables))
    assert 0 < len(found.earlier) < 5
    assert "second day" in found.left_out
    assert f"Left out: {found.left_out}" in windows_words(found)


def test_nobody_bought_in_the_newest_days(make_shop):
    """Newcomers alone buy in the last third: as before, the check says why there is none."""
    tables = leaving_tables(seed=6)
    orders = tables["orders"].sort_values("placed_at")
    late = orders["placed_at"] >= START + pd.Timedelta(days=300)
    tables["orders"] = orders[~(late & orders.duplicated("customer_id"))]
    found = by_id(lifetime_value(make_shop(tables)))
    assert found["B9.purchases_to_come"].status == "answered"
    assert "nobody bought in the hidden days" in found["B9.hidden_days_miss"].reason


def test_one_customer(make_shop):
    tables = leaving_tables(seed=8, customers=40)
    tables["orders"] = tables["orders"].query("customer_id == 'c3'")
    (finding,) = lifetime_value(make_shop(tables)).findings
    assert "second day" in finding.reason
