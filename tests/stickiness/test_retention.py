"""Retention of new customers against the cohorts, and nothing where nothing was seen."""

from __future__ import annotations

import pytest
from statsmodels.stats.proportion import proportion_confint

from helpers.data import monthly_cohorts
from helpers.stickiness import retention


@pytest.mark.parametrize(("name", "since"), [("next_month", 1), ("third_month", 3)])
def test_pooled_retention_is_the_cohorts_share_with_wilsons_interval(make_shop, random_tables, name, since):
    shop = make_shop(random_tables(seed=1, customers=400))
    found = next(one for one in retention(shop).findings if one.id == f"B1.{name}_retention")
    cells = monthly_cohorts(shop).execute().query("months_since == @since").iloc[1:].tail(12)
    active, customers = cells["active"].sum(), cells["customers"].sum()
    assert found.n == customers
    assert found.estimate == pytest.approx(100 * active / customers)
    low, high = proportion_confint(active, customers, method="wilson")
    assert (found.low, found.high) == pytest.approx((100 * low, 100 * high))


def test_both_definitions_are_printed_beside_the_numbers(make_shop, random_tables):
    table = retention(make_shop(random_tables(seed=1))).table()
    assert set(table["counted"]) == {"calendar months", "windows of 30 days"}
    assert table["definition"].str.len().min() > 60
    assert table.attrs["people"] == "customers"


def test_cohorts_begin_with_the_first_whole_month(make_shop, random_tables):
    answer = retention(make_shop(random_tables(seed=1)))
    assert answer.cells["cohort_month"].min().strftime("%Y-%m-%d") == "2024-02-01"


def test_the_picture_says_what_it_shows(make_shop, random_tables):
    picture = retention(make_shop(random_tables(seed=1))).draw()
    assert "left blank" in picture.alt
    assert len(picture.png()) > 10_000


def test_the_third_month_is_skipped_when_it_was_not_seen(steady_shop):
    findings = {one.id: one for one in retention(steady_shop(months=3)).findings}
    assert findings["B1.next_month_retention"].status == "answered"
    assert findings["B1.third_month_retention"].status == "skipped"
    assert findings["B1.third_month_return"].status == "skipped"


def test_too_short_data_skip_the_question(steady_shop):
    (finding,) = retention(steady_shop(months=1)).findings
    assert finding.status == "skipped"
