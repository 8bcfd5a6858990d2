"""Every sentence that E2 says of a test of requests to share."""

from __future__ import annotations

import pytest

from helpers.guardrails.e02_forced_sharing.forced_sharing import WORDS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

ARM = {"asks": [1, 6]}
EFFECT = {**ARM, "outcome_days": [1, 84], "base": [0.0, 73.8], "doubt": [""]}
DOUBTED = {**EFFECT, "doubt": ["the arms do not have the planned numbers of customers on 2024-06-03"]}
SHARE = {"a quarter": (25.0, 24.0, 26.0)}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        (
            "E2.sample_ratio",
            {
                "verdicts": ["supported", "contradicted"],
                "intervals": SHARE,
                "facts": {**ARM, "planned": [0.25], "chance": [0.4]},
            },
        ),
        ("E2.shares", {"facts": EFFECT}),
        ("E2.shares", {"verdicts": ["not settled"], "facts": DOUBTED}),
        ("E2.orders", {"facts": EFFECT}),
        ("E2.orders", {"verdicts": ["not settled"], "facts": DOUBTED}),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)
