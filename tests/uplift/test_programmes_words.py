"""Every sentence that A7 can say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.report.counted_words import without_few_people
from helpers.report.finding_view import FindingView
from helpers.uplift.a07_programmes import every_programme
from helpers.uplift.a07_programmes.programme_effect import WORDS
from helpers.uplift.a07_programmes.programme_events import OUTCOMES
from tests.truth_tables import (
    EFFECT_VERDICTS,
    INTERVALS,
    assert_every_block_is_declared,
    assert_truth_table,
    cases,
)

AIM = {outcome.finding: outcome.aim for outcome in OUTCOMES.values()}
KIND = {"A7.customer_orders": ["customer"]}
FACTS = {
    "programme": ["Fast desk"],
    "treated": [1, 900],
    "always": [0, 1, 20],
    "gaps": [0, 1, 3],
    "later": [0, 1, 40],
}


def options(id: str, *, doubt: str = "", steady: str = "") -> dict:
    return {
        "facts": {
            **FACTS,
            "unit_kind": KIND.get(id, ["category", "seller"]),
            "doubt": [doubt],
            "steady": [steady],
        },
        "segments": ["fast_desk"],
    }


def alone(id: str, **said: str) -> dict:
    """The options with nothing left out, which other cases try."""
    found = options(id, **said)
    found["facts"] |= {"always": [0], "gaps": [0], "later": [0]}
    return found


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)
    assert set(WORDS.registry) == set(AIM) | {f"{id}_pretrend" for id in AIM}


@pytest.mark.parametrize("id", AIM)
def test_every_effect_reads_well(id):
    if AIM[id] > 0:
        assert_truth_table(WORDS, id, **options(id))
        return
    for verdict, sign in (("supported", "below"), ("contradicted", "above"), ("not settled", "nil")):
        one = {sign: INTERVALS[sign], "same": INTERVALS[sign]}
        assert_truth_table(WORDS, id, verdicts=[verdict], intervals=one, **options(id))


@pytest.mark.parametrize("id", AIM)
def test_a_programme_against_its_purpose_says_so(id):
    sign = "below" if AIM[id] > 0 else "above"
    one = {sign: INTERVALS[sign], "same": INTERVALS[sign]}
    for found in cases(WORDS, id, verdicts=["contradicted"], intervals=one, **options(id)):
        assert "against its purpose" in found.reading


@pytest.mark.parametrize("id", AIM)
def test_differences_before_the_start_settle_nothing(id):
    for found in cases(WORDS, id, verdicts=["not settled"], **options(id, doubt="drifting")):
        assert "differed before the start already" in found.reading
        assert not {"raised", "lowered"} & set(found.reading.split())
    for found in cases(WORDS, id, verdicts=["not settled"], **options(id, doubt="hinted")):
        assert "may have differed as much before the start already" in found.reading


@pytest.mark.parametrize("id", AIM)
def test_no_period_to_see_a_drift_in_settles_nothing(id):
    for found in cases(WORDS, id, verdicts=["not settled"], **alone(id, doubt="unseen")):
        assert "no two periods before the start" in found.reading


@pytest.mark.parametrize("id", AIM)
def test_an_effect_that_a_drift_could_make_is_told_with_that_condition(id):
    for found in cases(WORDS, id, verdicts=["supported"], **alone(id, steady="0.4 % (−1.0 to 1.8)")):
        assert "That holds if" in found.reading
        assert "with it, 0.4 % (−1.0 to 1.8) would be left" in found.reading


def test_customers_left_out_are_said_in_one_sentence_that_holds_when_few_are_masked():
    (found, *_) = [
        one
        for one in cases(WORDS, "A7.customer_orders", verdicts=["supported"], **options("A7.customer_orders"))
        if (one.facts["later"], one.facts["always"], one.facts["gaps"]) == (40, 1, 0)
    ]
    text = without_few_people(found.reading)
    assert "customers known before the first period." in text
    assert "Left out: 40 customers not yet known then; fewer than 11 customers that it had reached" in text


@pytest.mark.parametrize("id", AIM)
def test_every_check_reads_well(id):
    everywhere = {name: INTERVALS[name] for name in INTERVALS}
    facts = {"programme": ["Membership"], "p": [None, 0.0004, 0.73], "last": ["", "−18.4 % (−33.4 to 0.0)"]}
    for verdict in EFFECT_VERDICTS:
        assert_truth_table(WORDS, f"{id}_pretrend", verdicts=[verdict], facts=facts, intervals=everywhere)


def test_headlines_state_an_effect_only_where_it_is_settled():
    (found, *_) = cases(WORDS, "A7.orders", verdicts=["supported"], **options("A7.orders"))

    def headline(verdict: str) -> str:
        return WORDS.text(
            "headline", programme="Fast desk", effect=FindingView(replace(found, verdict=verdict))
        )

    assert headline("not settled") == "Fast desk: not settled"
    assert headline("supported") == "Fast desk: 3.1 (1.8 to 4.4)"


@pytest.mark.parametrize(
    ("many", "words"), [(1, "1 programme clearly changed what it is"), (3, "3 programmes")]
)
def test_the_title_counts_what_is_settled(many, words):
    title, _ = every_programme.WORDS.picture("programmes", (), settled=0, programmes=many, spoken=["It."])
    assert title.startswith("0 of ")
    assert words in title
