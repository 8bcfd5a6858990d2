"""Item-kNN against its definition, one pair of products at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists.item_knn import ItemNeighbours


@pytest.fixture
def bought() -> np.ndarray:
    return (np.random.default_rng(2).random((40, 15)) < 0.25).astype(np.float32)


def slow_scores(bought: np.ndarray, *, neighbours: int, shrink: float) -> np.ndarray:
    items = bought.shape[1]
    similarity = np.zeros((items, items))
    for target in range(items):
        near = []
        for other in range(items):
            both = float(bought[:, target] @ bought[:, other])
            if other != target and both:
                root = math.sqrt(bought[:, target].sum() * bought[:, other].sum())
                near.append((both / (root + shrink), other))
        for value, other in sorted(near, reverse=True)[:neighbours]:
            similarity[other, target] = value
    return bought @ similarity


@pytest.mark.parametrize(("neighbours", "shrink"), [(15, 0.0), (15, 7.5), (100, 2.0)])
def test_scores_follow_the_definition(bought, neighbours, shrink):
    fitted = ItemNeighbours(neighbours=neighbours, shrink=shrink).fit(csr_array(bought))
    scores = fitted.scores(np.arange(40))
    expected = slow_scores(bought, neighbours=neighbours, shrink=shrink)
    assert scores == pytest.approx(expected, abs=1e-5)


def test_only_the_nearest_neighbours_of_a_candidate_count(bought):
    fitted = ItemNeighbours(neighbours=3, shrink=0.0).fit(csr_array(bought))
    dense = fitted.similarity.toarray()
    assert ((dense > 0).sum(axis=0) <= 3).all()
    everything = ItemNeighbours(neighbours=15, shrink=0.0).fit(csr_array(bought)).similarity.toarray()
    for target in range(15):
        kept = np.sort(dense[:, target])[-3:]
        assert kept == pytest.approx(np.sort(everything[:, target])[-3:])


def test_batches_change_nothing(bought, monkeypatch):
    whole = ItemNeighbours(neighbours=5).fit(csr_array(bought)).similarity.toarray()
    monkeypatch.setattr("methods.lists.item_knn._BATCH_CELLS", 60)
    assert np.array_equal(ItemNeighbours(neighbours=5).fit(csr_array(bought)).similarity.toarray(), whole)


def test_a_product_that_nobody_bought_has_no_neighbours(bought):
    bought[:, 4] = 0
    scores = ItemNeighbours().fit(csr_array(bought)).scores(np.arange(40))
    assert np.isfinite(scores).all()
    assert (scores[:, 4] == 0).all()


def test_dot_similarity_is_the_number_of_common_buyers(bought):
    fitted = ItemNeighbours(neighbours=15, similarity="dot").fit(csr_array(bought))
    common = bought.T @ bought
    np.fill_diagonal(common, 0)
    assert fitted.scores(np.arange(40)) == pytest.approx(bought @ common)
    with pytest.raises(ValueError, match="choose 'cosine' or 'dot'"):
        ItemNeighbours(similarity="cosin").fit(csr_array(bought))
