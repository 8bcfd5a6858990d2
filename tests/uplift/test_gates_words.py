"""Every sentence of the checks that headlines of A3 to A6, A9 and A10 rest on, and what they take out."""

from __future__ import annotations

import pytest

from helpers.report.judging import judged_together
from helpers.uplift.a03_likes_dose_response.likes_dose_response import WORDS as LIKES
from helpers.uplift.a04_coupon_threshold.coupon_threshold import WORDS as COUPON
from helpers.uplift.a05_cashback.cashback import WORDS as CASHBACK
from helpers.uplift.a06_brand_reply.brand_reply import WORDS as REPLY
from helpers.uplift.a09_who_gains.gain_profile import WORDS as PROFILE
from helpers.uplift.a09_who_gains.who_gains import WORDS as OFFER
from helpers.uplift.a10_word_of_mouth.word_of_mouth import WORDS as CLICKS
from helpers.uplift.gates import counted
from methods.intervals.estimates import Interval
from tests.truth_tables import assert_truth_table, cases

SHARE, JUMPS = {"share": (93.1, 93.1, 93.1)}, {"none": (0.0,) * 3, "one": (1.0,) * 3, "two": (2.0,) * 3}
GROUND = {"before": [0.9], "after": [0.02, 0.4], "line": [0.1], "worth": [12.0, 900.0]}
COUNTED = [
    (REPLY, "A6.common_ground", GROUND, SHARE),
    (LIKES, "A3.common_ground", GROUND, SHARE),
    (LIKES, "A3.likes_left_over", {}, SHARE),
    (COUPON, "A4.must_not_jump", {"looks": [1, 9]}, JUMPS),
    (CLICKS, "A10.common_ground", {}, SHARE),
]  # fmt: skip


@pytest.mark.parametrize(("words", "id", "facts", "intervals"), COUNTED, ids=[each[1] for each in COUNTED])
def test_a_counted_check_says_whether_it_fails(words, id, facts, intervals):
    asked = {"verdicts": ["reported"], "intervals": intervals, "facts": {**facts, "fails": [False, True]}}
    assert_truth_table(words, id, **asked)
    for found in cases(words, id, **asked):
        assert (
            any(said in found.reading for said in ("too few", "too little", "not alike"))
            == found.facts["fails"]
        )


@pytest.mark.parametrize(("words", "unit"), [(CASHBACK, "group"), (OFFER, "customer")], ids=["A5", "A9"])
def test_the_sizes_of_the_arms_are_told(words, unit):
    id = f"{words.requirement}.sample_ratio"
    facts = {"arm": ["", "$double"], "planned": [0.5], "chance": [0.02, 0.3], "unit_drawn": [unit]}
    facts |= {"declared": [False, True], "alarm": [0.001]}
    wrong = "the arms do not have the planned sizes"
    for verdict, doubt in (("supported", ""), ("contradicted", wrong), ("not settled", wrong)):
        asked = {
            "verdicts": [verdict],
            "intervals": {"share": (50.0, 48.0, 52.0)},
            "facts": {**facts, "doubt": [doubt]},
        }
        assert_truth_table(words, id, **asked)
        for found in cases(words, id, **asked):
            fair = verdict == "supported" and found.facts["chance"] > 0.05
            assert ("no sign" in found.reading) == fair
            assert doubt in found.reading
            assert (", planned 50" in found.reading) == found.facts["declared"]


@pytest.mark.parametrize("words", [LIKES, COUPON, CASHBACK, REPLY, OFFER, PROFILE, CLICKS])
def test_every_headline_names_the_checks_that_it_rests_on(words):
    asked = [spec for spec in words.registry.values() if spec.role == "test" or spec.causal]
    assert all(spec.gated_by for spec in asked)


@pytest.mark.parametrize("fails", [False, True])
def test_a_check_that_fails_takes_the_number_out(fails):
    effect = CLICKS.finding(
        "A10.friend_over_shop", Interval(estimate=0.04, low=0.03, high=0.05, n=900), scale=100, method="m",
        verdict="supported", segment="friend", persons=500, first="friend", second="shop", first_rate=0.06,
        second_rate=0.02, convert_days=7,
    )  # fmt: skip
    check = counted(CLICKS, "A10.common_ground", 0.3, n=900, persons=500, method="m", fails=fails)
    after, _ = judged_together([effect, check]).findings
    assert (after.status == "skipped") == fails
    assert (after.estimate is None) == fails
