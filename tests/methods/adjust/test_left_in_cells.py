"""What all models miss is found in cells of covariates; nothing is found where nothing is missed."""

import numpy as np
import pytest

from market.strange import draw_world
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.left_in_cells import left_in_cells
from methods.learners import nuisances
from methods.learners.nuisances import DEEP, SMOOTH


def _covariates(rng, rows, *, numbers=6, flags=12):
    columns = [*rng.standard_normal((numbers, rows)), *(rng.random((flags, rows)) < 0.1)]
    return np.column_stack(columns).astype(float)


def test_the_bias_of_a_pattern_is_recovered():
    """Steps of one covariate of which models know nothing: the bias is cov(e, m) / mean e (1 − e)."""
    rng = np.random.default_rng(1)
    x = _covariates(rng, 40_000)
    step = 0.2 * np.sign(np.sin(np.pi * np.floor(8 * rng.permutation(40_000) / 40_000) + 0.5))
    x[:, 2] = np.where(step > 0, rng.uniform(0, 1, 40_000), rng.uniform(2, 3, 40_000))
    treated = rng.random(40_000) < 0.5 + step
    found = left_in_cells(x, treated - 0.5, step + rng.standard_normal(40_000))
    assert found.found
    assert 2 in found.columns
    assert found.bias == pytest.approx(0.04 / 0.25, rel=0.15)


def test_sums_over_pairs_equal_those_counted_one_by_one():
    rng = np.random.default_rng(2)
    cell = rng.integers(0, 3, 240)
    a, b = rng.standard_normal((2, 240))
    a, b = a - a.mean(), b - b.mean()
    by_hand, given_a, given_b = 0.0, 0.0, 0.0
    for row in range(240):
        others = (cell == cell[row]) & (np.arange(240) != row)
        by_hand += a[row] * b[others].mean()
        given_a += (b[row] * a[others].mean()) ** 2
        given_b += (a[row] * b[others].mean()) ** 2
    found = left_in_cells(cell[:, None].astype(float), a, b)
    assert found.bias == pytest.approx(by_hand / 240 / np.mean(a**2), rel=1e-4)
    assert found.evidence == pytest.approx(abs(by_hand) / np.sqrt(max(given_a, given_b)), rel=1e-4)


@pytest.mark.parametrize(
    ("rows", "share", "rate"), [(1_000, 0.4, 0.3), (2_000, 0.2, 0.05), (4_000, 0.02, 0.4)]
)
def test_rare_flags_and_outcomes_raise_no_false_alarms(rows, share, rate):
    """At most 5 % are promised; 6 or more of 40 would come by chance in one run of a hundred."""
    alarms = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        left = [(rng.random(rows) < chance) - chance for chance in (share, rate)]
        alarms += left_in_cells(_covariates(rng, rows), *left).found
    assert alarms <= 5


def test_what_only_one_of_the_two_misses_is_no_confounding():
    rng = np.random.default_rng(3)
    x = rng.standard_normal((4_000, 3))
    pattern = 0.5 * np.sign(np.sin(4 * x[:, 0]))
    noise = rng.standard_normal((2, 4_000))
    assert left_in_cells(x, pattern + noise[0], pattern + noise[1]).found
    assert not left_in_cells(x, noise[0], pattern + noise[1]).found
    assert not left_in_cells(x, pattern + noise[0], noise[1]).found


@pytest.mark.parametrize(
    ("matrix", "rows"),
    [(np.empty((500, 0)), 500), (np.ones((500, 2)), 500), (np.arange(100.0)[:, None], 100)],
)
def test_nothing_is_looked_at_where_there_is_too_little(matrix, rows):
    found = left_in_cells(matrix, np.tile([-0.5, 0.5], rows // 2), np.linspace(-1, 1, rows))
    assert (found.looks, found.found, found.columns) == (0, False, ())


def test_a_pattern_that_cells_show_is_followed_by_deep_trees_and_said(monkeypatch):
    monkeypatch.setattr(nuisances, "EARNED_ALONE", np.inf)  # as if quick trees had not seen it
    world = draw_world("rings", rows=2_000, seed=9_004)
    names = {"outcome": "y", "treatment": "t", "covariates": world.covariates, "repeats": 1, "seed": 9_004}
    curves = adjusted_effect(world.frame, learners=(SMOOTH,), **names)
    found = adjusted_effect(world.frame, **names)
    assert found.nuisances.learners == (DEEP,)
    assert found.seen.found
    assert "x0 and x1" in found.warning
    truth = world.truth["ate"]
    assert abs(found.ate.estimate - truth) < 0.75 * abs(curves.ate.estimate - truth)
