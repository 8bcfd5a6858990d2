"""The law of systematic errors against numerical integration, and intervals that keep their level."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import norm

from methods.adjust.empirical_calibration import calibrated_interval, systematic_error
from methods.errors import CannotAnswer
from methods.intervals.influence import excludes, normal_interval


def _by_integration(estimates, errors):
    """The same law with the likelihood of each control integrated over its true systematic error."""
    grid = np.linspace(-8, 8, 801)

    def lost(parameters):
        true = parameters[0] + np.exp(parameters[1]) * grid
        each = norm.pdf(estimates[:, None], true, errors[:, None]) * norm.pdf(grid)
        return -np.log(np.trapezoid(each, grid, axis=1)).sum()

    best = minimize(lost, [np.mean(estimates), np.log(np.std(estimates))], method="Nelder-Mead")
    return best.x[0], np.exp(best.x[1])


@pytest.mark.parametrize("seed", [1, 2])
def test_the_law_is_that_of_numerical_integration(seed):
    rng = np.random.default_rng(seed)
    errors = rng.uniform(0.05, 0.2, 8)
    estimates = 0.4 + 0.3 * rng.standard_normal(8) + errors * rng.standard_normal(8)
    found = systematic_error(estimates, errors**2)
    mean, deviation = _by_integration(estimates, errors)
    assert (found.mean, found.deviation) == pytest.approx((mean, deviation), abs=2e-3)


def test_with_equal_errors_the_law_has_a_closed_form():
    estimates = np.array([0.1, 0.5, 0.9, 0.3, 0.2, 0.7])
    found = systematic_error(estimates, np.full(6, 0.02))
    assert found.mean == pytest.approx(estimates.mean())
    assert found.deviation == pytest.approx(np.sqrt(estimates.var() - 0.02), abs=1e-5)
    assert found.mean_error == pytest.approx(np.sqrt(estimates.var() / 6), abs=1e-5)


def test_what_controls_have_in_common_is_no_law_of_their_own():
    """Sampling errors that go together look like a mean error; the mean is then known no better than they."""
    covariance = 0.04 * (0.9 + 0.1 * np.eye(10))
    estimates = np.full(10, 0.2) + 0.01 * np.arange(10)
    alone, together = systematic_error(estimates, np.full(10, 0.04)), systematic_error(estimates, covariance)
    assert together.deviation == alone.deviation == 0
    assert alone.mean_error == pytest.approx(0.2 / np.sqrt(10))
    assert together.mean_error == pytest.approx(0.2 * np.sqrt(0.91))


@pytest.mark.parametrize(
    ("controls", "mean", "deviation", "least"),
    [
        (12, 0.0, 0.0, 0.91),
        (12, 0.5, 0.0, 0.91),
        (12, 0.5, 0.2, 0.85),
        (12, -0.3, 0.5, 0.91),
        (6, 0.5, 0.5, 0.88),
    ],
)
def test_calibrated_intervals_keep_their_level(controls, mean, deviation, least):
    """95 % of 200 fall below 91 % in one series of a hundred.

    Where errors differ about as much as chance lets them, few controls show it too seldom: 90 % of 12 cover.
    """
    rng = np.random.default_rng([controls, int(100 * deviation), int(100 + 100 * mean)])
    held = 0
    for _ in range(200):
        errors = rng.uniform(0.05, 0.25, controls)
        bias = mean + deviation * rng.standard_normal(controls + 1)
        drawn = bias[1:] + errors * rng.standard_normal(controls)
        plain = normal_interval(1.0 + bias[0] + 0.1 * rng.standard_normal(), 0.1, 100)
        held += not excludes(calibrated_interval(plain, drawn, errors**2).calibrated, 1.0)
    assert held / 200 >= least


def test_shared_sampling_error_is_taken_off_the_width():
    covariance = 0.04 * (0.5 + 0.5 * np.eye(12))
    plain = normal_interval(0.3, 0.2, 500)
    alone = calibrated_interval(plain, np.zeros(12), covariance)
    shared = calibrated_interval(plain, np.zeros(12), covariance, shared=np.full(12, 0.02))
    assert alone.width_ratio == pytest.approx(np.sqrt(1 + 0.5 + 0.5 / 12))
    assert shared.width_ratio == pytest.approx(np.sqrt(1 + 0.5 + 0.5 / 12 - 1))


@pytest.mark.parametrize(("missed", "withheld"), [(0, False), (4, False), (5, True), (20, True)])
def test_controls_that_do_not_foretell_each_other_withhold(missed, withheld):
    """Of 20, one may miss; 5 or more do in fewer than one series of a hundred, 4 in more than that."""
    found = calibrated_interval(normal_interval(0.2, 0.1, 9), np.linspace(-0.1, 0.1, 20), np.full(20, 1e-6))
    assert found.held == 20
    far = tuple(normal_interval(9.0, 1.0, 9) for _ in range(missed))
    changed = replace(found, left_out=found.left_out[missed:] + far)
    said = f"only {20 - missed} of 20 controls hold 0: their errors are of unlike kinds"
    assert changed.withheld == withheld * f"calibrated by the others, {said}"


def test_too_few_controls_or_no_error_are_refused():
    with pytest.raises(CannotAnswer, match="only 4 controls of known effect"):
        systematic_error(np.zeros(4), np.ones(4))
    bare = normal_interval(0.2, 0.0, 9)
    with pytest.raises(ValueError, match="this interval has none"):
        calibrated_interval(bare, np.zeros(6), np.ones(6))
