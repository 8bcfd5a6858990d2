"""The graph of friends and its circles: published figures, planted circles, and graphs without any."""

import datetime as dt
import gzip
import json
from dataclasses import replace

import igraph
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.data.friend_graph import active_ties, friend_graph
from helpers.paths import project_folder
from helpers.report import Skipped
from helpers.segments import circles, social_graph
from methods.graphs.centrality import both_ways, h_index, links, pagerank
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


def test_pagerank_is_igraphs_and_the_published_one():
    graph = igraph.Graph.Famous("Zachary")
    rank = pagerank(both_ways(np.array(graph.get_edgelist()), 34))
    assert rank[[33, 0, 32]] == pytest.approx([0.10092, 0.09700, 0.07169], abs=1e-5)
    seeded(3)
    graph = igraph.Graph.Erdos_Renyi(n=2_000, m=5_000, directed=True)  # some vertices have no link out
    weight = np.random.default_rng(1).random(5_000) + 0.1
    rank = pagerank(links(np.array(graph.get_edgelist()), 2_000, weight=weight))
    np.testing.assert_allclose(rank, graph.pagerank(weights=weight.tolist()), atol=1e-8)


def test_h_index():
    star = np.array([[0, 1], [0, 2], [0, 3], [1, 2]])
    assert h_index(star, 5).tolist() == [2, 2, 2, 1, 0]


def test_only_standing_ties_count(make_shop, random_tables):
    moments = pd.to_datetime(["2024-01-01"] * 3)
    ends = pd.to_datetime(["2024-03-01", "2024-07-01", None])
    ties = pd.DataFrame(
        {
            "customer_a": ["c00000", "c00001", "c00002"],
            "customer_b": ["c00001", "c00002", "c00003"],
            "since_at": moments,
            "until_at": ends,
        }
    )
    later = pd.DataFrame(
        {"customer_a": ["c00003"], "customer_b": ["c00004"], "since_at": pd.to_datetime(["2024-06-01"])}
    )
    tables = {**random_tables(seed=1), "ties": pd.concat([ties, later])}
    standing = active_ties(make_shop(tables, as_of=dt.datetime(2024, 5, 1))).to_pandas()
    assert sorted(standing["customer_a"]) == ["c00001", "c00002"]


def test_a_pair_given_twice_is_one_tie():
    ties = pd.DataFrame({"customer_a": ["a", "b", "b"], "customer_b": ["b", "a", "c"]})
    assert friend_graph(ties).ends.tolist() == [[0, 1], [1, 2]]


def test_a_pair_keeps_its_greatest_strength_and_nobody_is_an_own_friend():
    ties = pd.DataFrame(
        {"customer_a": ["b", "a", "c"], "customer_b": ["a", "b", "c"], "strength": [0.2, 0.7, 0.9]}
    )
    found = friend_graph(ties)
    assert found.names.tolist() == ["a", "b"]
    assert found.weights == [0.7]


def test_without_listed_ties_who_answers_posts_is_a_friend(market, make_shop):
    names = ("customers", "items", "orders", "order_lines", "shares", "reactions")
    answer = social_graph(make_shop({name: market.tables[name].to_pandas() for name in names}))
    assert "taken for a friend" in answer.findings[0].assumptions[0]
    assert answer.strong is None
    assert answer.ties > 1_000


class TestMarket:
    def test_planted_circles_are_found(self, shop, market):
        answer = circles(shop, seed=1)
        truth = market.labels["customers"].set_index("customer_id")["circle_after"]
        members = answer.members.set_index("customer_id")
        assert adjusted_rand_score(truth.reindex(members.index), members["circle"]) > 0.85
        number = next(finding for finding in answer.findings if finding.id == "C3.circles")
        planted = (truth.reindex(members.index).value_counts() >= 11).sum()
        assert abs(number.estimate - planted) <= 0.1 * planted
        assert "only how much the count changes" in number.assumptions[-1]
        assert "Map of 40 circles" in answer.draw().alt
        assert len(answer.table()) == 20
        pd.testing.assert_frame_equal(answer.members, circles(shop, seed=1).members)

    def test_rewired_ties_have_no_circles(self, market, make_shop):
        ties = market.tables["ties"].to_pandas()
        ties = ties[ties["until_at"].isna()]
        graph = friend_graph(ties)
        ends = graph.names[rewired(graph, seed=1).ends]
        tables = {
            name: market.tables[name].to_pandas() for name in ("customers", "items", "orders", "order_lines")
        }
        shop = make_shop({**tables, "ties": pd.DataFrame(ends, columns=["customer_a", "customer_b"])})
        answer = circles(shop)
        assert answer.members.empty
        assert "No circles beyond chance" in answer.findings[1].reading
        assert "No circles beyond chance" in answer.draw().alt
        assert set(answer.table()["measure"]) == {"modularity", "stability"}

    def test_small_world(self, shop):
        answer = social_graph(shop, seed=1)
        found = {finding.id: finding for finding in answer.findings}
        assert found["C3.clustering_ratio"].low > 10
        assert found["C3.clustering_ratio"].verdict == "supported"
        assert answer.path.observed < 2 * answer.path.null.mean()
        assert answer.ties == answer.degrees.sum() / 2 == active_ties(shop).count().execute()
        assert len(answer.draw().alt) > 40
        assert "rewired" in answer.table().columns[2]

    def test_table_writes_counts_whole_and_ratios_with_two_decimals(self, shop):
        graph = social_graph(shop, seed=1)
        answer = replace(graph, largest=graph.customers // 2, strengths=np.empty(0))
        rows = answer.table().set_index("measure")["observed"]
        # A share, since a count would tell how many people the other parts hold.
        assert rows["customers in the largest part, %"] == "50.0"
        assert rows["customers with a friend"] == f"{graph.customers:,}"
        assert rows["ties"] == f"{answer.ties:,}"
        assert rows["steps between two customers, mean"] == f"{answer.path.observed:.2f}"
        assert "% of ties that are strong" not in rows

    def test_without_ties_it_is_skipped(self, bare_shop):
        assert isinstance(social_graph(bare_shop), Skipped)
        assert isinstance(circles(bare_shop), Skipped)
