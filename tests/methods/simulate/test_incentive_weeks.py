"""The weeks of a shop under incentives: exact small cases, the same luck for all, each lever's doing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import nbinom

from methods.simulate import Population, ShopNumbers, as_ties, levers_of, simulate_weeks
from methods.simulate.incentive_weeks import gini_by_row

CERTAIN = 1e6  # a gamma of so large a shape has no spread


def crowd(customers=2_000, *, rate=0.1, ends=(), **changes) -> Population:
    """Customers who are all alike: they stay, order at this rate a week, and share one order in four."""
    even = np.ones(customers)
    given = {
        "shape": CERTAIN * even, "pace": CERTAIN / rate * even, "here": even, "leaving": 0 * even,
        "share_chance": 0.25 * even, "likes": 5 * even, "circle": np.arange(customers) // 20,
        "ties": as_ties(np.array(ends, dtype=int).reshape(-1, 2), customers),
    }  # fmt: skip
    return Population(**{**given, **changes})


def ring(customers: int) -> np.ndarray:
    here = np.arange(customers)
    return np.column_stack([here, (here + 1) % customers])


def lived(population, rows, *, shop=None, weeks=13, seed=1, **tables):
    levers = levers_of(rows, **tables)
    return simulate_weeks(
        population, shop or ShopNumbers(), levers, incentives=len(rows), weeks=weeks, seed=seed
    )


def test_without_ties_orders_are_those_of_the_rates():
    found = lived(crowd(), {"none": {}, "half more": {"orders": np.log(1.5)}})
    expected = 2_000 * 13 * -np.expm1(-np.array([0.1, 0.15]))
    np.testing.assert_allclose(found["orders"][0], expected, rtol=1e-4)
    assert found["shares"][0, 0] == pytest.approx(0.25 * expected[0], rel=0.1)
    np.testing.assert_allclose(found.by_circle.sum(axis=2), found["orders"], rtol=1e-5)


def test_equal_incentives_meet_the_same_luck_and_the_same_seed_the_same_weeks():
    rows = {"one": {"asks": 2.0, "asked": 0.3}, "same": {"asks": 2.0, "asked": 0.3}}
    shop = ShopNumbers(unwelcome=0.3, turns_away=0.1, ends_tie=0.1, sight_effect=0.1, share_effect=0.1)
    found = lived(crowd(ends=ring(2_000)), rows, shop=shop)
    again = lived(crowd(ends=ring(2_000)), rows, shop=shop)
    other = lived(crowd(ends=ring(2_000)), rows, shop=shop, seed=2)
    for name, values in found.measures.items():
        assert values[0, 0] == values[0, 1], name
        np.testing.assert_array_equal(values, again[name])
    assert found["asks"][0, 0] != other["asks"][0, 0]


def test_who_leaves_after_an_order_orders_once():
    found = lived(crowd(leaving=np.ones(2_000)), {"none": {}}, weeks=40)
    assert found["orders"][0, 0] == pytest.approx(2_000, rel=0.05)
    assert found["returned"][0, 0] == 0


def test_orders_that_are_followed_within_eight_weeks_are_counted():
    found = lived(crowd(20_000), {"none": {}}, weeks=30)
    weekly = -np.expm1(-0.1)
    share = found["returned"][0, 0] / found["returnable"][0, 0]
    assert share == pytest.approx(1 - (1 - weekly) ** 8, abs=0.01)


def test_a_share_moves_its_sharer_and_those_who_see_it():
    sharing = ShopNumbers(share_effect=np.log(2))
    own = lived(crowd(), {"none": {}}, shop=sharing)["orders"][0, 0]
    assert own > 1.1 * lived(crowd(), {"none": {}})["orders"][0, 0]
    seen = ShopNumbers(sight_effect=np.log(2))
    assert lived(crowd(ends=ring(2_000)), {"none": {}}, shop=seen)["orders"][0, 0] > 1.05 * 2_466
    assert lived(crowd(), {"none": {}}, shop=seen)["orders"][0, 0] == pytest.approx(2_474, abs=5)


def test_asks_are_as_many_as_set_and_cost_what_the_numbers_say():
    ends = [(hub, leaf) for hub in range(0, 3_000, 30) for leaf in range(hub + 1, hub + 30)]
    hubs = np.isin(np.arange(3_000), np.arange(0, 3_000, 30))
    star = crowd(3_000, ends=ends, share_chance=np.where(hubs, 1 - 1e-6, 1e-6))
    shop = ShopNumbers(unwelcome=0.4, turns_away=0.25, ends_tie=0.5)
    found = lived(star, {"none": {}, "asks": {"asks": 3.0}}, shop=shop, weeks=4)
    shares, asks = found["shares"][0, 1], found["asks"][0, 1]
    assert asks / shares == pytest.approx(3, rel=0.15)
    assert found["unwelcome"][0, 1] / asks == pytest.approx(0.4, abs=0.12)
    assert 0 < found["customers_lost"][0, 1] <= found["unwelcome"][0, 1]
    assert 0 < found["ties_lost"][0, 1] <= found["unwelcome"][0, 1]
    for name in ("asks", "unwelcome", "customers_lost", "ties_lost"):
        assert found[name][0, 0] == 0


def test_tiredness_lowers_orders_of_those_asked():
    rows = {"none": {}, "asks": {"asks": 2.0}}
    fresh = lived(crowd(ends=ring(2_000)), rows)["orders"][0]
    tired = lived(crowd(ends=ring(2_000)), rows, shop=ShopNumbers(tiredness=0.5))["orders"][0]
    assert fresh[0] == fresh[1] == tired[0] > tired[1]


@pytest.mark.parametrize("mean", [10.0, 20.0, 60.0])
def test_the_reward_at_so_many_likes_is_earned_as_likes_scatter(mean):
    population = crowd(20_000, likes=np.full(20_000, mean), share_chance=np.full(20_000, 1 - 1e-6))
    rows = {"none": {}, "coupon": {"at_likes": 20, "pay_earned": 1.0, "earned": 0.0}}
    found = lived(population, rows, weeks=8)
    chance = nbinom.sf(19, 4, 4 / (4 + mean))
    # Paid when used: the next order, if it comes within eight weeks of the share.
    weekly = -np.expm1(-0.1)
    order_weeks = sum(weekly * (1 - (1 - weekly) ** (8 - week - 1)) for week in range(8))
    assert found["paid"][0, 1] <= 20_000 * chance * order_weeks * 1.1
    assert found["paid"][0, 1] >= 20_000 * chance * order_weeks * 0.75


def test_payments_go_to_those_who_earn_them():
    rows = {"none": {}, "back": {"pay_order": 0.1}, "commission": {"asks": 2.0, "pay_asker": 0.2}}
    found = lived(crowd(ends=ring(2_000)), rows)
    assert found["paid"][0, 0] == 0
    assert found["paid"][0, 1] == pytest.approx(0.1 * found["orders"][0, 1], rel=1e-4)
    assert 0 < found["paid"][0, 2] < 0.2 * found["orders"][0, 2]
    assert found["gini"][0, 2] > found["gini"][0, 1] == pytest.approx(0, abs=2e-3)


def test_levels_are_reached_by_experience_and_win_by_their_odds():
    population = crowd(5_000, share_chance=np.full(5_000, 1 - 1e-6))
    odds = np.array([[[0, 0, 0], [0, 0.5, 1.0]]])
    steps = np.array([[np.inf, np.inf], [1, 2]])
    found = lived(population, {"none": {}, "levels": {"pay_earned": 1.0}}, odds=odds, steps=steps)
    weekly = -np.expm1(-0.1)
    wins = sum(weekly * _wins(week, weekly) for week in range(13))
    assert found["paid"][0, 1] == pytest.approx(5_000 * wins, rel=0.06)


def _wins(week: int, weekly: float) -> float:
    """Chance that a share of this week wins: half of those with one share before, all with two or more."""
    none, one = (1 - weekly) ** week, week * weekly * (1 - weekly) ** (week - 1) if week else 0.0
    return 0.5 * one + (1 - none - one)


def test_draws_follow_their_own_numbers():
    shop = ShopNumbers(orders=np.array([0.0, np.log(2)]), shares=np.array([0.0, logit(0.5) - logit(0.25)]))
    found = lived(crowd(), {"none": {}}, shop=shop)
    shares = found["shares"][:, 0] / found["orders"][:, 0]
    assert found["orders"][1, 0] / found["orders"][0, 0] == pytest.approx(
        np.expm1(-0.2) / np.expm1(-0.1), rel=1e-3
    )
    np.testing.assert_allclose(shares, [0.25, 0.5], atol=0.04)


def test_gini_is_the_mean_difference_over_twice_the_mean():
    amounts = np.random.default_rng(1).gamma(1.0, size=(3, 200))
    for row, found in zip(amounts, gini_by_row(amounts), strict=True):
        apart = np.abs(row[:, None] - row[None, :]).mean()
        assert found == pytest.approx(apart / (2 * row.mean()))


def test_ties_and_levers_that_do_not_exist_are_refused():
    with pytest.raises(ValueError, match="customer 3; there are 3"):
        as_ties([[0, 3]], 3)
    with pytest.raises(ValueError, match="no lever 'luck'"):
        levers_of({"none": {"luck": 1.0}})


def test_a_tie_that_ended_carries_nothing_either_way():
    pair = crowd(2, rate=50.0, ends=[(0, 1)], share_chance=np.full(2, 1 - 1e-6))
    shop = ShopNumbers(unwelcome=1.0, ends_tie=1.0)
    found = lived(pair, {"asks": {"asks": 1.0}}, shop=shop)
    # Both share each week and ask each other; after the first week there is no tie left to ask along.
    assert found["ties_lost"][0, 0] == 1
    assert found["asks"][0, 0] == 2
    kept = lived(pair, {"asks": {"asks": 1.0}}, shop=replace(shop, ends_tie=0.0))
    assert kept["asks"][0, 0] == 26
