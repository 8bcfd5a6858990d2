"""Every sentence that A4 can say."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.report import CannotAnswer
from helpers.uplift.a04_coupon_threshold.coupon_threshold import WORDS, _demand_posts
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases

BEGGED = {"whole": "9.7 pp (−4.5 to 23.9)", "change": 22.5, "is_chance": True}
COUPON = {
    "threshold": [20],
    "outcome_days": [1, 90],
    "doubts": [[]],
    "begged": [None, BEGGED, {**BEGGED, "change": -3.0, "is_chance": False}],
    "received": [None, (1.0, 0.0)],
    "left_out": [False, True],
    "zone": [(15, 22)],
}
PILE = {
    "threshold": [20],
    "zone": [(15, 22)],
    "excess": [1.0, 214.0],
    "missing": [-3.0, 26.0],
    "density": [None, 0.0002, 0.3],
}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


def test_every_sentence_of_the_coupon_reads_well():
    assert_truth_table(WORDS, "A4.coupon_at_threshold", facts=COUPON)


@pytest.mark.parametrize(
    ("verdict", "intervals"),
    [("supported", {"above": INTERVALS["above"]}), ("not settled", INTERVALS)],
)
def test_every_sentence_of_the_pile_reads_well(verdict, intervals):
    assert_truth_table(WORDS, "A4.bunching", verdicts=[verdict], intervals=intervals, facts=PILE)


def test_doubts_are_said():
    facts = {**COUPON, "doubts": [["one reason", "another"]]}
    for found in cases(WORDS, "A4.coupon_at_threshold", verdicts=["not settled"], facts=facts):
        assert "Against reading it as the coupon's doing: one reason; another." in found.reading


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not settled"])
@pytest.mark.parametrize("piled", [True, False])
def test_the_title_claims_only_what_is_settled(verdict, piled):
    judged = "supported" if piled else "not settled"
    pile = next(cases(WORDS, "A4.bunching", verdicts=[judged], facts=PILE))
    for jump in cases(WORDS, "A4.coupon_at_threshold", verdicts=[verdict], facts=COUPON):
        title, _ = WORDS.picture("threshold", [jump, pile], threshold=20)
        assert ("not settled" in title) == (verdict == "not settled")
        assert ("likes are piled up there" in title) == piled


@pytest.mark.parametrize(
    ("likes", "again", "words"),
    [
        ([10], [1.0, 0.0], "30 on each side"),
        ([19, 20], [0.0], "none of the"),
        ([19, 20], [1.0], "all of the"),
    ],
)
def test_posts_that_can_show_no_jump_are_one_sentence(likes, again, words):
    posts = pd.DataFrame({"likes": (likes * 80)[:80], "again": (again * 80)[:80]})
    with pytest.raises(CannotAnswer, match=words):
        _demand_posts(posts, 20)
