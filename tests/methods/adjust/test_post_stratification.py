"""Differences at equal values of a score: against regression, and over many draws."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from methods.adjust.post_stratification import post_stratified_difference
from methods.errors import CannotAnswer


def drawn_comments(rows: int, seed: int, *, effect: float) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    likes = rng.poisson(2.5, rows)
    answered = rng.random(rows) < 0.1 + 0.08 * likes.clip(max=8)
    bought = rng.random(rows) < 0.15 + 0.05 * likes.clip(max=8) + effect * answered
    return pd.DataFrame({"likes": likes, "answered": answered * 1.0, "bought": bought * 1.0})


def test_equal_likes_agree_with_a_regression_on_every_level():
    """Standardisation equals least squares with a dummy for each value and its product with treatment."""
    frame = drawn_comments(3_000, 1, effect=0.1)
    frame = frame[frame["likes"] <= 6]
    found = post_stratified_difference(frame, outcome="bought", treatment="answered", score="likes")
    levels = pd.get_dummies(frame["likes"]).to_numpy(dtype=float)
    t = frame["answered"].to_numpy()
    mix = levels[t == 1].mean(axis=0)
    inside = levels[:, 1:] - mix[1:]
    design = np.column_stack([t, levels, inside * t[:, None]])
    fit = sm.OLS(frame["bought"].to_numpy(), design).fit(cov_type="HC2")
    assert found.estimate == pytest.approx(fit.params[0], abs=1e-10)
    assert found.standard_error == pytest.approx(fit.bse[0], rel=0.02)


def test_equal_likes_cover_the_truth_that_the_plain_gap_misses():
    estimates = [
        post_stratified_difference(
            drawn_comments(1_500, seed, effect=0.1), outcome="bought", treatment="answered", score="likes"
        )
        for seed in range(200)
    ]
    covered = np.mean([found.low <= 0.1 <= found.high for found in estimates])
    assert 0.91 <= covered <= 0.99
    frame = drawn_comments(20_000, 1, effect=0.1)
    plain = frame.groupby("answered")["bought"].mean().diff().iloc[-1]
    assert plain > 0.14


def test_values_that_have_only_one_kind_leave_nothing_to_compare():
    frame = pd.DataFrame({"likes": [0, 0, 1, 1], "answered": [0, 0, 1, 1], "bought": [0, 1, 0, 1]})
    with pytest.raises(CannotAnswer, match="no value of likes"):
        post_stratified_difference(frame, outcome="bought", treatment="answered", score="likes")
