"""Better by an amount worth having: the verdict, and the p-value of the claim that decides it."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.recommend.lists_compared import differences_served, shares_served, worth, worth_p, worth_verdict
from methods.intervals.estimates import Interval
from methods.intervals.paired_shares import paired_share_difference


def gap(estimate: float, low: float, high: float) -> Interval:
    return Interval(estimate=estimate, low=low, high=high, n=100)


@pytest.mark.parametrize(
    ("value", "p", "verdict"),
    [
        (gap(5.0, 4.0, 6.0), 0.001, "supported"),
        (gap(0.4, 0.1, 0.7), 0.001, "contradicted"),
        (gap(0.9, 0.4, 1.4), 0.001, "not settled"),
        (gap(5.0, 1.0, 9.0), 0.2, "not settled"),
        (gap(-3.0, -5.0, -1.0), 0.001, "contradicted"),
        (gap(0.0, 0.0, 0.0), 1.0, "not settled"),
    ],
)
def test_size_comes_before_significance(value, p, verdict):
    assert worth_verdict(value, smallest=1.0, p=p) == verdict


def test_the_p_value_is_that_of_the_claim_that_decides():
    assert worth_p(gap(5.0, 4.0, 6.0), smallest=1.0, p=0.002) == 0.002
    # At the very edge of an interval that ends at the amount worth having lies 0.05.
    assert worth_p(gap(0.0, -1.0, 1.0), smallest=1.0, p=0.9) == pytest.approx(0.05)
    assert worth_p(gap(0.4, 0.1, 0.7), smallest=1.0, p=0.001) < 0.05
    assert worth_p(gap(0.0, 0.0, 0.0), smallest=1.0, p=1.0) == 1.0


def test_nobody_served_better_of_few_customers_contradicts_nothing():
    few, many = (paired_share_difference(0, 0, n).scaled(100) for n in (40, 4_000))
    assert worth_verdict(few, smallest=1.0, p=1.0) == "not settled"
    assert worth_verdict(many, smallest=1.0, p=1.0) == "contradicted"


def test_a_claim_carries_verdict_and_p_value_each_by_its_own_p():
    found = worth(gap(5.0, 4.0, 6.0), smallest=1.0, p=0.2, p_alone=0.01)
    assert found == {"verdict": "not settled", "p_value": 0.01, "smallest": 1.0, "unseen_before": False}


@pytest.mark.parametrize(
    ("before", "verdict"), [(None, "supported"), (0.01, "supported"), (0.4, "not settled")]
)
def test_a_gain_counts_that_was_there_at_an_earlier_cut(before, verdict):
    found = worth(gap(5.0, 4.0, 6.0), smallest=1.0, p=0.002, p_alone=0.001, p_before=before)
    assert found["verdict"] == verdict
    assert found["p_value"] == max(0.001, before or 0.0)
    assert found["unseen_before"] == (verdict == "not settled")


def test_a_loss_needs_no_earlier_cut():
    found = worth(gap(-3.0, -5.0, -1.0), smallest=1.0, p=0.001, p_alone=0.001, p_before=1.0)
    assert (found["verdict"], found["unseen_before"]) == ("contradicted", False)


SERVED = {"friends": np.array([1.0, 1, 0, 1]), (0, "taste"): np.array([1.0, 0, 0, 0])}


def test_shares_served_are_percent_of_the_customers_of_each_list():
    shares = shares_served(SERVED)
    assert shares["estimate"].tolist() == [75.0, 25.0]
    assert shares["n"].tolist() == [4, 4]
    assert list(shares.index) == ["friends", (0, "taste")]
    assert (shares["low"] > 0).all()
    assert (shares["high"] < 100).all()


def test_a_difference_is_of_the_first_list_over_the_second_in_points():
    pairs = {"gain": ("friends", (0, "taste")), "loss": ((0, "taste"), "friends")}
    found = differences_served(SERVED, pairs, resamples=200, seed=1)
    assert found["estimate"].tolist() == [50.0, -50.0]
    assert found.loc["gain", "low"] == pytest.approx(-found.loc["loss", "high"])
