"""Sizes of comparisons: published figures, an oracle library, simulated tests, and impossible plans."""

import numpy as np
import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from methods.intervals.sample_size import power_of, sample_per_arm, smallest_difference


@pytest.mark.parametrize(
    ("base", "difference", "published"),
    [(0.10, 0.01, 14750.79), (0.50, 0.25, 57.67), (0.336, 0.336 * 0.0845, 4430)],
)
def test_published_sizes(base, difference, published):
    assert sample_per_arm(base, difference) == pytest.approx(published, rel=2e-4)


@pytest.mark.parametrize(("base", "rise", "power"), [(0.1, 0.02, 0.8), (0.6, -0.03, 0.9), (0.02, 0.004, 0.5)])
def test_size_power_and_smallest_difference_agree(base, rise, power):
    size = sample_per_arm(base, rise, power=power)
    assert power_of(base, rise, per_arm=size) == pytest.approx(power, abs=1e-6)
    if rise > 0:
        assert smallest_difference(base, per_arm=size, power=power) == pytest.approx(rise, rel=1e-6)


def test_power_is_near_that_of_the_library():
    ours = power_of(0.3, 0.04, per_arm=1500)
    oracle = power_proportions_2indep(diff=0.04, prop2=0.3, nobs1=1500, return_results=False)
    assert ours == pytest.approx(oracle, abs=1e-4)
    arcsine = 2 * (np.arcsin(np.sqrt(0.11)) - np.arcsin(np.sqrt(0.10)))
    assert sample_per_arm(0.1, 0.01) == pytest.approx(
        NormalIndPower().solve_power(arcsine, power=0.8, alpha=0.05), rel=1e-3
    )


def test_power_is_that_of_simulated_tests():
    rng = np.random.default_rng(1)
    size = round(sample_per_arm(0.3, 0.05))
    control, treated = rng.binomial(size, 0.3, 20_000) / size, rng.binomial(size, 0.35, 20_000) / size
    middle = (control + treated) / 2
    found = np.abs(treated - control) / np.sqrt(2 * middle * (1 - middle) / size) > 1.959964
    assert found.mean() == pytest.approx(0.8, abs=0.01)


@pytest.mark.parametrize(
    "call",
    [
        lambda: sample_per_arm(0.0, 0.1),
        lambda: sample_per_arm(0.95, 0.1),
        lambda: sample_per_arm(0.5, 0.0),
        lambda: sample_per_arm(0.5, 0.1, power=1.0),
        lambda: power_of(0.5, 0.1, per_arm=0),
    ],
)
def test_impossible_plans_are_refused(call):
    with pytest.raises(ValueError, match=r"\w"):
        call()


def test_nothing_can_be_found_with_a_handful():
    assert np.isnan(smallest_difference(0.9, per_arm=3))
