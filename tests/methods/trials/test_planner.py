"""Planning a test: groups, offers, arrivals, and impossible plans."""

import numpy as np
import pandas as pd
import pytest

from methods.trials.planner import design_effect, encouragement_inflation, group_likeness, weeks_to_enrol


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
