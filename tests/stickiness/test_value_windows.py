"""The stretches of days hidden from B9: a season is noticed and said, and what is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.purchase_forecast import forecast_purchases
from helpers.report.formats import number
from helpers.stickiness import lifetime_value
from helpers.stickiness.b09_lifetime_value.check import check_findings
from tests.stickiness.conftest import START, leaving_tables
from tests.stickiness.market_shops import by_id

DAYS = 90


def ahead_of(shop):
    return forecast_purchases(shop, horizon_days=DAYS)


def windows_words(ahead):
    """The sentence that says how all stretches went."""
    return check_findings(ahead)[0].reading


def test_the_models_own_customers_come_true_in_every_stretch(leaving_shop):
    """Counting whole days alone makes for 1 % too many (their hours are lost), a fifth of the errors here."""
    found = [ahead_of(leaving_shop(seed=seed)).hidden for seed in range(1, 6)]
    misses = [[one.miss_percent * one.actual / (100 * one.error) for one in each.windows] for each in found]
    assert np.shape(misses) == (5, 4)
    assert np.abs(misses).max() < 3.5
    assert min(each.alike() for each in found) > 0.01


@pytest.mark.parametrize(("busy", "side"), [(1.5, -1), (0.6, 1)])
def test_a_season_in_the_newest_days_is_noticed_and_widens_the_interval(leaving_shop, busy, side):
    steady, found = ahead_of(leaving_shop(seed=7)), ahead_of(leaving_shop(seed=7, busy_from=450, busy=busy))
    assert found.hidden.alike() < 0.001
    assert side * found.hidden.newest.miss_percent > 10
    assert "seasonal" in windows_words(found)
    widths = [np.log(one.totals["purchases"].high / one.totals["purchases"].low) for one in (steady, found)]
    assert widths[1] > 1.5 * widths[0]


def test_a_season_that_the_newest_days_do_not_show_is_noticed(make_shop):
    """Busy in mid-history, else four of ten orders fall away: misses of both signs, of no telling mean."""
    tables = leaving_tables(seed=7, customers=5_000)
    day = (tables["orders"]["placed_at"] - START) / pd.Timedelta(days=1)
    kept = day.between(200, 290) | (np.random.default_rng(7).random(len(day)) < 0.6)
    found = ahead_of(make_shop({**tables, "orders": tables["orders"][kept]}))
    misses = [one.miss_percent for one in found.hidden.windows]
    assert min(misses) < -10
    assert max(misses) > 10
    assert found.hidden.alike() < 0.001
    assert "differ by more than chance" in windows_words(found)


def test_the_answer_holds_the_stretches(leaving_shop):
    answer = lifetime_value(leaving_shop(seed=2))
    table, frame = answer.table(), answer.forecast.hidden.frame()
    assert len(table) == 3 + len(frame)
    newest = frame["until"].iloc[len(answer.forecast.hidden.windows) - 1]
    assert table["known until"].iloc[0] == f"{newest:%Y-%m-%d}"
    reading = by_id(answer)["B9.hidden_days_miss"].reading
    assert f"{number(frame['miss_percent'].iloc[:-1].min(), signed=True)} to" in reading
    assert f"{frame['until'].iloc[0]:%Y-%m-%d}" in answer.draw().alt


@pytest.mark.parametrize(("times", "is_far"), [(1.0, False), (1.6, True), (0.7, True)])
def test_a_stretch_missed_by_far_is_told(leaving_shop, times, is_far):
    """The oldest stretch brought fewer or more purchases than the model said of it."""
    ahead = ahead_of(leaving_shop(seed=2))
    first, *others = ahead.hidden.windows
    moved = replace(first, actual=round(first.predicted / times))
    hidden = replace(ahead.hidden, windows=(moved, *others))
    found = check_findings(replace(ahead, hidden=hidden))[0]
    assert found.facts["far_off"] == (25 if is_far else 0)


def test_one_stretch_alone_is_judged_by_its_own_error(leaving_shop):
    ahead = ahead_of(leaving_shop(seed=2))
    lone = replace(ahead, hidden=replace(ahead.hidden, windows=ahead.hidden.windows[-1:]))
    found = check_findings(lone)[0]
    assert found.reading.startswith("On the last 90 days, hidden from it")
    assert found.estimate == pytest.approx(ahead.hidden.newest.miss_percent)


def test_a_stretch_before_which_too_few_came_back_is_left_out_and_said(make_shop):
    """For the first 200 days only a first purchase each: the model has nothing to learn from."""
    tables = leaving_tables(seed=5)
    orders = tables["orders"].sort_values("placed_at")
    early = orders["placed_at"] < START + pd.Timedelta(days=200)
    tables["orders"] = orders[~(early & orders.duplicated("customer_id"))]
    found = ahead_of(make_shop(tables))
    assert 0 < len(found.hidden.windows) < 4
    assert "second day" in found.hidden.left_out
    assert f"Left out: {found.hidden.left_out}" in windows_words(found)


def test_nobody_bought_in_the_newest_days(make_shop):
    """Newcomers alone buy at the end: the check and the forecasts say why there is none."""
    tables = leaving_tables(seed=6)
    orders = tables["orders"].sort_values("placed_at")
    late = orders["placed_at"] >= START + pd.Timedelta(days=300)
    tables["orders"] = orders[~(late & orders.duplicated("customer_id"))]
    found = by_id(lifetime_value(make_shop(tables)))
    for id in ("B9.purchases_to_come", "B9.hidden_days_miss"):
        assert "nobody bought in the hidden days" in found[id].reason


def test_one_customer(make_shop):
    tables = leaving_tables(seed=8, customers=40)
    tables["orders"] = tables["orders"].query("customer_id == 'c3'")
    (finding,) = lifetime_value(make_shop(tables)).findings
    assert "second day" in finding.reason
