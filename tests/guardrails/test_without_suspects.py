"""Answers without suspects: in columns, and told as no difference where new random splits alone give it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from helpers.guardrails import manipulation, without_suspects
from helpers.guardrails.e01_manipulation.without_suspects import ALL, NO_ACCOUNTS, NO_LIKES
from helpers.report import Skipped
from helpers.uplift import share_gap
from tests.market_runs import market_and_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    return market_and_shop(tmp_path_factory.mktemp("hard"), customers=8_000, seed=1)[1]


@pytest.fixture(scope="module")
def suspects(shop):
    return manipulation(shop)


@pytest.fixture(scope="module")
def found(shop, suspects):
    return without_suspects(shop, suspects, asked=[share_gap])


def adjusted(shop, seed: int) -> float:
    return next(one.estimate for one in share_gap(shop, seed=seed).findings if one.id == "A1.adjusted_uplift")


def test_each_column_answers_and_the_first_is_the_answer_of_the_chapter(found, shop):
    assert [one.segment for one in found.findings] == [ALL, NO_LIKES, NO_ACCOUNTS]
    assert found.findings[0].estimate == pytest.approx(adjusted(shop, 1))
    assert found.likes_removed > 100
    assert found.accounts_left_out > 0


def test_the_noise_of_a_difference_is_that_of_two_splits(found, shop):
    moved = np.std([adjusted(shop, seed) for seed in (1, 2, 3, 4)], ddof=1)
    assert found.by_splits_pp["A1.adjusted_uplift"] == pytest.approx(3.182 * np.sqrt(2) * moved, rel=1e-3)


def test_a_difference_within_that_noise_is_told_as_none(found):
    without = found.findings[-1]
    moved = abs(without.estimate - found.findings[0].estimate)
    within = moved <= found.by_splits_pp["A1.adjusted_uplift"]
    assert ("splitting the same customers" in without.reading) == within


def test_where_nothing_is_flagged_nothing_is_compared(shop, suspects):
    none = replace(suspects, posts=suspects.posts.assign(flagged=False))
    assert isinstance(without_suspects(shop, none, asked=[share_gap], days_before=10_000), Skipped)
