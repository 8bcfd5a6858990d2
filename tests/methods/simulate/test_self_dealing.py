"""False accounts: exact small cases, odds that invite them and odds that do not."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from methods.simulate import self_dealing


def earned(odds, steps, shares: int, counts: float) -> float:
    """Wins of one account, share by share."""
    return sum(odds[sum(counts * done >= step for step in steps)] for done in range(shares))


@pytest.mark.parametrize(
    ("odds", "steps", "counts"),
    [([0.02], [], 1.0), ([0.01, 0.03, 0.06], [3, 10], 0.0), ([0.0, 0.1], [5], 0.5)],
)
def test_odds_that_rise_with_one_s_own_shares_pay_no_second_account(odds, steps, counts):
    found = self_dealing(odds, steps, friend_counts=counts)
    assert (found.times, found.accounts) == (1.0, 1)
    assert found.safe_friend_counts >= counts


@pytest.mark.parametrize(
    ("odds", "steps", "counts"),
    [([0.15, 0.02, 0.03], [1, 10], 0.25), ([0.01, 0.03, 0.06], [3, 10], 3.0), ([0.1, 0.05], [4], 0.0)],
)
def test_the_worst_case_is_that_of_trying_every_split(odds, steps, counts):
    found = self_dealing(odds, steps, friend_counts=counts)
    tried = {}
    for accounts, shares in itertools.product(range(2, 21), range(2, 61)):
        if shares < accounts:
            continue
        whole, rest = divmod(shares, accounts)
        parts = [whole + 1] * rest + [whole] * (accounts - rest)
        several = sum(earned(odds, steps, part, 1 + counts) for part in parts)
        tried[accounts, shares] = several / earned(odds, steps, shares, 1.0)
    assert found.times == pytest.approx(max(tried.values()))
    assert tried[found.accounts, found.shares] == pytest.approx(found.times)
    assert found.times > 1


def test_a_welcome_prize_cannot_be_mended_by_counting_friends_less():
    assert np.isnan(self_dealing([0.2, 0.0], [1]).safe_friend_counts)


def test_the_safe_count_is_where_cheating_begins():
    odds, steps = [0.01, 0.03, 0.06], [3, 10]
    safe = self_dealing(odds, steps, friend_counts=3.0).safe_friend_counts
    assert self_dealing(odds, steps, friend_counts=safe).times == 1
    assert self_dealing(odds, steps, friend_counts=safe + 0.01).times > 1


@pytest.mark.parametrize(("odds", "steps"), [([0.1, 0.2], []), ([0.1, 0.2, 0.3], [5, 3])])
def test_steps_that_do_not_fit_are_refused(odds, steps):
    with pytest.raises(ValueError, match="rising steps"):
        self_dealing(odds, steps)
