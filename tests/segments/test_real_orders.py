"""On orders alone the chapter answers C1 and C2 and says of every other question what it would need."""

from __future__ import annotations

import functools

import pytest

from helpers import segments
from helpers.report import Skipped
from tests.conftest import assert_skipped

NO_TIES = "this needs ties, or shares and reactions, which the data do not have"
SKIPPED = {
    "C3 graph": (segments.social_graph, NO_TIES),
    "C3 circles": (segments.circles, NO_TIES),
    "C4": (segments.opinion_leaders, NO_TIES),
    "C6 roles": (segments.roles, "shares.posted_at and reactions.posted_at"),
    "C6 formats": (segments.format_preference, "shares.format and customers.age_band"),
    "C7": (segments.look_alikes, "this needs ties"),
    "C8": (segments.leaving_reasons, "surveys.reason"),
    "C9": (segments.circle_drift, "ties.since_at and ties.until_at"),
}


@pytest.mark.parametrize("name", ["cdnow", "online_retail"])
def test_lifecycle_and_segments_are_answered(real_shop, name):
    shop = real_shop(name)
    stages, flows = segments.lifecycle(shop), segments.lifecycle_flows(shop)
    groups = segments.value_segments(shop, numbers=(3, 6), bootstraps=4)
    for answer, requirement in ((stages, "C1"), (flows, "C1"), (groups, "C2")):
        if requirement == "C2" and name == "cdnow":  # of which but the spend is known beside the lifecycle
            assert "one kind of customer would show" in answer.reason
            continue
        answered = [one for one in answer.findings if one.status == "answered"]
        assert {one.requirement for one in answered} == {requirement}
        assert len(answer.draw().png()) > 5_000
        assert len(answer.table())
    assert stages.tiers["customers"].sum() == len(stages.members)
    assert name == "cdnow" or groups.sizes["customers"].sum() == len(groups.members)
    known = {one.id: one for one in stages.findings}
    # Of the invoices, which hold a year, next to no purchase looks like a last one.
    told = known["C1.expected_orders"]
    assert told.status == ("answered" if name == "cdnow" else "skipped")
    assert name == "cdnow" or "pause from a farewell" in told.reason


@pytest.mark.parametrize("name", ["cdnow", "online_retail"])
def test_the_rest_says_what_it_needs(real_shop, name):
    shop = real_shop(name)
    assert_skipped(shop, SKIPPED.values())
    demand = segments.circle_demand(shop, segments.circles(shop))
    assert NO_TIES in demand.reason
    assert demand.reason.count("Not answered") == 1
    stages = segments.lifecycle(shop)
    plan = functools.partial(segments.segment_actions, shop, stages)
    if name == "cdnow":
        assert "no effect of any action is known" in plan().reason
    answered = not isinstance(plan(effects={"wake-up offer": (5.0, 2.0, 8.0)}), Skipped)
    assert answered == (name == "cdnow")
