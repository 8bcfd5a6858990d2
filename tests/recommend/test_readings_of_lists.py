"""Every sentence that D1 to D4 can say of lists."""

from __future__ import annotations

import itertools

import pytest

from helpers.recommend.d01_evaluation_population.evaluation_population import WORDS as POPULATION
from helpers.recommend.d01_every_pair.every_pair import WORDS as PAIRS
from helpers.recommend.d01_personal_lists.personal_lists import WORDS as LISTS
from helpers.recommend.d01_temporal_robustness.temporal_robustness import WORDS as CUTS
from helpers.recommend.d02_cold_start.cold_start import WORDS as NEWCOMERS
from helpers.recommend.d02_value_of_ties.value_of_ties import WORDS as TIES
from helpers.recommend.d03_served_groups.served_groups import WORDS as GROUPS
from helpers.recommend.d04_spread_of_lists.spread_of_lists import WORDS as SPREAD
from helpers.recommend.lists_compared import WORDS as SHARED
from helpers.report.finding_view import FindingView
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases

LEAK = {"leak": ["", SHARED.text("leak")]}
WORTH = {"smallest": [0.5, 1.0], **LEAK}
SEEN = {"unseen_before": [False, True]}
# Contradicted is a loss, or a gain that is less than the one worth having.
BELOW_WORTH = {"a loss": (-3.1, -4.4, -1.8), "sure but small": (0.4, 0.1, 0.7), "small": (0.1, -0.2, 0.4)}
REPORTED = ["reported"]
COUNTS = {"none": (0.0, 0.0, 0.0), "one": (1.0, 1.0, 1.0), "many": (9.0, 9.0, 9.0)}
TIES_JUDGED = [id for id in TIES.registry if "placebo" not in id]
WORST = {"candidates": [2, 108], "agreed": [True, False], **LEAK}
JUDGED = {
    "D1.gain": (LISTS, {"dated": [True, False], "for_all": ["best sellers, for all"], **SEEN, **WORTH}),
    "D1.gain_over_cuts": (
        CUTS,
        {"cuts": [2, 3], "personal": ["taste"], "least": [-1.2], "most": [14.0], "smallest": [1.0]},
    ),
    **{id: (TIES, WORTH) for id in TIES_JUDGED},
    **{id: (NEWCOMERS, WORTH) for id in NEWCOMERS.registry},
    "D3.gain": (GROUPS, {**SEEN, **WORTH}),
}
TOLD = {
    "D1.judged_share": (
        POPULATION,
        {
            "cut_at": ["", "2024-11-05 00:00"],
            "pairs": [1, 12_345],
            "customers": [1, 2_345],
            "without": [0, 1, 900],
            **LEAK,
        },
    ),
    "D1.best_model_gain_ndcg": (LISTS, {"personal": ["taste"], "for_all": ["best sellers"], **LEAK}),
    "D1.hit_rate": (LISTS, LEAK),
    "D1.new_products_gain": (POPULATION, {"products": [1, 120], "length": [10], "by_chance": [8.3]}),
    "D1.pairs_worth_telling_apart": (PAIRS, {"pairs": [1, 15], "smallest": [1.0, 2.5], **LEAK}),
    "D1.random_split_flatters": (CUTS, {}),
    "D2.placebo_on_top_of_taste": (TIES, WORTH),
    "D3.served": (GROUPS, {"rule": ["first purchase within the last 30 days"], **LEAK}),
    **{
        id: (GROUPS, {"groups": [1, 190], **LEAK})
        for id in ("D3.spread_stage", "D3.spread_segment", "D3.spread_circle")
    },
    **{id: (SPREAD, {"label": ["taste"], "own": [0.0, 3.25], **LEAK}) for id in SPREAD.registry},
}
ALL_WORDS = (POPULATION, PAIRS, LISTS, CUTS, NEWCOMERS, TIES, GROUPS, SPREAD)


@pytest.mark.parametrize("words", ALL_WORDS, ids=lambda words: words.stem.name)
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


def test_every_finding_is_read_here():
    declared = set(itertools.chain.from_iterable(words.registry for words in ALL_WORDS))
    worst = {"D3.worst_stage", "D3.worst_segment", "D3.worst_circle"}
    assert declared == set(JUDGED) | set(TOLD) | worst


