"""Two recommenders in one."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists.blend import Blend
from methods.lists.friends import FriendsBought
from methods.lists.item_knn import ItemNeighbours
from methods.lists.lists_for_all import Popular
from methods.lists.ranking import recommend

BOUGHT = csr_array((np.random.default_rng(3).random((30, 12)) < 0.3).astype(np.float32))


def test_scores_are_both_on_a_scale_of_1_and_weighted():
    first, second = ItemNeighbours(), Popular()
    blended = Blend(first=first, second=second, weight=0.3).fit(BOUGHT).scores(np.arange(30))
    one, two = (model.fit(BOUGHT).scores(np.arange(30)) for model in (first, second))
    expected = one / one.max(axis=1, keepdims=True) + 0.3 * two / two.max()
    assert blended == pytest.approx(expected, abs=1e-6)


def test_without_friends_the_list_is_that_of_the_first():
    nobody = FriendsBought(ties=csr_array((30, 30), dtype=np.float32))
    alone = recommend(ItemNeighbours().fit(BOUGHT), np.arange(30), length=5)
    blended = recommend(Blend(first=ItemNeighbours(), second=nobody).fit(BOUGHT), np.arange(30), length=5)
    assert np.array_equal(alone, blended)
