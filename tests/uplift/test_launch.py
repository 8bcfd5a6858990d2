"""A2, A5 and A9 decided by the rule: on the demo market, in doubt, and beside the chapter's other tests."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from helpers.data import Experiment
from helpers.report import Skipped
from helpers.report.judging import judged_together
from helpers.uplift import cashback_test, prompt_test, who_gains
from market.settings import AS_OF_UTC
from tests.uplift.market_shops import by_id, market_tables

READS = ("experiments", "ties", "coupons", "shares", "reactions", "returns", "tickets")
QUESTIONS = {"A2": prompt_test, "A5": cashback_test, "A9": who_gains}
EFFECTS = {"A2": "A2.intention_to_treat", "A5": "A5.cashback_uplift", "A9": "A9.offer_uplift"}
NAMES = {"A2": "share_prompt", "A5": "group_cashback", "A9": "try_first"}
asked_of_each = pytest.mark.parametrize("requirement", list(QUESTIONS))


@pytest.fixture(scope="module")
def tables():
    return market_tables(customers=4_000, seed=3, names=READS)[0]


@pytest.fixture
def shop(make_shop, tables):
    return make_shop(tables, as_of=AS_OF_UTC)


@asked_of_each
def test_each_test_is_decided_by_its_own_effect(shop, requirement):
    found = by_id(QUESTIONS[requirement](shop))
    effect, decision = found[EFFECTS[requirement]], found[f"{requirement}.decision"]
    assert (decision.estimate, decision.low, decision.high) == (effect.estimate, effect.low, effect.high)
    assert decision.facts["guarded"] == ["returns", "service contacts"]
    if decision.verdict in ("supported", "contradicted"):
        assert decision.verdict == effect.verdict
    always = found[f"{requirement}.while_running"]
    assert always.estimate == pytest.approx(effect.estimate)
    assert always.low < effect.low < effect.high < always.high
    inner = found[f"{requirement}.no_effect"]
    assert inner.level == pytest.approx(0.9)
    assert effect.low < inner.low < inner.high < effect.high


@asked_of_each
def test_the_declared_margin_holds(shop, requirement):
    name = NAMES[requirement]
    wide = QUESTIONS[requirement](shop.declaring(Experiment(name=name, margin_pp=40.0)), margin_pp=0.1)
    found = by_id(wide)
    assert found[f"{requirement}.decision"].facts["margin"] == 40.0
    assert found[f"{requirement}.no_effect"].verdict == "supported"


@asked_of_each
def test_a_draw_in_doubt_decides_nothing(make_shop, tables, requirement):
    drawn = tables["experiments"]
    ours = drawn["experiment"] == NAMES[requirement]
    unit = drawn["cluster"].fillna(drawn["customer_id"]).astype("category").cat.codes
    lost = ours & (drawn["arm"] != "control") & (unit % 5 > 0)
    found = by_id(QUESTIONS[requirement](make_shop({**tables, "experiments": drawn[~lost]}, as_of=AS_OF_UTC)))
    assert found[f"{requirement}.decision"].verdict == "not settled"
    assert "doubt" in found[f"{requirement}.decision"].reading
    assert found[f"{requirement}.no_effect"].verdict == "not settled"


@pytest.mark.parametrize(("p_value", "verdict"), [(0.9, "not settled"), (1e-6, "supported")])
def test_a_launch_stands_and_falls_with_the_test_that_it_rests_on(shop, p_value, verdict):
    found = by_id(cashback_test(shop))
    effect = replace(found[EFFECTS["A5"]], verdict="supported", p_value=p_value)
    facts = {**found["A5.decision"].facts, "reason": "gain"}
    decision = replace(found["A5.decision"], verdict="supported", facts=facts)
    judged = {one.id: one for one in judged_together([effect, decision]).findings}
    assert judged["A5.decision"].verdict == verdict


@asked_of_each
def test_without_returns_and_tickets_nothing_guards(make_shop, tables, requirement):
    bare = {name: frame for name, frame in tables.items() if name not in ("returns", "tickets")}
    found = by_id(QUESTIONS[requirement](make_shop(bare, as_of=AS_OF_UTC)))
    assert found[f"{requirement}.decision"].facts["guarded"] == []
    assert "none on record" in found[f"{requirement}.decision"].method


@pytest.mark.parametrize(("requirement", "days"), [("A5", 30), ("A9", 30), ("A9", 55)])
def test_a_test_that_still_runs_is_looked_at_and_settles_nothing(make_shop, tables, requirement, days):
    drawn = tables["experiments"].query("experiment == @NAMES[@requirement]")["assigned_at"]
    now = drawn.max() + pd.Timedelta(days=days, hours=1)
    shop = make_shop(tables, as_of=AS_OF_UTC).at(now.to_pydatetime())
    found = by_id(QUESTIONS[requirement](shop))
    decision, always = found[f"{requirement}.decision"], found[f"{requirement}.while_running"]
    assert (decision.low, decision.high) == (always.low, always.high)
    assert "keep running" in decision.reading
    effect = found[EFFECTS[requirement]]
    assert effect.verdict == "not settled"
    assert f"only {days} days of its window are over" in effect.reading
    assert found[f"{requirement}.no_effect"].verdict == "not settled"


def test_a_test_of_a_few_days_is_not_looked_at_yet(make_shop, tables):
    drawn = tables["experiments"].query("experiment == 'try_first'")["assigned_at"]
    shop = make_shop(tables, as_of=AS_OF_UTC).at((drawn.max() + pd.Timedelta(days=3)).to_pydatetime())
    assert isinstance(who_gains(shop), Skipped)
