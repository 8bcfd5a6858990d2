"""Live events: rate and draw are learned from friends, and strangers drawn by one are no burst."""

from __future__ import annotations

import numpy as np
import pytest

from methods.manipulation import burst_scan
from methods.manipulation.live_events import learn_live_events
from tests.methods.manipulation.made_up_posts import arrival

POSTS, RATE, MINUTES = 3_000, 0.04, 15.0


def honest(seed: int, *, draws_share: tuple[float, float] = (6.0, 14.0), rate: float = RATE):
    """Friends and strangers of posts, a third of them without friends; live events that all friends see."""
    rng = np.random.default_rng(seed)
    friends = np.repeat(np.arange(POSTS), np.where(rng.random(POSTS) < 1 / 3, 0, rng.poisson(8, POSTS)))
    others = np.repeat(np.arange(POSTS), 3 + rng.poisson(14, POSTS))
    live, begins = rng.random(POSTS) < rate, rng.random(POSTS)
    drawn = rng.beta(*draws_share, POSTS)

    def when(post: np.ndarray, share: np.ndarray) -> np.ndarray:
        there = live[post] & (rng.random(len(post)) < share)
        event = begins[post] + MINUTES / 1440 * rng.random(len(post))
        return np.where(there, event, arrival(rng, len(post)))

    return (friends, when(friends, np.ones(len(friends)))), (others, when(others, drawn[others]))


def scanned(friends, others, **options):
    return burst_scan(
        *others, posts=POSTS, beside_post=friends[0], beside_age_days=friends[1], seed=1, **options
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_learns_how_often_events_are_and_how_many_strangers_they_draw(seed):
    friends, others = honest(seed)
    found = burst_scan(*friends, posts=POSTS, seed=1)
    learned = learn_live_events(
        friends,
        others,
        together=found.p,
        begins_days=found.begins_days,
        window_days=found.window_days,
    )
    assert learned.rate == pytest.approx(RATE, abs=0.012)
    assert learned.there > 0.9
    assert 0.3 - 0.03 < learned.drawn[0] < 0.3 + 0.1
    assert 5 < 1440 * learned.wide_days < 25


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_honest_posts_with_live_events_are_beyond_chance_at_their_rate(seed):
    friends, others = honest(seed)
    p = scanned(friends, others).p
    for rate in (1e-3, 1e-2, 0.05):
        assert (p <= rate).mean() < rate + 3 * np.sqrt(rate / POSTS)
    assert p.min() > 0.01 / POSTS
    alone = burst_scan(*others, posts=POSTS, seed=1).p
    assert (alone <= 1e-3).mean() > 5e-3


@pytest.mark.parametrize("minutes", [10, 90, 300])
def test_a_bought_burst_is_found_beside_live_events_even_without_friends(minutes):
    friends, others = honest(4)
    alone = np.setdiff1d(np.arange(POSTS), friends[0])[:10]
    rng = np.random.default_rng(5)
    post = np.repeat(alone, 40)
    age = 0.8 + minutes / 1440 * rng.random(len(post))
    p = scanned(friends, (np.append(others[0], post), np.append(others[1], age))).p
    assert np.median(p[alone]) < 1e-4


def test_nothing_is_learned_where_no_friends_come_together():
    friends, others = honest(6, rate=0.0)
    found = burst_scan(*friends, posts=POSTS, seed=1)
    assert (
        learn_live_events(
            friends,
            others,
            together=found.p,
            begins_days=found.begins_days,
            window_days=found.window_days,
        )
        is None
    )
    assert (scanned(friends, others).p > 1e-5).all()
