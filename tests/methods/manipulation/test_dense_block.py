"""Dense blocks: the published example, the plain heap, rings found, none where there is only chance."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.paths import project_folder
from methods.errors import CannotAnswer
from methods.manipulation import blocks_beyond_chance, dense_block
from methods.manipulation.dense_block import _distinct, _nodes, _peel, _rewire

NODES = 800
EXAMPLE = project_folder().parent / "shared" / "data" / "fraudar" / "example.txt"


def test_published_example():
    if not EXAMPLE.is_file():
        pytest.skip("../shared/data/fraudar is not here")
    found = dense_block(*np.loadtxt(EXAMPLE, dtype=int).T)
    assert found.rows.tolist() == found.columns.tolist() == list(range(20))
    assert found.density == pytest.approx(3.049, abs=5e-4)


def random_pairs(seed: int, pairs: int = 2_500) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.random.default_rng(seed).integers(0, NODES, (2, pairs)))


def with_ring(seed: int, members: int) -> tuple[np.ndarray, np.ndarray]:
    """Return random pairs and a ring of which six pairs in ten stand, with as many pairs of camouflage."""
    rng = np.random.default_rng(seed)
    row, column = random_pairs(seed)
    one, other = np.divmod(np.flatnonzero(rng.random(members**2) < 0.6), members)
    hidden = rng.integers(members, NODES, len(one))
    return np.concatenate([row, one, one]), np.concatenate([column, other, hidden])


@pytest.mark.parametrize("seed", range(4))
def test_cut_short_it_finds_what_the_plain_heap_finds(seed):
    row, column = with_ring(seed, 12 + seed)
    one, other, weight = _distinct(row, column)
    a, b, _ = _nodes(one, other)
    members, density = _peel(a, b, weight)
    found = dense_block(row, column)
    assert found.density == pytest.approx(density)
    assert len(found.rows) + len(found.columns) == len(members)


@pytest.mark.parametrize("members", [25, 40])
def test_a_ring_with_camouflage_is_found_and_judged(members):
    found = blocks_beyond_chance(*with_ring(1, members), seed=1)
    assert found.p[0] < 1e-6
    assert np.isin(np.arange(members), found.blocks[0].rows).mean() > 0.9
    assert (found.blocks[0].rows >= members).mean() < 0.1


@pytest.mark.parametrize("seed", range(10))
def test_chance_alone_shows_no_block(seed):
    assert blocks_beyond_chance(*random_pairs(seed), seed=seed).blocks == ()


def test_rewiring_keeps_every_row_and_column_in_its_week():
    row, column = random_pairs(1)
    row, column, _ = _distinct(row, column)
    week = np.random.default_rng(2).integers(0, 5, len(row))
    new = _rewire(row, column, week, np.random.default_rng(1))
    for one in range(5):
        assert np.array_equal(np.sort(row[week == one]), np.sort(new[week == one]))
    doubles = len(new) - len(np.unique(new * NODES + column))
    assert doubles < 0.01 * len(new)


def test_without_pairs_nothing_is_said():
    with pytest.raises(CannotAnswer, match="no pair"):
        dense_block(np.zeros(0, int), np.zeros(0, int))


def test_few_rewirings_are_refused():
    with pytest.raises(ValueError, match="5 or more"):
        blocks_beyond_chance(*random_pairs(1), rewirings=2, seed=1)
