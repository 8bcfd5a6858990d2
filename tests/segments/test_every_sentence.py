"""Every sentence and title that chapter C can say: each verdict, sign, doubt and small group, read."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from helpers.report import FindingSpec, Words
from helpers.report.unseen import unseen
from helpers.segments.c01_flows.lifecycle_flows import WORDS as FLOWS
from helpers.segments.c01_lifecycle.lifecycle import WORDS as LIFECYCLE
from helpers.segments.c02_value_segments.value_segments import WORDS as SEGMENTS
from helpers.segments.c03_circles.circle_loyalty import WORDS as LOYALTY
from helpers.segments.c03_circles.circles import WORDS as CIRCLES
from helpers.segments.c03_social_graph.social_graph import WORDS as GRAPH
from helpers.segments.c04_leaders.opinion_leaders import WORDS as LEADERS
from helpers.segments.c05_circle_demand.circle_demand import WORDS as DEMAND
from helpers.segments.c06_formats.format_preference import WORDS as FORMS
from helpers.segments.c06_roles.roles import WORDS as ROLES
from helpers.segments.c07_look_alikes.look_alikes import WORDS as ALIKE
from helpers.segments.c08_actions.segment_actions import WORDS as ACTIONS
from helpers.segments.c08_leaving.leaving_reasons import WORDS as LEAVING
from helpers.segments.c09_circle_drift.circle_drift import WORDS as DRIFT
from helpers.segments.c09_population_drift.population_drift import WORDS as BASE
from tests.truth_tables import assert_every_block_is_declared, assert_reads_well, cases

ROOM = (FLOWS, LIFECYCLE, SEGMENTS, CIRCLES, LOYALTY, GRAPH, LEADERS, DEMAND, FORMS, ROLES, ALIKE, ACTIONS,
        LEAVING, DRIFT, BASE)  # fmt: skip
SHARE = {
    "some": (36.0, 31.2, 41.9), "none": (0.0, 0.0, 0.1), "one": (1.0, 0.2, 1.8), "all": (100.0, 97.0, 100.0),
}  # fmt: skip
# Ratios, of which 1 is nil.
ABOVE, BELOW = {"above": (1.91, 1.61, 2.2)}, {"below": (0.7, 0.47, 0.93)}
AROUND = {"around": (1.04, 0.8, 1.3)}
RATIO = {"supported": ABOVE, "contradicted": BELOW, "not settled": AROUND}
UP, DOWN = {"above": (46.0, 32.0, 57.0)}, {"below": (-46.0, -57.0, -32.0)}
OPEN = {"up": (8.0, -10.0, 31.0), "down": (-1.0, -23.0, 29.0), "nil": (0.0, -20.0, 20.0)}
GAIN = {"supported": {"above": (0.021, 0.013, 0.029)}, "contradicted": {"below": (-0.02, -0.03, -0.01)},
        "not settled": {"around": (0.004, -0.01, 0.02), "under": (-0.004, -0.02, 0.01)}}  # fmt: skip
FALL = {"supported": DOWN, "contradicted": UP, "not settled": OPEN}


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one id can be asked to say: the intervals each verdict may have, and the facts of its template."""

    words: Words
    by_verdict: dict[str, dict[str, tuple[float, float, float]]]
    facts: dict[str, list] = field(default_factory=dict)
    unit: str = ""

    def sentences(self, id: str):
        for verdict, intervals in self.by_verdict.items():
            options = {"verdicts": [verdict], "intervals": intervals, "facts": self.facts, "unit": self.unit}
            yield from cases(self.words, id, **options)


def reported(words: Words, intervals=SHARE, **options) -> Told:
    return Told(words=words, by_verdict={"reported": intervals}, **options)


FIRMNESS = {
    "supported": {"firm": (0.9, 0.8, 1.0)}, "contradicted": {"loose": (0.4, 0.3, 0.5)},
    "not settled": {"around": (0.82, 0.71, 0.93)},
}  # fmt: skip
MONTH = {"month": ["May 2025"]}
WIDE = {"wide": [False, True]}
LIST = {"top": [11, 50], "score": ["estimated pull"], "split": ["later posts"], "lift": [1.0, 96.0],
        "correlation": [0.38, -0.2]}  # fmt: skip
