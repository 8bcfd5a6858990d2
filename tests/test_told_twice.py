"""What several chapters tell is one figure: cycle, stages, forecast and its trial, effects, claims."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers import recommend, segments, stickiness
from helpers.data.customer_history import last_day
from helpers.data.lifecycle_stages import lifecycle_stages
from helpers.guardrails.e01_manipulation.without_suspects import COMPARED
from helpers.incentives.scenario import read_scenario
from helpers.recommend.d03_served_groups.served_groups import group_customers
from helpers.report import Finding, all_claims, claims_ledger
from helpers.report.finding_view import FindingView
from helpers.report.opening import opening
from helpers.report.registry import spec_of
from helpers.segments.c08_actions.action_terms import ACTIONS, known_effects
from helpers.stickiness.b07_drivers.drivers import CAUSAL
from helpers.stickiness.b10_dependence.dependence import OWN
from market import simulate
from market.settings import AS_OF_UTC
from tests.conftest import write_shop

HORIZON = 90


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    market = simulate(customers=1_500, seed=6)
    tables = {name: table.to_pandas() for name, table in market.tables.items()}
    return write_shop(tables, tmp_path_factory.mktemp("told twice"), as_of=AS_OF_UTC)


@pytest.fixture(scope="module")
def stages(shop):
    return segments.lifecycle(shop, horizon_days=HORIZON)


def test_there_is_one_repurchase_cycle(shop, stages):
    """B2 tells it, C1 holds a silence against it, C9 and D3 ask for C1's stages (below)."""
    told = {one.id: one for one in stickiness.repurchase(shop, draws=100).findings}
    assert told["B2.cycle_days_median"].estimate == stages.cycle_days


def test_new_active_silent_and_lost_are_one_definition(shop, stages):
    own = stages.members.set_index("customer_id")["tier"]
    told = lifecycle_stages(shop, until=last_day(shop))
    pd.testing.assert_series_equal(told, own, check_names=False)
    moves = segments.population_drift(shop, seed=1).moves
    counted = own.value_counts()
    both = moves.sum()
    assert (both[["active", "silent", "lost"]] <= counted[["active", "silent", "lost"]]).all()


def test_lists_are_judged_by_the_stages_that_were_told_at_the_cut(shop):
    compared = recommend.accuracy_of_lists(shop, seed=1)
    split, purchases = compared.comparison.split, compared.comparison.purchases
    stage = group_customers(shop, compared.comparison, seed=1)["stage"]
    then = segments.lifecycle(shop.at(split.cut_at), horizon_days=HORIZON)
    own = then.members.set_index("customer_id")["tier"].astype(object)
    assert stage.tolist() == own[purchases.customers[split.customers]].tolist()


def test_there_is_one_forecast_and_one_trial_of_it(shop, stages):
    value = stickiness.lifetime_value(shop, horizon_days=HORIZON)
    one, other = value.forecast, stages.forecast
    assert one.totals == other.totals
    assert repr(one.hidden) == repr(other.hidden)
    b9 = {finding.id: finding for finding in value.findings}["B9.purchases_to_come"]
    mean = stages.members["purchases_to_come"].mean()
    assert b9.low <= mean <= b9.high
    assert b9.estimate == pytest.approx(mean)


def test_the_plan_for_each_stage_is_for_the_people_of_that_stage(shop, stages):
    """C8 acts on C1's stages, those who have the action already aside, by effects as their chapters tell."""
    told = [measured(action, place) for place, action in enumerate(ACTIONS) if action.finding]
    rows = segments.segment_actions(shop, stages, findings=told).rows.set_index("segment")
    acted_on = rows["customers"] + rows["already"]
    counted = stages.members["tier"].value_counts()
    assert acted_on["active"] + acted_on["active, most to come"] == counted["active"]
    for tier in ("new", "silent", "lost"):
        assert acted_on[tier] == counted[tier]
    known = known_effects(told)
    for action, one in zip([action for action in ACTIONS if action.finding], told, strict=True):
        effect, view = known[action.name], FindingView(one)
        assert rows.loc[action.tier, "source"] == one.id
        assert (effect.estimate, effect.low, effect.high) == (view.estimate, view.low, view.high)


def measured(action, place):
    """A finding of the test that an action rests on, with a figure of its own."""
    return Finding(
        id=action.finding, segment=action.segment or None, requirement=action.finding.partition(".")[0],
        question="?", estimate=1.0 + place, low=0.5 + place, high=1.5 + place, unit="pp of customers", n=900,
        level=0.95, method="m", verdict="supported", reading="Found.",
    )  # fmt: skip


def test_what_sharing_does_is_the_effect_on_those_who_share():
    """A1 tells several figures; other chapters build on one, and E1 says that it asks the one on all."""
    (because,) = [claim for claim in all_claims() if claim.name == "sharing_37_percent_cause"]
    rests_on = read_scenario().numbers["share_effect"].measured_by
    meant = {OWN, CAUSAL["B7.shared"][0], rests_on, because.finding, because.against.matched}
    assert {spec_of(id).of for id in meant} == {spec_of("A1.adjusted_uplift_sharers").of}
    (again,) = [id for id in COMPARED if id.startswith("A1.")]
    assert "all customers" in spec_of(again).about


def test_the_ledger_and_the_opening_page_tell_what_chapters_found():
    """Each judged claim stands on the finding that it names, with its figure and interval, and no other."""
    ids = sorted({(claim.finding, claim.segment) for claim in all_claims()}, key=str)
    found = {
        (id, segment): Finding(
            id=id, segment=segment, requirement=id.partition(".")[0], question="?", estimate=place + 0.25,
            low=place, high=place + 0.5, unit="pp", n=900, method="m", verdict="supported", reading="Found.",
        )
        for place, (id, segment) in enumerate(ids, start=1)
    }  # fmt: skip
    ledger = claims_ledger(found.values())
    for claim, one in zip(ledger.claims, ledger.findings, strict=True):
        told = found[claim.finding, claim.segment]
        assert (one.estimate, one.low, one.high) == (told.estimate, told.low, told.high)
    page = opening(ledger.findings, {})
    assert {said.reading for said in page.claims} <= {one.reading for one in ledger.findings}
