"""Answers without suspects: in columns, and told as no difference where new random splits alone give it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from helpers.guardrails import manipulation, without_suspects
from helpers.guardrails.e01_manipulation.without_suspects import ALL, NO_ACCOUNTS, NO_LIKES
from helpers.report import Skipped
from helpers.uplift import coupon_threshold, prompt_test, share_gap
from tests.market_runs import market_and_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return market_and_shop(tmp_path_factory.mktemp("hard"), customers=8_000, seed=1)[1]


@pytest.fixture(scope="module")
def suspects(shop):
    return manipulation(shop)


@pytest.fixture(scope="module")
def found(shop, suspects):
    return without_suspects(shop, suspects, asked=[share_gap, prompt_test, coupon_threshold])


def adjusted(shop, seed: int) -> float:
    return next(one.estimate for one in share_gap(shop, seed=seed).findings if one.id == "A1.adjusted_uplift")


def test_each_column_answers_and_the_first_is_the_answer_of_the_chapter(found, shop):
    told = {one.key: one for one in found.findings}
    for id in ("E1.share_uplift", "E1.prompt_uplift", "E1.likes_piled"):
        assert {column for one, column in told if one == id} == {ALL, NO_LIKES, NO_ACCOUNTS}
    assert told["E1.share_uplift", ALL].estimate == pytest.approx(adjusted(shop, 1))
    prompted = [told["E1.prompt_uplift", column].estimate for column in (ALL, NO_LIKES)]
    assert prompted[0] == prompted[1], "likes do not enter it"
    assert "(A4)" not in found.draw().alt, "per cent beside points"
    assert found.likes_removed > 100
    assert found.accounts_left_out > 0


@pytest.mark.parametrize(
    ("moved", "noise", "told"),
    [(1.5, 0.5, "no difference"), (1.5, 0.1, "a difference"), (0.1, 0.5, "too little to look into")],
)
def test_a_difference_that_new_splits_can_give_is_told_as_none(shop, suspects, moved, noise, told):
    first = next(one for one in share_gap(shop).findings if one.id == "A1.adjusted_uplift")
    away = {1: 0.0, 2: noise, 3: -noise, 4: 0.0}

    def asked(one, *, seed=1):
        estimate = 5.0 + away[seed] + (moved if one is not shop else 0.0)
        finding = replace(first, status="answered", estimate=estimate, low=estimate - 4, high=estimate + 4)
        return SimpleNamespace(findings=(finding,))

    found = without_suspects(shop, suspects, asked=[asked])
    reach = 3.182 * np.sqrt(2) * np.std(list(away.values()), ddof=1)
    expected = {} if told == "too little to look into" else {"A1.adjusted_uplift": reach}
    assert found.by_splits_pp == pytest.approx(expected, rel=1e-3)
    says_none = "splitting the same customers" in found.findings[-1].reading
    assert says_none == (told == "no difference")


def test_where_nothing_is_flagged_nothing_is_compared(shop, suspects):
    none = replace(suspects, posts=suspects.posts.assign(flagged=False))
    assert isinstance(without_suspects(shop, none, asked=[share_gap], days_before=10_000), Skipped)
