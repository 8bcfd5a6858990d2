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
    groups = segments.value_segments(shop, bootstraps=4)
    for answer, requirement in ((stages, "C1"), (flows, "C1"), (groups, "C2")):
        answered = [one for one in answer.findings if one.status == "answered"]
        assert {one.requirement for one in answered} == {requirement}
        assert len(answer.draw().png()) > 5_000
        assert len(answer.table())
    assert stages.tiers["customers"].sum() == len(stages.members)
    assert groups.sizes["customers"].sum() == len(groups.members)
    known = {one.id: one for one in stages.findings}
    assert known["C1.expected_orders"].status == "answered"
    # The master of the compact discs was followed long after; the invoices end before Christmas.
    assert abs(known["C1.holdout_error"].estimate) < (15 if name == "cdnow" else 35)


@pytest.mark.parametrize("name", ["cdnow", "online_retail"])
def test_the_rest_says_what_it_needs(real_shop, name):
    shop = real_shop(name)
    assert_skipped(shop, SKIPPED.values())
    demand = segments.circle_demand(shop, segments.circles(shop))
    assert NO_TIES in demand.reason
    assert demand.reason.count("Not answered") == 1
    stages = segments.lifecycle(shop)
    plan = functools.partial(segments.segment_actions, shop, stages)
    assert "no effect of any action is known" in plan().reason
    assert not isinstance(plan(effects={"wake-up offer": (5.0, 2.0, 8.0)}), Skipped)
