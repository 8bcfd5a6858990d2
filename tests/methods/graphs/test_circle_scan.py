"""In very large graphs the resolution is chosen on a part, and the circles are still those of the whole."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from methods.graphs.circle_scan import scan
from methods.graphs.friend_graph import FriendGraph
from methods.graphs.graph_sample import whole_groups, with_cut_ties
from methods.graphs.rewire import rewired

CUSTOMERS, OF_A_CIRCLE = 4_000, 40


@pytest.fixture(scope="module")
def planted():
    """Circles of 40 with four ties in five inside them, as a graph and the circle of each customer."""
    rng = np.random.default_rng(1)
    circle = np.arange(CUSTOMERS) // OF_A_CIRCLE
    one = np.repeat(np.arange(CUSTOMERS), 5)
    near = circle[one] * OF_A_CIRCLE + rng.integers(0, OF_A_CIRCLE, len(one))
    other = np.where(rng.random(len(one)) < 0.8, near, rng.integers(0, CUSTOMERS, len(one)))
    ends = np.unique(np.sort(np.column_stack([one, other])[one != other], axis=1), axis=0)
    names = np.array([f"c{number:04d}" for number in range(CUSTOMERS)])
    return FriendGraph(names=names, ends=ends.astype(np.int32), strength=np.full(len(ends), np.nan)), circle


def test_the_part_holds_circles_whole_and_ties_of_the_graph(planted):
    ties, circle = planted
    part, worth = whole_groups(ties, customers=1_000, seed=1)
    assert 1_000 <= len(part) < CUSTOMERS
    of_circle = np.bincount(circle[np.searchsorted(ties.names, part.names)], minlength=circle.max() + 1)
    assert np.mean(of_circle[of_circle > 5]) > 0.95 * OF_A_CIRCLE
    pairs = set(map(tuple, ties.names[ties.ends].tolist()))
    assert set(map(tuple, part.names[part.ends].tolist())) <= pairs
    assert worth > 1


def test_ties_that_lead_out_of_the_part_are_joined_so_that_everybody_keeps_as_many_friends(planted):
    ties, _ = planted
    part, _ = whole_groups(ties, customers=1_000, seed=1)
    joined = with_cut_ties(ties, part, seed=1)
    before = ties.degrees[np.searchsorted(ties.names, part.names)]
    after = np.bincount(joined.ravel(), minlength=len(part))
    assert (after <= before).all()
    assert after.sum() >= 0.98 * before.sum() > part.degrees.sum() * 1.05
    assert set(map(tuple, part.ends.tolist())) <= set(map(tuple, joined.tolist()))


def test_circles_chosen_on_a_part_are_those_of_the_whole(planted):
    ties, circle = planted
    found = scan(ties, rewirings=3, many_ties=1_000, scanned_customers=1_000, seed=1)
    whole = scan(ties, rewirings=3, seed=1)
    assert found.scanned < whole.scanned == CUSTOMERS
    assert found.beyond_chance
    assert len(found.membership) == CUSTOMERS
    assert adjusted_rand_score(circle, found.membership) > 0.97
    assert adjusted_rand_score(whole.membership, found.membership) > 0.97


@pytest.mark.parametrize("seed", range(3))
def test_groups_picked_for_being_dense_are_not_taken_for_circles(planted, seed):
    ties, _ = planted
    found = scan(rewired(ties, seed=seed), rewirings=3, many_ties=1_000, scanned_customers=1_000, seed=seed)
    assert not found.beyond_chance
