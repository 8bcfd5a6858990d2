"""D3: stages and circles by their rules, and a badly served group that was planted."""

from __future__ import annotations

import importlib
from dataclasses import replace
from types import SimpleNamespace as Namespace

import numpy as np
import pandas as pd
import pytest

from helpers.recommend import accuracy_of_lists, served_groups
from helpers.report import Skipped
from methods.lists.group_service import FEWEST, find_worst
from tests.by_key import by_id


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


def test_a_badly_served_group_is_found_and_measured_where_it_was_not_picked(neglected):
    found = by_id(neglected)["D3.worst_segment"]
    assert found.segment == "55 and over, female"
    assert found.low > 5
    worst = next(one for one in neglected.worst if one.kind == "segment")
    comparison = neglected.comparison
    who = comparison.customers[worst.measuring[comparison.customers]]
    inside = neglected.groups["segment"][who] == worst.group
    hits = pd.Series(comparison.best_personal.measures["hit_rate"], index=comparison.customers)[
        who
    ].to_numpy()
    assert worst.agreed
    assert found.estimate == pytest.approx(100 * (hits[~inside].mean() - hits[inside].mean()))
    assert found.n == len(inside)


def test_equal_groups_are_seldom_called_served_worse():
    """Also where both halves picked the same: of 150 shops at a true 2.5 %, more than 9 are 1 in 200."""
    rng = np.random.default_rng(1)
    people, called = 600, 0
    for seed in range(150):
        served = Namespace(measures={"hit_rate": rng.random(people) < 0.4})
        comparison = Namespace(best_personal=served, customers=np.arange(people))
        names = np.array(["a", "b", "c", "d"], object)[rng.integers(0, 4, people)]
        called += find_worst(comparison, "segment", names, seed=seed).gap.low > 0
    assert called <= 9


def test_the_spread_of_groups_tells_neglect_from_chance(neglected, planted):
    alike = by_id(served_groups(planted(False)))
    assert alike["D3.worst_segment"].verdict == "not settled"
    assert alike["D3.spread_segment"].estimate < by_id(neglected)["D3.spread_segment"].estimate


def test_every_judged_customer_is_in_one_stage(neglected):
    rows = neglected.frame[neglected.frame["kind"] == "stage"]
    assert rows["n"].sum() == len(neglected.comparison.customers)
    served = (rows["raw"] * rows["n"]).sum() / rows["n"].sum()
    assert served == pytest.approx(100 * neglected.comparison.best_personal.measures["hit_rate"].mean())
    assert set(by_id(neglected)) >= {("D3.served", stage) for stage in rows.loc[rows["n"] >= FEWEST, "group"]}


def test_small_groups_are_hidden_in_the_table(neglected):
    table = neglected.table()
    assert table.attrs["people"] == "customers"
    assert set(table.loc[table["by"] != "lifecycle stage", "show them"]) == {"–"}


@pytest.mark.parametrize(
    ("verdict", "gain", "words"),
    [
        ("supported", 4.0, "the personal list"),
        ("contradicted", -4.0, "the best list for all"),
        ("contradicted", 0.2, "either, they serve alike"),
        ("not settled", 2.0, "not settled: test"),
    ],
)
def test_what_to_show_a_stage_follows_its_judged_gain(neglected, verdict, gain, words):
    frame = neglected.frame.assign(gain=gain)
    judged = tuple(
        replace(one, verdict=verdict) if one.id == "D3.gain" else one for one in neglected.findings
    )
    table = replace(neglected, frame=frame, findings=judged).table()
    large = (table["by"] == "lifecycle stage") & (table["customers"] >= FEWEST)
    assert set(table.loc[large, "show them"]) == {words}


def test_it_draws(neglected):
    assert neglected.draw().png().startswith(b"\x89PNG")


def test_no_picture_is_drawn_where_every_group_is_withheld(neglected):
    few = replace(neglected, frame=neglected.frame.assign(n=10))
    assert few.told.empty
    show = importlib.import_module("helpers.report.show")
    assert show._released_parts(few, ()) == (None, None)


def test_a_shop_that_knows_no_groups_is_told_so(make_shop, taste_tables):
    answer = served_groups(make_shop(taste_tables(seed=1, taste=0.7, dated=False)))
    assert isinstance(answer, Skipped)
    assert "who belongs together" in answer.reason
    assert accuracy_of_lists.requirement == "D1"
