"""C3 to C6 on real tables: what can be answered is, the rest says what it needs."""

from __future__ import annotations

import pytest

from helpers import segments
from helpers.data.friend_graph import standing_graph
from helpers.report import Skipped
from helpers.segments import circle_demand, circles, format_preference, opinion_leaders, roles, social_graph


def test_lastfm_has_loose_circles_with_a_demand_of_their_own(real_shop):
    shop = real_shop("lastfm")
    graph = social_graph(shop)
    assert (graph.customers, graph.ties, graph.parts) == (1_892, 12_717, 20)
    groups = circles(shop)
    assert groups.found.beyond_chance
    assert "borders are loose" in groups.findings[1].reading
    demand = circle_demand(shop, groups)
    assert demand.kind == "items"
    assert demand.findings[0].low > 1
    assert demand.by_chance.mean() <= 1
    leaders = opinion_leaders(shop)
    assert {finding.id for finding in leaders.findings} == {"C4.friends_alike", "C4.list_stability"}
    assert leaders.alike.low > 1
    for answer in (graph, groups, demand, leaders):
        assert len(answer.draw().alt) > 20
    assert isinstance(roles(shop), Skipped)
    assert "shares.format" in format_preference(shop).reason
    for ask in (segments.lifecycle, segments.value_segments, segments.look_alikes, segments.circle_drift):
        assert "orders.placed_at" in ask(shop).reason


@pytest.mark.slow
def test_beibei_takes_who_joins_for_friends(real_shop):
    ties = standing_graph(real_shop("beibei"))
    assert (len(ties), len(ties.ends)) == (189_691, 329_121)  # the counts of the tuning and test groups
    assert "taken for a friend" in ties.source


@pytest.mark.slow
def test_beibei_has_no_circles_and_no_leaders_that_can_be_predicted(real_shop):
    """Modularity 0.58 and none beyond chance: rewired graphs have as much."""
    shop = real_shop("beibei")
    groups = circles(shop, rewirings=3)
    assert not groups.found.beyond_chance
    assert groups.found.modularity.observed > 0.5
    assert "No circles beyond chance" in groups.findings[1].reading
    assert "no circles beyond chance" in circle_demand(shop, groups).reason
    leaders = opinion_leaders(shop)
    assert "held-out" in leaders.findings[0].reading
    assert "predicts nothing" in leaders.findings[0].reading
    assert isinstance(roles(shop), Skipped)
