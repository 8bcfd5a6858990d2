"""Evidence of likes: each planted kind is found by its own sign, honest posts are left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.errors import CannotAnswer
from methods.intervals import benjamini_hochberg
from methods.manipulation import like_evidence
from tests.methods.manipulation.made_up_posts import ACCOUNTS, bought, honest, ring


def weighed(likes, posts):
    return like_evidence(likes, posts, accounts=ACCOUNTS, seed=1)


@pytest.mark.parametrize("seed", range(3))
def test_honest_posts_alone_show_hardly_a_flag(seed):
    found = weighed(*honest(seed=seed))
    assert (benjamini_hochberg(found.posts["p"].to_numpy()) <= 0.1).sum() <= 2
    assert (found.posts["own"] < 0.01).mean() < 0.02
    assert found.left_out == {}


@pytest.mark.parametrize(
    ("burst", "sign", "found_at_least"), [(True, "burst_p", 0.95), (False, "strangers_p", 0.3)]
)
def test_bought_likes_are_found_by_their_sign(burst, sign, found_at_least):
    likes, posts = honest()
    rng = np.random.default_rng(5)
    fakes = np.arange(40)
    posts.loc[fakes, "author"] = ACCOUNTS - 1 - fakes // 4
    likes = pd.concat([likes, *(bought(post, 40, rng, burst=burst) for post in fakes)], ignore_index=True)
    found = weighed(likes, posts).posts
    assert found[sign].iloc[fakes].median() < 0.02
    flagged = benjamini_hochberg(found["p"].to_numpy()) <= 0.1
    assert flagged[fakes].mean() > found_at_least
    assert flagged[40:].mean() < 0.01


@pytest.mark.parametrize(
    ("who", "went_round"), [("customers", True), ("nobody known", False), ("accounts without friends", False)]
)
def test_posts_that_went_round_are_no_bought_ones(who, went_round):
    """Featured or told on, a post draws crowds of strangers: people who are about anyway."""
    likes, posts = honest()
    rng = np.random.default_rng(5)
    loved = np.arange(40)
    posts.loc[loved, "author"] = ACCOUNTS - 1 - loved
    crowd = pd.concat([bought(post, 50, rng, burst=True) for post in loved], ignore_index=True)
    if who == "customers":
        crowd["liker"] = np.where(rng.random(len(crowd)) < 0.7, rng.integers(0, ACCOUNTS, len(crowd)), -1)
    if who == "accounts without friends":
        crowd["liker"] = ACCOUNTS + rng.integers(0, 2_000, len(crowd))
    found = like_evidence(
        pd.concat([likes, crowd], ignore_index=True), posts, accounts=ACCOUNTS + 2_000, seed=1
    ).posts
    flagged = benjamini_hochberg(found["p"].to_numpy()) <= 0.1
    assert (found["went_round"].iloc[loved].mean() > 0.8) == went_round
    assert (flagged[loved].mean() < 0.1) == went_round
    assert flagged[40:].mean() < 0.01
    assert not found["went_round"].iloc[40:].any()


def test_a_ring_is_found_as_a_block():
    likes, posts = honest()
    rng = np.random.default_rng(6)
    members, mine = np.arange(30), np.arange(30)
    posts.loc[mine, "author"] = members
    likes = pd.concat([likes, ring(mine, members, rng)], ignore_index=True)
    found = weighed(likes, posts).posts
    assert (found["block_p"].iloc[mine] < 1e-4).mean() > 0.9
    assert (found["block_p"].iloc[30:] < 0.05).mean() < 0.01


def test_popular_posts_that_a_ring_hides_behind_are_no_part_of_it():
    likes, posts = honest()
    rng = np.random.default_rng(6)
    members, mine, popular = np.arange(30), np.arange(30), np.arange(30, 90)
    posts.loc[mine, "author"], posts.loc[popular, "author"] = members, ACCOUNTS - 1 - popular % 15
    applause = bought(0, 60 * len(popular), rng, burst=False).assign(post=np.repeat(popular, 60))
    of_customers = rng.random(len(applause)) < 0.5
    applause.loc[of_customers, "liker"] = rng.integers(0, ACCOUNTS, of_customers.sum())
    hides = bought(0, 6 * len(popular), rng, burst=False).assign(post=np.repeat(popular, 6))
    hides["liker"] = rng.choice(members, len(hides))
    likes = pd.concat([likes, ring(mine, members, rng), applause, hides], ignore_index=True)
    found = weighed(likes, posts).posts
    assert (found["block_p"].iloc[mine] < 1e-4).mean() > 0.9
    part = found.iloc[popular]
    assert (part["block_likes"] >= 3).mean() > 0.5
    assert (part["block_p"] > 1e-3).all()


def test_what_the_likes_cannot_carry_is_said():
    likes, posts = honest()
    found = weighed(likes.assign(liker=-1), posts)
    assert set(found.left_out) == {"block"}
    assert (found.posts["lockstep_p"] == 1).all()


def test_without_likes_nothing_is_said():
    likes, posts = honest()
    with pytest.raises(CannotAnswer):
        weighed(likes.iloc[:0], posts)


def test_cost_is_linear_in_the_likes():
    import time

    def seconds(posts: int) -> float:
        frames = honest(posts=posts)
        begin = time.process_time()
        weighed(*frames)
        return time.process_time() - begin

    seconds(500)
    assert seconds(24_000) < 12 * seconds(6_000) + 1.0


def test_a_circle_of_friends_is_no_ring():
    likes, posts = honest()
    rng = np.random.default_rng(6)
    members, mine = np.arange(30), np.arange(30)
    posts.loc[mine, "author"] = members
    inside = ring(mine, members, rng)
    inside["tied"] = rng.random(len(inside)) < 0.4
    found = weighed(pd.concat([likes, inside], ignore_index=True), posts).posts
    assert (found["block_p"].iloc[mine] == 1).all()
