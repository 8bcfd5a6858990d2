"""Friends, strangers in their place, and lists through either."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists.friends import (
    STRONG_FROM,
    FriendsBought,
    like_minded,
    random_strangers,
    strong_and_weak,
)


@pytest.fixture
def ties() -> csr_array:
    rng = np.random.default_rng(5)
    ends = rng.integers(0, 200, (2, 700))
    ends = ends[:, ends[0] != ends[1]]
    half = csr_array((rng.random(ends.shape[1]).astype(np.float32) + 1e-3, ends), shape=(200, 200))
    both = csr_array(half + half.T)
    both.data = np.minimum(both.data, 1)
    return both


@pytest.fixture
def bought() -> csr_array:
    return csr_array((np.random.default_rng(6).random((200, 40)) < 0.15).astype(np.float32))


def test_scores_count_friends_who_bought(ties, bought):
    plain = csr_array((ties > 0).astype(np.float32))
    scores = FriendsBought(ties=plain).fit(bought).scores(np.array([3, 0]))
    assert scores == pytest.approx((plain.toarray() @ bought.toarray())[[3, 0]])
    liked = csr_array((np.random.default_rng(1).random(bought.shape) < 0.5).astype(np.float32))
    scores = FriendsBought(ties=plain, liked=liked).fit(bought).scores(np.arange(200))
    assert scores == pytest.approx(plain.toarray() @ (bought.toarray() * liked.toarray()))


@pytest.mark.parametrize("seed", [1, 2])
def test_strangers_keep_everybodys_number_of_friends_and_are_none_of_them(ties, seed):
    placebo = random_strangers(ties, seed=seed)
    assert np.array_equal(np.diff(placebo.indptr), np.diff(ties.indptr))
    assert np.array_equal(np.bincount(placebo.indices), np.bincount(ties.indices))
    assert placebo.multiply(ties).nnz == 0
    assert placebo.diagonal().sum() == 0
    assert placebo.max() == 1
    again = random_strangers(ties, seed=seed)
    assert (placebo != again).nnz == 0


def test_where_everybody_is_a_friend_there_are_no_strangers():
    everybody = csr_array(np.ones((6, 6)) - np.eye(6))
    assert random_strangers(everybody, seed=1).nnz == 0


def test_the_like_minded_are_those_of_most_similar_purchases(ties, bought):
    who = np.array([2, 7, 50])
    found = like_minded(bought, ties, who, seed=1).toarray()
    dense, friends = bought.toarray(), ties.toarray() > 0
    number = dense.sum(axis=1)
    for customer in who:
        likeness = dense @ dense[customer] / (np.sqrt(number * number[customer]) + 5)
        likeness[friends[customer]] = likeness[customer] = -1
        best = np.argsort(-likeness, kind="stable")[: friends[customer].sum()]
        assert set(np.flatnonzero(found[customer])) == set(best)
    assert found.sum() == friends[who].sum()


def test_strong_and_weak_ties_are_as_many(ties):
    who = np.arange(0, 200, 2)
    both, strong, weak = strong_and_weak(ties, who, seed=1)
    dense = ties.toarray()
    for customer in who:
        kinds = [(dense[customer] >= STRONG_FROM), (dense[customer] > 0) & (dense[customer] < STRONG_FROM)]
        fewer = min(kind.sum() for kind in kinds)
        assert (customer in both) == (fewer > 0)
        for graph, kind in zip((strong, weak), kinds, strict=True):
            chosen = graph[[customer]].indices
            assert len(chosen) == fewer
            assert kind[chosen].all()
