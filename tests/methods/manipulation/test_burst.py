"""Burst scan: uniform under its own null, finds planted bursts, the window's own like does not count."""

from __future__ import annotations

import numpy as np
import pytest

from methods.errors import CannotAnswer
from methods.manipulation import burst_scan
from methods.manipulation.burst import beyond_simulation
from tests.methods.manipulation.made_up_posts import arrival


def scanned(sizes: np.ndarray, seed: int = 1, **options):
    rng = np.random.default_rng(seed)
    post = np.repeat(np.arange(len(sizes)), sizes)
    return burst_scan(post, arrival(rng, len(post)), posts=len(sizes), seed=seed, **options)


@pytest.mark.parametrize("likes", [4, 12, 45])
def test_honest_posts_of_every_size_are_flagged_at_their_rate(likes):
    p = scanned(np.full(3_000, likes)).p
    for rate in (0.01, 0.05, 0.2):
        assert (p <= rate).mean() < rate + 3 * np.sqrt(rate / 3_000)
    assert (p <= 0.2).mean() > 0.12


@pytest.mark.parametrize("minutes", [4, 30, 200])
def test_a_planted_burst_of_any_length_is_found(minutes):
    rng = np.random.default_rng(2)
    sizes = np.full(400, 15)
    post = np.repeat(np.arange(400), sizes)
    age = arrival(rng, len(post))
    extra = 0.9 + minutes / 1440 * rng.random(30)
    found = burst_scan(np.append(post, np.zeros(30, int)), np.append(age, extra), posts=400, seed=1)
    assert found.p[0] < 1e-6
    assert found.likes[0] >= 20 > found.expected[0]
    assert 0.88 < found.begins_days[0] < 0.9 + minutes / 1440
    assert (found.p[1:] < 1e-4).sum() == 0


def test_beyond_the_draws_p_falls_without_a_jump():
    null = np.random.default_rng(1).exponential(size=2_000)
    at = np.linspace(0, 30, 3_000)
    p = beyond_simulation(at, null)
    assert (np.diff(p) <= 1e-12).all()
    assert p[-1] < 1e-9
    assert np.interp(5.0, at, p) == pytest.approx(np.exp(-5.0), rel=0.5)


def test_posts_with_few_likes_are_not_judged():
    found = scanned(np.array([1, 2, 0, 100, 100]))
    assert found.p[:3].tolist() == [1, 1, 1]
    assert np.isnan(found.window_days[:3]).all()


@pytest.mark.parametrize(
    ("age", "error"), [([-1.0], ValueError), ([np.nan], ValueError), ([1.0], CannotAnswer)]
)
def test_refuses_what_it_cannot_read(age, error):
    with pytest.raises(error):
        burst_scan(np.zeros(1, int), np.array(age), posts=1, seed=1)


def test_strangers_who_come_with_the_friends_to_a_live_event_are_no_burst():
    rng = np.random.default_rng(4)
    post = np.repeat(np.arange(400), 12)
    age, friends = arrival(rng, len(post)), arrival(rng, len(post))
    age[:12] = friends[:12] = 0.7 + 0.005 * rng.random(12)
    alone = burst_scan(post, age, posts=400, seed=1).p[0]
    beside = burst_scan(post, age, posts=400, beside_post=post, beside_age_days=friends, seed=1).p[0]
    assert alone < 1e-6 < 0.01 < beside
