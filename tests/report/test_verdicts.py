"""What an interval decides: every edge of every rule."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from helpers.report.verdicts import (
    claim_p,
    claim_verdict,
    effect_verdict,
    judge_claim,
    judge_direction,
    nil_verdict,
    p_of_nil,
)
from methods.intervals import Interval


def span(low: float, high: float, estimate: float | None = None, level: float = 0.95) -> Interval:
    middle = (low + high) / 2 if estimate is None else estimate
    return Interval(estimate=middle, low=low, high=high, n=100, level=level)


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.001, 2.0, "supported"),
        (-2.0, -0.001, "contradicted"),
        (-1.0, 2.0, "not settled"),
        (0.0, 2.0, "not settled"),
        (-2.0, 0.0, "not settled"),
        (0.0, 0.0, "not settled"),
        (1.0, 1.0, "not settled"),
        (-1e-15, -1e-15, "not settled"),
    ],
)
def test_an_effect_is_settled_where_nil_is_left_out_and_something_varied(low, high, verdict):
    assert effect_verdict(span(low, high)) == verdict
    assert effect_verdict(span(low, high), doubt="few are alike") == "not settled"


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.05, 0.05, "supported"),
        (0.01, 0.05, "supported"),
        (-0.1, 0.05, "not settled"),
        (-0.05, 0.1, "not settled"),
        (0.01, 0.2, "contradicted"),
        (-0.2, -0.01, "contradicted"),
        (0.0, 0.2, "not settled"),
        (-0.2, 0.0, "not settled"),
        (0.02, 0.02, "not settled"),
    ],
)
def test_nil_is_shown_only_by_an_interval_within_the_margin(low, high, verdict):
    assert nil_verdict(span(low, high), margin=0.1) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (18.5, 74.0, "fits"),
        (18.49, 74.0, "not settled"),
        (18.5, 74.01, "not settled"),
        (37.0, 50.0, "fits"),
        (30.0, 37.0, "fits"),
        (37.01, 50.0, "contradicted"),
        (30.0, 36.99, "contradicted"),
        (37.0, 37.0, "not settled"),
    ],
)
def test_a_figure_fits_from_half_to_twice_itself(low, high, verdict):
    assert judge_claim(low, high, claimed=37.0) == verdict


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (19.0, 73.0, "fits"),
        (18.0, 73.0, "not settled"),
        # A million customers tell 38 from 37; no shop would act otherwise on it.
        (37.5, 38.8, "fits"),
        (33.4, 36.9, "fits"),
        (37.5, 41.0, "not settled"),
        (30.0, 36.9, "not settled"),
        (40.8, 45.0, "contradicted"),
        (30.0, 33.2, "contradicted"),
        (38.0, 38.0, "not settled"),
    ],
)
def test_a_repeated_figure_is_about_itself(low, high, verdict):
    share = span(low / 100, high / 100)
    assert claim_verdict(share, claimed_percent=37.0) == verdict
    assert claim_verdict(share, claimed_percent=37.0, doubt="x") == "not settled"
    assert (claim_p(share, claimed_percent=37.0) < 0.05) == (verdict == "contradicted")


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("z", [0.0, 0.5, 1.96, -1.96, -3.0])
def test_p_of_nil_is_that_of_the_normal_law_behind_the_interval(level, z):
    reach = norm.ppf(0.5 + level / 2)
    found = p_of_nil(span(z - reach, z + reach, level=level))
    assert found == pytest.approx(2 * norm.sf(abs(z)), rel=1e-9)


def test_p_of_nil_reads_the_side_that_looks_at_nil():
    assert p_of_nil(span(1.0, 50.0, estimate=2.0)) == pytest.approx(2 * norm.sf(2 * norm.ppf(0.975)))
    assert p_of_nil(span(-50.0, -1.0, estimate=-2.0)) == pytest.approx(2 * norm.sf(2 * norm.ppf(0.975)))
    assert p_of_nil(span(0.25, 50.0, estimate=0.5)) == pytest.approx(2 * norm.sf(2 * norm.ppf(0.975)))
    assert p_of_nil(span(3.0, 3.0)) == 1.0


@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("claimed", [10.0, 37.0, 100.0])
def test_p_of_a_claim_is_counted_on_the_log_scale(claimed, level):
    middle, error = np.log(1.25), 0.1
    reach = norm.ppf(0.5 + level / 2) * error
    ratio = span(np.exp(middle - reach) - 1, np.exp(middle + reach) - 1, estimate=0.25, level=level)
    nearest = np.clip(0.25, 0.9 * claimed / 100, 1.1 * claimed / 100)
    expected = 2 * norm.sf(abs(middle - np.log1p(nearest)) / error)
    assert claim_p(ratio, claimed_percent=claimed) == pytest.approx(expected, rel=1e-6)
    assert claim_p(span(0.2, 0.2), claimed_percent=claimed) == 1.0


@pytest.mark.parametrize(
    ("estimate", "low", "high", "more", "verdict"),
    [
        (1.5, 1.25, 1.75, True, "fits"),
        (1.25, 1.125, 1.75, True, "fits"),  # just far enough
        (1.2, 1.125, 1.75, True, "not settled"),
        (1.5, 1.0, 2.0, True, "not settled"),  # touches nil
        (1.5, 0.75, 2.0, True, "not settled"),
        (1.1, 1.0, 1.2, True, "contradicted"),
        (1.1, 1.0, 1.25, True, "not settled"),  # may just be far enough
        (0.5, 0.25, 0.75, True, "contradicted"),
        (0.5, 0.25, 0.75, False, "fits"),
        (0.75, 0.5, 0.875, False, "fits"),
        (1.5, 1.25, 1.75, False, "contradicted"),
        (1.5, 1.5, 1.5, True, "not settled"),
    ],
)
def test_a_direction_fits_where_all_of_it_lies_there_and_it_is_far_enough(estimate, low, high, more, verdict):
    assert judge_direction(estimate, low, high, nil=1.0, smallest=0.25, more=more) == verdict
