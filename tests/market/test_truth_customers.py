"""What is true of the customers is compared with markets that were really lived."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from market import simulate
from market.network import NEVER
from market.settings import CANCEL_PROBABILITY, WEEKS
from market.simulate import build_world
from market.truth_customers import customer_truth
from market.weeks import live
from market.world import order_probability

CUSTOMERS = 3_000


def fallen_orders(history, world, moved_week) -> int:
    """Purchases of customers in the ten weeks from their change of circle on, if they had joined before."""
    orders = history.log["orders"]
    who = orders["customer"]
    since = orders["week"] - moved_week[who].astype(int)
    known = ~orders["cancelled"] & (world.people.joined_week[who] < moved_week[who])
    return int((known & (since >= 0) & (since < 10)).sum())


def test_the_fall_after_a_change_of_circle_is_that_of_markets_lived_without_it():
    lived, undisturbed, truths = 0, 0, []
    for seed in range(8):
        world = build_world(CUSTOMERS, seed)
        moved = world.programmes.moved_week
        history = live(world)
        nobody = replace(world.programmes, moved_week=np.full_like(moved, NEVER))
        lived += fallen_orders(history, world, moved)
        undisturbed += fallen_orders(live(replace(world, programmes=nobody)), world, moved)
        truths.append(customer_truth(world, history)["C9.order_change"])
    assert 100 * (lived / undisturbed - 1) == pytest.approx(np.mean(truths), abs=4)


def test_orders_to_come_are_those_of_customers_who_go_on_as_they_are():
    world = build_world(CUSTOMERS, 2)
    history = live(world)
    past, orders = history.snapshots[WEEKS], history.log["orders"]
    bought = np.bincount(orders["customer"][~orders["cancelled"]], minlength=CUSTOMERS) > 0
    own = past["boost"] * (past["boost_until"] >= WEEKS)
    own = own + world.effects.coupon * (past["coupon_until"] >= WEEKS)
    weekly = (1 - CANCEL_PROBABILITY) * order_probability(history.outside[WEEKS - 1] + own, 1.0)
    rng, total, days = np.random.default_rng(1), 0.0, 40
    for _ in range(days):
        alive = history.alive.copy()
        for week in range(13):
            share = 1.0 if week < 12 else 90 / 7 - 12
            buys = alive & (rng.random(CUSTOMERS) < weekly * share)
            alive &= ~(buys & (rng.random(CUSTOMERS) < world.people.dropout))
            total += buys[bought].sum()
    found = customer_truth(world, history)["C1.expected_orders"]["90 days"]
    assert 100 * total / days / bought.sum() == pytest.approx(found, rel=0.02)


def test_reasons_are_given_as_often_as_they_are_true():
    answers, expected = {}, {}
    for seed in range(10):
        market = simulate(customers=CUSTOMERS, seed=seed)
        reasons = market.tables["surveys"].to_pandas()["reason"].dropna()
        for reason, share in market.truth["C8.reason_share"].items():
            answers[reason] = answers.get(reason, 0) + (reasons == reason).sum()
            expected[reason] = expected.get(reason, 0.0) + share / 100 * len(reasons)
    assert len(answers) == 6
    for reason, count in answers.items():
        assert abs(count - expected[reason]) < 3.5 * np.sqrt(expected[reason]), reason
    assert sum(market.truth["C8.reason_share"].values()) == pytest.approx(100)
