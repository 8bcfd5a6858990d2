"""Chances of purchases against baskets drawn again and again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from market.goods import fill_baskets
from market.simulate import build_world
from market.truth_recommend import Kept, chance_of_something_new, chance_to_buy

DRAWS = 3_000


@pytest.fixture(scope="module")
def world():
    return build_world(300, seed=3)


@pytest.fixture(scope="module")
def orders(world) -> Kept:
    rng = np.random.default_rng(1)
    items = len(world.goods.category)
    wanted = np.where(rng.random(60) < 0.3, rng.integers(0, items, 60), -1)
    return Kept(customer=rng.integers(0, 40, 60), week=rng.integers(70, 73, 60), wanted=wanted)


@pytest.fixture(scope="module")
def bought(world) -> csr_array:
    rng = np.random.default_rng(2)
    matrix = rng.random((300, len(world.goods.category))) < 0.04
    matrix[:, ::7] = False
    matrix[5] = False
    return csr_array(matrix.astype(np.float32))


@pytest.fixture(scope="module")
def drawn(world, orders) -> np.ndarray:
    """Return bool (draws, customers, items): what was bought in each drawing of all baskets."""
    taste = np.cumsum(world.taste, axis=1)
    found = np.zeros((DRAWS, 300, len(world.goods.category)), bool)
    for week in np.unique(orders.week):
        now = np.flatnonzero(orders.week == week)
        who = np.tile(orders.customer[now], DRAWS)
        baskets = fill_baskets(
            world.goods,
            world.goods.shelf_edges(int(week)),
            taste=taste[who],
            level=np.ones(len(who)),
            wanted=np.tile(orders.wanted[now], DRAWS),
            rng=np.random.default_rng(int(week)),
        )
        found[baskets.order // len(now), who[baskets.order], baskets.item] = True
    return found


def close(chance: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.abs(chance - share) <= 4.5 * np.sqrt(chance * (1 - chance) / DRAWS) + 1e-9


def test_the_chance_to_buy_of_a_list_is_its_share_of_drawings(world, orders, bought, drawn):
    chance = chance_to_buy(world, orders, bought)
    share = (drawn & (bought.toarray() > 0)).any(axis=2).mean(axis=0)
    assert close(chance, share).all()
    assert (chance > 0.02).sum() > 15
    assert chance[299] == 0


def test_the_chance_of_something_new_is_its_share_of_drawings(world, orders, bought, drawn):
    chance = chance_of_something_new(world, orders, bought=bought)
    known = bought.sum(axis=0) > 0
    new = drawn & known & (bought.toarray() == 0)
    share = np.where(bought.sum(axis=1) > 0, new.any(axis=2).mean(axis=0), 0)
    assert close(chance, share).all()
    assert 0.1 < chance[orders.customer].mean() < 1
    assert chance[5] == 0
