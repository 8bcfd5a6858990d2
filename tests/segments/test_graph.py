"""The graph of friends in a shop: what counts as a tie, planted circles, and none where there are none."""

import datetime as dt
import functools
import importlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from helpers.data.friend_graph import active_ties, friend_graph
from helpers.report import Skipped
from helpers.segments import circles, social_graph
from helpers.segments.c03_circles.circle_pictures import size_classes
from helpers.segments.c03_social_graph.social_graph import _is_small_world
from methods.graphs.circle_scan import scan
from methods.graphs.rewire import rewired
from methods.intervals.estimates import Interval


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
        assert "circles by size" in answer.draw().alt
        assert size_classes(answer.sizes["customers"].to_numpy()).sum() == len(answer.sizes)
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


def test_the_page_says_that_a_part_was_scanned(shop, monkeypatch):
    on_a_part = functools.partial(scan, many_ties=1_000, scanned_customers=800)
    monkeypatch.setattr(importlib.import_module("helpers.segments.c03_circles.circles"), "scan", on_a_part)
    answer = circles(shop, rewirings=3)
    assert "was chosen on" in answer.findings[0].reading
    monkeypatch.undo()
    assert "was chosen on" not in circles(shop, rewirings=3).findings[0].reading


@pytest.mark.parametrize(
    ("low", "high", "sigma", "verdict"),
    [
        (-0.2, 0.3, 5.0, "supported"),
        (0.55, 0.6, 5.0, "contradicted"),
        (-0.9, -0.6, 5.0, "contradicted"),
        (0.4, 0.6, 5.0, "not settled"),
        (-0.2, 0.3, 0.9, "contradicted"),
        (0.1, 0.1, 5.0, "not settled"),
    ],
)
def test_a_small_world_is_settled_by_the_whole_interval(low, high, sigma, verdict):
    assert _is_small_world(Interval(estimate=(low + high) / 2, low=low, high=high, n=100), sigma) == verdict


def test_a_chain_of_friends_has_no_clustering_to_compare(make_shop, random_tables):
    tables = random_tables(seed=1)
    names = tables["customers"]["customer_id"].to_numpy()
    chain = pd.DataFrame({"customer_a": names[:-1], "customer_b": names[1:]})
    answer = social_graph(make_shop({**tables, "ties": chain}))
    (ratio,) = [finding for finding in answer.findings if finding.id == "C3.clustering_ratio"]
    assert ratio.status == "skipped"
    assert "nothing to compare" in ratio.reason
    assert len(answer.draw().alt) > 40
