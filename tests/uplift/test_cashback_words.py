"""Every sentence that A5 can say."""

from __future__ import annotations

import pytest

from helpers.uplift.a05_cashback.cashback import WORDS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

ARM = {"arm": ["", "$double"]}
BUYING = {
    **ARM,
    "outcome_days": [1, 56],
    "base": [0.0, 0.322],
    "dealt": [0.0005, 0.012, 1.0],
    "floor": [0.0005],
    "doubt": [""],
}
COST = {"low": (5.0, 4.1, 6.3), "high": (74.5, 62.0, 1_094.5)}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        ("A5.cashback_uplift", {"facts": BUYING}),
        ("A5.added_orders", {"facts": {**ARM, "outcome_days": [1, 56]}}),
        (
            "A5.paid_per_added_order",
            {
                "verdicts": ["reported"],
                "intervals": COST,
                "facts": {**ARM, "anyway": [{"estimate": 80.0, "low": 76.0, "high": 84.0}]},
            },
        ),
        (
            "A5.cost_per_added_order",
            {"verdicts": ["reported"], "intervals": COST, "unit": "CNY", "facts": ARM},
        ),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


def test_a_simulated_p_at_its_floor_is_at_most_and_not_equal():
    for found in cases(WORDS, "A5.cashback_uplift", verdicts=["supported"], facts=BUYING):
        assert ("in at most 0.05 % of draws" in found.reading) == (found.facts["dealt"] == 0.0005)


def test_a_doubt_is_said_and_settles_nothing():
    facts = {**BUYING, "doubt": ["an arm has only 4 groups"]}
    for found in cases(WORDS, "A5.cashback_uplift", verdicts=["not settled"], facts=facts):
        assert "But an arm has only 4 groups: this is not settled." in found.reading


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not settled"])
def test_the_title_claims_only_what_is_settled(verdict):
    for found in cases(WORDS, "A5.cashback_uplift", verdicts=[verdict], facts=BUYING):
        title, _ = WORDS.picture("cashback", [found], effects=["plain 4.6 pp"], arms=1, settled=1)
        assert ("not settled" in title) == (verdict == "not settled")


@pytest.mark.parametrize("settled", [0, 1, 2])
def test_the_title_of_several_arms_counts_those_settled(settled):
    title, _ = WORDS.picture("cashback", [], effects=["plain 4.6 pp"], arms=3, settled=settled)
    assert title.startswith(f"{settled} of 3 arms")
