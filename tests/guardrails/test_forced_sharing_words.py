"""Every sentence that E2 says of a test of requests to share."""

from __future__ import annotations

import pytest

from helpers.guardrails.e02_forced_sharing.forced_sharing import WORDS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

ARM = {"asks": [1, 6]}
EFFECT = {**ARM, "outcome_days": [1, 84], "base": [0.0, 73.8], "doubt": [""]}
DOUBTED = {**EFFECT, "doubt": ["the arms do not have the planned numbers of customers on 2024-06-03"]}
SHARE = {"a quarter": (25.0, 24.0, 26.0)}
SAID = {"verdicts": ["reported"]}
PRICES = {
    "margin": [0.3],
    "share_worth": [10.0],
    "opt_out_cost": [5.0],
    "tie_cost": [1.0],
    "assumed": [True, False],
}
TURNS = {
    "nothing is told": (1.0, 0.0, 6.0),
    "up to three": (1.0, 0.0, 3.0),
    "three or six": (6.0, 3.0, 6.0),
    "one only": (3.0, 3.0, 3.0),
    "none only": (0.0, 0.0, 0.0),
    "most only": (6.0, 6.0, 6.0),
}
DRAWN = {
    "planned": [0.25],
    "chance": [0.0004, 0.005, 0.4],
    "alarm": [0.001],
    "doubt": ["", "the arms do not have equal sizes"],
}
NEXT = {
    "nothing is told": 0,
    "up to three": 6,
    "three or six": 0,
    "one only": 6,
    "none only": 1,
    "most only": 0,
}


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
                "facts": {**ARM, **DRAWN, "declared": [True]},
            },
        ),
        (
            "E2.sample_ratio",
            {"verdicts": ["not settled"], "intervals": SHARE, "facts": {**ARM, **DRAWN, "declared": [False]}},
        ),
        (
            "E2.net_value",
            {
                **SAID,
                "unit": "CNY",
                "facts": {
                    **ARM,
                    **PRICES,
                    "first": [True, False],
                    "outcome_days": [84],
                    "unknown": [[], ["opt-outs", "ties ended"]],
                },
            },
        ),
        ("E2.margin", {**SAID, "unit": "CNY", "facts": {**ARM, "margin": [0.3], "outcome_days": [84]}}),
        *(
            (id, options)
            for id in ("E2.shares", "E2.orders", "E2.ties_ended")
            for options in ({"facts": EFFECT}, {"verdicts": ["not settled"], "facts": DOUBTED})
        ),
        *(
            (
                "E2.turning_point",
                {
                    **SAID,
                    "intervals": {name: TURNS[name]},
                    "facts": {"tried": [[0, 1, 3, 6]], "next": [NEXT[name]]},
                },
            )
            for name in TURNS
        ),
    ],
)
def test_every_sentence_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


@pytest.mark.parametrize(
    ("name", "said", "titled"),
    [
        ("nothing is told", "none of them can be ruled out", "cannot be told"),
        ("up to three", "From 3 to 6 asking costs more than it brings", "Beyond 3 requests"),
        ("three or six", "still more was not tried", "At least 3 requests bring more than fewer"),
        ("one only", "3 bring most", "Beyond 3 requests"),
        ("none only", "From 0 to 1 asking costs more", "Beyond 0 requests"),
        ("most only", "still more was not tried", "At least 6 requests"),
    ],
)
def test_the_turning_point_is_told_as_the_gap_between_arms(name, said, titled):
    facts = {"tried": [[0, 1, 3, 6]], "next": [NEXT[name]]}
    for found in cases(WORDS, "E2.turning_point", **SAID, intervals={name: TURNS[name]}, facts=facts):
        assert said in found.reading
        title, _ = WORDS.picture("arms", [found], effects=["1 asked 0.2"], tried=[0, 1, 3, 6])
        assert titled in title


def test_without_a_turning_point_the_title_claims_nothing():
    title, _ = WORDS.picture("arms", [], effects=["1 asked 0.2"], tried=[0, 1, 3, 6])
    assert title == "What requests to share bring and cost"
