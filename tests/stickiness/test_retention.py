"""Retention of new customers against the cohorts, and nothing where nothing was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.data import monthly_cohorts
from helpers.data.newcomers import newness
from helpers.stickiness import retention
from helpers.stickiness.b01_retention.retention import EARLY_COHORTS, WORDS
from methods.intervals.group_shares import share_over_groups


@pytest.mark.parametrize(("name", "since"), [("next_month", 1), ("third_month", 3)])
def test_pooled_retention_is_the_cohorts_share_with_an_interval_for_cohorts_that_differ(
    make_shop, random_tables, name, since
):
    shop = make_shop(random_tables(seed=1, customers=400))
    found = next(one for one in retention(shop).findings if one.id == f"B1.{name}_retention")
    cells = monthly_cohorts(shop).execute().query("months_since == @since").iloc[1 + EARLY_COHORTS :].tail(12)
    active, customers = cells["active"].sum(), cells["customers"].sum()
    assert found.n == customers
    assert found.estimate == pytest.approx(100 * active / customers)
    expected = share_over_groups(cells["active"], cells["customers"]).scaled(100)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    low, high = proportion_confint(active, customers, method="wilson")
    assert found.low <= 100 * low + 1e-9
    assert found.high >= 100 * high - 1e-9


def test_both_definitions_are_printed_beside_the_numbers(make_shop, random_tables):
    answer = retention(make_shop(random_tables(seed=1)))
    table = answer.table()
    assert set(table["counted"]) == {"calendar months", "windows of 30 days"}
    assert len(table.columns) <= 7
    for definition in (*map(WORDS.text, answer.curves), answer.newness):
        assert definition in table.attrs["caption"]
    assert table.attrs["people"] == "customers"


def shop_with_a_past(make_shop, *, months, joined):
    """Each month 100 new customers of whom 20 come back next month; 100 old ones who buy every month."""
    rows = []
    for month in range(months):
        day = pd.Timestamp("2024-01-05") + pd.DateOffset(months=month)
        rows += [(f"old{one}", day) for one in range(100)]
        rows += [(f"new{month:02d}-{one}", day) for one in range(100)]
        rows += [(f"new{month - 1:02d}-{one}", day) for one in range(20) if month]
    orders = pd.DataFrame(rows, columns=["customer_id", "placed_at"]).assign(status="paid")
    orders.loc[0, "placed_at"] = pd.Timestamp("2024-01-01")
    orders["order_id"] = [f"o{number}" for number in range(len(orders))]
    customers = orders.groupby("customer_id", as_index=False)["placed_at"].min()
    customers["joined_at"] = customers.pop("placed_at")
    old = customers["customer_id"].str.startswith("old")
    if joined == "long ago":
        customers.loc[old, "joined_at"] = pd.Timestamp("2020-01-01")
    elif joined == "at an import":
        customers["joined_at"] = pd.Timestamp("2024-01-01")
    elif joined == "unknown":
        customers["joined_at"] = pd.NaT
    return make_shop({"customers": customers, "orders": orders})


@pytest.mark.parametrize("joined", ["long ago", "unknown", "at an import"])
def test_old_customers_do_not_pass_for_new_ones(make_shop, joined):
    answer = retention(shop_with_a_past(make_shop, months=11, joined=joined), months=60)
    (found,) = [one for one in answer.findings if one.id == "B1.next_month_retention"]
    assert (found.estimate, found.n) == (pytest.approx(20), 600)
    assert "2024-01 to 2024-03) are left out" in found.assumptions[0]
    assert answer.cells["cohort_month"].min() == pd.Timestamp("2024-01-01")
    assert answer.curves["calendar months"]["customers"].max() == 600


def test_data_too_short_to_leave_cohorts_out_say_first_seen(make_shop):
    answer = retention(shop_with_a_past(make_shop, months=9, joined="unknown"), months=60)
    (found,) = [one for one in answer.findings if one.id == "B1.next_month_retention"]
    assert found.n == 100 + 7 * 100
    assert "customers first seen in the data" in found.reading
    assert found.assumptions[0].startswith("First order means first seen in the data")
    assert "first seen" in answer.draw().figure.get_suptitle()


def test_cohorts_known_to_be_new_are_all_pooled(make_shop):
    answer = retention(shop_with_a_past(make_shop, months=11, joined="at the first order"), months=60)
    (found,) = [one for one in answer.findings if one.id == "B1.next_month_retention"]
    assert found.n == 200 + 8 * 100
    assert "joined after the data begin" in found.assumptions[0]


@pytest.mark.parametrize(("old", "kind"), [(250, "left out"), (100, "joined")])
def test_dates_of_joining_made_of_the_orders_do_not_make_old_customers_new(make_shop, old, kind):
    """An export knows customers by their orders: whoever bought before it begins seems to join with it."""
    days = [pd.Timestamp("2024-01-01")] * old
    days += [
        pd.Timestamp("2024-01-05") + pd.DateOffset(months=month) for month in range(11) for _ in range(100)
    ]
    ids = [f"c{number}" for number in range(len(days))]
    orders = pd.DataFrame({"order_id": ids, "customer_id": ids, "placed_at": days, "status": "paid"})
    customers = pd.DataFrame({"customer_id": ids, "joined_at": days})
    shop = make_shop({"customers": customers, "orders": orders})
    months = pd.Series(pd.date_range("2024-01-01", periods=10, freq="MS"))
    assert newness(shop, months).kind == kind


def test_cohorts_begin_with_the_first_whole_month(make_shop, random_tables):
    answer = retention(make_shop(random_tables(seed=1)))
    assert answer.cells["cohort_month"].min().strftime("%Y-%m-%d") == "2024-02-01"


def test_the_picture_says_what_it_shows(make_shop, random_tables):
    picture = retention(make_shop(random_tables(seed=1))).draw()
    assert "left blank" in picture.alt
    assert len(picture.png()) > 10_000


def test_a_month_not_shown_keeps_its_place_and_no_line_leads_over_it(make_shop, random_tables):
    answer = retention(make_shop(random_tables(seed=1)))
    curve = answer.curves["calendar months"].head(5).assign(customers=1_000, value=20.0, low=18.0, high=22.0)
    curve.loc[curve["months_since"] == 3, ["value", "low"]] = 0.1  # one person of 1,000: not told
    panel = replace(answer, curves={"calendar months": curve}).draw().figure.axes[1]
    (line,) = panel.lines
    assert line.get_xdata().tolist() == [1, 2, 3, 4, 5]
    assert np.isnan(line.get_ydata()).tolist() == [False, False, True, False, False]


def test_the_third_month_is_skipped_when_it_was_not_seen(steady_shop):
    findings = {one.id: one for one in retention(steady_shop(months=3)).findings}
    assert findings["B1.next_month_retention"].status == "answered"
    assert findings["B1.third_month_retention"].status == "skipped"
    assert findings["B1.third_month_return"].status == "skipped"


def test_too_short_data_skip_the_question(steady_shop):
    (finding,) = retention(steady_shop(months=1)).findings
    assert finding.status == "skipped"
