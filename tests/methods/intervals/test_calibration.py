"""Calibration and ranking: against scikit-learn, with known chances, and on input that is no chance."""

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss, roc_auc_score

from methods.intervals.calibration import calibration, ranking


@pytest.fixture(scope="module")
def drawn():
    rng = np.random.default_rng(4)
    chance = rng.beta(1, 3, 20_000).round(3)
    return chance, rng.random(20_000) < chance


def test_agrees_with_scikit_learn(drawn):
    chance, happened = drawn
    found = calibration(chance, happened)
    assert found.brier == pytest.approx(brier_score_loss(happened, chance))
    assert found.ranking == pytest.approx(roc_auc_score(happened, chance))


def test_true_chances_are_calibrated_and_doubled_ones_are_not(drawn):
    chance, happened = drawn
    honest, doubled = calibration(chance, happened), calibration(np.minimum(2 * chance, 1), happened)
    inside = honest.buckets["predicted"].between(honest.buckets["low"], honest.buckets["high"])
    assert inside.sum() >= 8
    assert honest.average_gap < 0.01 < 0.2 < doubled.average_gap
    assert honest.brier < honest.base_brier < doubled.brier
    ratio, error = honest.happened_over_predicted
    assert abs(ratio - 1) < 3 * error < 0.1
    assert doubled.happened_over_predicted[0] < 0.6
    assert honest.buckets["cases"].tolist() == [2_000] * 10


def test_ranking_without_both_kinds_is_unknown():
    assert np.isnan(ranking([0.1, 0.2], [True, True]))


@pytest.mark.parametrize("chance", [[], [1.2], [-0.1], [np.nan]])
def test_refuses_what_is_no_chance(chance):
    with pytest.raises(ValueError, match="between 0 and 1"):
        calibration(chance, [True] * len(chance))
