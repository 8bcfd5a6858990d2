"""The factors of revenue multiply, and their intervals hold the truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.customers.revenue_factors import revenue_factors
from methods.errors import CannotAnswer

PEOPLE = 600


def people(rng, *, more=1.0, dearer=1.0):
    habit = rng.gamma(1.0, 1.0, PEOPLE)
    before, now = rng.poisson(habit), rng.poisson(more * habit)
    return pd.DataFrame(
        {
            "orders_before": before,
            "orders_now": now,
            "spend_before": 100 * before * rng.lognormal(0, 0.5, PEOPLE),
            "spend_now": dearer * 100 * now * rng.lognormal(0, 0.5, PEOPLE),
        }
    )


def test_the_factors_multiply_to_revenue():
    found = revenue_factors(people(np.random.default_rng(1), more=1.3, dearer=0.9))
    ratios = {name: 1 + one.estimate for name, one in found.changes.items()}
    assert ratios["revenue"] == pytest.approx(
        ratios["customers"] * ratios["orders per customer"] * ratios["value of an order"]
    )
    levels = found.levels["now"]
    assert levels["revenue"] == pytest.approx(levels.iloc[1:].prod())


def test_intervals_hold_the_truth():
    """Of exponential habits of mean 1 half buy before, and 1.5 / 2.5 at half as much more."""
    truth = {
        "revenue": 1.5 * 0.9 - 1,
        "customers": 0.6 / 0.5 - 1,
        "orders per customer": (1.5 / 0.6) / (1 / 0.5) - 1,
        "value of an order": -0.1,
    }
    rng, held = np.random.default_rng(2), dict.fromkeys(truth, 0)
    for _ in range(150):
        changes = revenue_factors(people(rng, more=1.5, dearer=0.9)).changes
        for name, value in truth.items():
            held[name] += changes[name].low <= value <= changes[name].high
    assert min(held.values()) >= 0.9 * 150


@pytest.mark.parametrize("empty", ["orders_now", "spend_before"])
def test_a_span_without_purchases_or_prices_has_no_factors(empty):
    frame = people(np.random.default_rng(3)).assign(**{empty: 0})
    with pytest.raises(CannotAnswer, match=empty.partition("_")[2]):
        revenue_factors(frame)
