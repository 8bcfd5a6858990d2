"""Every sentence that E3 says of sellers and of customers."""

from __future__ import annotations

import pytest

from helpers.guardrails.e03_conduct.conduct_rating import WORDS as CONDUCT
from helpers.guardrails.e03_ratings.seller_ratings import WORDS as SELLERS
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

ASPECT = {"aspect": ["product", "service", "delivery"]}
SPREAD = {**ASPECT, "usual": [0.051], "sellers": [3, 40], "going": [True, False]}
LIMITED = {"limited": [2, 4]}
TRAITS = [[CONDUCT.text("return_ratio")], [CONDUCT.text("return_ratio"), CONDUCT.text("cancelled_share")]]
FIFTY = {
    "supported": {"above": (56.0, 53.0, 59.0)},
    "contradicted": {"below": (44.0, 41.0, 47.0)},
    "not settled": {"around": (50.4, 46.0, 54.0)},
}


@pytest.mark.parametrize("words", [SELLERS, CONDUCT])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


@pytest.mark.parametrize(
    ("words", "id", "options"),
    [
        (SELLERS, "E3.spread", {"verdicts": ["supported"], "facts": {**SPREAD, "going": [True]}}),
        (
            SELLERS,
            "E3.spread",
            {"verdicts": ["not settled"], "intervals": {"nil": (0.0, 0.0, 2.1)}, "facts": SPREAD},
        ),
        (SELLERS, "E3.foretold", {"facts": {**ASPECT, "days": [1, 90]}}),
        (
            SELLERS,
            "E3.told_apart",
            {
                "verdicts": ["reported"],
                "intervals": {"some": (3.0, 3.0, 3.0)},
                "facts": {**ASPECT, "sellers": [17], "better": [0, 1, 2], "worse": [0, 1]},
            },
        ),
        (
            SELLERS,
            "E3.returns_avoided",
            {"verdicts": ["scenario"], "facts": {**LIMITED, "moved": [0.062], "days": [90]}},
        ),
        (
            SELLERS,
            "E3.honest_sales",
            {
                "verdicts": ["scenario"],
                "intervals": {"some": (31.0, 12.0, 55.0), "none": (0.0, 0.0, 0.01)},
                "facts": {**LIMITED, "appeals": [0, 1, 2], "newcomers": [None, 0.0, 0.2], "new_days": [180]},
            },
        ),
        *(
            (
                CONDUCT,
                "E3.conduct_foretells",
                {"verdicts": [verdict], "intervals": held, "facts": {"traits": TRAITS}},
            )
            for verdict, held in FIFTY.items()
        ),
        (CONDUCT, "E3.conduct_gap", {"facts": {"days": [1, 90]}}),
    ],
)
def test_every_sentence_reads_well(words, id, options):
    assert_truth_table(words, id, **options)


@pytest.mark.parametrize("verdict", FIFTY)
def test_the_title_says_of_conduct_what_is_settled(verdict):
    facts = {"traits": TRAITS}
    for found in cases(
        CONDUCT, "E3.conduct_foretells", verdicts=[verdict], intervals=FIFTY[verdict], facts=facts
    ):
        title, _ = CONDUCT.picture("conduct", [found], told=["best fifth 4.2 %"])
        assert ("not shown" in title) == (verdict == "not settled")
        assert ("limited by it" in found.reading) == (verdict == "not settled")


@pytest.mark.parametrize(
    ("differ", "foretold", "said"),
    [
        ([], [], "No difference between sellers is settled"),
        (["returns"], [], "but past ratings are not shown to foretell anything"),
        (["returns", "slow answers"], ["returns"], "and past ratings foretell returns"),
    ],
)
def test_the_title_says_of_sellers_what_is_settled(differ, foretold, said):
    title, _ = SELLERS.picture("ratings", [], effects=["returns 0.5 pp"], differ=differ, foretold=foretold)
    assert said in title
