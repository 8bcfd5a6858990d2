"""Every sentence that E1 says of flags, and of answers without suspects."""

from __future__ import annotations

import pytest

from helpers.guardrails.e01_manipulation.manipulation import WORDS
from helpers.guardrails.e01_manipulation.without_suspects import ALL, NO_ACCOUNTS, NO_LIKES
from helpers.guardrails.e01_manipulation.without_suspects import WORDS as WITHOUT
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

SHARE = {"verdicts": ["reported"], "intervals": {"few": (0.7, 0.6, 0.9)}}
NONE = {"verdicts": ["reported"], "intervals": {"none": (0.0, 0.0, 0.1)}}
MISSED = {"missed": [{}, {"drips": [8, 15], "rings": [12]}], "most_found": [0.108]}
COLUMNS = {
    "verdicts": ["reported"],
    "segments": [ALL, NO_LIKES, NO_ACCOUNTS],
    "facts": {"base": [5.0], "likes": [1, 4_889], "accounts": [3, 26], "by_splits": [0.0, 0.5, 40.0]},
}


@pytest.mark.parametrize("words", [WORDS, WITHOUT])
def test_registry_and_templates_name_the_same_findings(words):
    assert_every_block_is_declared(words)


@pytest.mark.parametrize(
    ("id", "options"),
    [
        (
            "E1.posts_flagged",
            {
                **SHARE,
                "facts": {
                    "flagged": [1, 134],
                    "first": [30],
                    "judged": [True, False],
                    "by_verdicts": ["none", "fits", "beyond", "open"],
                    **MISSED,
                },
            },
        ),
        (
            "E1.posts_flagged",
            {
                **NONE,
                "facts": {
                    "flagged": [0],
                    "first": [30],
                    "judged": [True, False],
                    "by_verdicts": ["none"],
                    **MISSED,
                },
            },
        ),
        ("E1.accounts_flagged", {**SHARE, "facts": {"flagged": [1, 35]}}),
        ("E1.accounts_flagged", {**NONE, "facts": {"flagged": [0]}}),
        ("E1.sellers_flagged", {**SHARE, "facts": {"flagged": [1, 3]}}),
        ("E1.sellers_flagged", {**NONE, "facts": {"flagged": [0]}}),
        (
            "E1.precision",
            {**SHARE, "facts": {"judged": [1, 30], "confirmed": [1, 28], "learned": [True, False]}},
        ),
        ("E1.recall", {**SHARE, "facts": {"kind": ["bursts", "drips"], "likes": [8, 40]}}),
        (
            "E1.recall",
            {
                "verdicts": ["reported"],
                "intervals": {"most": (90.0, 75.0, 97.0)},
                "facts": {"kind": ["bursts", "rings"], "likes": [8, 40]},
            },
        ),
    ],
)
def test_every_sentence_of_flags_reads_well(id, options):
    assert_truth_table(WORDS, id, **options)


@pytest.mark.parametrize("id", ["E1.share_uplift", "E1.prompt_uplift", "E1.likes_uplift"])
def test_every_sentence_without_suspects_reads_well(id):
    assert_truth_table(WITHOUT, id, **COLUMNS)


def test_every_sentence_of_piled_posts_reads_well():
    piled = {"most": (95.0, 22.0, 188.0), "none": (0.0, -30.0, 40.0), "fewer": (-40.0, -60.0, -5.0)}
    assert_truth_table(WITHOUT, "E1.likes_piled", intervals=piled, **COLUMNS)


@pytest.mark.parametrize("flagged", [0, 3])
def test_flags_are_to_be_checked_only_where_there_are_some(flagged):
    options = {
        **(SHARE if flagged else NONE),
        "facts": {"flagged": [flagged], "first": [30], "judged": [False], "by_verdicts": ["none"], **MISSED},
    }
    told = [one.reading for one in cases(WORDS, "E1.posts_flagged", **options)]
    told.append(WORDS.text("no verdicts", first=30, flagged=flagged))
    assert {"heck the 30 that stand first" in one for one in told} == {flagged > 0}


@pytest.mark.parametrize("flagged", [0, 3])
def test_fakes_that_stay_hidden_are_told_with_the_flags(flagged):
    options = {"flagged": [flagged], "first": [30], "judged": [True], "by_verdicts": ["none"], **MISSED}
    shares = SHARE if flagged else NONE
    told = [one.reading for one in cases(WORDS, "E1.posts_flagged", **shares, facts=options)]
    said = "of planted drips of 8 or 15 likes and rings of 12 likes no more than 11 % would be flagged"
    assert (
        {said in one for one in told}
        == {"Not flagged is not cleared" in one for one in told}
        == {True, False}
    )
