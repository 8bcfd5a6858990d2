"""Differences on the same customers where hardly anybody differs: coverage counted out, and none is nil."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multinomial

from methods.intervals.paired_shares import differing_few, paired_share_difference, ratio_of_few

FIRST = [0.002, 0.01, 0.02, 0.05, 0.2]


@pytest.fixture(scope="module")
def at_40():
    return {(b, c): paired_share_difference(b, c, 40) for b in range(26) for c in range(26) if b + c <= 40}


@pytest.mark.parametrize("one", FIRST)
@pytest.mark.parametrize("other", FIRST)
def test_at_least_92_of_100_hold_the_truth_from_40_customers(at_40, one, other):
    """Counted out over every table that may come, none drawn."""
    chance = multinomial(40, [one, other, 1 - one - other])
    told = [pair for pair, found in at_40.items() if found.low <= one - other <= found.high]
    assert sum(chance.pmf([b, c, 40 - b - c]) for b, c in told) >= 0.92


def test_score_statistic_is_the_quantile_at_both_ends():
    """Tango 1998, equation 10, with the restricted estimate solved by search instead of in closed form."""
    b, c, n = 9, 2, 60
    for end, sign in zip(("low", "high"), (1, -1), strict=True):
        d = getattr(paired_share_difference(b, c, n), end)
        grid = np.linspace(max(0, -d) + 1e-9, (1 - d) / 2 - 1e-9, 400_001)
        likely = b * np.log(grid + d) + c * np.log(grid) + (n - b - c) * np.log(1 - 2 * grid - d)
        q = grid[likely.argmax()]
        assert (b - c - n * d) / np.sqrt(n * (2 * q + d - d * d)) == pytest.approx(sign * 1.95996, abs=1e-3)


def test_both_ends_turn_round_with_the_customers():
    there, back = paired_share_difference(7, 1, 50), paired_share_difference(1, 7, 50)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


@pytest.mark.parametrize(
    "values", [np.zeros(40), np.r_[100.0, np.zeros(39)], np.r_[30.0, -12.5, np.zeros(38)]]
)
def test_hardly_any_that_differ_leave_a_wide_interval(values):
    found = differing_few(values, largest=100.0)
    assert found.estimate == values.mean()
    assert found.low < -5
    assert found.high > 8


def test_many_that_differ_by_unlike_amounts_are_left_to_the_bootstrap():
    assert differing_few(np.arange(40.0), largest=100.0) is None


def test_ratios_of_many_stay_as_they_are():
    rng = np.random.default_rng(1)
    times = rng.integers(1, 4, 60)
    many = ratio_of_few(rng.integers(-1, 2, 60) * times * 100.0, times, largest=100.0)
    none = ratio_of_few(np.zeros(60), times, largest=100.0)
    assert many.standard_error > 0
    assert none.low < -5 < 5 < none.high


@pytest.mark.parametrize("numbers", [(1, 0, 0), (-1, 0, 5), (3, 3, 5)])
def test_impossible_numbers_are_an_error(numbers):
    with pytest.raises(ValueError, match="impossible"):
        paired_share_difference(*numbers)
