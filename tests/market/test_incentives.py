"""Invitations, rewards for reviews and activities: tables follow their rules, and nothing else moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from market import simulate
from market.activities import draw_activities, more_visits
from market.invitations import BROUGHT, WAIT_DAYS, draw_invitations
from market.review_rewards import ARMS, BADGE_AT, START_DAY, draw_arms
from market.settings import Effects
from market.simulate import build_world
from market.truth_incentives import incentive_truth
from market.weeks import live

CUSTOMERS = 12_000
NEW = ("greeting_visits", "streak_visits", "invite_reward", "points_reviews", "badge_reviews")
QUIET = replace(Effects(), **dict.fromkeys(NEW, 0.0))


@pytest.fixture(scope="module")
def world():
    return build_world(CUSTOMERS, 4)


@pytest.fixture(scope="module")
def markets():
    return simulate(customers=1_500, seed=5), simulate(customers=1_500, seed=5, effects=QUIET)


def test_nothing_else_moves(markets):
    with_them, without = markets
    free = set(with_them.tables) - {"customers", "reviews", "events", "activities"}
    for name in free:
        assert with_them.tables[name].equals(without.tables[name]), name
    old = {key for key in with_them.truth if key[:2] not in ("F5", "F6", "F7")}
    assert {key: with_them.truth[key] for key in old} == {key: without.truth[key] for key in old}


def test_without_effects_nothing_is_planted():
    world = build_world(1_500, 5, QUIET)
    truth = incentive_truth(world, live(world))
    for name in ("F5.added_reviews", "F5.badge_short", "F7.visit_uplift", "F7.buy_uplift"):
        assert set(truth[name].values()) == {0.0}
    assert truth["F6.added_by_reward"] == truth["F7.streak_end_visits"] == 0.0


class TestInvitations:
    def test_brought_as_often_as_planted(self, world):
        drawn, people = draw_invitations(world), world.people
        brought = np.bincount(drawn.inviter[drawn.inviter >= 0], minlength=len(people))
        old = people.joined_day < 300
        for arm in (False, True):
            rows = old & (drawn.rewarded == arm)
            expected = BROUGHT + world.effects.invite_reward * arm
            assert brought[rows].mean() == pytest.approx(expected, abs=4 * np.sqrt(expected / rows.sum()))

    def test_inviters_come_first(self, world):
        drawn, joined = draw_invitations(world), world.people.joined_day
        who = np.flatnonzero(drawn.inviter >= 0)
        assert (joined[who] > joined[drawn.inviter[who]] - 1).all()
        assert WAIT_DAYS < drawn.delay_days < WAIT_DAYS + 1


class TestActivities:
    def test_coins_are_fair(self, world):
        for draw in draw_activities(world).draws.values():
            size = len(draw.given)
            assert abs(draw.given.sum() - size / 2) < 4 * np.sqrt(size) / 2

    def test_visits_are_of_those_who_were_given(self, world):
        drawn = draw_activities(world)
        for kind, (who, _) in drawn.visits.items():
            draw = drawn.draws[kind]
            assert np.isin(who, draw.customer[draw.given]).all()
            expected = draw.more[draw.given].sum()
            assert abs(len(who) - expected) < 4 * np.sqrt(expected)

    def test_no_visit_after_a_streak_has_ended(self, world):
        drawn = draw_activities(world)
        streak, (who, day) = drawn.draws["streak"], drawn.visits["check_in"]
        end = np.full(CUSTOMERS, np.inf)
        end[streak.customer[~streak.given]] = streak.day[~streak.given]
        assert (day <= end[who]).all()

    def test_visits_of_large_markets_are_kept_of_some(self):
        large = build_world(120_000, 1)
        assert (more_visits(large)[0] % 10 == 0).all()


def test_rewards_add_reviews_to_orders_that_had_none(markets):
    with_them, without = (market.tables["reviews"].to_pandas() for market in markets)
    key = ["customer_id", "order_id", "rating", "length_characters", "posted_at"]
    both = with_them.merge(without, on=key, how="left", indicator=True)
    assert (both["_merge"] == "both").sum() == len(without)
    assert not with_them.duplicated("order_id").any()


def test_the_badge_works_until_it_is_earned(markets):
    with_them, without = (market.tables["reviews"].to_pandas() for market in markets)
    added = with_them[~with_them["order_id"].isin(without["order_id"])]
    coins = markets[0].tables["activities"].to_pandas()
    badge = coins.loc[coins["arm"] == "badge", "customer_id"]
    start = coins.loc[coins["kind"] == "review_reward", "happened_at"].min()
    before = without[without["posted_at"] < start].groupby("customer_id").size()
    earned = before.index[before >= BADGE_AT]
    assert len(added[added["customer_id"].isin(badge)]) > 0
    assert not added["customer_id"].isin(set(badge) & set(earned)).any()


def test_arms_are_drawn_as_planned(world):
    arm = draw_arms(world)
    asked = arm[world.people.joined_week * 7 < START_DAY]
    assert (asked >= 0).all()
    assert np.bincount(asked) / len(asked) == pytest.approx([0.5, 0.25, 0.25], abs=0.02)
    assert len(ARMS) == 3
