"""Lockstep: synchronised accounts are found, live events and chance are not."""

from __future__ import annotations

import numpy as np
import pytest

from methods.manipulation import lockstep_pairs
from tests.methods.manipulation.made_up_posts import arrival

ACCOUNTS = 500


def likes(seed: int = 1, posts: int = 200, each: int = 25):
    rng = np.random.default_rng(seed)
    account = np.concatenate([rng.choice(ACCOUNTS, each, replace=False) for _ in range(posts)])
    return account, np.repeat(np.arange(posts), each), arrival(rng, posts * each)


def test_a_group_in_lockstep_is_one_component():
    account, post, age = likes()
    rng = np.random.default_rng(3)
    bots = np.arange(ACCOUNTS, ACCOUNTS + 6)
    where = rng.choice(200, 12, replace=False)
    moment = np.repeat(rng.random(12), 6)
    found = lockstep_pairs(
        np.append(account, np.tile(bots, 12)),
        np.append(post, np.repeat(where, 6)),
        np.append(age, moment),
        accounts=ACCOUNTS + 6,
    )
    assert (found.p[bots] < 1e-6).all()
    assert len(set(found.component[bots])) == 1
    assert found.component[bots[0]] >= 0
    assert (found.p[:ACCOUNTS] < 0.01).sum() == 0


def test_friends_at_the_same_live_events_are_no_suspects():
    account, post, age = likes()
    friends = np.arange(30)
    live = np.repeat(np.arange(200, 208), 30)
    found = lockstep_pairs(
        np.append(account, np.tile(friends, 8)),
        np.append(post, live),
        np.append(age, 0.3 + 0.001 * np.random.default_rng(1).random(len(live))),
        accounts=ACCOUNTS,
    )
    assert len(found.pairs) > 100
    assert (found.p < 0.05).sum() == 0


@pytest.mark.parametrize("seed", range(5))
def test_chance_alone_shows_nobody(seed):
    assert (lockstep_pairs(*likes(seed), accounts=ACCOUNTS).p < 0.05).sum() <= 2


def test_crowded_moments_are_skipped_and_counted():
    found = lockstep_pairs(np.arange(600), np.zeros(600, int), np.full(600, 0.5), accounts=600)
    assert found.skipped == 1
    assert len(found.pairs) == 0


def test_no_likes_give_no_pairs():
    none = np.zeros(0)
    assert lockstep_pairs(none, none, none, accounts=3).p.tolist() == [1, 1, 1]


def test_columns_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="one entry a like"):
        lockstep_pairs(np.zeros(2), np.zeros(1), np.zeros(2), accounts=1)
