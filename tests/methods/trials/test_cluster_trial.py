"""Trials drawn by group: by hand, against plain regression, and under no effect."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from methods.trials.cluster_trial import ClusterTrial


def drawn(seed: int, *, groups: int = 30, size: int = 8, effect: float = 0.0):
    """A trial whose groups share a mood, and its outcome."""
    rng = np.random.default_rng(seed)
    arm = rng.permutation(np.arange(groups) % 2).astype(float)
    group = np.repeat(np.arange(groups), size)
    known = rng.normal(size=groups * size)
    mood = rng.normal(0, 0.5, groups)
    outcome = effect * arm[group] + mood[group] + known + rng.normal(size=groups * size)
    trial = ClusterTrial(
        group=group, arm=arm[group], covariates=(known - known.mean())[:, None], names=("known",)
    )
    return trial, outcome


def test_without_covariates_it_is_the_difference_of_means():
    trial, outcome = drawn(1, effect=1.0)
    treated = trial.arm == 1
    plain = trial.effect(outcome, adjusted=False)
    assert plain.estimate == pytest.approx(outcome[treated].mean() - outcome[~treated].mean())
    fit = sm.OLS(outcome, sm.add_constant(np.column_stack([trial.arm, trial.covariates]))).fit()
    assert trial.effect(outcome).estimate == pytest.approx(fit.params[1])


def test_intervals_hold_the_effect_and_those_that_ignore_groups_do_not():
    found, alone = [], []
    for seed in range(200):
        trial, outcome = drawn(seed, effect=0.5)
        for kept, one in ((found, trial), (alone, trial.without_groups())):
            effect = one.effect(outcome)
            kept.append(effect.low <= 0.5 <= effect.high)
    assert 0.91 <= np.mean(found) <= 0.99
    assert np.mean(alone) < 0.85


def test_arms_dealt_anew_rarely_part_the_outcome_as_far_when_there_is_an_effect():
    trial, outcome = drawn(2, effect=5.0)
    assert trial.randomisation_p(outcome, draws=199) == pytest.approx(1 / 200)
    under_none = [drawn(seed)[0].randomisation_p(drawn(seed)[1], draws=199) for seed in range(100)]
    assert np.mean(np.array(under_none) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)