@pytest.mark.parametrize("id", JUDGED)
def test_a_gain_is_worth_having_or_less_or_open(id):
    words, facts = JUDGED[id]
    options = {"facts": facts, "segments": ["1 product known"], "n": [1, 12_345]}
    assert_truth_table(words, id, verdicts=["supported", "not settled"], **options)
    assert_truth_table(words, id, verdicts=["contradicted"], intervals=BELOW_WORTH, **options)
    for finding in cases(words, id, verdicts=["contradicted"], intervals=BELOW_WORTH, **options):
        assert ("a loss" in finding.reading) == (finding.high < 0)
        assert ("less than the" in finding.reading) == (finding.high >= 0)


@pytest.mark.parametrize("id", TOLD)
def test_what_is_reported_reads_well(id):
    words, facts = TOLD[id]
    numbers = COUNTS if words is PAIRS else INTERVALS
    options = {"facts": facts, "segments": ["new"], "n": [1, 12_345], "intervals": numbers}
    assert_truth_table(words, id, verdicts=REPORTED, **options)


@pytest.mark.parametrize("id", ["D3.worst_stage", "D3.worst_segment", "D3.worst_circle"])
def test_a_group_is_served_worse_or_that_is_open(id):
    for verdict in ("supported", "not settled"):
        assert_truth_table(GROUPS, id, verdicts=[verdict], facts=WORST, segments=["lost"])
    for finding in cases(GROUPS, id, verdicts=["not settled"], facts=WORST, segments=["lost"]):
        assert "not beyond" not in finding.reading
        assert "beyond doubt" not in finding.reading
        assert ("ahead" in finding.reading) == (finding.estimate < 0)


@pytest.mark.parametrize("settled", [True, False])
class TestTitles:
    """A title states what is settled and else says that it is not."""

    def test_of_lists(self, settled):
        gains = cases(
            LISTS,
            "D1.gain",
            verdicts=["supported"] if settled else ["not settled"],
            segments=["mine"],
            facts={"dated": [True], "for_all": ["theirs"], "smallest": [1.0], "leak": [""], **SEEN},
        )
        rates = [
            next(
                cases(
                    LISTS,
                    "D1.hit_rate",
                    verdicts=REPORTED,
                    segments=[name],
                    facts={"leak": [""]},
                )
            )
            for name in ("mine", "theirs")
        ]
        for gain in gains:
            title, alt = LISTS.picture(
                "lists", [gain, *rates], personal="mine", for_all="theirs", leak_title="", told=["a"]
            )
            assert ("not settled" in title) != settled
            assert alt.endswith("a.")

    def test_of_groups(self, settled):
        verdicts = ["supported"] if settled else ["not settled"]
        for worst in cases(GROUPS, "D3.worst_stage", verdicts=verdicts, facts=WORST, segments=["lost"]):
            title, _ = GROUPS.picture(
                "groups", [worst], worst_first=[FindingView(worst)], leak_title="", told=["a"]
            )
            assert ("not settled" in title) != settled
            assert ("Served worst: “lost”" in title) == settled

    def test_of_cuts(self, settled):
        facts = {"cuts": [3], "personal": ["a"], "least": [1.0], "most": [2.0], "smallest": [1.0]}
        verdicts = ["supported"] if settled else ["not settled"]
        for gain in cases(CUTS, "D1.gain_over_cuts", verdicts=verdicts, facts=facts):
            title, _ = CUTS.picture(
                "cuts", [gain], least=1.0, most=2.0, told=["a"], in_time=20.0, at_random=30.0
            )
            assert ("not settled" in title) != settled

    def test_of_ties(self, settled):
        verdicts = ["supported"] if settled else ["not settled"]
        facts = {"smallest": [1.0], "leak": [""]}
        pairs = zip(
            cases(TIES, "D2.friends_over_strangers", verdicts=verdicts, facts=facts),
            cases(TIES, "D2.friends_on_top_of_taste", verdicts=verdicts, facts=facts),
            strict=True,
        )
        for pair in pairs:
            title, _ = TIES.picture("ties", pair, told=["a"], leak_title="")
            assert ("not settled" in title) != settled


@pytest.mark.parametrize(
    ("most", "open_", "words"),
    [
        (None, [], "at no number of products"),
        (None, [0, 1], "not settled"),
        (0, [1], "only while nothing is known"),
        (1, [], "while 1 product or fewer"),
        (3, [], "while 3 products or fewer"),
    ],
)
def test_the_title_of_newcomers(most, open_, words):
    title, alt = NEWCOMERS.picture(
        "curve", [], most=most, open=open_, leak_title="", served=[(0, 20.0, 10.0), (5, 20.0, 30.0)]
    )
    assert words in title
    assert alt.endswith("5 known: friends 20.0 %, taste 30.0 %.")
