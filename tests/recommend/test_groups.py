"""D3: stages and circles by their rules, and a badly served group that was planted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from helpers.recommend import Split, accuracy_of_lists, served_groups
from helpers.recommend.group_service import FEWEST
from helpers.recommend.groups import circles, stages
from helpers.report import Skipped


@pytest.mark.parametrize(
    ("days_before", "stage"),
    [
        ([5], "new"),
        ([59], "new"),
        ([61, 10], "active"),
        ([300, 59], "active"),
        ([300, 61], "silent"),
        ([179.5], "silent"),
        ([181], "lost"),
        ([300, 181], "lost"),
    ],
)
def test_stages_follow_their_rules_and_never_look_beyond_the_cut(purchases_of, days_before, stage):
    cut = pd.Timestamp("2024-06-01")
    placed = [cut - pd.Timedelta(days=days) for days in days_before] + [cut + pd.Timedelta(days=1)]
    rows = pd.DataFrame({"customer": 0, "item": range(len(placed)), "placed_at": placed})
    split = Split(
        train=None, days_ago=None, test=None, judged=None, customers=np.array([0]), items=None,
        exclusions=None, cut_at=cut.to_pydatetime(), repeats=False,
    )  # fmt: skip
    assert stages(purchases_of(rows), split).tolist() == [stage]


def test_planted_circles_are_found_and_loners_belong_to_none():
    rng = np.random.default_rng(1)
    size, count = 12, 15
    block = np.kron(np.eye(count), np.ones((size, size))) * (rng.random((size * count,) * 2) < 0.7)
    edges = np.triu(block, 1)
    edges[rng.integers(0, size * count, 20), rng.integers(0, size * count, 20)] = 0.2
    edges = np.pad(edges, (0, 4))
    found = circles(csr_array(np.triu(edges, 1) + np.triu(edges, 1).T), seed=1)
    assert found[-4:].tolist() == [None] * 4
    planted = np.repeat(np.arange(count), size)
    same = found[:-4, None] == found[None, :-4]
    truly = planted[:, None] == planted[None, :]
    assert (same == truly).mean() > 0.98


@pytest.fixture(scope="module")
def planted(tmp_path_factory, taste_tables):
    """A shop in which those of 55 and over buy anything, and the others know what they like."""
    from tests.conftest import write_shop

    def build(neglected: bool):
        tables = taste_tables(seed=3, taste=0.8, customers=1_200)
        rng = np.random.default_rng(5)
        customers = tables["customers"]
        customers["age_band"] = rng.choice(["18-24", "25-34", "55 and over"], len(customers))
        customers["gender"] = "female"
        if neglected:
            old = customers.loc[customers["age_band"] == "55 and over", "customer_id"]
            orders = tables["orders"].loc[tables["orders"]["customer_id"].isin(old), "order_id"]
            lines = tables["order_lines"]
            theirs = lines["order_id"].isin(orders)
            lines.loc[theirs, "item_id"] = rng.choice(tables["items"]["item_id"], theirs.sum())
        return write_shop(tables, tmp_path_factory.mktemp("planted"))

    return build


@pytest.fixture(scope="module")
def neglected(planted):
    return served_groups(planted(True))


def by_id(answer) -> dict:
    return {finding.id: finding for finding in answer.findings}


def test_a_badly_served_group_is_found_and_measured_where_it_was_not_picked(neglected):
    found = by_id(neglected)["D3.worst_segment"]
    assert found.segment == "55 and over, female"
    assert found.low > 5
    worst = next(one for one in neglected.worst if one.kind == "segment")
    contest = neglected.contest
    second = worst.measuring[contest.customers]
    inside = neglected.groups["segment"][contest.customers] == worst.group
    hits = contest.best_personal.measures["hit_rate"]
    gap = hits[second & ~inside].mean() - hits[second & inside].mean()
    assert found.estimate == pytest.approx(100 * gap)
    assert found.n == second.sum()


def test_the_spread_of_groups_tells_neglect_from_chance(neglected, planted):
    alike = by_id(served_groups(planted(False)))
    assert alike["D3.worst_segment"].verdict == "not settled"
    assert alike["D3.spread_segment"].estimate < by_id(neglected)["D3.spread_segment"].estimate


def test_every_judged_customer_is_in_one_stage(neglected):
    rows = neglected.frame[neglected.frame["kind"] == "stage"]
    assert rows["n"].sum() == len(neglected.contest.customers)
    served = (rows["raw"] * rows["n"]).sum() / rows["n"].sum()
    assert served == pytest.approx(100 * neglected.contest.best_personal.measures["hit_rate"].mean())
    assert set(by_id(neglected)) >= {f"D3.served_{stage}" for stage in rows.loc[rows["n"] >= FEWEST, "group"]}


def test_small_groups_are_hidden_in_the_table(neglected):
    assert neglected.table().attrs["people"] == "customers"
    assert neglected.draw().png().startswith(b"\x89PNG")


def test_a_shop_that_knows_no_groups_is_told_so(make_shop, taste_tables):
    answer = served_groups(make_shop(taste_tables(seed=1, taste=0.7, dated=False)))
    assert isinstance(answer, Skipped)
    assert "who belongs together" in answer.reason
    assert accuracy_of_lists.requirement == "D1"
