"""Every sentence that A3 can say, and when it keeps silent."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.report import CannotAnswer
from helpers.report.judging import judged_together
from helpers.report.verdicts import effect_verdict
from helpers.uplift.a01_share_gap.share_gap import WORDS as GAP
from helpers.uplift.a03_likes_dose_response.likes_dose_response import WORDS, _demand_differences, _percent
from methods.adjust.mediation import part_of
from methods.adjust.sensitivity import Benchmark
from methods.intervals.influence import normal_interval
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table, cases

TEN = {
    "mean_likes": [0.0, 7.2],
    "landmark_hours": [1, 96],
    "outcome_days": [1, 88],
    "robustness": [0.0, 0.03],
    "trait": ["number of friends"],
    "kept": [-0.5, 0.4],
}
PART = {"coupon_likes": [0, 20], "landmark_hours": [1, 96], "whole": ["4.3 pp (2.1 to 6.6)"]}
SHARE = {"coupon_likes": [0, 20], "trait": ["number of friends"], "kept": [0.0, 0.4]}


def test_registry_and_templates_name_the_same_findings():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "facts"),
    [("A3.ten_likes_uplift", TEN), ("A3.points_through_likes", PART), ("A3.percent_through_likes", SHARE)],
)
def test_every_sentence_reads_well(id, facts):
    assert_truth_table(WORDS, id, facts=facts)


@pytest.mark.parametrize("settled", [True, False])
def test_the_title_claims_only_what_is_settled(settled):
    verdicts = ["supported", "contradicted"] if settled else ["not settled"]
    for ten in cases(WORDS, "A3.ten_likes_uplift", verdicts=verdicts, facts=TEN):
        title, _ = WORDS.picture("likes", [ten], parts=["whole effect 4.3 pp"])
        assert ("not settled" in title) != settled


def mark() -> Benchmark:
    return Benchmark(
        covariate="friends",
        treatment_share=0.1,
        outcome_share=0.1,
        estimate=0.05,
        remaining=0.02,
        robustness=0.03,
        robustness_of_interval=0.01,
    )


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        ((0.020, 0.004), (0.05, 0.004), True),  # well inside none and all
        ((0.020, 0.012), (0.05, 0.004), False),  # may be less than none
        ((0.045, 0.006), (0.05, 0.004), False),  # may be more than all
        ((0.020, 0.004), (0.01, 0.010), False),  # the whole may be nil
    ],
)
def test_a_share_that_may_be_below_none_or_above_all_is_withheld(part, whole, told):
    pair = part_of(normal_interval(*part, 900), normal_interval(*whole, 900))
    found = _percent(pair, mark(), 20, doubt="")
    assert (found.status == "answered") == told
    if not told:
        assert "has no bounds between none and all" in found.reason
        assert found.estimate is None


def test_a_doubt_on_the_whole_withholds_the_share():
    pair = part_of(normal_interval(0.02, 0.004, 900), normal_interval(0.05, 0.004, 900))
    found = _percent(pair, mark(), 20, doubt="30 % of the customers have no counterpart")
    assert "30 % of the customers have no counterpart" in found.reason


@pytest.mark.parametrize(("whole", "verdict"), [((0.05, 0.004), "supported"), ((0.05, 0.03), "not settled")])
def test_no_share_is_settled_of_an_effect_that_is_not(whole, verdict):
    pair = part_of(normal_interval(0.020, 0.004, 900), normal_interval(0.05, 0.004, 900))
    effect = normal_interval(*whole, 900)
    found = judged_together(
        [
            next(cases(WORDS, "A3.ten_likes_uplift", verdicts=["supported"], facts=TEN)),
            GAP.finding(
                "A1.adjusted_uplift_sharers",
                effect,
                verdict=effect_verdict(effect),
                doubt="",
                widened=1.0,
                method="m",
                scale=100,
            ),
            _percent(pair, mark(), 20, doubt=""),
        ]
    ).findings
    assert found[-1].verdict == verdict


@pytest.mark.parametrize(("value", "word"), [(0.0, "nobody"), (1.0, "everybody")])
def test_sharers_who_do_not_differ_are_one_sentence(value, word):
    with pytest.raises(CannotAnswer, match=word):
        _demand_differences(np.full(300, value))
