"""Means of money: coverage where few customers hold much, and tails that have no mean worth telling."""

from __future__ import annotations

import numpy as np
import pytest

from methods.intervals.estimates import above_zero, ratio_of_sums
from methods.intervals.long_tails import leaning_ratio, tail_of


def coverage(spread, *, draws, people=200, buyers=1.0):
    rng, held = np.random.default_rng(1), []
    for seed in range(draws):
        spent = rng.lognormal(0, spread, people) * (rng.random(people) < buyers)
        found = leaning_ratio(spent, np.ones(people), draws=300, seed=seed)
        held.append(found.low <= buyers * np.exp(spread**2 / 2) <= found.high)
    return np.mean(held)


def test_a_wide_mean_is_held_where_half_bought_nothing():
    assert coverage(1.5, draws=150, people=60, buyers=0.5) >= 0.94


@pytest.mark.slow
@pytest.mark.parametrize("spread", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("buyers", [1.0, 0.5])
def test_log_normal_amounts_of_200_are_held_at_their_rate(spread, buyers):
    found = coverage(spread, draws=1_500, buyers=buyers)
    print(f"\nspread {spread}, {buyers:.0%} with any: {found:.3f}")
    assert found >= 0.93


def test_it_leans_with_the_money_and_not_without():
    rng = np.random.default_rng(2)
    wide = leaning_ratio(rng.lognormal(0, 1.5, 300), np.ones(300))
    plain = above_zero(ratio_of_sums(rng.normal(100, 5, 300), np.ones(300)))
    even = leaning_ratio(np.random.default_rng(2).normal(100, 5, 300), np.ones(300))
    assert np.log(wide.high / wide.estimate) > 1.1 * np.log(wide.estimate / wide.low)
    assert np.log(even.high / even.low) == pytest.approx(np.log(plain.high / plain.low), rel=0.2)


def test_a_ratio_takes_a_customers_orders_together():
    rng = np.random.default_rng(3)
    orders = rng.integers(1, 9, 500)
    spent = orders * rng.lognormal(3, 0.5, 500)
    found, plain = leaning_ratio(spent, orders), above_zero(ratio_of_sums(spent, orders))
    assert found.estimate == plain.estimate
    assert np.log(found.high / found.low) == pytest.approx(np.log(plain.high / plain.low), rel=0.15)


@pytest.mark.parametrize(
    ("draw", "too_long"),
    [
        (lambda rng: rng.pareto(1.2, 2_000) + 1, True),
        (lambda rng: rng.pareto(2.0, 2_000) + 1, True),
        (lambda rng: rng.pareto(4.0, 2_000) + 1, False),
        (lambda rng: rng.lognormal(0, 1.5, 2_000), False),
        (lambda rng: rng.gamma(2.0, 10.0, 2_000), False),
    ],
    ids=["pareto 1.2", "pareto 2", "pareto 4", "log-normal 1.5", "gamma"],
)
def test_tails_without_a_mean_worth_telling_are_found(draw, too_long):
    assert tail_of(draw(np.random.default_rng(4))).too_long is too_long


def test_the_index_is_hills():
    values = np.exp(np.arange(40) / 10.0)
    assert tail_of(values).index == pytest.approx(1 / np.mean(np.arange(1, 11) / 10))


@pytest.mark.parametrize("amounts", [[], [5.0] * 100, [0.0] * 100, list(range(1, 15))])
def test_too_few_or_equal_amounts_have_no_tail(amounts):
    assert tail_of(amounts) is None


@pytest.mark.parametrize("spent", [np.zeros(50), np.full(50, 7.0)])
def test_nothing_to_draw_again_leaves_the_plain_interval(spent):
    found, plain = leaning_ratio(spent, np.ones(50)), above_zero(ratio_of_sums(spent, np.ones(50)))
    assert (found.estimate, found.low, found.high) == (plain.estimate, plain.low, plain.high)


def test_an_end_that_the_draws_do_not_bound_is_that_of_the_plain_interval():
    amounts = np.r_[np.full(199, 10.0) + np.arange(199) % 3, 1e12]
    found = leaning_ratio(amounts, np.ones(200))
    assert found == above_zero(ratio_of_sums(amounts, np.ones(200)))
