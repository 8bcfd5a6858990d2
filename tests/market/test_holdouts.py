"""The hold-out counter sells with the chances that its truth is made of, and moves nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from market import simulate
from market.holdouts import GROUPS, LISTS, draw_holdouts, holdout_truth
from market.settings import Effects
from market.simulate import build_world
from market.weeks import live


@pytest.fixture(scope="module")
def lived():
    world = build_world(12_000, 4)
    return world, live(world)


@pytest.fixture(scope="module")
def drawn(lived):
    return draw_holdouts(*lived)


def gap(sold: np.ndarray, chance: np.ndarray) -> float:
    """Difference of sales and chances in standard errors."""
    return float((sold - chance).sum() / np.sqrt((chance * (1 - chance)).sum()))


@pytest.mark.parametrize("shown", [True, False])
@pytest.mark.parametrize("policy", range(len(LISTS)))
def test_what_is_bought_follows_the_chances(drawn, shown, policy):
    here = (drawn.shown == shown) & (drawn.policy == policy)
    chance = drawn.shown_chance if shown else drawn.withheld_chance
    assert abs(gap(drawn.bought[here], chance[here])) < 4


def test_coins_are_fair_and_of_one_slate(drawn):
    first = np.unique(drawn.slate, return_index=True)[1]
    shown, policy = drawn.shown[first], drawn.policy[first]
    for flips in (shown, policy, shown == policy):
        assert abs(flips.mean() - 0.5) < 4 * 0.5 / np.sqrt(len(first))
    assert (drawn.shown == shown[np.searchsorted(drawn.slate[first], drawn.slate)]).all()


def test_a_slate_holds_each_product_once_and_the_familiar_one_a_single_category(lived, drawn):
    pairs = drawn.slate * 100_000 + drawn.item
    assert len(np.unique(pairs)) == len(pairs)
    category = lived[0].goods.category[drawn.item].astype(int)
    spread = np.zeros(drawn.slate.max() + 1)
    np.maximum.at(spread, drawn.slate, category)
    low = np.full(len(spread), 99)
    np.minimum.at(low, drawn.slate, category)
    assert (spread == low)[drawn.slate[drawn.policy == 0]].all()


def test_the_group_is_that_of_the_purchases_in_the_orders_table():
    market = simulate(customers=2_000, seed=6)
    frames = {name: market.tables[name].to_pandas() for name in ("holdouts", "orders")}
    kept = frames["orders"][frames["orders"]["status"] != "cancelled"]
    pairs = frames["holdouts"].merge(kept[["customer_id", "placed_at"]], on="customer_id")
    before = pairs[pairs["placed_at"] < pairs["decided_at"]].groupby("holdout_id").size()
    counted = before.reindex(frames["holdouts"]["holdout_id"]).to_numpy()
    world = build_world(2_000, 6)
    group = draw_holdouts(world, live(world)).group
    assert (np.searchsorted([2, 5], counted, side="right") == group).all()


def test_the_better_forecast_is_not_the_larger_effect(lived):
    truth = holdout_truth(*lived)
    assert truth["D5.bought_when_shown"]["familiar"] > 2 * truth["D5.bought_when_shown"]["discovery"]
    assert truth["D5.uplift"]["discovery"] > 1.3 * truth["D5.uplift"]["familiar"]
    extra = truth["D5.extra_purchases"]
    assert extra["familiar, one purchase before"] > extra["discovery, one purchase before"]
    assert len(extra) == len(LISTS) * len(GROUPS)


def test_where_nothing_moves_purchases_showing_adds_nothing():
    world = build_world(800, 1, Effects.none())
    truth = holdout_truth(world, live(world))
    assert set(truth["D5.uplift"].values()) == {0}
    assert truth["D5.bought_when_shown"]["familiar"] > 1
