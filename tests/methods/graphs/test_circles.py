"""Circles, rewirings and scores of graphs: published figures, planted circles, and graphs without any."""

import gzip
import json

import igraph
import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.paths import project_folder
from methods.graphs.centrality import h_index, pagerank
from methods.graphs.circle_scan import scan
from methods.graphs.friend_graph import FriendGraph, seeded
from methods.graphs.leiden import check_connected, leiden, modularity
from methods.graphs.rewire import rewired, ring
from methods.graphs.shape import clustering


def ties_of(graph: igraph.Graph) -> FriendGraph:
    ends = np.sort(np.array(graph.get_edgelist()).reshape(-1, 2), axis=1)
    ends = ends[np.lexsort((ends[:, 1], ends[:, 0]))].astype(np.int32)
    names = np.arange(graph.vcount()).astype(str)
    return FriendGraph(names=names, ends=ends, strength=np.full(len(ends), np.nan))


def benchmark(mixing):
    """Return a benchmark graph of the literature with its planted circles."""
    folder = project_folder() / ".." / "shared" / "data" / "lfr"
    name = f"LFR_N10000_ad5_mc50_mu{mixing}"
    if not folder.exists():
        pytest.skip("the benchmark graphs are not beside the project")
    with gzip.open(folder / f"networks_{name}.csv.gz", "rt") as lines:
        edges = [tuple(int(end) for end in line.split("\t")[:2]) for line in lines]
    with gzip.open(folder / f"ground_truth_{name}.json.gz", "rt") as text:
        planted = json.load(text)["communities"]
    truth = np.empty(10_000, dtype=int)
    for number, circle in enumerate(planted):
        truth[circle] = number
    return ties_of(igraph.Graph(n=10_000, edges=edges).simplify()), truth


class TestLeiden:
    def test_published_modularity_of_zachary(self):
        graph = ties_of(igraph.Graph.Famous("Zachary"))
        circles = leiden(graph, resolution=1.0, seed=1)
        assert modularity(graph, circles) == pytest.approx(0.41979, abs=1e-5)
        assert len(np.unique(circles)) == 4

    def test_benchmark_with_clear_circles(self):
        graph, truth = benchmark(0.1)
        found = scan(graph, rewirings=3, seed=1)
        assert adjusted_rand_score(truth, found.membership) >= 0.94
        assert found.beyond_chance

    def test_benchmark_whose_circles_cannot_be_told_from_noise(self):
        """Modularity is 0.56, well above rewired graphs, and yet the circles are not the planted ones."""
        graph, truth = benchmark(0.3)
        found = scan(graph, rewirings=3, seed=1)
        assert found.modularity.observed > 0.5
        assert adjusted_rand_score(truth, found.membership) < 0.3
        assert not found.beyond_chance

    @pytest.mark.parametrize("seed", range(3))
    def test_no_circles_in_a_random_graph(self, seed):
        seeded(seed)
        graph = ties_of(igraph.Graph.Erdos_Renyi(n=600, m=1500))
        assert not scan(graph, seed=seed).beyond_chance

    def test_same_seed_same_circles(self):
        graph, _ = benchmark(0.3)
        first, again = (leiden(graph, resolution=1.0, seed=4) for _ in range(2))
        np.testing.assert_array_equal(first, again)
        assert (leiden(graph, resolution=1.0, seed=5) != first).any()

    def test_largest_circle_comes_first_and_none_falls_apart(self):
        graph, _ = benchmark(0.1)
        circles = leiden(graph, resolution=5.0, seed=1)
        assert (np.diff(np.bincount(circles)) <= 0).all()
        check_connected(graph, circles)
        circles[[0, 1]] = circles.max() + 1
        with pytest.raises(RuntimeError, match="unconnected"):
            check_connected(graph, circles)


def test_rewiring_keeps_everyones_number_of_friends():
    before = ties_of(igraph.Graph.Famous("Zachary"))
    after = rewired(before, seed=1)
    np.testing.assert_array_equal(after.degrees, before.degrees)
    assert after.graph.is_simple()
    assert set(after.graph.get_edgelist()) != set(before.graph.get_edgelist())
    np.testing.assert_array_equal(rewired(before, seed=1).ends, after.ends)


def test_rewiring_is_as_random_as_igraphs():
    """Both draw from all simple graphs of these degrees: the same modularity and as few triangles."""
    before, _ = benchmark(0.1)
    other = before.graph.copy()
    seeded(1)
    other.rewire(n=10 * other.ecount())
    mine, theirs = rewired(before, seed=1), ties_of(other)
    shared = len(set(map(tuple, mine.ends)) & set(map(tuple, before.ends))) / len(before.ends)
    assert shared < 0.01
    assert clustering(mine).mean() == pytest.approx(clustering(theirs).mean(), abs=0.002)
    modular = [modularity(one, leiden(one, resolution=1.0, seed=1)) for one in (mine, theirs)]
    assert modular[0] == pytest.approx(modular[1], abs=0.01)


def test_a_ring_is_far_more_clustered_than_a_graph_drawn_by_lot():
    before, _ = benchmark(0.1)
    lattice = ring(before)
    assert abs(lattice.degrees - before.degrees).mean() < 0.5
    assert clustering(lattice).mean() > 20 * clustering(rewired(before, seed=1)).mean()
    even = ring(ties_of(igraph.Graph.K_Regular(n=200, k=6)))
    assert clustering(even).mean() == pytest.approx(0.6)  # 3 (k - 2) / 4 (k - 1)


def test_pagerank_is_the_published_one():
    ties = np.array(igraph.Graph.Famous("Zachary").get_edgelist())
    rank = pagerank(np.concatenate([ties, ties[:, ::-1]]), 34)
    assert rank[[33, 0, 32]] == pytest.approx([0.10092, 0.09700, 0.07169], abs=1e-5)


def test_pagerank_agrees_with_its_own_equation():
    """Weighted links, some given twice, and some vertices without a link out, which jump anywhere."""
    rng = np.random.default_rng(1)
    ends, weight = rng.integers(0, 500, (900, 2)), rng.random(900) + 0.1
    moves = np.zeros((500, 500))
    np.add.at(moves, (ends[:, 0], ends[:, 1]), weight)
    out = moves.sum(axis=1, keepdims=True)
    assert (out == 0).any()
    moves = np.where(out > 0, moves / np.maximum(out, 1e-300), 1 / 500)
    rank = pagerank(ends, 500, weight=weight)
    np.testing.assert_allclose(rank, 0.15 / 500 + 0.85 * rank @ moves, atol=1e-12)
    assert rank.sum() == pytest.approx(1)


def test_h_index():
    star = np.array([[0, 1], [0, 2], [0, 3], [1, 2]])
    assert h_index(star, 5).tolist() == [2, 2, 2, 1, 0]
