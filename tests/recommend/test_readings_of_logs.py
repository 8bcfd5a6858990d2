"""Every sentence that D5 to D7 can say of logs, hold-outs, the circle, chances and baskets."""

from __future__ import annotations

import itertools

import pytest

from helpers.recommend.d05_decision.decision import WORDS as DECISION
from helpers.recommend.d05_incremental_purchases.incremental_purchases import WORDS as CAUSED
from helpers.recommend.d05_off_policy_evaluation.off_policy_evaluation import WORDS as POLICIES
from helpers.recommend.d06_circle_search.circle_search import WORDS as SEARCH
from helpers.recommend.d06_shopping_circle.shopping_circle import WORDS as CIRCLE
from helpers.recommend.d07_go_together.go_together import WORDS as BASKETS
from helpers.recommend.d07_purchase_potential.purchase_potential import WORDS as CHANCES
from tests.truth_tables import (
    CLAIM_VERDICTS,
    EFFECT_VERDICTS,
    assert_every_block_is_declared,
    assert_truth_table,
    cases,
)

REPORTED = ("reported",)
BY_SIZE = {
    "least": [2.9],
    "fewest": ["1 or 2 friends"],
    "most": [15.7],
    "largest": ["1 or 2 friends", "11 or more friends"],
}
ORDERS = {"orders": [["“words”"], ["“words”", "“rest”"]], "by_chance": [0.41, 1.0]}
WHO = {"first": ["familiar"], "other": ["discovery"]}
WINDOWS = {"windows": [1, 5], "days": [1, 56], "least": [82.0], "most": [112.0], "gap": [0.1]}
PAIRS = {"tested": [1, 79_800], "expected": [10.0], "smallest": [2.4]}
TABLE = {
    "D5.difference": (
        POLICIES,
        EFFECT_VERDICTS,
        {"first": ["personal"], "second": ["popular"], "reward": ["clicked", "bought"]},
    ),
    "D5.value": (POLICIES, REPORTED, {"reward": ["clicked", "bought"], "effective": [1.0, 38.0]}),
    "D5.value_own": (POLICIES, REPORTED, {"reward": ["clicked", "bought"]}),
    "D5.error": (POLICIES, CLAIM_VERDICTS, {"margin": [0.25]}),
    "D5.uplift": (CAUSED, EFFECT_VERDICTS, {"anyway": [0.0, 6.5]}),
    "D5.uplift_difference": (CAUSED, EFFECT_VERDICTS, WHO),
    "D5.net_purchases": (CAUSED, EFFECT_VERDICTS, {"other": ["−3 (−9 to 4)"], "moves": EFFECT_VERDICTS}),
    "D5.bought_when_shown": (CAUSED, REPORTED, {}),
    "D5.bought_when_shown_difference": (CAUSED, REPORTED, WHO),
    "D5.extra_purchases": (
        DECISION,
        EFFECT_VERDICTS,
        {"list": ["familiar"], "group": ["one purchase before"]},
    ),
    "D5.extra_money": (DECISION, EFFECT_VERDICTS, {"list": ["familiar"], "group": ["one purchase before"]}),
    "D6.reachable_share": (CIRCLE, REPORTED, BY_SIZE),
    "D6.reachable_share_if_all": (CIRCLE, REPORTED, BY_SIZE),
    "D6.earned_share": (CIRCLE, REPORTED, {"early": [0, 1, 467], "unearned": [0, 1, 20], "fewest": [11]}),
    "D6.search_box_gain": (SEARCH, EFFECT_VERDICTS, {"single": [0.0, 0.9], "unmatched": [0.0, 0.031]}),
    "D6.recall": (SEARCH, REPORTED, {**ORDERS, "length": [1, 3]}),
    "D6.mean_reciprocal_rank": (SEARCH, REPORTED, ORDERS),
    "D7.foretold_to_happened": (CHANCES, CLAIM_VERDICTS, WINDOWS),
    "D7.brier_gain": (CHANCES, EFFECT_VERDICTS, {"ranking": [50.0, 76.0]}),
    "D7.pairs_beyond_taste": (BASKETS, REPORTED, PAIRS),
    "D7.pairs_beyond_chance": (BASKETS, REPORTED, PAIRS),
}
ALL_WORDS = (POLICIES, CAUSED, DECISION, CIRCLE, SEARCH, CHANCES, BASKETS)
COUNTS = {"none": (0.0, 0.0, 0.0), "one": (1.0, 1.0, 1.0), "many": (127.0, 127.0, 127.0)}
OF = {"D6.search_box_gain": ["as they are"], "D6.recall": ["as they are"]}


@pytest.mark.parametrize("words", ALL_WORDS, ids=lambda words: words.stem.name)
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


def test_every_finding_is_read_here():
    assert set(itertools.chain.from_iterable(words.registry for words in ALL_WORDS)) == set(TABLE)


@pytest.mark.parametrize("id", TABLE)
def test_every_sentence_reads_well(id):
    words, verdicts, facts = TABLE[id]
    options = {"intervals": COUNTS} if words is BASKETS else {}
    unit = "CNY per 1,000 lists" if id == "D5.extra_money" else ""
    segments = OF.get(id, ["popular"])
    assert_truth_table(words, id, verdicts=verdicts, facts=facts, segments=segments, unit=unit, **options)


@pytest.mark.parametrize("verdict", EFFECT_VERDICTS)
def test_the_title_of_incremental_purchases_follows_the_verdict(verdict):
    uplifts = [
        next(cases(CAUSED, "D5.uplift", verdicts=["supported"], segments=[name], facts={"anyway": [1.0]}))
        for name in ("familiar", "discovery")
    ]
    for gap in cases(CAUSED, "D5.uplift_difference", verdicts=[verdict], facts=WHO):
        title, _ = CAUSED.picture("caused", [gap, *uplifts], first="familiar", other="discovery", told=["a"])
        assert ("causes more" in title) == (verdict == "contradicted")
        assert ("causes most:" in title) == (verdict == "supported")
        assert ("not settled" in title) == (verdict == "not settled")


@pytest.mark.parametrize("verdict", EFFECT_VERDICTS)
def test_the_title_of_the_search_box_follows_the_verdict(verdict):
    facts = {"single": [0.9], "unmatched": [0.0]}
    for gain in cases(
        SEARCH, "D6.search_box_gain", verdicts=[verdict], segments=["as they are"], facts=facts
    ):
        title, _ = SEARCH.picture(
            "search", [gain], shelf="as they are", box=0.9, newest=0.8, by_chance=0.7, told=["a"]
        )
        assert ("not settled" in title) == (verdict == "not settled")


@pytest.mark.parametrize(
    ("advised", "words"),
    [
        ([], "not settled"),
        ([("familiar", "one purchase before")], "Show “familiar” to customers with one purchase before"),
    ],
)
def test_the_title_of_the_decision(advised, words):
    assert words in DECISION.picture("decision", [], advised=advised, told=["a"])[0]


@pytest.mark.parametrize(
    ("fit", "tried", "words"),
    [
        (0, 0, "No policy can be judged"),
        (1, 1, "1 of 1 estimate from"),
        (0, 1, "0 of 1 estimate from"),
        (2, 2, "2 of 2 estimates from"),
    ],
)
def test_the_title_of_policies(fit, tried, words):
    assert words in POLICIES.picture("values", [], fit=fit, tried=tried, reward="clicked", told=["a"])[0]
