"""Every sentence that A9 can say."""

from __future__ import annotations

import pytest

from helpers.uplift.a09_who_gains import gain_profile, who_gains
from methods.intervals.estimates import Interval
from tests.truth_tables import (
    CLAIM_VERDICTS,
    assert_every_block_is_declared,
    assert_truth_table,
    cases,
)

WORDS = who_gains.WORDS
NAMED = "口红 buyers who have shared"
DOUBT = "the arms do not have the planned sizes"
ARM = {"arm": ["", "$free gift"]}
PAIR = Interval(estimate=-0.3, low=-5.2, high=4.6, n=100)
FACTS = {
    "A9.offer_uplift": {
        "offered": [0.0, 0.433],
        "without": [0.409],
        "outcome_days": [1, 56],
        "levelled": [False, True],
        **ARM,
    },
    "A9.offer_uplift_named": {"named": [NAMED], "without": [0.0, 0.641], "ratio": [None, PAIR], **ARM},
    "A9.segment_difference": {"named": [NAMED], **ARM},
    "A9.targeting_gain": {"budget": [0.2], "extra": [-0.4, 1.8]},
}
OTHERS = {
    "A9.segment_net_value": {
        "named": [NAMED], "cost": [5.0], "worth": [159.87], "currency": ["CNY"], "everybody": [PAIR],
    },
    "A9.offer_uplift_others": ARM,
    "A9.ranking_gain": {},
}  # fmt: skip


@pytest.mark.parametrize("words", [WORDS, gain_profile.WORDS])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


@pytest.mark.parametrize("id", FACTS)
def test_every_test_reads_well_and_says_its_doubt(id):
    assert_truth_table(WORDS, id, facts={**FACTS[id], "doubt": [""]})
    for found in cases(WORDS, id, verdicts=["not settled"], facts={**FACTS[id], "doubt": [DOUBT]}):
        assert f"But {DOUBT}: this is not settled." in found.reading
        assert "raised the share" not in found.reading


@pytest.mark.parametrize("id", OTHERS)
def test_what_follows_reads_well(id):
    unit = "CNY per 100 customers" if id == "A9.segment_net_value" else ""
    assert_truth_table(WORDS, id, facts=OTHERS[id], unit=unit)


@pytest.mark.parametrize("doubt", ["", DOUBT])
def test_the_claim_reads_well(doubt):
    verdicts = ["not settled"] if doubt else CLAIM_VERDICTS
    facts = {"named": [NAMED], "claimed": [2.0, 52.0], "doubt": [doubt], **ARM}
    assert_truth_table(WORDS, "A9.relative_uplift_named", verdicts=verdicts, facts=facts)


def test_the_picked_group_reads_well():
    facts = {"many": [2, 48], "picked": ["channel: search"], "looked": [PAIR], "halvings": [1, 100],
             "curse": [-0.1, 6.5], "winners": [1, 20]}  # fmt: skip
    assert_truth_table(WORDS, "A9.best_segment_held_out", verdicts=["reported"], facts=facts)


def test_calibration_reads_well():
    assert_truth_table(gain_profile.WORDS, "A9.calibration", facts={"budget": [0.2]})


@pytest.mark.parametrize(("whole", "group"), [(True, True), (False, True), (True, False), (False, False)])
def test_the_title_states_an_effect_only_where_it_is_settled(whole, group):
    def one(id, settled):
        verdicts = ["supported"] if settled else ["not settled"]
        return next(cases(WORDS, id, verdicts=verdicts, facts={**FACTS[id], "doubt": [""]}))

    findings = [one("A9.offer_uplift", whole), one("A9.offer_uplift_named", group)]
    drawn = {"named": NAMED, "gain": 1.8, "random": 0.6, "spoken": ["all 1.0 pp"], "curve": True}
    title, _ = WORDS.picture("offer", findings, arms=1, settled=int(whole), **drawn)
    assert ("not settled" in title) == (not whole and not group)
    assert (NAMED in title) == group
    alone, _ = WORDS.picture("offer", findings[:1], arms=1, settled=int(whole), **drawn)
    assert NAMED not in alone
    several, _ = WORDS.picture("offer", findings, arms=3, settled=int(whole), **drawn)
    assert several.startswith(f"{int(whole)} of 3 offers")


def test_a_profile_without_a_clear_trait_says_so():
    title, alt = gain_profile.WORDS.picture("profile", [], told=[], first=2.0, last=-1.0)
    assert title.startswith("No trait")
    assert "none" in alt
