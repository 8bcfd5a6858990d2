"""Every sentence that A4 can say."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.report import CannotAnswer
from helpers.uplift.a04_coupon_threshold.coupon_threshold import WORDS, _demand_posts, _pile, is_piled
from methods.thresholds.density import Bunching
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table, cases

BEGGED = {"whole": "9.7 pp (−4.5 to 23.9)", "change": 22.5, "is_chance": True}
COUPON = {
    "threshold": [20],
    "outcome_days": [1, 90],
    "doubts": [[]],
    "begged": [None, BEGGED, {**BEGGED, "change": -3.0, "is_chance": False}],
    "received": [None, (1.0, 0.0)],
    "left_out": [False, True],
    "zone": [(15, 22)],
}
PILE = {
    "threshold": [20],
    "zone": [(15, 22)],
    "excess": [1.0, 214.0],
    "missing": [-3.0, 26.0],
    "density": [None, 0.0002, 0.3],
}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


def test_every_sentence_of_the_coupon_reads_well():
    assert_truth_table(WORDS, "A4.coupon_at_threshold", facts=COUPON)


@pytest.mark.parametrize(
    ("verdict", "intervals", "errs"),
    [
        ("supported", {"above": INTERVALS["above"]}, [False]),
        ("not settled", INTERVALS, [False]),
        ("not settled", {"above": INTERVALS["above"]}, [True]),
    ],
)
def test_every_sentence_of_the_pile_reads_well(verdict, intervals, errs):
    assert_truth_table(
        WORDS, "A4.bunching", verdicts=[verdict], intervals=intervals, facts={**PILE, "curve_errs": errs}
    )


def test_so_wide_an_interval_that_nothing_could_be_seen_says_so():
    wide = {"wide": (-16.9, -80.2, 46.5)}
    assert_truth_table(
        WORDS, "A4.coupon_at_threshold", verdicts=["not settled"], intervals=wide, facts=COUPON
    )
    for found in cases(
        WORDS, "A4.coupon_at_threshold", verdicts=["not settled"], intervals=wide, facts=COUPON
    ):
        assert "too few to find an effect of any likely size" in found.reading


def test_a_pile_whose_interval_holds_none_is_not_settled():
    curve = pd.DataFrame({"score": [19, 20], "count": [5, 9], "expected": [6.0, 4.5]})
    pile = Bunching(
        excess=4.5, excess_percent=100.0, low=-50.0, high=388.0, missing_percent=45.0, missing_low=0.0,
        missing_high=90.0, missing=3.0, level=0.95, p_value=0.01,
        degree=3, curve=curve, n=456,
    )  # fmt: skip
    posts = pd.DataFrame({"customer_id": [f"c{number}" for number in range(456)]})
    answer = SimpleNamespace(pile=pile, posts=posts, zone=(15, 22), threshold=20, density=None)
    assert _pile(answer).verdict == "not settled"
    assert _pile(SimpleNamespace(**{**vars(answer), "pile": replace(pile, low=5.0)})).verdict == "supported"


@pytest.mark.parametrize(
    ("missing", "verdict"), [(26.0, "supported"), (-40.0, "supported"), (-120.0, "not settled"),
                             (-1052.0, "not settled")],
)  # fmt: skip
def test_where_as_many_more_stand_below_the_curve_errs(missing, verdict):
    curve = pd.DataFrame({"score": [19, 20], "count": [5, 9], "expected": [6.0, 4.5]})
    pile = Bunching(
        excess=84.0, excess_percent=193.0, low=91.0, high=357.0, missing_percent=missing, missing_low=missing,
        missing_high=missing, missing=1.0, level=0.95, p_value=0.001, degree=6, curve=curve, n=1268,
    )  # fmt: skip
    posts = pd.DataFrame({"customer_id": [f"c{number}" for number in range(456)]})
    found = _pile(SimpleNamespace(pile=pile, posts=posts, zone=(15, 22), threshold=20, density=None))
    assert found.verdict == verdict
    assert is_piled(pile) == (missing > -193.0)
    assert ("the curve does not fit here" in found.reading) == (verdict == "not settled")


def test_doubts_are_said():
    facts = {**COUPON, "doubts": [["one reason", "another"]]}
    for found in cases(WORDS, "A4.coupon_at_threshold", verdicts=["not settled"], facts=facts):
        assert "Against reading it as the coupon's doing: one reason; another." in found.reading


@pytest.mark.parametrize("verdict", ["supported", "contradicted", "not settled"])
@pytest.mark.parametrize("piled", [True, False])
def test_the_title_claims_only_what_is_settled(verdict, piled):
    judged = "supported" if piled else "not settled"
    pile = next(cases(WORDS, "A4.bunching", verdicts=[judged], facts={**PILE, "curve_errs": [False]}))
    for jump in cases(WORDS, "A4.coupon_at_threshold", verdicts=[verdict], facts=COUPON):
        title, _ = WORDS.picture("threshold", [jump, pile], threshold=20)
        assert ("not settled" in title) == (verdict == "not settled")
        assert ("likes are piled up there" in title) == piled


@pytest.mark.parametrize(
    ("likes", "again", "words"),
    [
        ([10], [1.0, 0.0], "30 on each side"),
        ([19, 20], [0.0], "none of the"),
        ([19, 20], [1.0], "all of the"),
    ],
)
def test_posts_that_can_show_no_jump_are_one_sentence(likes, again, words):
    posts = pd.DataFrame({"likes": (likes * 80)[:80], "again": (again * 80)[:80]})
    with pytest.raises(CannotAnswer, match=words):
        _demand_posts(posts, 20)
