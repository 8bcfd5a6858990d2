"""Kinds that are there are shown; one kind of customer, whatever its curves and rough shares, is not cut."""

from __future__ import annotations

import numpy as np
import pytest

from methods.customers.one_kind import gain_over_one_kind, of_one_kind
from methods.errors import CannotAnswer


def customers(seed, *, kinds, rows=800):
    """Purchases, and habits that are shares of these: rough where there are few of them."""
    rng = np.random.default_rng(seed)
    bought = 2 + rng.poisson(rng.gamma(1.0, 4.0, rows))
    kind = rng.integers(0, kinds, rows)
    likes = np.array([[0.5, 0.5, 0.5], [0.1, 0.9, 0.2], [0.9, 0.6, 0.9]])[kind]
    shares = (rng.binomial(bought[:, None], likes) + 1.5) / (bought[:, None] + 3)
    pace = np.log(bought)
    habits = np.column_stack([-pace + rng.normal(0, 0.5, rows), pace, shares])
    return (habits - habits.mean(axis=0)) / habits.std(axis=0), bought


@pytest.mark.parametrize("seed", range(1, 4))
@pytest.mark.parametrize("number", [2, 5])
def test_only_true_kinds_are_shown(seed, number):
    for kinds in (1, 3):
        habits, bought = customers(seed, kinds=kinds)
        found = gain_over_one_kind(habits, bought, given=(0, 1), number=number, seed=seed)
        assert (found.low > 0) == (kinds > 1)


def test_one_kind_keeps_margins_correlations_and_the_lifecycle():
    rng = np.random.default_rng(3)
    given, noise = rng.normal(size=4_000), rng.normal(size=(4_000, 2))
    rows = np.column_stack([given, np.exp(given + noise[:, 0]), noise[:, 0] + noise[:, 1]])
    dealt = of_one_kind(rows, np.zeros(4_000, dtype=int), given=(0,), rng=rng)
    assert (dealt[:, 0] == given).all()
    assert (np.sort(dealt, axis=0) == np.sort(rows, axis=0)).all()
    logs, was = (np.corrcoef(np.column_stack([x[:, 0], np.log(x[:, 1]), x[:, 2]]).T) for x in (dealt, rows))
    assert logs == pytest.approx(was, abs=0.05)
    assert not (dealt[:, 1] == rows[:, 1]).mean() > 0.1


def test_the_same_seed_gives_the_same_gain():
    habits, bought = customers(1, kinds=3, rows=300)
    one, other = (gain_over_one_kind(habits, bought, given=(0, 1), number=3, draws=4, seed=7) for _ in "ab")
    assert one == other


def test_habits_must_be_known():
    habits, bought = customers(1, kinds=1, rows=300)
    with pytest.raises(CannotAnswer, match="how often and how lately"):
        gain_over_one_kind(habits[:, :2], bought, given=(0, 1), number=2, seed=1)
