"""Slopes against statsmodels, and their false alarms in short series with memory."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from methods.intervals.trend import slope_weights, trend, year_on_year, year_pairs, year_weights


def test_without_memory_it_is_ordinary_least_squares():
    values = np.array([5, 1, 6, 2, 7, 2, 8, 3.0])  # residuals alternate: no memory to allow for
    fit = sm.OLS(values, sm.add_constant(np.arange(8))).fit()
    found = trend(values)
    assert found.memory == 0
    assert found.slope == pytest.approx(fit.params[1])
    assert (found.low, found.high) == pytest.approx(tuple(fit.conf_int()[1]))
    assert found.p_value == pytest.approx(fit.pvalues[1])


def test_memory_widens_the_interval():
    values = np.r_[np.zeros(6), 1.0, 1.2, 1.1, 0.0, -0.2, 0.1]
    fit = sm.OLS(values, sm.add_constant(np.arange(12))).fit()
    assert trend(values).memory > 0.2
    assert trend(values).standard_error > fit.bse[1]


@pytest.mark.parametrize(("memory", "at_most"), [(0.0, 0.06), (0.3, 0.10)])
@pytest.mark.parametrize("months", [6, 12, 24])
def test_false_alarms_stay_near_the_level(months, memory, at_most):
    rng = np.random.default_rng(months)
    alarms = 0
    for _ in range(1500):
        series = np.zeros(months + 30)
        for month, shock in enumerate(rng.normal(size=months + 30)):
            series[month] = memory * series[month - 1] + shock
        alarms += trend(series[30:]).p_value < 0.05
    assert alarms / 1500 <= at_most


def test_a_clear_trend_is_found():
    rng = np.random.default_rng(1)
    found = [trend(0.5 * np.arange(12) + rng.normal(size=12)) for _ in range(400)]
    assert np.mean([one.p_value < 0.05 for one in found]) > 0.95
    assert np.mean([one.low <= 0.5 <= one.high for one in found]) > 0.92


def test_customers_variance_is_a_floor():
    values = 2.0 + 0.1 * np.arange(10)
    assert trend(values).standard_error == pytest.approx(0, abs=1e-9)
    assert trend(values, customer_variance=0.04).standard_error == pytest.approx(0.2)


def test_slope_weights_give_the_slope():
    values = np.random.default_rng(2).normal(size=9)
    assert slope_weights(range(9)) @ values == pytest.approx(np.polyfit(np.arange(9), values, 1)[0])


def test_months_may_be_missing_in_between():
    months = np.array([0, 1, 3, 4, 6, 7, 9, 10])
    rng = np.random.default_rng(3)
    alarms, slopes = 0, []
    for _ in range(1500):
        series = np.zeros(41)
        for month, shock in enumerate(rng.normal(size=41)):
            series[month] = 0.3 * series[month - 1] + shock
        found = trend(series[30 + months] + 2 * months, months=months)
        slopes.append(found.slope)
        alarms += not found.low <= 2 <= found.high
    assert np.mean(slopes) == pytest.approx(2, abs=0.02)
    assert alarms / 1500 <= 0.09


def test_months_that_do_not_rise_are_refused():
    with pytest.raises(ValueError, match="months must rise"):
        trend([1, 2, 3, 4, 5, 6], months=[1, 2, 2, 3, 4, 5])


@pytest.mark.parametrize("values", [[1, 2, 3, 4, 5], [1, 2, np.nan, 4, 5, 6, 7]])
def test_short_or_broken_series_are_refused(values):
    with pytest.raises(ValueError, match=r"6 months|no missing value"):
        trend(values)


@pytest.mark.parametrize("value", [0.0, 1234.5, 0.99, 1.0, 100 / 3, -1e-7, 1e12])
@pytest.mark.parametrize("months", [6, 10, 37])
def test_a_constant_series_has_no_trend_whatever_rounding_leaves(value, months):
    found = trend([value] * months)
    assert (found.slope, found.standard_error, found.p_value) == (0, 0, 1)
    assert trend([value] * months, customer_variance=0.04).p_value == 1


def test_a_straight_series_keeps_its_slope_and_a_tiny_shock_is_not_rounding():
    straight = trend(1234.5 + 0.1 * np.arange(10))
    assert straight.slope == pytest.approx(0.1)
    assert (straight.standard_error, straight.p_value) == (0, 0)
    shocked = trend(1234.5 + 1e-4 * np.random.default_rng(1).normal(size=10))
    assert shocked.standard_error > 0
    assert 0 < shocked.p_value < 1


def shocked(rng, months, *, memory, size=0.05):
    shocks = np.zeros(months + 30)
    for month, shock in enumerate(rng.normal(size=months + 30)):
        shocks[month] = memory * shocks[month - 1] + shock
    return size * np.sqrt(1 - memory**2) * shocks[30:]


@pytest.mark.parametrize(("memory", "at_most"), [(0.0, 0.05), (0.4, 0.08)])
@pytest.mark.parametrize("months", [15, 18, 24])
def test_a_season_and_shocks_raise_few_false_alarms_year_on_year(months, memory, at_most):
    rng = np.random.default_rng(months)
    place, alarms = np.arange(months), 0
    for _ in range(800):
        season = 0.1 * np.sin(2 * np.pi * (place + rng.uniform(0, 12)) / 12)
        alarms += year_on_year(season + shocked(rng, months, memory=memory), months=place).p_value < 0.05
    assert alarms / 800 <= at_most


def test_two_percent_a_month_are_seen_year_on_year_where_a_line_misses_them():
    rng = np.random.default_rng(4)
    place = np.arange(24)
    season = 0.1 * np.sin(2 * np.pi * place / 12)
    found = [0.02 * place + season + shocked(rng, 24, memory=0.3) for _ in range(300)]
    assert np.mean([year_on_year(one, months=place).p_value < 0.05 for one in found]) > 0.9
    assert np.mean([trend(one[-12:]).p_value < 0.05 for one in found]) < 0.3
    intervals = [year_on_year(one, months=place) for one in found]
    assert np.mean([one.low <= 0.02 <= one.high for one in intervals]) > 0.93


def test_pairs_and_weights_by_hand():
    earlier, later = year_pairs([5, 6, 9, 17, 18, 30])
    assert (earlier.tolist(), later.tolist()) == ([0, 1, 4], [3, 4, 5])
    weights = year_weights([5, 6, 9, 17, 18, 30])
    assert (36 * weights).round(9).tolist() == [-1, -1, 0, 1, 0, 1]
    found = year_on_year([1, 2, 9, 4, 5, 8.0], months=[5, 6, 9, 17, 18, 30])
    assert found.slope == pytest.approx((3 + 3 + 3) / 36)
    assert (found.standard_error, found.months, found.year_on_year) == (0, 3, True)
    wide = year_on_year([1, 2, 9, 4, 5, 8.0], months=[5, 6, 9, 17, 18, 30], customer_variance=0.01)
    assert wide.standard_error == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("values", "months", "reason"),
    [
        (np.arange(14), np.arange(14), "2 pairs"),
        ([*range(14), np.nan], np.arange(15), "no missing value"),
        (np.arange(15), [*range(14), 13], "must rise"),
    ],
)
def test_no_year_on_year_without_pairs(values, months, reason):
    with pytest.raises(ValueError, match=reason):
        year_on_year(values, months=months)
