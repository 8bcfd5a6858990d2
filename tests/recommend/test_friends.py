"""Ties as they stood at the cut, strangers in their place, and lists through either."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from helpers.recommend import FriendsBought, LeakageError, like_minded, random_strangers, read_ties
from helpers.recommend.friends import STRONG_FROM, read_liked, strong_and_weak
from helpers.recommend.split import audit_features

CUT = dt.datetime(2024, 3, 1)


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


@pytest.fixture
def shop_with_ties(make_shop, taste_tables):
    tables = taste_tables(seed=1, taste=0.5, customers=6, orders=3)
    before, at, after = CUT - dt.timedelta(1), CUT, CUT + dt.timedelta(1)
    rows = [
        ("c00000", "c00001", before, None, 0.9),  # stands
        ("c00002", "c00000", None, after, 0.3),  # began nobody knows when, ends later
        ("c00003", "c00000", before, before, 0.5),  # was over
        ("c00004", "c00000", at, None, 0.5),  # begins at the cut
        ("c00005", "c00000", before, at, None),  # still stands just before the cut; strength unknown
        ("c00001", "c00000", before, None, 0.9),  # the first one from the other side
        ("c00002", "c00002", before, None, 0.9),  # nobody's own friend
    ]
    names = ["customer_a", "customer_b", "since_at", "until_at", "strength"]
    tables["ties"] = pd.DataFrame(rows, columns=names)
    return make_shop(tables)


def test_only_ties_that_stood_at_the_cut_are_read(shop_with_ties):
    purchases = SimpleNamespace(customers=np.array([f"c{n:05d}" for n in range(6)], object))
    split = SimpleNamespace(customers=np.arange(6), cut_at=CUT)
    found = read_ties(shop_with_ties, purchases, split)
    row = found[[0]].toarray()[0]
    assert row == pytest.approx([0, 0.9, 0.3, 0, 0, 1.0])
    assert (abs(found - found.T)).nnz == 0
    assert found.diagonal().sum() == 0
    split.cut_at = None
    assert read_ties(shop_with_ties, purchases, split)[[0]].nnz == 5


def test_a_tie_of_after_the_cut_would_be_refused():
    with pytest.raises(LeakageError, match="feature 'ties' was built with data up to"):
        audit_features({"ties": CUT + dt.timedelta(seconds=1)}, CUT)
    audit_features({"ties": CUT, "ratings": None}, CUT)


def test_only_high_ratings_of_before_the_cut_are_read(make_shop, taste_tables):
    tables = taste_tables(seed=1, taste=0.5, customers=4, orders=3)
    early, late = CUT - dt.timedelta(1), CUT
    rows = [("c00000", "i003", 5, early), ("c00001", "i003", 3, early), ("c00002", "i003", 5, late)]
    frame = pd.DataFrame(rows, columns=["customer_id", "item_id", "rating", "posted_at"])
    tables["reviews"] = frame.assign(review_id=["a", "b", "c"])
    items = np.array([f"i{n:03d}" for n in range(10)], object)
    purchases = SimpleNamespace(customers=np.array([f"c{n:05d}" for n in range(4)], object), items=items)
    train = csr_array((4, 10), dtype=np.float32)
    split = SimpleNamespace(customers=np.arange(4), items=np.arange(10)[::-1], cut_at=CUT, train=train)
    liked = read_liked(make_shop(tables), purchases, split)
    assert liked.nnz == 1
    assert liked[0, 6] == 1  # i003 is the seventh column of this split


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
