"""Equivalence beside statsmodels' two one-sided tests, and how often it errs."""

import numpy as np
import pytest
from statsmodels.stats.proportion import power_ztost_prop
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.trials.equivalence import equivalence, equivalence_sample_per_arm


def measured(gap: float, error: float = 1.0, level: float = 0.95) -> Interval:
    return normal_interval(gap, error, 100, level=level)


@pytest.mark.parametrize("margin", [0.05, 0.2, 0.5])
@pytest.mark.parametrize("shift", [0.0, -0.15, 0.3])
def test_p_is_that_of_statsmodels(margin, shift):
    rng = np.random.default_rng(3)
    first, second = rng.normal(shift, 1.0, 400), rng.normal(0.0, 1.5, 300)
    means = CompareMeans(DescrStatsW(first), DescrStatsW(second))
    expected = means.ztost_ind(-margin, margin, usevar="unequal")[0]
    error = np.sqrt(first.var(ddof=1) / 400 + second.var(ddof=1) / 300)
    found = equivalence(measured(first.mean() - second.mean(), error), margin=margin)
    assert found.p_value == pytest.approx(expected)
    assert found.is_equivalent == (expected < 0.05)


@pytest.mark.parametrize("gap", [0.0, 1.0, -1.3, 2.5])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_interval_decides_as_p_does(gap, level):
    found = equivalence(measured(gap, level=level), margin=2.6)
    inside = max(abs(found.effect.low), abs(found.effect.high)) < 2.6
    assert found.is_equivalent == inside
    assert found.effect.level == pytest.approx(0.9)


def test_an_effect_of_the_margins_size_is_called_none_in_five_of_a_hundred():
    rng = np.random.default_rng(1)
    called = [equivalence(measured(gap), margin=5.0).is_equivalent for gap in rng.normal(5.0, 1.0, 4_000)]
    assert np.mean(called) == pytest.approx(0.05, abs=0.012)


def test_the_sample_gives_the_power_of_statsmodels():
    per_arm = equivalence_sample_per_arm(0.4, 0.04)
    rng = np.random.default_rng(2)
    gaps = (rng.binomial(int(per_arm), 0.4, (2, 3_000)) / int(per_arm))[0] - 0.4
    error = np.sqrt(0.4 * 0.6 / per_arm)
    # One share beside a known 0.4: half the variance, so half the rows of an arm give the same power.
    half = power_ztost_prop(0.36, 0.44, int(per_arm / 2), 0.4, alpha=0.05, dist="norm", discrete=False)[0]
    assert half == pytest.approx(0.8, abs=0.01)
    two = gaps - rng.permutation(gaps)
    said = [equivalence(measured(gap, error * np.sqrt(2)), margin=0.04).is_equivalent for gap in two]
    assert np.mean(said) == pytest.approx(0.8, abs=0.03)


@pytest.mark.parametrize("options", [{"margin": 0.0}, {"margin": -1.0}, {"margin": 1.0, "alpha": 0.7}])
def test_impossible_margins_are_refused(options):
    with pytest.raises(ValueError, match="margin"):
        equivalence(measured(0.0), **options)
    with pytest.raises(ValueError, match="margin"):
        equivalence_sample_per_arm(0.4, 1.4)


def test_an_interval_without_width_shows_nothing():
    with pytest.raises(ValueError, match="width"):
        equivalence(Interval(estimate=0.0, low=0.0, high=0.0, n=9), margin=1.0)
