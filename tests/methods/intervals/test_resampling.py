"""Intervals and tests against scipy, exact answers and known false-alarm rates."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import stats

from methods.intervals.resampling import bootstrap_means, flip_test, leave_out_groups, percentile_interval
from methods.lists.breadth import gini


def test_bootstrap_intervals_agree_with_scipy():
    values = np.random.default_rng(1).beta(0.3, 0.9, (400, 2))
    low, high = percentile_interval(bootstrap_means(values, resamples=8000, seed=2))
    for column in range(2):
        theirs = stats.bootstrap(
            (values[:, column],), np.mean, n_resamples=8000, method="percentile", rng=3
        ).confidence_interval
        assert [low[column], high[column]] == pytest.approx(list(theirs), abs=0.002)


def test_columns_share_their_draws_so_that_differences_are_paired():
    base = np.random.default_rng(1).random(200)
    draws = bootstrap_means(np.column_stack([base, base + 0.25]), resamples=50, seed=1)
    assert draws[:, 1] - draws[:, 0] == pytest.approx(np.full(50, 0.25))


def test_the_same_seed_gives_the_same_draws():
    values = np.random.default_rng(1).random((50, 3))
    first = bootstrap_means(values, resamples=20, seed=4)
    assert np.array_equal(first, bootstrap_means(values, resamples=20, seed=4))
    assert not np.array_equal(first, bootstrap_means(values, resamples=20, seed=5))


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_missing_values_are_refused(wrong):
    with pytest.raises(ValueError, match="missing or infinite"):
        bootstrap_means(np.array([[1.0], [wrong]]), resamples=2, seed=1)


def test_the_flip_test_agrees_with_all_possible_flips():
    differences = np.random.default_rng(2).normal(0.4, 1, 12)
    flips = np.array(list(itertools.product([-1, 1], repeat=12)))
    exact = np.mean(np.abs(flips @ differences) >= abs(differences.sum()) - 1e-12)
    found = flip_test(differences[:, None], flips=40_000, seed=1)[0]
    assert found == pytest.approx(exact, abs=0.008)


def test_the_flip_test_of_no_difference_at_all_is_1():
    assert flip_test(np.zeros((20, 1)), flips=100, seed=1)[0] == 1


def test_the_flip_test_raises_false_alarms_at_its_level():
    rng = np.random.default_rng(3)
    differences = rng.choice([-1, 0, 1], (120, 600), p=[0.1, 0.8, 0.1])
    alarms = np.mean(flip_test(differences, flips=999, seed=1) < 0.05)
    assert 0.02 < alarms < 0.075


def test_the_jackknife_of_a_mean_is_the_usual_t_interval():
    values = np.random.default_rng(4).normal(5, 2, 20)
    parts = np.column_stack([values, np.ones(20)])
    found = leave_out_groups(lambda total: np.array([total[0] / total[1]]), parts)
    theirs = stats.t.interval(0.95, 19, values.mean(), stats.sem(values))
    assert [found[0][0], found[1][0], found[2][0]] == pytest.approx([values.mean(), *theirs])


@pytest.mark.slow
def test_the_bootstrap_covers_a_paired_difference_of_hit_rates():
    rng, covered = np.random.default_rng(5), 0
    for run in range(400):
        shared = rng.random(300)
        hits = np.column_stack([shared < 0.3, (shared < 0.2) | (rng.random(300) < 0.15)])
        draws = bootstrap_means(hits, resamples=500, seed=run)
        low, high = percentile_interval(draws[:, 1] - draws[:, 0])
        covered += low <= (0.2 + 0.8 * 0.15) - 0.3 <= high
    assert 0.92 <= covered / 400 <= 0.98


@pytest.mark.slow
def test_the_jackknife_covers_the_concentration_of_what_is_shown():
    rng, covered, runs = np.random.default_rng(6), 0, 300
    chance = 1 / np.arange(1, 41)
    chance /= chance.sum()
    shown = [rng.multinomial(10, chance, 500) for _ in range(runs)]
    truth = np.mean([gini(one.sum(axis=0)) for one in shown])
    for one in shown:
        parts = one.reshape(20, 25, 40).sum(axis=1)
        _, low, high = leave_out_groups(lambda total: np.array([gini(total)]), parts)
        covered += low[0] <= truth <= high[0]
    assert 0.91 <= covered / runs <= 0.99
