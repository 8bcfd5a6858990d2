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

from helpers.places import project_folder
from helpers.report import Skipped
from helpers.segments import circles, social_graph
from helpers.segments.graph import active_ties, friend_graph, rewired, seeded
from helpers.segments.leiden import check_connected, leiden, modularity, scan


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
    return igraph.Graph(n=10_000, edges=edges).simplify(), truth


class TestLeiden:
    def test_published_modularity_of_zachary(self):
        graph = igraph.Graph.Famous("Zachary")
        circles = leiden(graph, resolution=1.0, seed=1)
        assert modularity(graph, circles) == pytest.approx(0.41979, abs=1e-5)
        assert len(np.unique(circles)) == 4

    def test_benchmark_with_clear_circles(self):
        graph, truth = benchmark(0.1)
        found = scan(graph, seed=1)
        assert adjusted_rand_score(truth, found.membership) >= 0.94
        assert found.beyond_chance

    def test_benchmark_whose_circles_cannot_be_told_from_noise(self):
        """Modularity is 0.56, well above rewired graphs, and yet the circles are not the planted ones."""
        graph, truth = benchmark(0.3)
        found = scan(graph, seed=1)
        assert found.modularity.observed > 0.5
        assert adjusted_rand_score(truth, found.membership) < 0.3
        assert not found.beyond_chance

    @pytest.mark.parametrize("seed", range(3))
    def test_no_circles_in_a_random_graph(self, seed):
        seeded(seed)
        graph = igraph.Graph.Erdos_Renyi(n=600, m=1500)
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
    graph = igraph.Graph.Famous("Zachary")
    other = rewired(graph, seed=1)
    assert other.degree() == graph.degree()
    assert other.is_simple()
    assert set(other.get_edgelist()) != set(graph.get_edgelist())
    assert rewired(graph, seed=1).get_edgelist() == other.get_edgelist()


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
    assert friend_graph(ties).ecount() == 2


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
        ends = np.array(graph.vs["name"])[np.array(rewired(graph, seed=1).get_edgelist())]
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
        answer = replace(social_graph(shop, seed=1), largest=19_870, strengths=np.empty(0))
        rows = answer.table().set_index("measure")["observed"]
        assert rows["customers in the largest part"] == "19,870"
        assert rows["ties"] == f"{answer.ties:,}"
        assert rows["steps between two customers, mean"] == f"{answer.path.observed:.2f}"
        assert "% of ties that are strong" not in rows

    def test_without_ties_it_is_skipped(self, bare_shop):
        assert isinstance(social_graph(bare_shop), Skipped)
        assert isinstance(circles(bare_shop), Skipped)
