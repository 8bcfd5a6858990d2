"""Kaplan and Meier against statsmodels, and what censoring does to naive medians."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.duration.survfunc import survdiff

from methods.customers.survival import groups_differ, kaplan_meier, kaplan_meier_band


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_statsmodels(seed):
    rng = np.random.default_rng(seed)
    days, arrived = rng.integers(0, 60, 300), rng.random(300) < 0.6
    oracle = sm.SurvfuncRight(days, arrived.astype(float))
    found = kaplan_meier(days, arrived)
    assert found.waiting[oracle.surv_times.astype(int)] == pytest.approx(oracle.surv_prob)
    assert found.at_risk[oracle.surv_times.astype(int)] == pytest.approx(oracle.n_risk)
    assert found.quantile(0.5) == oracle.quantile(0.5)


def test_weights_count_like_copies():
    rng = np.random.default_rng(5)
    days, arrived, copies = rng.integers(1, 30, 80), rng.random(80) < 0.7, rng.integers(0, 4, 80)
    weighted = kaplan_meier(days, arrived, weights=copies)
    copied = kaplan_meier(np.repeat(days, copies), np.repeat(arrived, copies))
    assert weighted.waiting[: len(copied.waiting)] == pytest.approx(copied.waiting)


def test_the_median_is_right_where_completed_waits_alone_are_too_short():
    rng = np.random.default_rng(6)
    wait, watched = rng.exponential(60 / np.log(2), 20_000), rng.uniform(20, 200, 20_000)
    days, arrived = np.ceil(np.minimum(wait, watched)).astype(int), wait <= watched
    assert kaplan_meier(days, arrived).quantile(0.5) == pytest.approx(60, abs=3)
    assert np.median(days[arrived]) < 45


def test_a_median_that_was_not_reached_is_not_made_up():
    assert np.isnan(kaplan_meier([10, 20, 30], [True, False, False]).quantile(0.5))


@pytest.mark.parametrize("days", [[], [3, -1]])
def test_impossible_waits_are_refused(days):
    with pytest.raises(ValueError, match="whole numbers of days"):
        kaplan_meier(days, [True] * len(days))


def test_the_band_takes_a_customers_waits_together():
    """Each of 60 customers has ten equal waits: the band is that of 60 waits and not of 600."""
    days = np.random.default_rng(2).integers(1, 50, 60)
    once = kaplan_meier_band(days, np.ones(60), np.arange(60), draws=300)
    often = kaplan_meier_band(np.repeat(days, 10), np.ones(600), np.repeat(np.arange(60), 10), draws=300)
    alone = kaplan_meier_band(np.repeat(days, 10), np.ones(600), np.arange(600), draws=300)
    middle = 25
    np.testing.assert_allclose(often.low, once.low, atol=0.06)
    assert often.low[middle] <= often.waiting[middle] <= often.high[middle]
    width = [one.high[middle] - one.low[middle] for one in (often, alone)]
    assert width[0] > 2 * width[1]
    assert width[0] == pytest.approx(2 * 1.96 * 0.5 / 60**0.5, rel=0.25)


@pytest.mark.parametrize("groups", [2, 3, 6])
def test_whether_groups_differ_agrees_with_statsmodels(groups):
    rng = np.random.default_rng(groups)
    group = rng.integers(0, groups, 400)
    days, arrived = rng.integers(0, 40 + 5 * group), rng.random(400) < 0.6
    expected = survdiff(days, arrived.astype(float), group)[1]
    assert groups_differ(days, arrived, group) == pytest.approx(expected)


def test_groups_that_wait_alike_seldom_differ():
    rng = np.random.default_rng(8)
    found = [
        groups_differ(rng.integers(0, 40, 90), rng.random(90) < 0.5, rng.choice(["a", "b", "c"], 90))
        for _ in range(200)
    ]
    assert np.mean(np.array(found) < 0.05) <= 0.1


def test_one_group_or_nobody_back_does_not_differ():
    assert groups_differ([1, 2], [True, True], ["a", "a"]) == 1.0
    assert groups_differ([1, 2], [False, False], ["a", "b"]) == 1.0
