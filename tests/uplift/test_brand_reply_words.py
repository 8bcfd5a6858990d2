"""Every sentence that A6 can say."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.report import CannotAnswer
from helpers.uplift.a06_brand_reply.brand_reply import WORDS, _demand_comments
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

UPLIFT = {"strength": [1.0, 1.43], "doubt": [""]}
RAW = {
    "answered": [1, 1_659],
    "reply_hours": [1, 24],
    "outcome_weeks": [1, 6],
    "bought_answered": [0.0, 0.4],
    "bought_others": [1.0],
    "likes_answered": [0.0, 3.5],
    "likes_others": [2.1],
}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        ("A6.reply_uplift", {"facts": UPLIFT}),
        ("A6.raw_gap", {"verdicts": ["reported"], "facts": RAW}),
        (
            "A6.who_is_answered",
            {"verdicts": ["reported"], "facts": {"raw": [-2.0, 9.9], "equal": ["1.8 pp (−1.3 to 5.0)"]}},
        ),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


def test_a_doubt_is_said_and_settles_nothing():
    facts = {**UPLIFT, "doubt": ["few are alike"]}
    for found in cases(WORDS, "A6.reply_uplift", verdicts=["not settled"], facts=facts):
        assert "But few are alike: this is not settled." in found.reading


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not settled"])
def test_the_title_claims_only_what_is_settled(verdict):
    for found in cases(WORDS, "A6.reply_uplift", verdicts=[verdict], facts=UPLIFT):
        title, _ = WORDS.picture("reply", [found], raw=9.9, comparisons=["as they stand 9.9 pp"])
        assert ("not settled" in title) == (verdict == "not settled")


@pytest.mark.parametrize(
    ("bought", "words"),
    [([1.0, 0.0] * 50, "at least 200"), ([0.0] * 300, "none of"), ([1.0] * 300, "all of")],
)
def test_comments_that_can_show_nothing_are_one_sentence(bought, words):
    with pytest.raises(CannotAnswer, match=words):
        _demand_comments(pd.DataFrame({"bought": bought}), 6)
