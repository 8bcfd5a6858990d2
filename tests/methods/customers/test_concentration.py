"""Concentration against laws whose curve is known, and what cannot be spread at all."""

from __future__ import annotations

import numpy as np
import pytest

from methods.customers.concentration import concentration
from methods.errors import CannotAnswer


@pytest.mark.parametrize(
    ("draw", "gini", "top"),
    [
        (lambda rng, n: rng.random(n), 1 / 3, 0.19),
        (lambda rng, n: rng.exponential(size=n), 1 / 2, 0.1 * (1 + np.log(10))),
        (lambda rng, n: 1 + rng.pareto(3.0, n), 1 / 5, 0.1 ** (2 / 3)),
    ],
    ids=["uniform", "exponential", "Pareto"],
)
def test_intervals_hold_what_is_known_of_a_law(draw, gini, top):
    rng, held = np.random.default_rng(1), []
    for _ in range(60):
        found = concentration(draw(rng, 800), draws=120)
        held.append((found.gini.low <= gini <= found.gini.high, found.top.low <= top <= found.top.high))
    assert (np.mean(held, axis=0) >= 0.85).all()


def test_the_curve_runs_from_the_poorest_to_all():
    found = concentration([4.0, 0.0, 1.0, 5.0], draws=20)
    assert found.people.tolist() == [0.0, 0.25, 0.5, 0.75, 1.0]
    assert found.held.tolist() == [0.0, 0.0, 0.1, 0.5, 1.0]


def test_where_all_hold_the_same_nobody_holds_more():
    found = concentration([3.0] * 50, draws=20)
    assert found.gini.estimate == pytest.approx(0, abs=1e-12)
    assert found.top.estimate == pytest.approx(0.1)


def test_one_person_or_nothing_held_has_no_spread():
    for amounts in ([1.0], [0.0, 0.0], []):
        with pytest.raises(CannotAnswer):
            concentration(amounts)
    with pytest.raises(ValueError, match="below 0"):
        concentration([1.0, -2.0])
