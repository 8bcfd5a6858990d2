"""D5 on the demo market's hold-out counter, where the better forecast is not the larger effect."""

from __future__ import annotations

import pytest

from helpers.recommend import decide, purchases_caused
from helpers.recommend.hold_out import GROUPS
from helpers.report import Skipped, save_findings
from methods.intervals.sample_size import power_of
from tests.conftest import write_shop
from tests.market_runs import market_and_shop

CAUSED = [
    f"D5.{kind}_{name}"
    for kind in ("bought_when_shown", "uplift")
    for name in ("familiar", "discovery", "difference")
]
EXTRA = [f"D5.extra_purchases_{name}_{group}" for name in ("familiar", "discovery") for group in GROUPS]


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return market_and_shop(tmp_path_factory.mktemp("market"), customers=12_000, seed=2)


@pytest.fixture(scope="module")
def caused(market):
    return purchases_caused(market[1])


@pytest.fixture(scope="module")
def decision(market):
    return decide(market[1])


def by_id(answer) -> dict:
    return {finding.id: finding for finding in answer.findings}


def near(finding, truth: float) -> bool:
    """Within twice the half-width: a miss by more is no accident of one seed."""
    return abs(finding.estimate - truth) < finding.high - finding.low


def test_both_kinds_of_figures_are_near_their_truth_and_disagree(market, caused):
    findings = by_id(caused)
    assert set(findings) == set(CAUSED)
    assert all(near(findings[name], market[0].truth[name]) for name in CAUSED)
    assert findings["D5.bought_when_shown_difference"].high < 0 < findings["D5.uplift_difference"].low
    assert findings["D5.uplift_difference"].verdict == "contradicted"
    assert caused.lists[0] == "familiar"


def test_each_group_gets_its_own_list_with_its_worth(market, decision):
    findings = by_id(decision)
    truth = market[0].truth
    assert all(near(findings[name], truth[name]) for name in EXTRA)
    advice = dict(zip(decision.frame["group"], decision.frame["advice"], strict=True))
    assert advice["many_orders"] == "show “discovery”"
    assert advice["few_orders"] == "show “discovery”"
    assert "familiar" in advice["first_order"]
    money = [name for name in findings if "extra_money" in name]
    assert len(money) == 2 * len(GROUPS)
    assert all(near(findings[name], truth[name]) for name in money)


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
    assert not decision.frame["advice"].str.startswith("show").any()
    assert "No group" in decision.draw().figure.get_suptitle()


def test_without_a_hold_out_the_size_of_a_test_is_told(market, tmp_path):
    names = ("customers", "items", "orders", "order_lines")
    tables = {name: market[0].tables[name].to_pandas() for name in names}
    shop = write_shop(tables, tmp_path, as_of=market[1].as_of)
    refused = decide(shop)
    assert isinstance(refused, Skipped)
    assert "would need" in refused.reason
    assert isinstance(purchases_caused(shop), Skipped)


def test_one_list_alone_is_no_comparison(market, tmp_path):
    names = ("customers", "items", "orders", "order_lines", "holdouts")
    tables = {name: market[0].tables[name].to_pandas() for name in names}
    tables["holdouts"] = tables["holdouts"].query("policy == 'familiar'")
    shop = write_shop(tables, tmp_path, as_of=market[1].as_of)
    assert "only one list" in purchases_caused(shop).reason
    assert "only one list" in decide(shop).reason
