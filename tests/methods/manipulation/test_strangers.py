"""Strangers: the honest curve is found, its p-values keep their rate, fakes do not hide each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import betabinom

from methods.errors import CannotAnswer
from methods.manipulation import stranger_share
from methods.manipulation.strangers import upper_tail


def drawn(seed: int = 1, posts: int = 5_000, a: float = 1.2, b: float = 2.8):
    rng = np.random.default_rng(seed)
    likes = rng.geometric(0.06, posts)
    return rng.binomial(likes, rng.beta(a, b, posts)), likes


@pytest.mark.parametrize("concentration", [2.0, 4.0, 50.0])
def test_recovers_mean_and_concentration(concentration):
    seen, likes = drawn(a=0.3 * concentration, b=0.7 * concentration)
    (row,) = stranger_share(seen, likes).groups.itertuples()
    assert row.mean == pytest.approx(0.3, abs=0.02)
    assert row.concentration == pytest.approx(concentration, rel=0.35)


def test_both_tails_are_those_of_the_beta_binomial():
    m = np.repeat([1, 7, 400], 401)
    k = np.minimum(np.tile(np.arange(401), 3), m)
    assert upper_tail(k, m, 0.3, 5.0) == pytest.approx(betabinom.sf(k - 1, m, 1.5, 3.5))
    assert upper_tail(m - k, m, 0.7, 5.0) == pytest.approx(betabinom.cdf(k, m, 1.5, 3.5))


def test_honest_posts_are_flagged_at_most_at_their_rate():
    p = stranger_share(*drawn()).p
    for rate in (0.001, 0.01, 0.05):
        assert (p <= rate).mean() < rate * 1.25 + 3 * np.sqrt(rate / 5_000)


def test_fakes_do_not_hide_each_other():
    seen, likes = drawn()
    seen[:150] += 40
    likes[:150] += 40
    found = stranger_share(seen, likes)
    assert np.median(found.p[:150]) < 0.025
    assert found.groups["concentration"].iloc[0] > 3


def test_audiences_have_a_usual_share_of_their_own():
    seen, likes = drawn()
    many, loved = drawn(seed=2, a=8, b=2)
    group = np.repeat(["timeline", "group"], 5_000)
    found = stranger_share(np.append(seen, many), np.append(likes, loved), group=group)
    assert sorted(found.groups["mean"].round(1)) == [0.3, 0.8]


def test_a_small_group_is_judged_with_another():
    seen, likes = drawn(posts=200)
    group = np.where(np.arange(200) < 5, "rare", "usual")
    assert len(stranger_share(seen, likes, group=group).groups) == 1


@pytest.mark.parametrize(
    ("seen", "likes", "error"), [([2], [1], ValueError), ([-1], [1], ValueError), ([1], [1], CannotAnswer)]
)
def test_refuses_what_it_cannot_read(seen, likes, error):
    with pytest.raises(error):
        stranger_share(np.array(seen), np.array(likes))
