"""From influence values to intervals: by hand, by statsmodels, and at every edge."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.stats import norm
from scipy.stats import t as student

from methods.intervals.influence import (
    crossed_error,
    excludes,
    normal_interval,
    relative_lift,
    standard_error,
)


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_normal_interval(level):
    found = normal_interval(2.0, 0.5, 40, level=level)
    reach = norm.ppf(0.5 + level / 2) * 0.5
    assert (found.estimate, found.n, found.level, found.standard_error) == (2.0, 40, level, 0.5)
    assert (found.low, found.high) == (pytest.approx(2 - reach), pytest.approx(2 + reach))


@pytest.mark.parametrize("level", [0.0, 1.0, 1.5, -0.1])
def test_a_level_that_is_none_is_refused(level):
    with pytest.raises(ValueError, match="between 0 and 1"):
        normal_interval(0.0, 1.0, 5, level=level)


@pytest.mark.parametrize(
    ("number", "left_out"), [(1.0, False), (3.0, False), (0.999, True), (3.001, True), (2.0, False)]
)
def test_excludes_at_its_ends(number, left_out):
    interval = normal_interval(2.0, 1.0 / norm.ppf(0.975), 9)
    exact = type(interval)(estimate=2.0, low=1.0, high=3.0, n=9)
    assert excludes(exact, number) is left_out


def test_the_error_of_a_mean_is_that_of_its_values():
    values = np.random.default_rng(1).normal(3, 2, 50)
    assert standard_error(values) == pytest.approx(values.std(ddof=1) / np.sqrt(50))
    assert standard_error(values + 100) == pytest.approx(standard_error(values))


def test_the_clustered_error_is_that_of_statsmodels():
    """Oracle: a regression on a constant with cluster-robust errors, without its correction for columns."""
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(12), 5)
    values = rng.normal(size=60) + rng.normal(size=12)[cluster]
    fit = sm.OLS(values, np.ones(60)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    expected = fit.bse[0] * np.sqrt(12 / 11)
    assert standard_error(values, cluster) == pytest.approx(expected)
    assert standard_error(values, cluster.astype(str)) == pytest.approx(expected)
    assert standard_error(values, np.arange(60)) == pytest.approx(standard_error(values))


def test_one_cluster_carries_no_error():
    with pytest.raises(ValueError, match="at least two clusters"):
        standard_error(np.arange(5.0), np.zeros(5))
    assert standard_error(np.array([1.0, 1.0, 2.0, 2.0]), np.array([0, 0, 1, 1])) > 0


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_a_relative_lift_is_counted_on_the_log_scale(level):
    found = relative_lift(0.3, 0.2, 900, log_error=0.1, level=level)
    reach = norm.ppf(0.5 + level / 2) * 0.1
    assert found.estimate == pytest.approx(0.5)
    assert found.low == pytest.approx(1.5 * np.exp(-reach) - 1)
    assert found.high == pytest.approx(1.5 * np.exp(reach) - 1)
    assert (found.n, found.level) == (900, level)
    assert found.standard_error == pytest.approx(0.15)
    assert relative_lift(0.001, 1.0, 9, log_error=0.9).low > -1


@pytest.mark.parametrize(
    ("new", "base", "log_error", "told"),
    [
        (0.0, 0.2, 0.1, False),
        (-0.1, 0.2, 0.1, False),
        (0.3, 0.0, 0.1, False),
        (0.3, -0.2, 0.1, False),
        (0.3, 0.2, 1.01, False),
        (0.3, 0.2, 1.0, True),
        (1e-9, 1e-9, 0.5, True),
    ],
)
def test_a_ratio_of_what_may_be_nil_says_nothing(new, base, log_error, told):
    assert (relative_lift(new, base, 9, log_error=log_error) is not None) is told


def test_the_distance_from_a_number_moves_all_but_the_width():
    interval = normal_interval(1.25, 0.2, 9, level=0.9)
    moved = interval.beyond(1.0)
    assert (moved.estimate, moved.low, moved.high) == (
        pytest.approx(0.25), pytest.approx(interval.low - 1), pytest.approx(interval.high - 1),
    )  # fmt: skip
    assert (moved.n, moved.level, moved.standard_error) == (9, 0.9, 0.2)


def test_errors_by_two_crossing_groupings_are_those_of_statsmodels():
    rng = np.random.default_rng(3)
    customer, product = rng.integers(0, 60, 800), rng.integers(0, 25, 800)
    value = rng.normal(size=60)[customer] + rng.normal(size=25)[product] + rng.normal(size=800)
    groups = np.column_stack([customer, product])
    fit = sm.OLS(value, np.ones(800)).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    parts = (value - value.mean()) / 800
    assert crossed_error(parts, customer, product) == pytest.approx(fit.bse[0])
    assert crossed_error(parts, customer, customer) < crossed_error(parts, customer, product)


def test_few_degrees_of_freedom_widen_a_relative_lift():
    found = relative_lift(0.3, 0.2, 90, log_error=0.1, freedom=5)
    reach = student.ppf(0.975, 5) * 0.1
    assert (found.low, found.high) == pytest.approx((1.5 * np.exp(-reach) - 1, 1.5 * np.exp(reach) - 1))
