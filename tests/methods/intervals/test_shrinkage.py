"""Partial pooling against an exact integral, its limits, and its coverage."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, special

from methods.intervals.shrinkage import pooled_shares


def exact_mean(successes, cases, group: int) -> float:
    """The posterior mean by integrating the hierarchical model over mean and log strength."""

    def weight(log_strength: float, mean: float) -> float:
        strength = np.exp(log_strength)
        a, b = mean * strength, (1 - mean) * strength
        logs = special.betaln(a + successes, b + cases - successes) - special.betaln(a, b)
        return np.exp(logs.sum() - 0.5 * log_strength + 18)

    def moment(log_strength: float, mean: float) -> float:
        strength = np.exp(log_strength)
        share = (mean * strength + successes[group]) / (strength + cases[group])
        return share * weight(log_strength, mean)

    limits = (0.0025, 0.9975, np.log(0.5), np.log(20_000))
    top, bottom = (integrate.dblquad(part, *limits, epsrel=1e-4)[0] for part in (moment, weight))
    return top / bottom


def test_the_mean_is_that_of_the_exact_integral():
    successes, cases = np.array([2, 9, 5, 0]), np.array([10, 20, 15, 3])
    found = pooled_shares(successes, cases, draws=40_000, seed=1).shares["estimate"]
    assert found.iloc[3] == pytest.approx(exact_mean(successes, cases, 3), abs=0.01)
    assert found.iloc[1] == pytest.approx(exact_mean(successes, cases, 1), abs=0.01)


def test_large_groups_keep_their_share_and_small_ones_move_to_the_mean():
    pooled = pooled_shares([2_000, 5_000, 0], [10_000, 10_000, 2], seed=1).shares
    assert pooled["estimate"].iloc[:2].to_numpy() == pytest.approx([0.2, 0.5], abs=0.01)
    assert pooled["estimate"].iloc[2] > 0.1
    assert (pooled["low"] < pooled["estimate"]).all()
    assert (pooled["estimate"] < pooled["high"]).all()


def test_groups_that_are_alike_are_said_to_be():
    rng = np.random.default_rng(2)
    alike = pooled_shares(rng.binomial(30, 0.3, 200), np.full(200, 30), seed=1)
    apart = pooled_shares(rng.binomial(30, rng.beta(3, 7, 200)), np.full(200, 30), seed=1)
    assert alike.spread[0] < 0.03
    assert apart.spread[1] < np.sqrt(0.3 * 0.7 / 11) < apart.spread[2]
    assert alike.shares["estimate"].std() < 0.02


@pytest.mark.parametrize(("successes", "cases"), [([], []), ([1], [0]), ([3], [2]), ([-1], [2])])
def test_impossible_counts_are_refused(successes, cases):
    with pytest.raises(ValueError, match="at least one case"):
        pooled_shares(successes, cases, seed=1)


@pytest.mark.slow
@pytest.mark.parametrize(("groups", "cases"), [(4, 40), (60, 8)])
def test_intervals_cover_the_shares_of_groups_large_and_small(groups, cases):
    rng, covered, runs = np.random.default_rng(7), 0, 200
    for run in range(runs):
        shares = rng.beta(6, 14, groups)
        found = pooled_shares(rng.binomial(cases, shares), np.full(groups, cases), seed=run).shares
        covered += ((found["low"] <= shares) & (shares <= found["high"])).mean()
    assert 0.93 <= covered / runs <= 0.985
