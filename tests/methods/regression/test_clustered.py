"""Intervals for whole groups: exact agreement with the definition, and their level with few groups."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.linalg import fractional_matrix_power
from scipy.stats import ttest_ind

from methods.regression.clustered import clustered_fit, ratio_of_contrasts
from methods.regression.least_squares import least_squares

ARM = np.array([0.0, 1.0, 0.0])


def grouped(seed: int, *, groups: int = 12, rows: int = 120, effect: float = 0.5):
    """Rows in groups of uneven size that share a shock; the arm is the group's."""
    rng = np.random.default_rng(seed)
    weight = rng.gamma(1.0, size=groups) + 0.3
    group = np.concatenate([np.arange(groups), rng.choice(groups, rows - groups, p=weight / weight.sum())])
    arm = rng.permutation(np.arange(groups) % 2)[group]
    x = rng.standard_normal(rows)
    y = effect * arm + 0.5 * x + rng.standard_normal(groups)[group] + rng.standard_normal(rows)
    return np.column_stack([np.ones(rows), arm, x]), y, group


def test_covariance_and_degrees_of_freedom_follow_their_definition():
    matrix, y, group = grouped(3)
    bread = np.linalg.inv(matrix.T @ matrix)
    hat = matrix @ bread @ matrix.T
    residual, meat, parts = y - hat @ y, 0, []
    for number in range(12):
        rows = np.flatnonzero(group == number)
        root = fractional_matrix_power(np.eye(len(rows)) - hat[np.ix_(rows, rows)], -0.5).real
        score = matrix[rows].T @ root @ residual[rows]
        meat = meat + np.outer(score, score)
        parts.append((np.eye(len(y)) - hat)[rows].T @ root @ matrix[rows] @ bread @ ARM)
    square = np.array(parts) @ np.array(parts).T
    fit = clustered_fit(matrix, y, group)
    assert fit.covariance == pytest.approx(bread @ meat @ bread)
    assert fit.degrees_of_freedom(ARM) == pytest.approx(np.trace(square) ** 2 / (square**2).sum())


def test_coefficients_are_those_of_statsmodels_and_errors_near_its_own():
    matrix, y, group = grouped(4, groups=200, rows=4_000)
    theirs = sm.OLS(y, matrix).fit(cov_type="cluster", cov_kwds={"groups": group})
    fit = clustered_fit(matrix, y, group)
    assert fit.coefficients == pytest.approx(theirs.params)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(theirs.bse, rel=0.03)


def test_each_row_its_own_cluster_is_hc2_and_equal_clusters_are_the_t_test_of_their_means():
    matrix, y, _ = grouped(5)
    fit = clustered_fit(matrix, y, np.arange(len(y)))
    assert fit.covariance == pytest.approx(least_squares(matrix, y).robust)
    group = np.repeat(np.arange(12), 10)
    arm = (group % 2).astype(float)
    fit = clustered_fit(np.column_stack([np.ones(120), arm]), y, group)
    means = y.reshape(12, 10).mean(axis=1)
    exact = ttest_ind(means[1::2], means[::2])
    interval = fit.interval(np.array([0, 1]))
    assert interval.estimate / interval.standard_error == pytest.approx(exact.statistic)
    assert fit.degrees_of_freedom(np.array([0, 1])) == pytest.approx(10)


def test_intervals_keep_their_level_with_ten_groups_where_the_usual_ones_do_not():
    covered = np.zeros(2)
    for seed in range(400):
        matrix, y, group = grouped(seed, groups=10)
        ours = clustered_fit(matrix, y, group).interval(ARM)
        usual = least_squares(matrix, y, group)
        reach = 1.96 * np.sqrt(usual.robust[1, 1])
        covered += ours.low <= 0.5 <= ours.high, abs(usual.coefficients[1] - 0.5) <= reach
    assert covered[0] / 400 > 0.9  # measured 92 %: very uneven groups, and a t approximation
    assert covered[1] < covered[0] - 20


def test_ratio_interval_holds_the_ratio_and_is_unbounded_without_a_denominator():
    matrix, y, group = grouped(6, groups=60, rows=3_000, effect=2.0)
    fit = clustered_fit(matrix, y + 3, group)
    ratio, low, high = ratio_of_contrasts(fit, np.array([1.0, 1, 0]), ARM)
    assert ratio == pytest.approx(fit.coefficients[:2].sum() / fit.coefficients[1])
    assert low < 2.5 < high < 5
    flat = clustered_fit(matrix, y - 2 * matrix[:, 1], group)
    assert np.isinf(ratio_of_contrasts(flat, np.array([1.0, 1, 0]), ARM)[1:]).all()


def test_two_clusters_are_refused():
    with pytest.raises(ValueError, match="at least 3"):
        clustered_fit(np.ones((4, 1)), np.arange(4.0), np.array([0, 0, 1, 1]))


def test_a_fit_without_any_error_shows_nothing():
    """Every cluster of an arm has the same mean, as in a trial of three groups in which nothing varied."""
    drawn = np.repeat([0.0, 0.0, 1.0, 1.0], 5)
    fit = clustered_fit(np.column_stack([np.ones(20), drawn]), drawn * 0.5, np.repeat(np.arange(4), 5))
    assert fit.coefficients[1] == pytest.approx(0.5)
    exact = clustered_fit(np.ones((4, 1)), np.zeros(4), np.arange(4))
    assert exact.p_value(np.array([1.0])) == 1.0
