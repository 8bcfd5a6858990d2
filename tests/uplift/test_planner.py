"""Planning a test: published figures, an oracle library, and impossible plans."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import power_proportions_2indep

from helpers.uplift.planner import (
    design_effect,
    encouragement_inflation,
    group_likeness,
    power_of,
    sample_per_arm,
    smallest_difference,
    weeks_to_enrol,
)


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


def test_groups_and_offers_inflate():
    assert design_effect(1, 0.3) == 1
    assert design_effect(21, 0.05) == pytest.approx(2.0)
    assert design_effect(21, 0.05, size_variation=0.5) == pytest.approx(1 + (1.25 * 21 - 1) * 0.05)
    assert design_effect(21, -0.01) == 1
    assert encouragement_inflation(0.25) == 16


def test_the_inflation_is_what_simulated_groups_need():
    rng = np.random.default_rng(2)
    groups, size, share = 60, 20, 0.15
    between = rng.normal(0, np.sqrt(share), (4000, groups))
    means = between + rng.normal(0, np.sqrt((1 - share) / size), (4000, groups))
    spread = means.mean(axis=1).var() * groups * size
    assert spread == pytest.approx(design_effect(size, share), rel=0.08)


@pytest.mark.parametrize("icc", [0.0, 0.1, 0.4])
def test_likeness_is_recovered_and_its_interval_covers(icc):
    found = []
    for seed in range(80):
        rng = np.random.default_rng(seed)
        group = np.repeat(np.arange(60), rng.integers(5, 20, 60))
        value = rng.normal(0, np.sqrt(icc), 60)[group] + rng.normal(0, np.sqrt(1 - icc), len(group))
        found.append(group_likeness(pd.DataFrame({"y": value, "g": group}), outcome="y", cluster="g"))
    assert np.mean([one.icc for one in found]) == pytest.approx(icc, abs=0.02)
    assert np.mean([one.low <= icc <= one.high for one in found]) >= 0.87


def test_weeks_follow_the_arrivals():
    arrivals = np.array([100.0, 80.0, 60.0, 40.0])
    assert weeks_to_enrol(100, arrivals) == 1
    assert weeks_to_enrol(140, arrivals) == 1.5
    assert weeks_to_enrol(280, arrivals) == 4
    assert weeks_to_enrol(380, arrivals) == 6
    assert weeks_to_enrol(500, np.array([100.0, 0.0])) == float("inf")


@pytest.mark.parametrize(
    "call",
    [
        lambda: sample_per_arm(0.0, 0.1),
        lambda: sample_per_arm(0.95, 0.1),
        lambda: sample_per_arm(0.5, 0.0),
        lambda: sample_per_arm(0.5, 0.1, power=1.0),
        lambda: power_of(0.5, 0.1, per_arm=0),
        lambda: design_effect(0.5, 0.1),
        lambda: encouragement_inflation(0.0),
        lambda: weeks_to_enrol(5, np.array([])),
        lambda: group_likeness(pd.DataFrame({"y": [1, 2], "g": [1, 2]}), outcome="y", cluster="g"),
        lambda: group_likeness(pd.DataFrame({"y": [1.0] * 9, "g": [1, 2, 3] * 3}), outcome="y", cluster="g"),
    ],
)
def test_impossible_plans_are_refused(call):
    with pytest.raises(ValueError, match=r"\w"):
        call()


def test_nothing_can_be_found_with_a_handful():
    assert np.isnan(smallest_difference(0.9, per_arm=3))
