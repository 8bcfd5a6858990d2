"""A simulator fitted to moments: flat ranks, bands that hold, and a shop that no draw comes near."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare

from methods.errors import CannotAnswer
from methods.simulate import (
    Population,
    ShopNumbers,
    as_ties,
    fit_moments,
    levers_of,
    simulate_weeks,
    sobol,
)

LOW, HIGH = np.array([-0.6, -1.0]), np.array([0.6, 1.0])


def small_market(customers: int = 150, seed: int = 5) -> Population:
    rng = np.random.default_rng(seed)
    ends = np.sort(rng.integers(0, customers, (3 * customers, 2)), axis=1)
    ends = np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)
    return Population(
        shape=np.full(customers, 1.5),
        pace=np.full(customers, 12.0),
        here=np.full(customers, 0.8),
        leaving=np.full(customers, 0.05),
        share_chance=rng.beta(2, 6, customers),
        likes=np.full(customers, 5.0),
        circle=np.arange(customers) // 25,
        ties=as_ties(ends, customers),
    )


MARKET = small_market()


def numbers_of(draws: np.ndarray) -> ShopNumbers:
    return ShopNumbers(orders=draws[:, 0], shares=draws[:, 1], share_effect=0.1, sight_effect=0.05)


def moments_of(draws: np.ndarray, *, seed: int) -> np.ndarray:
    found = simulate_weeks(
        MARKET, numbers_of(draws), levers_of({"none": {}}), incentives=1, weeks=6, seed=seed
    )
    orders, shares = found["orders"][:, 0], found["shares"][:, 0]
    return np.column_stack([orders / len(MARKET), shares / np.maximum(orders, 1)])


ERRORS = np.array([0.03, 0.04])


def curved(draws: np.ndarray, *, seed: int) -> np.ndarray:
    """A cheap stand-in for a market: counts whose means bend with both numbers."""
    rng = np.random.default_rng(seed)
    orders = rng.poisson(400 * np.exp(draws[:, 0])) / 400
    return np.column_stack([orders, rng.binomial(300, 1 / (1 + np.exp(1 - draws[:, 1]))) / 300])


@pytest.fixture(
    scope="module",
    params=[curved, pytest.param(moments_of, marks=pytest.mark.slow)],
    ids=["curved", "market"],
)
def fitted(request):
    """A hundred shops, each with numbers of its own drawn from the box, and the fit of each."""
    simulate, rng = request.param, np.random.default_rng(11)
    truths = LOW + rng.random((100, 2)) * (HIGH - LOW)
    seen = simulate(truths, seed=99) + ERRORS * rng.standard_normal((100, 2))
    fits = [
        fit_moments(
            lambda draws, place=place: simulate(draws, seed=place),
            lower=LOW, upper=HIGH, observed=one, errors=ERRORS, draws=64, seed=place,
        )
        for place, one in enumerate(seen)
    ]  # fmt: skip
    return truths, fits


@pytest.mark.slow
def test_bands_of_what_an_incentive_adds_hold_the_truth_at_their_rate():
    """Fit a market on six weeks, foretell what cashback of a half-known strength adds in thirteen more."""
    rng = np.random.default_rng(12)
    truths, strength = LOW + rng.random((100, 2)) * (HIGH - LOW), rng.normal(0.2, 0.1, 100)
    seen = moments_of(truths, seed=98) + ERRORS * rng.standard_normal((100, 2))

    def added(draws, lift, seed):
        levers = levers_of({"none": {}, "cashback": {"orders": lift}})
        found = simulate_weeks(MARKET, numbers_of(draws), levers, incentives=2, weeks=13, seed=seed)["orders"]
        return found[:, 1] - found[:, 0]

    lived, held = added(truths, strength, 97), []
    for place, one in enumerate(seen):
        fit = fit_moments(
            lambda draws, place=place: moments_of(draws, seed=place),
            lower=LOW, upper=HIGH, observed=one, errors=ERRORS, draws=64, seed=place,
        )  # fmt: skip
        ahead = added(fit.draws, np.random.default_rng(place).normal(0.2, 0.1, 64), 1_000 + place)
        held.append(np.quantile(ahead, 0.05) <= lived[place] <= np.quantile(ahead, 0.95))
    assert 0.85 <= np.mean(held) <= 0.95


def test_ranks_of_the_truth_among_its_fitted_draws_are_flat(fitted):
    truths, fits = fitted
    for number in range(2):
        ranks = [
            (fit.draws[:, number] < truth[number]).mean() for truth, fit in zip(truths, fits, strict=True)
        ]
        counts = np.histogram(ranks, bins=5, range=(0, 1.0001))[0]
        assert chisquare(counts).pvalue > 0.01, counts


def test_bands_of_the_fitted_numbers_hold_the_truth_at_their_rate(fitted):
    truths, fits = fitted
    held = [
        np.quantile(fit.draws[:, number], 0.05) <= truth[number] <= np.quantile(fit.draws[:, number], 0.95)
        for truth, fit in zip(truths, fits, strict=True)
        for number in range(2)
    ]
    assert 0.85 <= np.mean(held) <= 0.95


def test_a_linear_simulator_gives_the_exact_answer():
    def simulate(draws):
        return np.column_stack([draws[:, 0] + draws[:, 1], draws[:, 0] - draws[:, 1]])

    fit = fit_moments(
        simulate, lower=[-5, -5], upper=[5, 5], observed=[1.0, 3.0], errors=[0.2, 0.2], draws=512
    )
    # Both numbers are half a sum of two independent moments: normal around (2, −1) with error 0.2 / √2.
    np.testing.assert_allclose(fit.draws.mean(axis=0), [2, -1], atol=0.04)
    np.testing.assert_allclose(fit.draws.std(axis=0), 0.2 / np.sqrt(2), rtol=0.2)
    assert fit.plausible < 0.2


def test_what_no_draw_reaches_is_refused_by_name():
    with pytest.raises(CannotAnswer, match="likes is 9"):
        fit_moments(lambda x: x, lower=[0], upper=[1], observed=[9.0], errors=[0.1], names=["likes"])


def test_moments_that_contradict_each_other_are_refused():
    with pytest.raises(CannotAnswer, match="at once"):
        fit_moments(
            lambda x: np.column_stack([x, x]), lower=[0], upper=[1], observed=[0.1, 0.9], errors=[0.02, 0.02]
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"draws": 8}, "at least 32"),
        ({"errors": [0.0]}, "error above 0"),
        ({"observed": [np.nan]}, "a number"),
    ],
)
def test_impossible_requests_are_refused(change, words):
    given = {"lower": [0], "upper": [1], "observed": [0.5], "errors": [0.1], **change}
    with pytest.raises(ValueError, match=words):
        fit_moments(lambda x: x, **given)


def test_points_fill_the_box_evenly():
    points = sobol([0, -1], [1, 1], 64)
    assert np.histogram(points[:, 0], bins=8, range=(0, 1))[0].tolist() == [8] * 8
    with pytest.raises(ValueError, match="lower ends"):
        sobol([1], [0], 4)
