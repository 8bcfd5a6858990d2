"""Predicted gains have the size that gains of left-out customers have, and an order remains."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from methods.targeting.cross_fitted_cate import (
    CALIBRATION_FOLDS,
    DOUBLY_ROBUST,
    _left_out_predictions,
    calibrated_gains,
    cross_fitted_cate,
)
from methods.targeting.ranking import calibration_slope


def test_left_out_predictions_are_those_of_a_ridge_regression_of_the_other_folds():
    """Oracle: scikit-learn, fold by fold."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(103, 7)) + 1.0
    y = x[:, 0] + rng.normal(size=103)
    found = _left_out_predictions(x, y, penalty=12.0)
    for learn, judge in KFold(CALIBRATION_FOLDS).split(x):
        predicted = Ridge(alpha=12.0).fit(x[learn], y[learn]).predict(x[judge])
        assert found[judge] == pytest.approx(predicted - predicted.mean(), abs=1e-9)


@pytest.mark.parametrize("true_slope", [0.3, 1.0, 4.0])
def test_what_many_scores_say_is_believed(true_slope):
    rng = np.random.default_rng(2)
    left_out = rng.normal(size=40_000)
    found = calibrated_gains(np.array([-1.0, 1.0]), left_out, true_slope * left_out + rng.normal(size=40_000))
    assert np.ptp(found) / 2 == pytest.approx(true_slope, abs=0.03)
    assert found.mean() == pytest.approx(0.0, abs=1e-12)


def test_what_few_scores_say_is_mostly_noise():
    rng = np.random.default_rng(3)
    gains = np.array([-0.01, 0.01])
    for _ in range(20):
        left_out = 0.01 * rng.normal(size=300)
        found = calibrated_gains(gains, left_out, left_out + rng.normal(size=300))
        assert 0.8 < np.ptp(found) / np.ptp(gains) < 1.8


def test_an_order_remains_where_gains_go_the_wrong_way_and_alike_ones_are_left():
    rng = np.random.default_rng(4)
    left_out = rng.normal(size=5_000)
    found = calibrated_gains(np.array([0.0, 1.0, 2.0]), left_out, -left_out)
    assert (np.diff(found) > 0).all()
    assert np.ptp(found) < 0.03
    alike = np.full(3, 0.2)
    assert (calibrated_gains(alike, left_out, -left_out) == alike).all()


def test_gains_of_a_trial_come_out_as_large_as_they_are():
    """Recovery: gains known by design; the slope of the true on the predicted gain is near 1."""
    slopes = []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(6_000, 4))
        t = np.tile([0.0, 1.0], 3_000)
        gain = 0.2 * (x[:, 0] > 0.5)
        y = (rng.random(6_000) < 0.3 + gain * t).astype(float)
        frame = pd.DataFrame(x, columns=list("abcd")).assign(t=t, y=y)
        found = cross_fitted_cate(frame, outcome="y", treatment="t", covariates=list("abcd"), seed=seed)
        slopes.append(
            calibration_slope(found.predicted[DOUBLY_ROBUST], gain[found.rows], found.block).estimate
        )
    assert 0.75 < np.mean(slopes) < 1.3


def test_of_many_rows_so_many_are_learned_from_and_judged():
    rng = np.random.default_rng(5)
    rows = pd.DataFrame({"age": rng.normal(size=3_000), "offer": np.tile([0, 1], 1_500)})
    rows["spent"] = rows["age"] * rows["offer"] + rng.normal(size=3_000)
    found = cross_fitted_cate(
        rows, outcome="spent", treatment="offer", covariates=["age"], blocks=1, most_rows=2_000
    )
    assert len(np.unique(found.rows)) == len(found.rows) == 1_200
    assert np.corrcoef(found.predicted[DOUBLY_ROBUST], rows["age"].to_numpy()[found.rows])[0, 1] > 0.8
