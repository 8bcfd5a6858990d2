"""Posts that went round among people who are about anyway, told from those whose strangers were bought."""

from __future__ import annotations

import numpy as np
import pytest

from methods.manipulation import went_round


def posts(seed=1, *, rows=400, at_home=0.7):
    """Strangers at home, strangers and friends of posts; how many are at home varies by post."""
    rng = np.random.default_rng(seed)
    friends = 1 + rng.negative_binomial(2, 0.1, rows)
    strangers = rng.binomial(friends, rng.beta(3, 9, rows)) + rng.poisson(1, rows)
    return rng.binomial(strangers, rng.beta(20 * at_home, 20 * (1 - at_home), rows)), strangers, friends


@pytest.mark.parametrize("at_home", [0.4, 0.8])
@pytest.mark.parametrize(("from_home", "found"), [(1.0, True), (0.3, False), (0.0, False)])
def test_a_crowd_is_cleared_by_whom_it_is_made_of(at_home, from_home, found):
    home, strangers, friends = posts(at_home=at_home)
    crowd, rng = np.arange(20), np.random.default_rng(2)
    usual = np.ones(len(home), bool)
    usual[crowd] = False
    home[crowd] += rng.binomial(80, at_home * from_home, 20)
    strangers[crowd] += 80
    answer = went_round(home, strangers, friends, usual=usual)
    assert (answer[crowd].mean() > 0.8) if found else (answer[crowd].mean() <= 0.1)
    assert answer[usual].mean() < 0.01


@pytest.mark.parametrize("nobody", ["home", "friends", "usual"])
def test_where_nothing_tells_what_is_usual_no_post_is_cleared(nobody):
    home, strangers, friends = posts(rows=60)
    usual = np.ones(60, bool)
    home, friends = home * (nobody != "home"), friends * (nobody != "friends")
    usual &= nobody != "usual"
    assert not went_round(home, strangers, friends, usual=usual).any()


def test_posts_without_likes_are_none():
    nothing = np.zeros(40, int)
    assert not went_round(nothing, nothing, nothing, usual=nothing == 0).any()
