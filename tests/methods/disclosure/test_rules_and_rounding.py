"""Primary rules, and estimates to two digits of their standard error."""

from __future__ import annotations

import numpy as np
import pytest

from methods.disclosure import is_dominated, is_few, rounded_to_error, step_of


def test_one_to_ten_people_are_few():
    assert is_few(np.arange(13)).tolist() == [False, *[True] * 10, False, False]


@pytest.mark.parametrize(
    ("amounts", "led"),
    [
        ((100, 50, 20), False),
        ((100, 90, 5), True),
        ((99, 60, 34), True),
        ((100, 60, 34), False),
        ((5, 5, 0), True),
    ],
)
def test_who_could_reckon_the_largest(amounts, led):
    total, largest, second = amounts
    # The second largest knows his own part, and that others gave nothing below 0.
    assert bool(is_dominated(total, largest, second)) == (total - second - largest < 0.1 * largest) == led


@pytest.mark.parametrize("seed", range(200))
def test_rounding_twice_changes_nothing_and_keeps_order_and_side(seed):
    rng = np.random.default_rng(seed)
    low, estimate, high = np.sort(rng.normal(0, 10 ** rng.uniform(-4, 5), 3) + rng.normal(0, 1))
    told = rounded_to_error(estimate, low, high, level=0.95)
    assert told[1] <= told[0] <= told[2]
    assert rounded_to_error(*told, level=0.95) == told
    assert [np.sign(value) for value in told] == [np.sign(value) for value in (estimate, low, high)]


@pytest.mark.parametrize("seed", range(50))
def test_it_moves_no_number_by_more_than_a_twentieth_of_the_error(seed):
    rng = np.random.default_rng(seed)
    estimate, error = rng.normal(100, 30), 10 ** rng.uniform(-2, 2)
    low, high = estimate - 1.959964 * error, estimate + 1.959964 * error
    told = rounded_to_error(estimate, low, high, level=0.95, nil=float("nan"))
    assert max(abs(np.subtract(told, (estimate, low, high)))) <= 0.0501 * error * 10
    assert step_of(low, high, level=0.95) <= 0.1 * error * 1.01


def test_a_mean_of_two_weeks_no_longer_gives_the_newcomer_away():
    rng = np.random.default_rng(5)
    spend, newcomer = rng.lognormal(4, 1, 2_000), 1_234.56
    totals = []
    for people in (spend, np.append(spend, newcomer)):
        error = people.std() / len(people) ** 0.5
        mean = people.mean()
        told = rounded_to_error(mean, mean - 1.96 * error, mean + 1.96 * error, level=0.95)[0]
        totals.append((told * len(people), mean * len(people)))
    assert totals[1][1] - totals[0][1] == pytest.approx(newcomer)
    assert abs(totals[1][0] - totals[0][0] - newcomer) > 50


def test_no_width_is_left_as_it_is():
    assert rounded_to_error(37.238197, 37.238197, 37.238197, level=0.95) == (37.238197,) * 3


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ValueError, match="between 0 and 1"):
        step_of(1.0, 2.0, level=1.0)
