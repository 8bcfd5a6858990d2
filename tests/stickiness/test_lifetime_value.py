"""B9: forecasts against hidden days and plain rules, costs by hand, and what cannot be known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from helpers.data.purchase_forecast import forecast_purchases
from helpers.data.purchase_history import back_test_histories, last_seen_day, purchase_history
from helpers.report import CannotAnswer
from helpers.stickiness import lifetime_value
from market.settings import AS_OF_UTC
from methods.customers.value_check import check_forecast, naive_purchases
from methods.customers.value_model import forecast, spend_correlation
from tests.stickiness.conftest import leaving_tables, tables_of
from tests.stickiness.market_shops import by_id, market


@pytest.fixture
def shop(make_shop):
    return make_shop(market()[0], as_of=AS_OF_UTC)


def histories(seed, *, customers=3_000, days=700, hidden=182):
    """Customers of the model itself, to whole days; purchases of the hidden days are those that came."""
    rng = np.random.default_rng(seed)
    rows = []
    for rate, leaving in zip(rng.gamma(0.8, 1 / 50, customers), rng.beta(0.8, 4.0, customers), strict=True):
        first = moment = int(rng.integers(0, days - hidden))
        last, seen, recent, later = first, 1, int(first > days - 2 * hidden), 0
        while rng.random() >= leaving * (moment > first):
            moment += 1 + int(rng.exponential(1 / max(rate, 1e-6)))
            if moment > days:
                break
            if moment <= days - hidden:
                last, seen, recent = moment, seen + 1, recent + (moment > days - 2 * hidden)
            else:
                later += 1
        rows.append((first, last, seen, recent, later))
    names = ["first_day", "last_day", "purchases", "purchases_recent", "purchases_later"]
    return pd.DataFrame(rows, columns=names).assign(repeat_spend_cents=np.nan), days - hidden


def test_hidden_days_of_the_models_own_customers_come_true():
    history, until = histories(1)
    found = check_forecast(history, until=until, days=182)
    assert abs(found.predicted - found.actual) < 3 * found.error
    assert found.gain.low > 0
    assert found.sharper.low > 0
    assert found.chances.ranking > found.recency_ranking
    assert found.methods["mean_miss"].idxmin() == 0
    assert found.tenths["predicted"].is_monotonic_increasing


def test_plain_rules_by_hand():
    history = pd.DataFrame({"first_day": [0, 60], "purchases": [4, 1], "purchases_recent": [2, 1]})
    found = naive_purchases(history, until=90, days=30)
    assert found["same_again"].tolist() == [2, 1]
    assert found["own_pace"].tolist() == [1.0, 0.0]
    assert found["all_alike"].tolist() == [0.75, 0.75]


def test_any_columns_of_an_analyst_will_do():
    history, until = histories(2, customers=600)
    names = {"first_day": "a", "last_day": "b", "purchases": "c", "repeat_spend_cents": "d"}
    own = forecast(
        history.rename(columns=names), until=until, horizon_days=90, first="a", last="b", purchases="c",
        repeat_spend="d",
    )  # fmt: skip
    usual = forecast(history, until=until, horizon_days=90)
    np.testing.assert_array_equal(own.purchases, usual.purchases)
    assert own.money_total_cents is None


def test_dependence_of_amount_on_pace_is_seen():
    rng = np.random.default_rng(3)
    repeats = rng.poisson(3, 2_000).astype(float)
    alike = repeats * rng.gamma(5, 1_000, 2_000)
    assert spend_correlation(repeats, alike).low < 0 < spend_correlation(repeats, alike).high + 0.05
    assert spend_correlation(repeats, alike * (1 + repeats)).low > 0.3
    assert spend_correlation(np.ones(50), np.ones(50)) is None


def test_the_market_is_answered_and_its_truth_is_near(shop):
    answer, truth = lifetime_value(shop), market()[1]
    found = by_id(answer)
    for name in ("B9.purchases_to_come", "B9.value_to_come", "B9.buy_again"):
        assert found[name].low < truth[name] < found[name].high
        assert "365 days" in found[name].unit
    chance = answer.customers["chance_of_buying"]
    assert chance.between(0, 1).all()
    assert 100 * chance.mean() == pytest.approx(
        {one.id: one for one in answer.findings}["B9.buy_again"].estimate
    )
    assert answer.customers["purchases_to_come"].mean() == pytest.approx(
        found["B9.purchases_to_come"].estimate, rel=1e-9
    )
    assert {"B9.winning_cost", "B9.keeping_cost", "B9.newcomer_value"} <= set(found)
    assert "hidden" in answer.table().attrs["caption"]
    assert len(answer.draw().png()) > 10_000


def test_costs_are_those_of_the_tables(shop):
    tables, found = market()[0], by_id(lifetime_value(shop, horizon_days=365))
    orders = tables["orders"][tables["orders"]["status"] != "cancelled"]
    day = (orders["placed_at"] + pd.Timedelta(hours=8)).dt.floor("D")
    first = day.groupby(orders["customer_id"]).transform("min")
    since = day.max() - pd.Timedelta(days=365)
    won = orders["customer_id"][first >= since].unique()
    costs = tables["customers"].set_index("customer_id")["acquisition_cost_cents"].loc[won]
    assert found["B9.winning_cost"].estimate == pytest.approx(costs.mean() / 100)
    again = orders[(day > first) & (day >= since)]
    worth = tables["coupons"].groupby("redeemed_order_id")["worth_cents"].sum()
    paid = again["order_id"].map(worth).fillna(0).groupby(again["customer_id"]).sum()
    assert found["B9.keeping_cost"].estimate == pytest.approx(paid.mean() / 100)
    assert "declare what a customer who comes back costs" in found["B9.winning_over_keeping"].reason
    early = orders[(day == first) & (day >= since)]
    welcome = early["order_id"].map(worth).fillna(0).groupby(early["customer_id"]).sum()
    declared = by_id(lifetime_value(shop, keeping_costs=2.5))["B9.winning_over_keeping"]
    assert declared.estimate == pytest.approx((costs.mean() + welcome.mean()) / (paid.mean() + 250))
    assert declared.low < declared.estimate < declared.high


def test_history_is_known_by_its_last_day(shop):
    last = last_seen_day(shop)
    orders = market()[0]["orders"]
    orders = orders[orders["status"] != "cancelled"]
    day = (orders["placed_at"] + pd.Timedelta(hours=8) - pd.Timestamp(0)) // pd.Timedelta(days=1)
    bought = pd.DataFrame({"customer_id": orders["customer_id"], "day": day}).drop_duplicates()
    stretches = [(last - 300, 30), (last - 100, 30)]
    known = back_test_histories(shop, stretches=stretches)
    assert [*known] == stretches
    for (until, _), told in known.items():
        history, seen = purchase_history(shop, until=until), bought[bought["day"] <= until]
        assert history["last_day"].max() <= until
        by_customer = seen.groupby("customer_id")["day"].agg(["min", "max", "count"])
        names = ["first_day", "last_day", "purchases"]
        np.testing.assert_array_equal(history[names], by_customer)
        np.testing.assert_array_equal(told[names], by_customer)
        later = bought[bought["day"].between(until + 1, until + 30)]
        assert told["purchases_recent"].sum() == (seen["day"] > until - 30).sum()
        assert told["purchases_later"].sum() == later["customer_id"].isin(by_customer.index).sum()
        np.testing.assert_allclose(told["repeat_spend_cents"], history["repeat_spend_cents"])


def test_what_is_not_recorded_is_said(make_shop):
    tables = leaving_tables(seed=1)
    tables["order_lines"] = tables["order_lines"].drop(columns="unit_price_cents")
    found = by_id(lifetime_value(make_shop(tables)))
    assert found["B9.purchases_to_come"].status == "answered"
    for name in ("B9.value_to_come", "B9.newcomer_value", "B9.winning_cost", "B9.keeping_cost"):
        assert found[name].status == "skipped"


def test_newcomers_are_counted_in_cohorts_whose_start_is_in_the_data(shop, make_shop, tmp_path):
    """By hand: what who first bought in a month spent in the year after it, months watched whole."""
    tables, found = market()[0], by_id(lifetime_value(shop))["B9.newcomer_value"]
    orders = tables["orders"][tables["orders"]["status"] != "cancelled"]
    local = orders["placed_at"] + pd.Timedelta(hours=8)
    first = local.groupby(orders["customer_id"]).transform("min")
    month = first.dt.to_period("M")
    end = local.max().floor("D") + pd.Timedelta(days=1)
    watched = month.dt.end_time.dt.floor("D") + pd.Timedelta(days=365) <= end
    within = local.dt.floor("D") < first.dt.floor("D") + pd.Timedelta(days=365)
    lines = tables["order_lines"]
    worth = (lines["quantity"] * lines["unit_price_cents"]).groupby(lines["order_id"]).sum()
    spent = orders["order_id"].map(worth)[watched & within].sum()
    people = orders["customer_id"][watched].nunique()
    assert found.n == people
    assert found.estimate == pytest.approx(spent / people / 100)
    assert found.low < found.estimate < found.high
    unknown = tables["customers"].assign(joined_at=pd.NaT)
    early = {**tables, "customers": unknown}
    shorter = by_id(lifetime_value(make_shop(early, as_of=AS_OF_UTC, folder=tmp_path / "unknown")))
    assert "first 182 days" in shorter["B9.newcomer_value"].unit


@pytest.mark.parametrize("days", [20, 100])
def test_too_short_for_three_stretches_foretells_nothing(make_shop, days):
    found = by_id(lifetime_value(make_shop(leaving_tables(seed=4, days=days, customers=3_000))))
    told = [found["B9.purchases_to_come"], found["B9.hidden_days_miss"]]
    assert {one.status for one in told} == {"skipped"}
    assert all("too short to hide three stretches" in one.reason for one in told)


def test_a_calendar_of_two_years_and_more_is_used_and_said(make_shop):
    shop = make_shop(leaving_tables(seed=2, customers=900, days=1_400))
    found = by_id(lifetime_value(shop, horizon_days=120))["B9.purchases_to_come"]
    assert "on a calendar of twelve months" in found.method
    assert "120 days" in found.unit


def test_the_horizon_is_cut_to_what_could_be_hidden(make_shop):
    found = by_id(lifetime_value(make_shop(leaving_tables(seed=2, days=400))))["B9.purchases_to_come"]
    assert "280 days" in found.unit
    assert "next 280 days" in found.reading


def test_a_season_declared_for_the_shop_is_that_of_every_forecast(shop, monkeypatch):
    declared = replace(shop, receipt=replace(shop.receipt, high_season="11-01..11-12"))
    assert forecast_purchases(declared, horizon_days=90).declared
    assert not forecast_purchases(shop, horizon_days=90).declared
    with pytest.raises(CannotAnswer, match="'June' is no span"):
        forecast_purchases(declared, horizon_days=90, high_season="June")


def test_what_spans_too_far_is_not_told_as_in_the_lifecycle(shop, monkeypatch):
    monkeypatch.setattr("helpers.data.purchase_forecast.MOST_SPAN", 1.0)
    told = {found.id: found for found in lifetime_value(shop).findings}
    for name in ("B9.purchases_to_come", "B9.value_to_come", "B9.buy_again"):
        assert told[name].status == "skipped"
        assert "its interval spans more than a factor of" in told[name].reason


def test_a_season_that_is_no_span_is_refused(shop):
    (finding,) = lifetime_value(shop, high_season="November").findings
    assert "'November' is no span" in finding.reason


def test_nobody_came_back(make_shop, random_tables):
    tables = random_tables(seed=1, customers=200)
    tables["orders"] = tables["orders"].drop_duplicates("customer_id")
    (finding,) = lifetime_value(make_shop(tables)).findings
    assert "second day" in finding.reason


@pytest.mark.parametrize("every_days", [7, 30])
def test_nothing_is_foretold_where_nobody_leaves(make_shop, every_days):
    """A subscription: the same day of each cycle, which the model's random pace overtakes."""
    rng, customers, days = np.random.default_rng(every_days), 300, 420
    joined = rng.integers(0, 330, customers)
    visits = [np.arange(first, days, every_days) for first in joined]
    owner = np.repeat(np.arange(customers), [len(each) for each in visits])
    found = by_id(lifetime_value(make_shop(tables_of(rng, owner, np.concatenate(visits), customers))))
    again = found["B9.buy_again"]
    assert again.status == "skipped"
    assert "pause from a farewell" in again.reason
