"""Requests to share end ties, drive customers off messages and are answered with the chances of the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from market import asking, simulate
from market.programmes import ASKS
from market.settings import FATIGUE_WEEKS, FORCED_WEEK, Effects
from market.simulate import build_world
from market.truth_asks import asked_before, asks_truth
from market.weeks import live


@pytest.fixture(scope="module")
def lived():
    world = build_world(8_000, 4)
    return world, live(world)


@pytest.fixture(scope="module")
def rows(lived):
    return asking.reminders(*lived)


def distance(happened: np.ndarray, chance: np.ndarray) -> float:
    """Difference in standard errors."""
    return float((happened - chance).sum() / np.sqrt((chance * (1 - chance)).sum()))


def test_a_request_is_felt_half_as_much_two_weeks_later():
    path = asking.felt()
    assert path[FATIGUE_WEEKS - 1] == pytest.approx(path[FATIGUE_WEEKS - 3] / 2)
    assert (np.diff(path[:8]) > 0).all()


def test_coins_of_reminders_have_the_chance_that_stands_beside_them(rows):
    assert abs(distance(rows.asked, rows.chance)) < 4
    assert set(np.unique(rows.chance)) == {0.3, 0.5}


def test_who_was_reminded_lately_is_reminded_less(rows):
    assert rows.chance[asked_before(rows, 4.5) > 0].mean() == pytest.approx(0.3, abs=0.03)


def test_who_opted_out_is_reminded_no_more(rows):
    left = rows.customer[rows.opted_out]
    assert len(left) == len(np.unique(left)) > 0
    last = np.zeros(rows.customer.max() + 1)
    np.maximum.at(last, rows.customer, rows.day)
    assert (last[left] == rows.day[rows.opted_out]).all()


def test_the_effect_of_a_reminder_is_that_of_the_truth(lived, rows):
    truth = asks_truth(*lived)
    weighted = rows.shared * np.where(rows.asked, 1 / rows.chance, -1 / (1 - rows.chance))
    error = 100 * weighted.std() / np.sqrt(len(weighted))
    assert abs(100 * weighted.mean() - truth["E2.prompt_effect"]) < 4 * error
    assert truth["E2.prompt_fatigue"]["past 7 days"] < truth["E2.prompt_fatigue"]["past 28 days"] < 0


def test_opt_outs_of_each_arm_come_at_their_chance(lived):
    world, _ = lived
    no_posts = {"customer": np.zeros(0, int), "posted": np.zeros(0)}
    forced = asking.forced_asks(world, no_posts)
    left = np.isin(np.arange(len(world.people)), forced.customer[forced.opted_out])
    for asks in ASKS[1:]:
        own = left[world.programmes.asks == asks]
        chance = asking.opt_out_chance(np.full(len(own), asks), world.effects.opt_out)
        assert abs(distance(own, chance)) < 4


def test_ties_end_by_asks_at_the_rate_of_the_truth(lived):
    world, history = lived
    net, truth = world.network, asks_truth(world, history)["E2.ties_ended"]
    early = net.tie_until < net.tie_until_unasked
    assert early.any()
    ended = np.bincount(net.a, early, len(world.people)) + np.bincount(net.b, early, len(world.people))
    inside = world.people.joined_week < FORCED_WEEK
    means = {asks: ended[inside & (world.programmes.asks == asks)] for asks in ASKS}
    for asks, arm in zip(ASKS[1:], truth, strict=True):
        gap = 100 * (means[asks].mean() - means[0].mean())
        error = 100 * np.hypot(*(means[k].std() / np.sqrt(len(means[k])) for k in (asks, 0)))
        # A few would have ended by themselves within the window, which the truth leaves out.
        assert abs(gap - truth[arm]) < 4 * error


def test_a_whole_market_of_one_arm_orders_as_the_truth_says():
    """Friends and replies are switched off here: a whole market that is asked would move them too."""
    effects = replace(Effects(), spillover=0.0, reply=0.0)
    gaps = []
    for seed in range(6):
        world = build_world(3_000, seed, effects)
        inside = world.people.joined_week < FORCED_WEEK
        counts = {}
        for asks in (0, 6):
            drawn = np.where(inside, asks, 0).astype(np.int8)
            orders = live(replace(world, programmes=replace(world.programmes, asks=drawn)), weeks=40).log[
                "orders"
            ]
            weeks = (orders["week"] >= FORCED_WEEK) & (orders["week"] < FORCED_WEEK + FATIGUE_WEEKS)
            counts[asks] = (
                100 * (weeks & ~orders["cancelled"] & inside[orders["customer"]]).sum() / inside.sum()
            )
        gaps.append(counts[6] - counts[0] - asks_truth(world, live(world))["E2.orders"]["ask_6"])
    assert abs(np.mean(gaps)) < 4 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


def test_a_planted_turning_point_lies_between_the_arms(lived):
    truth = asks_truth(*lived)
    assert truth["E2.turning_point"] == 3
    assert (
        truth["E2.net_value"]["ask_6"] < 0 < truth["E2.net_value"]["ask_1"] < truth["E2.net_value"]["ask_3"]
    )


def test_where_nothing_moves_purchases_requests_cost_nothing():
    world = build_world(800, 1, Effects.none())
    truth = asks_truth(world, live(world))
    assert truth["E2.opt_outs"] == truth["E2.ties_ended"] == dict.fromkeys(("ask_1", "ask_3", "ask_6"), 0.0)
    assert truth["E2.prompt_effect"] == 0
    assert (world.network.tie_until == world.network.tie_until_unasked).all()


def test_a_forced_row_is_answered_by_a_post_of_its_week():
    market = simulate(customers=800, seed=2)
    prompts, shares = (market.tables[name].to_pandas() for name in ("prompts", "shares"))
    forced = prompts[prompts["kind"] == "share to groups"]
    pairs = forced.merge(shares[["customer_id", "posted_at"]], on="customer_id")
    wait = (pairs["posted_at"] - pairs["asked_at"]).dt.total_seconds() / 86_400
    answered = set(pairs.loc[(wait > 0) & (wait <= 7), "prompt_id"])
    assert answered == set(forced.loc[forced["shared"], "prompt_id"])
