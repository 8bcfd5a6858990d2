"""Fairness and goodness: published traders, and the leak that a score must be recognised by."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from helpers.paths import project_folder
from methods.errors import CannotAnswer
from methods.manipulation import fairness_goodness

OTC = project_folder().parent / "shared" / "data" / "bitcoin_otc"


@pytest.fixture(scope="module")
def traders():
    if not OTC.is_dir():
        pytest.skip("../shared/data/bitcoin_otc is not here")
    giver, receiver, rating = pd.read_csv(
        OTC / "soc-sign-bitcoinotc.csv", header=None, usecols=[0, 1, 2]
    ).T.to_numpy()
    labels = pd.read_csv(OTC / "otc_gt.csv", header=None, names=["trader", "label"])
    people = int(max(giver.max(), receiver.max(), labels["trader"].max())) + 1
    found = fairness_goodness(giver, receiver, rating / 10, people=people)
    return found, labels["trader"].to_numpy(), (labels["label"] == -1).to_numpy()


def test_ratings_given_tell_frauds(traders):
    found, who, fraud = traders
    assert (len(fraud), fraud.sum()) == (316, 180)
    assert average_precision_score(fraud, -found.fairness[who]) > 0.843
    assert roc_auc_score(fraud, -found.fairness[who]) == pytest.approx(0.857, abs=0.01)


def test_ratings_received_are_the_label_itself(traders):
    found, who, fraud = traders
    assert average_precision_score(fraud, -found.goodness[who]) > 0.99
    assert "leak" in fairness_goodness.__doc__


def test_liars_are_told_in_a_made_up_network():
    rng = np.random.default_rng(1)
    giver, receiver = rng.integers(0, 200, (2, 6_000))
    liar, worth = np.arange(200) < 20, rng.uniform(-0.8, 0.8, 200)
    rating = np.where(liar[giver], -worth[receiver], worth[receiver]).clip(-1, 1)
    found = fairness_goodness(giver, receiver, rating, people=200)
    assert found.fairness[liar].max() < found.fairness[~liar].min()
    assert np.corrcoef(found.goodness, worth)[0, 1] > 0.95


def test_who_gave_none_is_not_known():
    found = fairness_goodness(np.array([0]), np.array([1]), np.array([1.0]), people=3)
    assert found.fairness[2] == pytest.approx(0.5)
    assert found.goodness[2] == 0


@pytest.mark.parametrize(("rating", "error"), [([2.0], ValueError), ([], CannotAnswer)])
def test_refuses_what_it_cannot_read(rating, error):
    with pytest.raises(error):
        fairness_goodness(np.zeros(len(rating), int), np.zeros(len(rating), int), np.array(rating), people=1)
