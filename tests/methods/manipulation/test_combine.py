"""Combining: rates are kept under dependence, a useless kind does not ruin a good one, accounts add up."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import combine_pvalues, norm

from methods.manipulation import cauchy, pooled_by_account


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.95])
def test_cauchy_keeps_small_rates_whatever_the_dependence(alike):
    rng = np.random.default_rng(1)
    shared, own = rng.standard_normal((50_000, 1)), rng.standard_normal((50_000, 4))
    p = cauchy(norm.sf(np.sqrt(alike) * shared + np.sqrt(1 - alike) * own))
    for rate in (0.001, 0.01):
        assert (p <= rate).mean() < 1.3 * rate + 3 * np.sqrt(rate / 50_000)


def test_a_useless_kind_costs_little_and_a_one_cancels_nothing():
    assert cauchy(np.array([[1e-6, 1.0, 1.0, 1.0]]))[0] < 1e-5
    assert cauchy(np.array([[1e-14, 0.5]]))[0] == pytest.approx(2e-14, rel=0.01)
    assert cauchy(np.array([[0.0, 1.0]]))[0] > 0
    assert cauchy(np.array([[0.01, 0.5, 1.0, 1.0]]))[0] < 0.05
    assert cauchy(np.array([[1.0]]))[0] == pytest.approx(0.99)


def test_pooling_is_fishers_for_independent_units():
    rng = np.random.default_rng(1)
    p, account = rng.random(6_000), np.arange(6_000) // 3
    found = pooled_by_account(p, account, accounts=2_000)
    assert found.likeness < 0.05
    assert (found.account < 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_pooling_of_two_accounts_by_hand():
    p = np.array([0.01, 0.02, 0.9, 0.8, 0.03, 0.97])
    found = pooled_by_account(p, np.array([0, 1, 0, 1, 2, 2]), accounts=3)
    assert found.likeness == 0
    for one, units in enumerate(([0, 2], [1, 3], [4, 5])):
        assert found.account[one] == pytest.approx(combine_pvalues(p[units], method="fisher").pvalue)


def test_honest_accounts_whose_posts_are_alike_keep_their_rate():
    rng = np.random.default_rng(2)
    account = np.arange(12_000) // 6
    z = np.sqrt(0.4) * rng.standard_normal(2_000)[account] + np.sqrt(0.6) * rng.standard_normal(12_000)
    found = pooled_by_account(norm.sf(z), account, accounts=2_000)
    assert found.likeness == pytest.approx(0.4, abs=0.1)
    assert (found.account < 0.01).mean() < 0.025


def test_the_others_leave_the_unit_itself_out():
    found = pooled_by_account(np.array([1e-12, 0.5, 0.4]), np.array([0, 0, 1]), accounts=3)
    assert found.other_units[0] == pytest.approx(0.5)
    assert found.other_units[1] < 1e-6
    assert found.other_units[2] == found.account[2] == 1


@pytest.mark.parametrize("wrong", [-0.1, 1.1, np.nan])
def test_refuses_what_is_no_probability(wrong):
    with pytest.raises(ValueError, match="between 0 and 1"):
        cauchy(np.array([[wrong]]))
    with pytest.raises(ValueError, match="between 0 and 1"):
        pooled_by_account(np.array([wrong]), np.array([0]), accounts=1)
