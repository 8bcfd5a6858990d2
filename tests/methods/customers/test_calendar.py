"""The calendar of a trade: planted factors found, chance not taken for a season, bad spans refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.customers.calendar import Calendar, fit_calendar
from methods.customers.likelihood_search import NotEstimable
from methods.season import season_of
from tests.methods.customers.cohorts import cohort, known_by

FIRST = 19_723  # 2024-01-01


def fitted(bought: pd.DataFrame, *, days: int, season=None) -> Calendar:
    until = FIRST + days - 1
    day = bought.groupby("customer")["day"].transform("min")
    daily = bought.assign(new=bought["day"] == day).groupby("day").agg(purchases=("customer", "size"),
                                                                       newcomers=("new", "sum"))  # fmt: skip
    return fit_calendar(known_by(bought, until=until), daily.reset_index(), until=until, season=season)


def test_planted_months_are_found():
    busy = np.ones(12)
    busy[[10, 1]] = 2.0, 0.5
    bought = cohort(1, customers=1_500, days=3 * 365, first=FIRST, busy=busy)
    found = fitted(bought, days=3 * 365).factors
    np.testing.assert_allclose(found, busy / np.average(busy), rtol=0.15)


def test_chance_is_not_taken_for_a_season():
    bought = cohort(2, customers=800, days=3 * 365, first=FIRST)
    found = fitted(bought, days=3 * 365).factors
    assert np.abs(np.log(found)).max() < 0.12


def test_a_declared_season_needs_one_year_and_months_two():
    season = season_of("11-01..11-30")
    busy = np.where(np.arange(12) == 10, 2.5, 1.0)
    bought = cohort(3, customers=1_500, days=500, first=FIRST, busy=busy)
    outside, inside = fitted(bought, days=500, season=season).factors
    assert inside / outside == pytest.approx(2.5, rel=0.15)
    with pytest.raises(NotEstimable, match="500 days known; a calendar needs 730"):
        fitted(bought, days=500)


def test_a_month_without_purchases_has_no_factor():
    bought = cohort(4, customers=200, days=800, first=FIRST)
    gone = pd.to_datetime(bought["day"], unit="D").dt.month == 7
    with pytest.raises(NotEstimable, match="no purchase"):
        fitted(bought[~gone | ~bought.duplicated("customer")], days=800)


def test_the_clock_adds_up_and_a_busy_week_is_longer():
    factors = np.where(np.arange(12) == 10, 3.0, 1.0)
    calendar = Calendar(first_day=FIRST, factors=factors)
    november, until = FIRST + 305, FIRST + 365
    assert calendar.weeks(november - 1, november + 6) == pytest.approx(3.0)
    assert calendar.weeks(FIRST, until) == pytest.approx(
        calendar.weeks(FIRST, november) + calendar.weeks(november, until)
    )
    assert calendar.clock(np.array([FIRST, FIRST + 7])).tolist() == pytest.approx([0.0, 1.0])


@pytest.mark.parametrize(
    ("text", "day", "inside"),
    [
        ("11-01..11-12", "2024-11-12", True),
        ("11-01..11-12", "2024-11-13", False),
        ("12-20..01-05", "2025-01-02", True),
        ("12-20..01-05", "2025-02-02", False),
        ("05-01..05-03, 10-01..10-07", "2024-10-05", True),
    ],
)
def test_spans_of_a_season(text, day, inside):
    number = (pd.Timestamp(day) - pd.Timestamp(0)).days
    assert season_of(text).holds(np.array([number])).tolist() == [inside]


def test_no_span_is_no_season():
    assert season_of("  ") is None


@pytest.mark.parametrize(
    "text", ["November", "11-01", "13-01..13-05", "11-00..11-05", "11-01..11-40", "1-1..1-2"]
)
def test_what_is_no_span_is_quoted(text):
    with pytest.raises(ValueError, match="high_season"):
        season_of(text)
