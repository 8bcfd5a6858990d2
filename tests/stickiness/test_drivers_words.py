"""Every sentence that B7, B8 and B10 can say."""

from __future__ import annotations

import pytest

from helpers.report import Finding
from helpers.report.finding_view import FindingView
from helpers.stickiness.b07_drivers.drivers import CAUSAL
from helpers.stickiness.b07_drivers.drivers import WORDS as DRIVERS
from helpers.stickiness.b08_funnel.funnel import STEP_FINDINGS
from helpers.stickiness.b08_funnel.funnel import WORDS as FUNNEL
from helpers.stickiness.b10_dependence.dependence import WORDS as DEPENDENCE
from methods.intervals.estimates import Interval
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases

SEGMENT = {"segments": ["channel: advert"]}
RATES = {"group": ["channel advert"], "rate": [0.0, 0.787], "others_rate": [0.927, 1.0]}
NOW = Interval(estimate=65.6, low=64.4, high=66.8, n=900)


def told(id: str, verdict: str, segment: str | None = None) -> FindingView:
    """What another chapter found of a cause."""
    return FindingView(
        Finding(
            id=id, requirement=id[:2], question="?", estimate=4.4, low=2.2, high=6.7, n=900, unit="pp",
            method="m", reading="It does.", verdict=verdict, segment=segment,
        )
    )  # fmt: skip


@pytest.mark.parametrize("words", [DRIVERS, FUNNEL, DEPENDENCE])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


@pytest.mark.parametrize("id", [id for id in DRIVERS.registry if id != "B7.repurchase"])
def test_every_driver_reads_well(id):
    assert_truth_table(DRIVERS, id, facts={"known": [()], "days": [1, 90]})


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not settled"])
@pytest.mark.parametrize(("id", "sources"), CAUSAL.items())
def test_what_is_known_of_a_cause_stands_beside_the_association(id, sources, verdict):
    known = tuple(told(source, verdict) for source in sources)
    for found in cases(DRIVERS, id, verdicts=["supported"], facts={"known": [known], "days": [90]}):
        assert found.reading.count("Chapter 03 found") == len(known)
        assert ("itself open" in found.reading) == (verdict == "not settled")


def test_two_arms_of_a_prompt_stand_each_with_its_name():
    known = tuple(told("A2.complier_effect", "supported", arm) for arm in ("badge", "coupon"))
    for found in cases(DRIVERS, "B7.shared", verdicts=["supported"], facts={"known": [known], "days": [90]}):
        assert all(f"a prompt moved ({arm}): 4.4 pp" in found.reading for arm in ("badge", "coupon"))


def test_the_base_rate_reads_well():
    facts = {"start": ["2025-02-01"], "end": ["2025-03-29"], "days": [1, 90]}
    assert_truth_table(DRIVERS, "B7.repurchase", verdicts=["reported"], facts=facts)


@pytest.mark.parametrize("settled", [[], ["own share"], ["own share", "late delivery"]])
def test_the_title_names_settled_drivers_only(settled):
    rows = [("own share", 4.1), ("late delivery", -3.0)]
    title, _ = DRIVERS.picture("drivers", [], clear=settled, rows=rows)
    assert all((label in title) == (label in settled) for label, _ in rows)
    assert ("none of 2 drivers" in title) == (not settled)


@pytest.mark.parametrize("id", STEP_FINDINGS.values())
def test_every_step_reads_well(id):
    assert_truth_table(FUNNEL, id, facts=RATES, **SEGMENT)


def test_the_whole_path_reads_well():
    facts = {"group": ["channel advert"], "where": ["view to cart", "the whole path"]}
    ratios = {
        "supported": {"above": (120.0, 110.0, 130.0)},
        "contradicted": {"below": (87.0, 82.0, 92.0)},
        "not settled": {"around": (98.0, 90.0, 107.0)},
    }
    for verdict, intervals in ratios.items():
        options = {"verdicts": [verdict], "intervals": intervals, "facts": facts, **SEGMENT}
        assert_truth_table(FUNNEL, "B8.overall", **options)
        for found in cases(FUNNEL, "B8.overall", **options):
            assert ("falls behind, mostly" in found.reading) == (verdict == "contradicted")


@pytest.mark.parametrize(("behind", "said"), [("view to cart", "behind from view to cart"), ("", "no step")])
def test_the_title_of_the_path_claims_only_what_is_settled(behind, said):
    shares = [("channel advert", [("visit", 100.0), ("view", 99.0)])]
    title, _ = FUNNEL.picture("funnel", [], group="channel advert", behind=behind, shares=shares)
    assert said in title


@pytest.mark.parametrize("id", ["B10.without_own_share", "B10.without_any_share"])
@pytest.mark.parametrize(("causal", "verdict"), [(True, "reported"), (False, "not settled")])
def test_what_is_left_reads_well(id, causal, verdict):
    shares = {"some": (62.9, 61.5, 64.4), "none": (0.0, 0.0, 1.0), "all": (100.0, 98.0, 100.0)}
    facts = {"now": [NOW], "causal": [causal], "left_open": [False] if causal else [True, False]}
    assert_truth_table(DEPENDENCE, id, verdicts=[verdict], intervals=shares, facts=facts)


def test_what_rests_on_sharing_reads_well():
    facts = {"causal": [True], "left_open": [False]}
    parts = {
        "supported": {"few": (4.1, 1.9, 6.3), "less than none": (-4.0, -9.0, 1.0)},
        "contradicted": {"most": (80.0, 70.0, 90.0)},
        "not settled": {"around": (49.0, 30.0, 68.0)},
    }
    for verdict, intervals in parts.items():
        options = {"verdicts": [verdict], "intervals": intervals, "facts": facts}
        assert_truth_table(DEPENDENCE, "B10.resting_on_sharing", **options)


def test_an_association_that_stands_in_settles_nothing():
    facts = {"causal": [False], "left_open": [True, False]}
    for found in cases(DEPENDENCE, "B10.resting_on_sharing", verdicts=["not settled"], facts=facts):
        standing_in = "an association stands in" in found.reading
        assert standing_in != ("Chapter 03 leaves open" in found.reading)
        assert "rests on" not in found.reading
        assert "does not carry" not in found.reading


def test_a_group_of_drivers_reads_well():
    facts = {"names": [["own share"], ["own share", "friends' shares"]]}
    settled = {name: INTERVALS[name] for name in ("above", "below")}
    groups = {"facts": facts, "segments": ["social experience"]}
    for verdict, intervals in (("reported", settled), ("not settled", INTERVALS)):
        assert_truth_table(DEPENDENCE, "B10.without_group", verdicts=[verdict], intervals=intervals, **groups)
    for found in cases(DEPENDENCE, "B10.without_group", verdicts=["reported"], intervals=settled, **groups):
        assert ("fewer" in found.reading) == (found.estimate > 0)
