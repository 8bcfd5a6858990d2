"""The truth of chapter B is what really happens when the market is lived on or lived without sharing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from market.settings import DAYS, WEEKS, Effects
from market.simulate import build_world
from market.truth import find_truth
from market.truth_stickiness import unending
from market.weeks import live


def test_a_longer_life_begins_like_the_shorter_one():
    world = build_world(800, 3)
    short, long = live(world).log["orders"], live(unending(world), weeks=WEEKS + 20).log["orders"]
    rows = len(short["day"])
    for name in ("customer", "day", "cancelled"):
        np.testing.assert_array_equal(long[name][:rows], short[name])
    weekly = np.bincount(long["week"][rows:] - WEEKS)
    # Nothing breaks off or sets in at the end: the weeks after it are like those before.
    assert 0.7 < weekly[:10].mean() / np.bincount(short["week"])[-12:-2].mean() < 1.2


def test_purchases_to_come_are_those_of_earlier_buyers():
    world = build_world(800, 4)
    truth, _ = find_truth(world, live(world))
    assert 0 < truth["B9.buy_again"] < 100
    assert 1 < truth["B9.purchases_to_come"] < 6
    assert 100 < truth["B9.value_to_come"] / truth["B9.purchases_to_come"] < 700


def test_without_sharing_is_the_market_lived_without_it():
    """Where friends' shares do much and nothing else does anything, a market without them shows the truth."""
    gaps = []
    for seed in range(20, 26):
        effects = replace(Effects.none(), spillover=0.25)
        world = build_world(4_000, seed, effects)
        history = live(world)
        truth, outcomes = find_truth(world, history)
        assert truth["B10.without_own_share"] == 100 * outcomes["not_shared"].mean()
        quiet = live(replace(world, effects=Effects.none()))
        gaps.append((bought(quiet), truth["B10.without_any_share"], truth["B10.without_own_share"]))
    lived, without, with_friends = np.array(gaps).T
    error = (lived - without).std(ddof=1) / np.sqrt(len(gaps))
    assert abs((lived - without).mean()) < 3.5 * error
    assert (with_friends - without).mean() > 1


def bought(history) -> float:
    """Share of the study's customers (%) with a purchase in the 90 days from two days after the order."""
    index, orders = history.log["index"], history.log["orders"]
    place = np.full(int(orders["customer"].max()) + 1, -1)
    place[index["customer"]] = np.arange(len(index["customer"]))
    row = place[orders["customer"]]
    kept = (row >= 0) & ~orders["cancelled"] & (orders["day"] < DAYS)
    wait = orders["day"][kept] - index["day"][row[kept]]
    again = np.zeros(len(index["customer"]), bool)
    again[row[kept][(wait >= 2.0 - 1e-9) & (wait <= 92.0)]] = True
    return 100 * again.mean()
