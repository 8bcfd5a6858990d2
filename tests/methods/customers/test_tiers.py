"""Lifecycle tiers: every customer in exactly one, by the rules as they are printed."""

import numpy as np
import pandas as pd
import pytest

from methods.customers.tiers import TIERS, TierRules, assign_tiers, own_cycles, tier_sensitivity

TODAY = 1000


def history(*rows):
    """Rows of (first_day, last_day, purchases)."""
    return pd.DataFrame(rows, columns=["first_day", "last_day", "purchases"], dtype=float)


def random_history(seed, customers=500):
    rng = np.random.default_rng(seed)
    purchases = rng.poisson(2, customers)
    first = rng.integers(0, TODAY, customers).astype(float)
    last = np.where(purchases > 1, first + rng.random(customers) * (TODAY - first), first)
    frame = history(*zip(first, last, purchases, strict=True))
    frame.loc[frame["purchases"] == 0, ["first_day", "last_day"]] = np.nan
    return frame


def test_each_rule():
    rows = history(
        (701, 901, 5),
        (699, 899, 5),
        (601, 801, 5),
        (599, 799, 5),
        (TODAY - 29, TODAY, 2),
        (np.nan, np.nan, 0),
    )
    rules = TierRules(habit_weight=1e-9)
    tiers = assign_tiers(rows, until=TODAY, rules=rules, cycle_days=50)
    assert tiers.tolist() == ["active", "silent", "silent", "lost", "new", "no order yet"]


def test_one_quick_return_does_not_make_a_short_cycle():
    rows = history((0, 100, 2), (0, 300, 4), (900, 901, 2))
    assert own_cycles(rows, TierRules(), cycle_days=100)[2] == pytest.approx((1 + 2 * 100) / 3)


@pytest.mark.parametrize("seed", range(5))
def test_counts_add_up_and_longer_thresholds_lose_fewer(seed):
    rows = random_history(seed)
    tiers = assign_tiers(rows, until=TODAY, rules=TierRules(), cycle_days=60)
    assert tiers.value_counts().sum() == len(rows)
    assert set(tiers.cat.categories) == set(TIERS)
    scaled = tier_sensitivity(rows, until=TODAY, rules=TierRules(), cycle_days=60)
    np.testing.assert_allclose(scaled.sum(axis=1), 100)
    assert scaled["lost"].is_monotonic_decreasing
    assert scaled["new"].is_monotonic_increasing


@pytest.mark.parametrize(
    "options",
    [{"new_days": -1}, {"silent_after_cycles": 4.0}, {"silent_after_cycles": 0.0}, {"habit_weight": 0.0}],
)
def test_refuses_rules_that_contradict_themselves(options):
    with pytest.raises(ValueError, match=r"give|below"):
        TierRules(**options)


@pytest.mark.parametrize("cycle_days", [0.0, -3.0, float("nan"), float("inf")])
def test_refuses_a_cycle_that_is_none(cycle_days):
    with pytest.raises(ValueError, match="days above 0"):
        assign_tiers(history((0, 10, 2)), until=TODAY, rules=TierRules(), cycle_days=cycle_days)