CALLED = {"called": [0, 1, 444]}
DAYS = {"days": [1, 91]}
TOLD = {
    "C1.tier_share": reported(LIFECYCLE, facts={
        "tier": ["new", "no order yet"], "rule": ["last purchase at most 2 own cycles ago"],
        "tightest": [36.0, 31.0], "loosest": [36.0, 45.0],
    }),
    "C1.alive_share": reported(LIFECYCLE, facts={"lately": [0.0, 0.57, 1.0], "lately_days": [1, 66]}),
    "C1.expected_orders": reported(LIFECYCLE, facts={
        "horizon_days": [1, 90], "days": [1, 90], "misses": [[-16.0, -3.0, 0.2]],
        "way": ["model", "again"], **WIDE,
    }),
    "C1.expected_spend": reported(LIFECYCLE, facts={"currency": ["CNY"], **WIDE}, unit="CNY per customer"),
    "C1.new_share": reported(FLOWS, facts=MONTH),
    "C1.resurrecting_share": reported(FLOWS, facts=MONTH),
    "C1.dormant_share": reported(FLOWS, facts=MONTH),
    "C2.gain_over_one_kind": Told(words=SEGMENTS, by_verdict={"supported": {"kinds": (0.4, 0.3, 0.5)}}),
    "C2.segments": reported(SEGMENTS, {"one": (1.0, 1.0, 2.0), "four": (4.0, 3.0, 8.0)},
                            facts={"steady": [0, 1, 4], "dated": [False, True]}),
    "C2.stability": Told(words=SEGMENTS, facts={"firm": [0.75], "steady": [0, 3]}, by_verdict=FIRMNESS),
    "C2.date_stability": Told(words=SEGMENTS, facts={"firm": [0.75], "days": [91]}, by_verdict=FIRMNESS),
    "C2.segment_share": reported(SEGMENTS, facts={
        "name": ["seldom, rarely share"], "number": [1], "jaccard": [0.68], "earlier": [None, 0.7],
        "is_steady": [True, False], "firm": [0.75],
    }),
    "C3.customers_in_graph": reported(GRAPH, facts={"together": [0.2, 1.0]}),
    "C3.friends_per_customer": reported(GRAPH, facts={"median": [1.0, 6.0]}),
    "C3.clustering_ratio": Told(words=GRAPH, by_verdict=RATIO, facts={"clustering": [0.139]}),
    "C3.path_length": reported(GRAPH, {"some": (6.6, 6.4, 6.7)}, facts={"by_chance": [5.3]}),
    "C3.small_world_omega": Told(words=GRAPH, facts={"sigma": [0.5, 268.7]}, by_verdict={
        "supported": {"inside": (-0.1, -0.2, 0.1)},
        "contradicted": {"lot": (0.57, 0.55, 0.59), "ring": (-0.7, -0.8, -0.6), "within": (0.1, 0.0, 0.2)},
        "not settled": {"around": (0.48, 0.4, 0.56)},
    }),
    "C3.strong_ties": reported(GRAPH, facts={"strong": [0.5]}),
    "C3.circles": Told(words=CIRCLES, unit="circles of 11 or more customers",
                       facts={"minimum": [11], "held": [0.2, 1.0], "loose": [False, True]},
                       by_verdict={"reported": {"one": (1.0, 0.0, 2.0), "many": (531.0, 529.0, 535.0)},
                                   "not settled": {"none": (0.0, 0.0, 7.0)}}),
    "C3.modularity_excess": Told(words=CIRCLES, facts={
        "observed": [0.923], "null": [0.388], "stability": [0.98], "null_stability": [0.32],
        "agreement": [1.0], "least_z": [3.0], "least_stability": [0.4], "scanned": [0, 50_000],
    }, by_verdict={"supported": {"above": (0.535, 0.534, 0.536)}, "not settled": {"nil": (0.0, -0.1, 0.1)}}),
    "C3.smaller_circles": reported(LOYALTY, {**ABOVE, **BELOW, **AROUND}, facts={
        "most": [24], "days": [90], "small": [0.41], "large": [0.39],
    }),
    "C4.precision": reported(LEADERS, facts={**LIST, "profile": [[], ["friends 12.9 (7.0)"]],
                                            "named": [50], "won": [True, False]}),
    "C4.precision_most_friends": reported(LEADERS, facts=LIST),
    "C4.influence": Told(words=LEADERS, by_verdict=RATIO),
    "C4.influence_most_friends": Told(words=LEADERS, by_verdict=RATIO),
    "C4.bought_after_post": Told(words=LEADERS, by_verdict=RATIO, facts={
        "days": [1, 14], "after": [1.56], "before": [1.18], "quiet_after": [0.98], "quiet_before": [1.11],
    }),
    "C4.placebo_bought_before_post": reported(LEADERS, {**ABOVE, **BELOW, **AROUND}),
    "C4.friends_alike": Told(words=LEADERS, by_verdict=RATIO),
    "C4.list_stability": reported(LEADERS, facts={"how": ["posts are drawn again"], "judged": [True, False]}),
    "C5.alike_in_circles": Told(words=DEMAND, by_verdict=RATIO, facts={
        "kind": ["categories", "items"], "cells": [22, 6_372], "circles": [0, 1, 331], **CALLED,
    }),
    "C5.called_by_chance": reported(DEMAND, facts={"mean": [0.0, 1.4], **CALLED}),
    "C6.role_share": reported(ROLES, facts={"role": ["voices", "active members", "readers"],
                                            "threshold": [1, 16]}),
    "C6.role_stays": Told(words=ROLES, facts={"role": ["voices", "active members"], "chance": [1.0, 43.0]},
                          by_verdict=dict.fromkeys(RATIO, SHARE)),
    "C6.ages_differ": Told(words=FORMS, by_verdict=RATIO, facts={"floor": [0.002], "chance": [0.002, 0.3]}),
    "C6.format_share": Told(words=FORMS, by_verdict=dict.fromkeys(("supported", "not settled"), SHARE),
                            facts={"band": ["under 18", "18-24"], "form": ["live", "picture and text"]}),
    "C7.lift": reported(ALIKE, ABOVE | BELOW, facts={"target": ["女装", "anything"], "days": [1, 90]}),
    "C7.auc": reported(ALIKE, {"some": (0.74, 0.72, 0.76)}),
    "C7.gain_over_recency": Told(words=ALIKE, by_verdict=GAIN),
    "C7.gain_by_ties": Told(words=ALIKE, by_verdict=GAIN),
    "C7.gain_over_placebo": Told(words=ALIKE, by_verdict=GAIN),
    "C7.hidden_share": reported(ALIKE),
    "C7.already_targeted": reported(ALIKE),
    "C8.net_per_head": Told(words=ACTIONS, unit="CNY a head",
                            by_verdict={"supported": UP, "contradicted": DOWN, "not settled": OPEN},
                            facts={
        "doubt": ["", "the test of the cashback (A5) is not settled"], "action": ["win-back coupon"],
        "tier": ["lost"], "currency": ["CNY"], "already": [0, 1, 812], "cut": [False, True],
    }),
    "C8.break_even": reported(ACTIONS, {**UP, **DOWN, **OPEN}, unit="CNY a head", facts={
        "action": ["membership"], "tier": ["active"], "currency": ["CNY"], "already": [0, 1, 812],
        "margin": [None, 30.0], "cut": [False, True],
    }),
    "C8.plan_value": reported(ACTIONS, {**UP, **DOWN, **OPEN}, unit="CNY", facts={
        "budget": [0.0, 20_000.0], "actions": [[], ["membership"]], "spent": [0.0, 13_181.0],
        "currency": ["CNY"],
        "terms": [["margin 30.0 % of a purchase (no source named)", "contact 0.50 CNY a head (price list)"]],
    }),
    "C8.reason_share": reported(LEAVING, facts={"reason": ["price", "too many share requests"]}),
    "C9.flagged": reported(DRIFT, facts={
        "flagged": [412, 615], "window_days": [1, 14], "unmatched": [0, 100], "late": [0, 150],
        "few": [False, True], "weeks": [20],
    }),
    "C9.order_change": Told(words=DRIFT, by_verdict=FALL,
                            facts={"weeks": [1, 10], "seen": [0, 1, 3], "doubt": ["", "they moved apart"]}),
    "C9.later_change": Told(words=DRIFT, by_verdict=FALL, facts={"first": [10], "last": [20]}),
    "C9.before_change": Told(words=DRIFT, by_verdict={"reported": OPEN, "contradicted": UP | DOWN}),
    "C9.largest_drift": reported(BASE, {"some": (0.08, 0.07, 0.09)}, facts={
        "feature": ["days since last"], "change": ["no change", "a large change"], "features": [1, 18],
        "shifted": [[], ["days since last"], ["days since last", "spend a purchase"]], "steady": [0.1],
        **DAYS,
    }),
    "C9.tiers_moved": reported(BASE, facts=DAYS),
    "C9.segments_agree": reported(BASE, {"some": (0.77, 0.76, 0.78)}, facts=DAYS),
}  # fmt: skip


