"""Other cuts and the random split: who is held back, what is learned, and what it flatters."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pandas as pd
import pytest

from helpers.recommend import accuracy_of_lists, every_pair, temporal_robustness
from helpers.report import Skipped
from market.strange import draw_shop
from methods.lists.other_splits import random_instead, rolling_splits
from tests.conftest import write_shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory, taste_tables):
    from tests.conftest import write_shop

    return write_shop(taste_tables(seed=1, taste=0.7), tmp_path_factory.mktemp("steady"))


@pytest.fixture(scope="module")
def accuracy(shop):
    return accuracy_of_lists(shop, resamples=200)


@pytest.fixture(scope="module")
def answer(shop, accuracy):
    return temporal_robustness(shop, accuracy=accuracy)


def pairs(matrix, split) -> set[tuple[int, int]]:
    row, column = matrix.nonzero()
    return set(zip(split.customers[row].tolist(), split.items[column].tolist(), strict=True))


def test_cuts_lie_one_window_apart_and_learn_only_from_before(shop, accuracy):
    splits = rolling_splits(accuracy.comparison, end_at=shop.as_of, cuts=3)
    assert len(splits) == 3
    for earlier, later in itertools.pairwise(splits):
        assert later.cut_at - earlier.cut_at == shop.as_of - splits[-1].cut_at == dt.timedelta(days=56)
        assert pairs(earlier.train, earlier) < pairs(later.train, later)
    rows = accuracy.comparison.purchases.rows
    before = rows[rows["placed_at"] < splits[0].cut_at]
    assert pairs(splits[0].train, splits[0]) == set(zip(before["customer"], before["item"], strict=True))


def test_a_random_split_holds_back_as_many_of_each_customer(shop, accuracy):
    comparison = accuracy.comparison
    other = random_instead(comparison, end_at=shop.as_of, seed=1)
    assert "flatters" in other.leak
    in_time = {
        int(c): n
        for c, n in zip(comparison.split.customers, np.diff(comparison.split.test.indptr), strict=True)
    }
    at_random = {int(c): n for c, n in zip(other.customers, np.diff(other.test.indptr), strict=True)}
    same = sum(at_random[customer] == in_time[customer] for customer in in_time)
    assert same / len(in_time) > 0.98  # the rest held back a product that nobody else had bought
    assert not pairs(other.train, other) & pairs(other.test, other)
    later = pairs(comparison.split.test, comparison.split)
    assert len(later & pairs(other.train, other)) > 0.5 * len(later)


def test_the_gain_over_cuts_is_the_mean_of_all_judged(answer):
    rows = answer.cuts
    mean = (rows["gain"] * rows["n"]).sum() / rows["n"].sum()
    found = {finding.id: finding for finding in answer.findings}
    assert found["D1.gain_over_cuts"].estimate == pytest.approx(mean)
    assert found["D1.gain_over_cuts"].verdict == "supported"
    flattery = found["D1.random_split_flatters"]
    served = answer.held_back["served"]
    assert flattery.estimate == pytest.approx(served["random"] - served["in_time"])


def flattery_of(answer):
    return next(finding for finding in answer.findings if finding.id == "D1.random_split_flatters")


def test_a_random_split_flatters_where_best_sellers_are_bought_first(answer):
    """Tastes never change here, but what is still new to a customer is rarer than what they bought before."""
    assert flattery_of(answer).low > 0


def test_it_does_not_where_nobody_has_a_taste_and_all_products_sell_alike(make_shop, taste_tables):
    tables = taste_tables(seed=4, taste=0.0)
    lines, rng = tables["order_lines"], np.random.default_rng(1)
    number = lines["item_id"].str[1:].astype(int).to_numpy()
    lines["item_id"] = [f"i{n:03d}" for n in number // 30 * 30 + rng.integers(0, 30, len(number))]
    found = flattery_of(temporal_robustness(make_shop(tables)))
    assert found.low < 0 < found.high


def test_without_times_or_with_too_few_days_it_is_skipped(make_shop, taste_tables):
    undated = temporal_robustness(make_shop(taste_tables(seed=1, taste=0.7, dated=False)))
    assert isinstance(undated, Skipped)
    assert "orders.placed_at" in undated.reason
    tables = taste_tables(seed=1, taste=0.7)
    late = tables["orders"]["placed_at"] > tables["orders"]["placed_at"].max() - pd.Timedelta(days=100)
    tables["orders"] = tables["orders"][late]
    kept = tables["order_lines"]["order_id"].isin(tables["orders"]["order_id"])
    tables["order_lines"] = tables["order_lines"][kept]
    short = temporal_robustness(make_shop(tables, folder=None))
    assert isinstance(short, Skipped)
    assert "too short for a second cut" in short.reason


def test_every_pair_is_there_once_with_the_better_list_first(shop, accuracy):
    pairs_found = every_pair(shop, accuracy=accuracy)
    lists = len(accuracy.comparison.entries)
    assert len(pairs_found.frame) == lists * (lists - 1) // 2
    assert (pairs_found.frame["served"] >= 0).all()
    rate = {entry.label: 100 * entry.measures["hit_rate"].mean() for entry in accuracy.comparison.entries}
    for row in pairs_found.frame.itertuples():
        assert row.served == pytest.approx(rate[row.better] - rate[row.worse])
        assert row.served_low <= row.served <= row.served_high
    assert pairs_found.draw().png().startswith(b"\x89PNG")


def test_it_draws_and_tabulates(answer):
    assert answer.draw().png().startswith(b"\x89PNG")
    assert len(answer.table()) == 3


def test_best_sellers_by_taste_are_tuned_at_the_earliest_cut_too(tmp_path):
    shop = write_shop(draw_shop("fast_fashion").tables, tmp_path)
    answer = temporal_robustness(shop)
    assert answer.comparison.best_personal.key == "trend"
    (over,) = [one for one in answer.findings if one.id == "D1.gain_over_cuts"]
    assert -5 < over.low < over.high < 5
