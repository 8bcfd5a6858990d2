"""The discrete-time hazard: against statsmodels, with known effects, coverage, and null drivers."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from methods.customers.discrete_hazard import fit_hazard

PERIODS = 3


def drawn(seed, *, customers=2_000, effect=0.6):
    """Customers with a trait that goes with a driver which changes from period to period."""
    rng = np.random.default_rng(seed)
    trait = rng.standard_normal(customers)
    driver = (rng.random((customers, PERIODS)) < expit(trait)[:, None]).astype(float)
    design = np.zeros((customers, PERIODS, 2 + PERIODS))
    design[:, :, 0], design[:, :, 1] = driver, trait[:, None]
    design[:, :, 2:] = np.eye(PERIODS)
    truth = np.array([effect, 0.8, -1.6, -1.9, -2.1])
    hazard = expit(design @ truth)
    hits = rng.random((customers, PERIODS)) < hazard
    happened = np.where(hits.any(axis=1), hits.argmax(axis=1), PERIODS)
    on, off = design.copy(), design.copy()
    on[:, :, 0], off[:, :, 0] = 1.0, 0.0
    share = [1 - np.prod(1 - expit(one @ truth), axis=1) for one in (on, off)]
    return design, happened, float((share[0] - share[1]).mean())


def test_agrees_with_clustered_logistic_regression():
    design, happened, _ = drawn(1)
    found = fit_hazard(design, happened)
    event = (np.arange(PERIODS)[None, :] == happened[:, None])[found.waiting].astype(float)
    who = np.nonzero(found.waiting)[0]
    theirs = sm.GLM(event, design[found.waiting], family=sm.families.Binomial()).fit(
        cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}
    )
    np.testing.assert_allclose(found.coefficients, theirs.params, atol=1e-5)
    plain = found.influence * (1 - found.leverage)[:, None]
    np.testing.assert_allclose(np.sqrt((plain**2).sum(axis=0)), theirs.bse, rtol=1e-3)
    assert found.leverage.sum() == pytest.approx(design.shape[2], rel=1e-6)


@pytest.mark.parametrize("effect", [0.6, 0.0])
def test_effects_in_points_cover_the_truth_at_their_rate(effect):
    inside = 0
    for seed in range(60):
        design, happened, truth = drawn(100 + seed, customers=600, effect=effect)
        found = fit_hazard(design, happened).effect(0)
        inside += found.low <= truth <= found.high
    assert 52 <= inside <= 60


@pytest.mark.parametrize("each_period", [0.1, 0.3, 0.5])
def test_a_driver_that_few_met_keeps_its_level_on_either_side(each_period):
    """Fifteen of 300 customers had it, beside 20 controls; up to seven of eight come back."""
    above = below = 0
    for seed in range(150):
        rng = np.random.default_rng(1_000 + seed)
        design = np.zeros((300, PERIODS, 21 + PERIODS))
        design[:15, :, 0] = 1.0
        design[:, :, 1:21] = rng.standard_normal((300, 1, 20))
        design[:, :, 21:] = np.eye(PERIODS)
        hits = rng.random((300, PERIODS)) < each_period
        happened = np.where(hits.any(axis=1), hits.argmax(axis=1), PERIODS)
        found = fit_hazard(design, happened, penalty=np.r_[0, np.ones(20), np.zeros(PERIODS)]).effect(0)
        above, below = above + (found.low > 0), below + (found.high < 0)
    assert 1 <= above + below <= 15
    assert max(above, below) <= 9


def test_what_rests_on_a_driver_is_less_than_having_it_always_does():
    design, happened, truth = drawn(3, customers=20_000)
    found = fit_hazard(design, happened)
    assert found.effect(0).estimate == pytest.approx(truth, abs=0.02)
    assert 0 < found.resting_on(0).estimate < found.effect(0).estimate
    few = np.arange(20_000) < 500
    assert found.effect(0, among=few).n == 500


def test_a_penalty_shrinks_and_separation_does_not_break_the_fit():
    design, happened, _ = drawn(4, customers=60)
    design[:, :, 1] = 50.0 * (happened == 0)[:, None]
    found = fit_hazard(design, happened, penalty=np.array([0, 1.0, 0, 0, 0]))
    assert np.isfinite(found.coefficients).all()


def test_nothing_happened():
    design, *_ = drawn(5, customers=50)
    with pytest.raises(ValueError, match="nobody"):
        fit_hazard(design, np.full(50, PERIODS))
