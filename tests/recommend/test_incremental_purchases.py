"""D5 on the demo market's hold-out counter, where the better forecast is not the larger effect."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from helpers.data.holdouts import GROUPS
from helpers.recommend import decide, incremental_purchases
from helpers.report import Skipped, save_findings
from helpers.report.trust import truth_of
from market.strange import draw_shop
from methods.intervals.sample_size import power_of
from tests.by_key import by_id
from tests.conftest import write_shop
from tests.market_runs import market_and_shop

LISTS = ("familiar", "discovery")
CAUSED = [(f"D5.{kind}", name) for kind in ("bought_when_shown", "uplift", "net_purchases") for name in LISTS]
CAUSED += ["D5.bought_when_shown_difference", "D5.uplift_difference"]
EXTRA = [f"{name}, {group}" for name in LISTS for group in list(GROUPS.values())[1:]]


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return market_and_shop(tmp_path_factory.mktemp("market"), customers=12_000, seed=1)


@pytest.fixture(scope="module")
def caused(market):
    return incremental_purchases(market[1])


@pytest.fixture(scope="module")
def decision(market):
    return decide(market[1])


def near(finding, truth) -> bool:
    """Within twice the half-width: a miss by more is no accident of one seed."""
    return abs(finding.estimate - truth_of(truth, finding)) < finding.high - finding.low


def test_both_kinds_of_figures_are_near_their_truth_and_disagree(market, caused):
    findings = by_id(caused)
    assert set(findings) - {"D5.uplift", "D5.bought_when_shown", "D5.net_purchases"} == set(CAUSED)
    assert all(near(findings[name], market[0].truth) for name in CAUSED)
    assert findings["D5.bought_when_shown_difference"].high < 0 < findings["D5.uplift_difference"].low
    assert findings["D5.uplift_difference"].verdict == "contradicted"
    assert caused.lists[0] == "familiar"


def test_each_group_gets_its_own_list_with_its_worth(market, decision):
    findings, truth = by_id(decision), market[0].truth
    for id in ("D5.extra_purchases", "D5.extra_money"):
        assert all(near(findings[id, segment], truth) for segment in EXTRA)
    advice = decision.advice()
    assert advice["many_orders"] == "show “discovery”"
    assert "“discovery”" in advice["few_orders"]
    assert "familiar" in advice["first_order"]


def test_the_advice_follows_the_judged_verdicts(decision):
    doubted = replace(
        decision, findings=tuple(replace(one, verdict="not settled") for one in decision.findings)
    )
    assert not doubted.advice().str.startswith("show").any()
    assert "not settled" in doubted.draw().figure.get_suptitle()


def test_a_test_of_the_advised_size_would_find_the_smallest_gain(decision):
    for row in decision.frame.itertuples():
        assert power_of(row.base, 0.02, per_arm=row.per_arm) == pytest.approx(0.8, abs=1e-3)


def test_everything_draws_tabulates_and_is_saved(caused, decision, tmp_path):
    for answer in (caused, decision):
        assert answer.draw().png().startswith(b"\x89PNG")
        assert len(answer.table()) >= 2
    assert decision.table().attrs["people"] == "customers"
    save_findings("05_recommendation", caused, decision, out=tmp_path)


def test_where_showing_does_nothing_no_list_is_advised(tmp_path):
    _, shop = market_and_shop(tmp_path, customers=6_000, seed=3, effects=0)
    decision = decide(shop)
    assert not decision.advice().str.startswith("show").any()
    assert "not settled" in decision.draw().figure.get_suptitle()


def test_without_a_hold_out_the_size_of_a_test_is_told(market, tmp_path):
    names = ("customers", "items", "orders", "order_lines")
    tables = {name: market[0].tables[name].to_pandas() for name in names}
    shop = write_shop(tables, tmp_path, as_of=market[1].as_of)
    refused = decide(shop)
    assert isinstance(refused, Skipped)
    assert "would need" in refused.reason
    assert isinstance(incremental_purchases(shop), Skipped)


def test_one_list_alone_is_no_comparison(market, tmp_path):
    names = ("customers", "items", "orders", "order_lines", "holdouts")
    tables = {name: market[0].tables[name].to_pandas() for name in names}
    tables["holdouts"] = tables["holdouts"].query("policy == 'familiar'")
    shop = write_shop(tables, tmp_path, as_of=market[1].as_of)
    assert "only one list" in incremental_purchases(shop).reason
    assert "only one list" in decide(shop).reason


@pytest.mark.parametrize(
    ("world", "words"),
    [
        (
            "coin_broken_for_a_list",
            r"4\d\.\d % of 2,\d\d\d lists \(discovery\) were shown where .* 50\.0 %",
        ),
        ("coin_of_the_eager", "had 3.* purchases before and those from whom it was withheld 1"),
    ],
)
def test_a_coin_that_is_broken_for_some_is_refused(tmp_path, world, words):
    shop = write_shop(draw_shop(world).tables, tmp_path)
    for ask in (incremental_purchases, decide):
        assert re.search(words, ask(shop).reason)


def test_a_fair_coin_is_believed_and_finds_nothing(tmp_path):
    shop = write_shop(draw_shop("fair_coin").tables, tmp_path)
    told = by_id(incremental_purchases(shop))
    assert (
        told["D5.uplift", "familiar"].verdict == told["D5.net_purchases", "familiar"].verdict == "not settled"
    )
    assert decide(shop).frame["group"].tolist() == list(GROUPS)


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    """A world whose lists only move purchases from one day to another, and its shop."""
    world = draw_shop("list_that_moves_purchases")
    return world, write_shop(world.tables, tmp_path_factory.mktemp("moving"))


def test_lists_that_only_move_purchases_are_told_apart(moving):
    world, shop = moving
    found = by_id(incremental_purchases(shop))
    for name in LISTS:
        sold, in_all = found["D5.uplift", name], found["D5.net_purchases", name]
        assert near(sold, world.truth)
        assert near(in_all, world.truth)
        assert (sold.verdict, in_all.verdict) == ("supported", "not settled")
        assert "only moved" in in_all.reading


def test_a_list_that_only_moves_purchases_is_advised_to_nobody(moving):
    advice = decide(moving[1]).advice()
    assert len(advice) == len(GROUPS)
    assert (advice == "whether any list adds anything is not settled: test").all()