def spec(id: str) -> FindingSpec:
    return TOLD[id].words.registry[id]


@pytest.mark.parametrize("words", ROOM, ids=lambda words: words.stem.name)
def test_registry_and_templates_name_the_same_findings_and_all_are_read(words):
    assert_every_block_is_declared(words)
    assert set(words.registry) <= set(TOLD)


@pytest.mark.parametrize("id", TOLD)
def test_every_sentence_reads_well(id):
    seen = 0
    for finding in TOLD[id].sentences(id):
        assert_reads_well(finding, spec(id))
        seen += 1
    assert seen


@pytest.mark.parametrize("id", [id for id in TOLD if spec(id).role == "test"])
def test_a_test_that_settles_nothing_says_what_could_have_been_seen(id):
    told = [finding for finding in TOLD[id].sentences(id) if finding.verdict == "not settled"]
    assert any(unseen(finding) for finding in told)
    for finding in told:
        assert unseen(finding) in finding.reading


def test_a_doubt_settles_nothing():
    doubted = [one for one in TOLD["C9.order_change"].sentences("C9.order_change")
               if one.verdict == "not settled" and one.facts["doubt"]]  # fmt: skip
    assert doubted
    assert all("but they moved apart, so" in one.reading for one in doubted)


def test_whether_segments_carry_a_plan_is_said_once_and_by_the_verdict():
    says = {"supported": "would still fit.", "contradicted": "seek them anew", "not settled": "settled"}
    for finding in TOLD["C2.date_stability"].sentences("C2.date_stability"):
        assert [verdict for verdict, words in says.items() if words in finding.reading] == [finding.verdict]
        assert finding.reading.count("plan") == 1
    for id in ("C2.segments", "C2.stability", "C2.segment_share"):
        assert not any("plan" in finding.reading for finding in TOLD[id].sentences(id))


