"""Every sentence that E2 says of single requests."""

from __future__ import annotations

import pytest

from helpers.guardrails.e02_prompts.prompts import WORDS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

EFFECT = {"unprompted": [0.0, 0.051], "customers": [12, 1_201]}
KEPT = {"where": ["over all", "after 1 to 3 shares"], "sent": [0.3], "said": [0.5], "groups": [1, 14]}
DOUBTS = [WORDS.text("doubt lead"), WORDS.text("doubt wide")]


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        ("E2.prompt_effect", {"facts": EFFECT}),
        ("E2.prompt_fatigue", {"facts": {"past": ["past 7 days"]}, "segments": ["past 7 days"]}),
        ("E2.chances_kept", {"verdicts": ["contradicted", "not settled"], "facts": KEPT}),
        (
            "E2.chances_kept",
            {"verdicts": ["supported"], "intervals": {"near nil": (0.1, -0.4, 0.6)}, "facts": KEPT},
        ),
        ("E2.lead_placebo", {"verdicts": ["contradicted", "not settled"]}),
        ("E2.lead_placebo", {"verdicts": ["supported"], "intervals": {"near nil": (0.1, -0.4, 0.6)}}),
        ("E2.logged_prompts", {"facts": {"doubt": [""]}}),
        ("E2.logged_prompts", {"verdicts": ["not settled"], "facts": {"doubt": DOUBTS}}),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not settled"])
@pytest.mark.parametrize("worn", [True, False])
def test_the_title_claims_only_what_is_settled(verdict, worn):
    for found in cases(WORDS, "E2.prompt_effect", verdicts=[verdict], facts=EFFECT):
        title, _ = WORDS.picture("prompts", [found], effects=["a request 9.0 pp"], worn=worn)
        assert ("not settled" in title) == (verdict == "not settled")
        assert ("less after other requests" in title) == (worn and verdict == "supported")


def test_of_a_log_the_title_claims_nothing():
    title, _ = WORDS.picture("prompts", [], effects=["this week 9.0 pp"], worn=False)
    assert title == "What requests bring at once, from the log alone"
