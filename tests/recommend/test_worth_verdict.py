"""Better by an amount worth having: the verdict, and the p-value of the claim that decides it."""

from __future__ import annotations

import pytest

from helpers.recommend.lists_compared import worth_p, worth_verdict
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