@pytest.mark.parametrize(("earlier", "told"), [(0.746, "0.746"), (0.7497, "0.749"), (0.744, "0.74")])
def test_what_falls_short_of_the_line_is_not_rounded_onto_it(earlier, told):
    facts = {
        "name": ["a"],
        "number": [1],
        "jaccard": [0.812],
        "earlier": [earlier],
        "is_steady": [False],
        "firm": [0.75],
    }
    for finding in reported(SEGMENTS, facts=facts).sentences("C2.segment_share"):
        assert f"(stability 0.81, over time {told})" in finding.reading


def test_segments_that_move_are_offered_only_by_name():
    for finding in TOLD["C2.stability"].sentences("C2.stability"):
        loose, named = finding.verdict == "contradicted", finding.facts["steady"] > 0
        assert ("named ones only" in finding.reading) == (loose and named)
        assert ("none may be used" in finding.reading) == (loose and not named)


def test_short_paths_are_promised_only_of_a_small_world():
    for finding in TOLD["C3.small_world_omega"].sentences("C3.small_world_omega"):
        assert ("short paths" in finding.reading) == (finding.verdict == "supported")
        assert ("too long" in finding.reading) == (finding.verdict == "contradicted" and finding.high < 0)
        assert ("too seldom" in finding.reading) == (finding.verdict == "contradicted" and finding.high >= 0)


def first(id: str, verdict: str):
    return next(one for one in TOLD[id].sentences(id) if one.verdict == verdict)


@pytest.mark.parametrize(
    ("verdict", "title"),
    [
        ("supported", "After a change of circle orders fall by 46 %"),
        ("contradicted", "After a change of circle orders rise by 46 %"),
        ("not settled", "Whether orders fall after a change of circle is not settled"),
    ],
)
def test_the_title_of_drift_follows_its_verdict(verdict, title):
    assert DRIFT.picture("drift", [first("C9.order_change", verdict)], periods=["before 100 %"])[0] == title


@pytest.mark.parametrize("settled", [True, False])
def test_the_title_of_forms_says_where_ages_may_not_differ(settled):
    differ = first("C6.ages_differ", "supported" if settled else "not settled")
    best = [SimpleNamespace(band="18-24", form="live", percent=50.0)]
    title, alt = FORMS.picture("forms", [differ], best=best)
    assert ("not settled" in title) != settled
    assert "18–24: live 50 %." in alt
    assert "not settled" in FORMS.picture("forms", [], best=best)[0]


@pytest.mark.parametrize(
    ("leading", "title"),
    [
        (["price"], "“price” is the reason most often given for leaving: 26 %"),
        (["price", "quality"], "No single reason for leaving stands out; “price” and “quality” come first"),
        (
            ["a", "b", "c"],
            "No single reason for leaving stands out; “a” and “b” come first, 1 other close behind",
        ),
    ],
)
def test_the_title_of_reasons_names_one_only_where_one_stands_out(leading, title):
    assert LEAVING.picture("reasons", [], leading=leading, share=26.1, shares=["price 26 %"])[0] == title


@pytest.mark.parametrize(("low", "says"), [(2.8, "3.1 times as often"), (0.9, "not settled")])
def test_the_title_of_look_alikes_claims_a_lift_only_above_one(low, says):
    told = Told(words=ALIKE, by_verdict={"reported": {"it": (3.1, low, 3.5)}}, facts=TOLD["C7.lift"].facts)
    lift = next(told.sentences("C7.lift"))
    assert says in ALIKE.picture("ranking", [lift], target="女装", areas=["with ties 0.74"])[0]


@pytest.mark.parametrize(("gain", "says"), [(5, "more coming"), (-5, "more falling"), (0, "as many coming")])
def test_the_title_of_flows_follows_the_balance(gain, says):
    assert says in FLOWS.picture("flows", [], month="May 2025", gain=gain, flows=["new 5"])[0]
