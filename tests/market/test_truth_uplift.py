"""Truths of the uplift chapter beside its main effects, compared with what happened in many markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from market import clicks
from market.settings import Effects
from market.simulate import build_world
from market.truth import find_truth
from market.truth_uplift import _weeks_until
from market.weeks import live
from tests.market.test_truth import CUSTOMERS, distance


def test_added_orders_are_those_that_the_cashback_adds():
    """A strong cashback; sharing is switched off, for the truth leaves out what posts in the window do."""
    pairs = []
    for seed in range(60, 70):
        effects = replace(Effects(), cashback=0.6, share=0.0, like=0.0, coupon=0.0, spillover=0.0, reply=0.0)
        world = build_world(CUSTOMERS, seed, effects)
        history = live(world)
        truth, _ = find_truth(world, history)
        orders, here = history.log["orders"], world.people.joined_week < 36
        kept = ~orders["cancelled"] & (orders["week"] >= 36) & (orders["week"] < 44)
        count = np.bincount(orders["customer"][kept], minlength=len(here))
        paid = world.programmes.cashback
        added = 100 * (count[here & paid].mean() - count[here & ~paid].mean())
        pairs.append((added, truth["A5.added_orders"]))
    assert abs(distance(pairs)) < 3.5
    assert np.mean([true for _, true in pairs]) > 20


def test_clicks_persuade_as_their_truth_says():
    """Of the clicks by each tie, the share followed by an order of the item in the same week."""
    lived, true = np.zeros((12, 3)), np.zeros((12, 3))
    for number, seed in enumerate(range(80, 92)):
        history = live(build_world(CUSTOMERS, seed))
        made, shares, orders = history.log["clicks"], history.log["shares"], history.log["orders"]
        week = (made["day"] // 7).astype(np.int64)
        taken = {
            (who, share, when)
            for who, share, when in zip(orders["customer"], orders["source"], orders["week"], strict=True)
            if share >= 0
        }
        follow = np.array(
            [key in taken for key in zip(made["customer"], made["share"], week, strict=True)], dtype=float
        )
        assert (shares["week"][made["share"]] < week).all()
        for tie in (clicks.CLOSE, clicks.LOOSE, clicks.STRANGER):
            rows = made["tie"] == tie
            lived[number, tie] = follow[rows].mean()
            true[number, tie] = clicks.PERSUADED[tie] * made["chance"][rows].mean()
    for tie in range(3):
        assert abs(distance(list(zip(lived[:, tie], true[:, tie], strict=True)))) < 3.5
    assert (np.diff(true.mean(axis=0)) < 0).all()


def test_bunching_counts_the_posts_that_begged_or_bought_just_enough():
    pairs = []
    for seed in range(100, 110):
        world = build_world(CUSTOMERS, seed)
        history = live(world)
        truth, _ = find_truth(world, history)
        shares = history.log["shares"]
        day = history.log["orders"]["day"][shares["order"]]
        rows = (day + 94 <= 546) & (shares["bought"] == 0)
        begged = rows & (shares["likes"] > shares["earned"])
        natural = rows & (shares["earned"] >= 20) & (shares["earned"] <= 22)
        total = shares["likes"] + shares["fake_likes"]
        bought = (day + 94 <= 546) & (shares["fake_way"] > 0) & (total >= 20) & (total <= 22)
        enough = bought & shares["fake_pushed"]
        others = natural.sum() + (bought & ~enough).sum()
        pairs.append((100 * (begged.sum() + enough.sum()) / others, truth["A4.bunching"]))
    assert abs(distance(pairs)) < 3.5


@pytest.mark.parametrize(
    ("needed", "weeks"), [(25.0, 0.5), (50.0, 1.0), (70.0, 2.0), (90.0, 4.0), (130.0, 8.0)]
)
def test_a_test_is_full_when_enough_came_even_within_the_study(needed, weeks):
    assert _weeks_until(np.array([50, 20, 10, 10]), needed) == pytest.approx(weeks)
