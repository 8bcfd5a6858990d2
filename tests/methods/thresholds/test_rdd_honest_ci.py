"""Whole-number scores: the honest interval and the draw by lot."""

import numpy as np
import pandas as pd
import pytest

from methods.thresholds.local_polynomial import TooThin, boundary_weights
from methods.thresholds.local_randomisation import local_randomisation, permutation_p
from methods.thresholds.rdd_honest_ci import rdd_honest_ci, worst_bias
from tests.methods.staged_designs import liked

LIKES = {"outcome": "again", "score": "likes", "threshold": 20}


@pytest.mark.parametrize("first", [0, 3])
def test_worst_bias_is_that_of_the_worst_curve(first):
    x = np.arange(first, 12).astype(float)
    weights, _ = boundary_weights(x, order=1, derivative=0, bandwidth=10.0)
    worst = worst_bias(x, weights)
    # Any curve with second derivative of 1 or -1, switching anywhere, is biased no more than that.
    grid = np.linspace(0, 12, 2401)
    biases = []
    for switch in np.linspace(0, 12, 49):
        bend = np.where(grid < switch, 1.0, -1.0)
        slope = np.concatenate([[0], np.cumsum((bend[1:] + bend[:-1]) / 2 * np.diff(grid))])
        curve = np.concatenate([[0], np.cumsum((slope[1:] + slope[:-1]) / 2 * np.diff(grid))])
        biases.append(abs(weights @ np.interp(x, grid, curve)))
    assert max(biases) <= worst * (1 + 1e-3)
    assert max(biases) >= 0.97 * worst
    assert worst_bias(-x, weights) == pytest.approx(worst)


def test_more_rows_do_not_narrow_it_below_the_bias():
    frame = liked(1)
    once = rdd_honest_ci(frame, **LIKES, curvature=0.02)
    often = rdd_honest_ci(pd.concat([frame] * 40), **LIKES, curvature=0.02)
    assert often.high - often.low >= 2 * often.worst_bias > 0.02
    assert often.standard_error < 0.25 * once.standard_error


def test_no_curvature_is_a_plain_interval_of_a_line():
    jump = rdd_honest_ci(liked(2), **LIKES, curvature=0.0)
    assert jump.worst_bias == 0
    assert (jump.high - jump.low) / 2 == pytest.approx(1.959964 * jump.standard_error, rel=1e-5)


def test_the_interval_covers():
    fits = [rdd_honest_ci(liked(seed), **LIKES) for seed in range(40)]
    assert np.mean([fit.low <= 0.06 <= fit.high for fit in fits]) >= 0.92


@pytest.mark.slow
def test_the_interval_covers_the_worst_curve():
    rng = np.random.default_rng(1)
    covered = []
    for _ in range(400):
        likes = np.repeat(np.arange(5, 35), 60)
        x = likes - 20
        mean = 0.5 + 0.004 * x**2 / 2 * np.where(x >= 0, 1, -1) + 0.1 * (x >= 0)
        frame = pd.DataFrame({"likes": likes, "again": mean + rng.normal(0, 0.3, len(x))})
        fit = rdd_honest_ci(frame, **LIKES, curvature=0.004)
        covered.append(fit.low <= 0.1 <= fit.high)
    assert 0.92 <= np.mean(covered) <= 0.98


def test_honest_refusals():
    with pytest.raises(ValueError, match="0 or more"):
        rdd_honest_ci(liked(1), **LIKES, curvature=-1.0)
    few = liked(1)[lambda rows: rows["likes"].between(17, 24)]
    with pytest.raises(TooThin, match="pass curvature="):
        rdd_honest_ci(few, **LIKES)
    assert np.isfinite(rdd_honest_ci(few, **LIKES, curvature=0.01).low)


def test_permutation_agrees_with_every_permutation():
    values, treated = np.array([1.0, 2.0, 3.0, 10.0, 11.0, 12.0]), np.array([0, 0, 0, 1, 1, 1], bool)
    p_value = permutation_p(values, treated, draws=20_000, rng=np.random.default_rng(1))
    assert p_value == pytest.approx(2 / 20, abs=0.01)


def test_the_widest_balanced_window_is_taken():
    rng = np.random.default_rng(2)
    score = rng.integers(0, 40, 8000)
    trait = rng.normal(size=8000) + np.where(np.abs(score - 19.5) > 3, 0.8 * (score >= 20), 0.0)
    frame = pd.DataFrame(
        {"likes": score, "trait": trait, "again": 0.5 * (score >= 20) + rng.normal(size=8000)}
    )
    draw = local_randomisation(frame, **LIKES, covariates=("trait",), seed=3)
    assert draw.balanced
    assert draw.window == 3
    assert draw.low <= 0.5 <= draw.high
    assert draw.p_value < 0.01


def test_an_unbalanced_threshold_is_said_to_be_so():
    frame = liked(4, rows=20_000).assign(trait=lambda rows: 1.0 * (rows["likes"] >= 20))
    draw = local_randomisation(frame, **LIKES, covariates=("trait",))
    assert not draw.balanced
    assert draw.window == 1
    assert draw.balance_p < 0.01


def test_draws_are_repeatable_and_clusters_count():
    frame = liked(5).assign(group=lambda rows: np.arange(len(rows)))
    known = {"covariates": ("trait",), "seed": 7}
    assert local_randomisation(frame, **LIKES, **known) == local_randomisation(frame, **LIKES, **known)
    twice = pd.concat([frame, frame])
    plain, robust = local_randomisation(twice, **LIKES), local_randomisation(twice, **LIKES, cluster="group")
    assert robust.high - robust.low == pytest.approx(2**0.5 * (plain.high - plain.low), rel=0.02)


def test_too_thin_a_window():
    with pytest.raises(TooThin, match="wider windows"):
        local_randomisation(liked(1).head(60), **LIKES)
