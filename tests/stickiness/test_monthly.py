"""Monthly measures against counts in plain pandas, and the coverage of their intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data.monthly.measures import (
    AOV,
    ARPU,
    FAMILY,
    INTERACTION,
    NEXT_MONTH,
    NPS,
    REPURCHASE,
    THIRD_MONTH,
)
from helpers.data.monthly.series import index_trend, monthly_series, series_trend, watched_months
from helpers.report import CannotAnswer
from methods.intervals.estimates import above_zero, ratio_of_sums

SHANGHAI = pd.Timedelta(hours=8)


def _month(times):
    local = times + SHANGHAI
    return local.dt.year * 12 + local.dt.month - 1


def _bought(tables):
    orders = tables["orders"][tables["orders"]["status"] != "cancelled"]
    return orders.assign(month=_month(orders["placed_at"]))


def returning(tables, months_later):
    pairs = {(row.customer_id, row.month) for row in _bought(tables).itertuples()}
    rows = [(one, month, (one, month + months_later) in pairs) for one, month in pairs]
    frame = pd.DataFrame(rows, columns=["customer_id", "month", "x"])
    return frame.groupby("month")["x"].mean() * 100


def repurchase_rate(tables):
    bought = _bought(tables).sort_values("placed_at")
    result = {}
    for (customer, month), rows in bought.groupby(["customer_id", "month"]):
        first = rows["placed_at"].iloc[0]
        own = bought.loc[bought["customer_id"] == customer, "placed_at"]
        again = ((own > first) & (own <= first + pd.Timedelta(days=90))).any()
        result.setdefault(month, []).append(again)
    return pd.Series({month: 100 * np.mean(values) for month, values in result.items()})


def order_value(tables):
    lines = tables["order_lines"]
    value = (lines["quantity"] * lines["unit_price_cents"]).groupby(lines["order_id"]).sum()
    bought = _bought(tables)
    return bought["order_id"].map(value).groupby(bought["month"]).mean() / 100


def interacting(tables):
    reactions = tables["reactions"][tables["reactions"]["kind"] != "click"]
    social = {
        (one.customer_id, one.month)
        for frame in (tables["shares"], reactions, tables["reviews"])
        for one in frame.assign(month=_month(frame["posted_at"])).itertuples()
    }
    active = social | {(one.customer_id, one.month) for one in _bought(tables).itertuples()}
    frame = pd.DataFrame([(month, (one, month) in social) for one, month in active], columns=["month", "x"])
    return frame.groupby("month")["x"].mean() * 100


def net_promoters(tables):
    answers = tables["surveys"]
    side = (answers["score"] >= 9).astype(int) - (answers["score"] <= 6).astype(int)
    return side.groupby(_month(answers["answered_at"])).mean() * 100


@pytest.mark.parametrize(
    ("measure", "by_hand"),
    [
        (NEXT_MONTH, lambda tables: returning(tables, 1)),
        (THIRD_MONTH, lambda tables: returning(tables, 3)),
        (REPURCHASE, repurchase_rate),
        (AOV, order_value),
        (INTERACTION, interacting),
        (NPS, net_promoters),
    ],
    ids=lambda value: getattr(value, "id", ""),
)
def test_every_month_agrees_with_a_count_by_hand(make_shop, random_tables, measure, by_hand):
    tables = random_tables(seed=1, customers=200)
    frame = monthly_series(make_shop(tables), measure).frame
    expected = by_hand(tables).loc[frame["month"]]
    assert len(frame) >= 12
    assert frame["value"].to_numpy() == pytest.approx(expected.to_numpy(dtype=float))
    assert ((frame["low"] <= frame["value"]) & (frame["value"] <= frame["high"])).all()


def test_recent_level_takes_a_customers_months_together(steady_shop):
    shop = steady_shop(months=14)
    series = monthly_series(shop, AOV, months=12)
    rows = series.cells.filter(series.cells.month >= series.first_recent).execute()
    own = rows.groupby("customer_id")[["x", "y"]].sum()
    expected = above_zero(ratio_of_sums(own["x"] / 100, own["y"]))
    assert (series.recent.low, series.recent.high) == pytest.approx((expected.low, expected.high))


def test_months_without_what_must_follow_are_blank_not_zero(steady_shop):
    shop = steady_shop(months=10)
    whole = watched_months(shop, AOV)
    assert watched_months(shop, NEXT_MONTH).stop == whole.stop - 1
    assert watched_months(shop, THIRD_MONTH).stop == whole.stop - 3
    assert watched_months(shop, REPURCHASE).stop == whole.stop - 3
    assert monthly_series(shop, THIRD_MONTH).frame["value"].min() > 20


@pytest.mark.slow
@pytest.mark.parametrize("measure", [NEXT_MONTH, AOV, ARPU], ids=lambda measure: measure.id)
def test_a_steady_shop_has_no_trend(steady_shop, measure, tmp_path):
    alarms = 0
    for seed in range(60):
        shop = steady_shop(seed=seed, customers=150, folder=tmp_path / str(seed))
        alarms += series_trend(monthly_series(shop, measure)).p_value < 0.05
    assert alarms <= 7


def test_a_growing_shop_has_one(steady_shop, tmp_path):
    shop = steady_shop(seed=2, customers=600, drift=6.0, months=20)
    family = [monthly_series(shop, one) for one in (NEXT_MONTH, THIRD_MONTH, REPURCHASE, ARPU)]
    assert series_trend(family[0]).low > 0
    together, index, kept = index_trend(family)
    assert together.low > 0
    assert together.year_on_year
    assert len(index) == together.months + 12
    short = series_trend(monthly_series(steady_shop(seed=2, folder=tmp_path / "short"), NEXT_MONTH))
    assert not short.year_on_year
    assert len(kept) == 4
    assert index.mean() == pytest.approx(100)


def test_what_cannot_be_worked_out_is_said(steady_shop):
    shop = steady_shop(months=5)
    with pytest.raises(CannotAnswer, match=r"surveys\.answered_at"):
        monthly_series(shop, NPS)
    with pytest.raises(CannotAnswer, match="needs one of shares"):
        monthly_series(shop, INTERACTION)
    with pytest.raises(CannotAnswer, match="of the recent months; a trend needs 6"):
        series_trend(monthly_series(shop, AOV))


def test_the_declared_family_covers_b1_to_b5():
    assert {measure.requirement for measure in FAMILY} == {"B1", "B2", "B3", "B4", "B5"}
    assert len({measure.id for measure in FAMILY}) == len(FAMILY)
