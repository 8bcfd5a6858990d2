"""What an open test could have found: at the level of its family, with 80 % power, said by one mechanism."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from helpers.report import Finding, registry
from helpers.report.detectable import smallest_found
from helpers.report.judging import judged_together
from helpers.report.unseen import unseen
from helpers.report.verdicts import effect_verdict
from methods.intervals.influence import normal_interval
from methods.intervals.multiplicity import holm

LONE, CAUSAL, CHECK, CLAIM = (
    "A8.spillover_week", "A8.friend_prompted", "A8.shares_yet_to_come", "A1.raw_gap_relative",
)  # fmt: skip


class Said:
    """Stands in for the readings of a question."""

    def sentence(self, finding: Finding) -> str:
        return "Said."


def finding(id: str, estimate: float, error: float, **fields) -> Finding:
    interval = normal_interval(estimate, error, 500)
    about = {"requirement": id.split(".")[0], "question": "?", "n": 500, "method": "m", "readings": Said()}
    about |= {"verdict": effect_verdict(interval), "unit": registry()[id].unit, **fields}
    return Finding(id=id, estimate=interval.estimate, low=interval.low, high=interval.high, **about)


def test_alone_it_is_the_plain_smallest_effect_and_beside_others_a_larger_one():
    alone = judged_together([finding(LONE, 0.5, 1.0)]).findings[0]
    assert alone.detectable == pytest.approx(norm.isf(0.025) + norm.isf(0.2))
    family = [finding(LONE, 0.5, 1.0, segment=str(place)) for place in range(10)]
    beside = judged_together(family).findings[0]
    assert beside.detectable == pytest.approx(norm.isf(0.0025) + norm.isf(0.2))
    assert "To be found, a difference would have had to be at least 3.6 pp." in beside.reading


def test_an_effect_of_that_size_is_found_in_eight_of_ten_families():
    """Recovery: the tests beside it have nothing to find, two have much."""
    rng = np.random.default_rng(3)
    error, others = 0.7, np.array([9.0, 9.0, 0, 0, 0, 0, 0])
    found, sizes = [], []
    for _ in range(400):
        z = others + rng.normal(size=len(others))
        family = [finding(LONE, value, 1.0, segment=str(place)) for place, value in enumerate(z)]
        own = finding(CAUSAL, 0.0, error)
        sizes.append(judged_together([own, *family]).findings[0].detectable)
        p = 2 * norm.sf(np.abs([sizes[-1] / error + rng.normal(), *z]))
        found.append(holm(p)[0] < 0.05)
    assert np.mean(found) == pytest.approx(0.8, abs=0.05)
    assert np.median(sizes) == pytest.approx(error * (norm.isf(0.05 / 6 / 2) + norm.isf(0.2)))


@pytest.mark.parametrize(
    ("id", "fields", "said"),
    [
        (CAUSAL, {}, "To be found, an effect would have had to be at least 2.8 pp."),
        (LONE, {}, "To be found, a difference would have had to be at least 2.8 pp."),
        (CHECK, {}, "To be found, a difference would have had to be at least 2.8 pp."),
        ("C4.friends_alike", {}, "To be told from 1, it would have had to lie at least 2.8 off it."),
        (
            CLAIM,
            {"facts": {"claimed": 1.2}},
            "To be told from 1.2 %, it would have had to lie at least 2.8 % off it.",
        ),
    ],
)
def test_what_is_said(id, fields, said):
    assert said in unseen(finding(id, 0.9, 1.0, **{"verdict": "not settled", **fields}))


@pytest.mark.parametrize(
    "quiet",
    [
        finding(CAUSAL, 9.0, 1.0),  # settled
        finding(CAUSAL, 9.0, 1.0, verdict="not settled"),  # open for a doubt, not for want of data
        finding(CAUSAL, 0.0, 0.0, verdict="not settled"),  # nothing varied
        finding("A1.raw_gap", 0.2, 1.0, verdict="reported"),  # no test
        finding("E2.turning_point", 0.2, 1.0, verdict="not settled"),  # nothing stands for no effect
    ],
)
def test_where_data_were_not_too_few_nothing_is_said(quiet):
    assert unseen(quiet) == ""


def test_so_few_that_only_an_enormous_effect_could_be_found_says_so():
    assert "any likely size" in unseen(finding(CAUSAL, 3.0, 20.0))
    assert "at least" in unseen(finding("B9.hidden_days_miss", 3.0, 70.0, verdict="not settled"))
    assert "any likely size" in unseen(finding("B9.hidden_days_miss", 3.0, 75.0, verdict="not settled"))


def test_an_effect_that_only_its_family_leaves_open_says_what_it_would_have_taken():
    open_one = replace(finding(CAUSAL, 2.2, 1.0), verdict="not settled", adjusted_p=0.3)
    assert "would have had to be at least" in unseen(open_one)


def test_a_claim_without_its_figure_is_an_error():
    with pytest.raises(KeyError, match="claimed"):
        unseen(finding(CLAIM, 0.9, 1.0, verdict="not settled"))


def test_a_wider_level_asks_for_more():
    one = finding(CAUSAL, 0.0, 1.0)
    assert (
        smallest_found(one, chance=0.01)
        > smallest_found(one, chance=0.05)
        == pytest.approx(smallest_found(one))
    )
