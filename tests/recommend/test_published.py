"""Published figures on a real table: LastFM (HetRec 2011), the protocol of RecBole-GNN."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from helpers.places import project_folder
from helpers.recommend import Ease, Popular, accuracy, recommend


@pytest.fixture(scope="module")
def listens() -> tuple[np.ndarray, np.ndarray]:
    path = project_folder() / "../shared/data/lastfm/lastfm.inter"
    if not path.exists():
        pytest.skip("../shared/data/lastfm is not there: the figures need the real table")
    frame = pd.read_csv(path, sep="\t")
    return tuple(pd.factorize(frame[name], sort=True)[0] for name in frame.columns)


def split_8_1_1(listens, *, seed: int) -> list[csr_array]:
    """Split each listener's artists at random into train, validation and test (rounded up from one tenth)."""
    users, items = listens
    order = np.random.default_rng(seed).permutation(len(users))
    order = order[np.argsort(users[order], kind="stable")]
    count = np.bincount(users)
    place = np.arange(len(users)) - np.repeat(np.cumsum(count) - count, count)
    tenth = np.where(count > 2, np.maximum(np.floor(count * 0.1), 1), 0)
    number = np.repeat(tenth, count)
    part = np.where(place < number, 2, np.where(place < 2 * number, 1, 0))
    shape = (users.max() + 1, items.max() + 1)
    rows, columns = users[order], items[order]
    ones = np.ones(len(order), np.float32)
    return [
        csr_array((ones[part == p], (rows[part == p], columns[part == p])), shape=shape) for p in range(3)
    ]


def ndcg(model, train: csr_array, seen: csr_array, test: csr_array) -> float:
    judged = np.flatnonzero(np.diff(test.indptr))
    lists = recommend(model.fit(train), judged, length=10, hidden=seen)
    return accuracy(lists, test[judged])["ndcg"].mean()


def test_untuned_ease_and_popularity_reach_their_figures(listens):
    """Means of two random splits; one split alone moves NDCG by about 0.004."""
    found = []
    for seed in (1, 2):
        train, validation, test = split_8_1_1(listens, seed=seed)
        seen = csr_array(train + validation)
        found.append([ndcg(model, train, seen, test) for model in (Ease(l2=250.0), Popular())])
    ease, popular = np.mean(found, axis=0)
    assert ease == pytest.approx(0.1958, abs=0.006)
    assert popular == pytest.approx(0.0651, abs=0.006)
