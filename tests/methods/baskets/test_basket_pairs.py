"""Pairs in baskets: planted bundles are found, taste and season are not taken for bundles."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.special import gammainc

from methods.baskets import basket_pairs

PLANTED = [(3, 40), (10, 11), (55, 22)]


def draw(seed: int, *, baskets: int = 6_000, planted: float = 0.0, seasons: int = 1) -> pd.DataFrame:
    """Baskets of two or three products; each buyer keeps to one of four categories three times in four.

    planted: chance that a basket holding the first product of a planted pair takes up the second. seasons:
    with 2, half of the products of each category are sold in the first half of the baskets only.
    """
    rng = np.random.default_rng(seed)
    popularity = 1.0 / np.arange(1, 16) ** 0.8
    rows = []
    own = rng.integers(0, 4, baskets)
    for basket in range(baskets):
        season = basket * seasons // baskets
        open_now = np.flatnonzero(np.arange(15) % seasons == season) if seasons > 1 else np.arange(15)
        chance = popularity[open_now] / popularity[open_now].sum()
        size = rng.integers(2, 4)
        groups = np.where(rng.random(size) < 0.75, own[basket], rng.integers(0, 4, size))
        items = set(15 * groups + rng.choice(open_now, size, p=chance))
        items |= {two for one, two in PLANTED if one in items and rng.random() < planted}
        rows += [(basket, item, item // 15, season) for item in items]
    return pd.DataFrame(rows, columns=["order_id", "item_id", "category", "month"])


def pairs_of(frame: pd.DataFrame) -> set[tuple[int, int]]:
    return set(zip(frame["first"], frame["second"], strict=True))


@pytest.fixture(scope="module")
def plain():
    return draw(1)


def test_planted_bundles_are_found_and_few_others():
    found = basket_pairs(draw(2, planted=0.25), category="category").found()
    wanted = {tuple(sorted(pair)) for pair in PLANTED}
    assert wanted <= pairs_of(found)
    assert len(pairs_of(found) - wanted) <= 1
    for row in found.itertuples():
        assert row.low > 1


def test_taste_is_taken_for_bundles_unless_categories_explain_it(plain):
    assert len(basket_pairs(plain).found()) > 50
    assert len(basket_pairs(plain, category="category").found()) == 0


def test_the_season_is_taken_for_bundles_unless_it_is_held_apart():
    lines = draw(3, seasons=2)
    assert len(basket_pairs(lines, category="category").found()) > 10
    assert len(basket_pairs(lines, category="category", stratum="month").found()) == 0


def test_expected_pairs_add_up_to_those_seen(plain):
    """Among the best sellers, where every pair is seen, so that none is missing from the frame."""
    few = plain[plain["item_id"] % 15 < 4]
    found = basket_pairs(few, category="category", prior_pairs=0.0)
    assert len(found.frame) == found.tested == 16 * 15 / 2
    assert found.frame["expected"].sum() == pytest.approx(found.frame["together"].sum(), rel=0.01)


def test_counts_are_those_of_a_plain_loop(plain):
    few = plain[plain["order_id"] < 300]
    counted: dict[tuple, int] = {}
    for _, items in few.groupby("order_id")["item_id"]:
        for pair in itertools.combinations(sorted(items), 2):
            counted[pair] = counted.get(pair, 0) + 1
    frame = basket_pairs(few).frame
    assert (
        dict(zip(zip(frame["first"], frame["second"], strict=True), frame["together"], strict=True))
        == counted
    )


def test_a_pair_seen_once_is_no_tenfold_pair():
    lines = pd.DataFrame({"order_id": [0, 0, *np.repeat(range(1, 40), 2)], "item_id": [8, 9, *([1, 2] * 39)]})
    rare = basket_pairs(lines).frame.set_index(["first", "second"]).loc[(8, 9)]
    assert rare["together"] / rare["expected"] > 30
    assert rare["lift"] < 1.3
    assert rare["low"] < 1


def test_false_alarms_are_rare_where_baskets_are_dealt_at_random(plain):
    rng, alarms = np.random.default_rng(5), 0
    for _ in range(60):
        dealt = plain[plain["order_id"] < 1_500].copy()
        for _, places in dealt.groupby("category").groups.items():
            dealt.loc[places, "item_id"] = rng.permutation(dealt.loc[places, "item_id"])
        alarms += len(basket_pairs(dealt, category="category").found()) > 0
    assert alarms <= 8  # 9 or more of 60 at 5 % happen in 0.3 % of such series


@pytest.mark.parametrize(
    "lines", [[], [(1, "a")], [(1, "a"), (1, "a")], [(1, "a"), (2, "b")], [(1, None), (1, "b")]]
)
def test_baskets_without_pairs_have_none(lines):
    found = basket_pairs(pd.DataFrame(lines, columns=["order_id", "item_id"]))
    assert (len(found.frame), found.tested) == (0, 0)
    assert found.found().empty


def habits(seed: int, *, customers: int = 400, products: int = 80) -> pd.DataFrame:
    """Customers of four favourites without any tie, who buy two or three of them twelve times."""
    rng = np.random.default_rng(seed)
    own = np.array([rng.choice(products, 4, replace=False) for _ in range(customers)])
    who = np.repeat(np.arange(customers), 12)
    held = rng.random((len(who), 4)).argsort(axis=1)[:, :3]
    kept = np.c_[np.ones((len(who), 2), bool), rng.random(len(who)) < 0.5]
    basket, place = np.nonzero(kept)
    rows = {"order_id": basket, "customer": who[basket], "item_id": own[who[basket], held[basket, place]]}
    return pd.DataFrame(rows)


class TestHabits:
    def test_independent_favourites_are_no_bundles(self):
        for seed in range(6):
            lines = habits(seed)
            assert len(basket_pairs(lines).found()) > 50
            assert len(basket_pairs(lines, customer="customer").found()) <= 1

    def test_favourites_dealt_anew_among_customers_say_the_same_of_chance(self):
        """Permutation of whole customers: what a pair's count varies by is its repeats, not one."""
        lines, counts = habits(1), []
        rng = np.random.default_rng(2)
        for _ in range(60):
            rename = np.array([rng.permutation(80) for _ in range(400)])
            dealt = lines.assign(item_id=rename[lines["customer"], lines["item_id"]])
            frame = basket_pairs(dealt, customer="customer", prior_pairs=0.0).frame
            counts.append(frame.set_index(["first", "second"])["together"])
            repeats = frame["repeats"]
        seen = pd.concat(counts, axis=1).fillna(0)
        dispersion = (seen.var(axis=1) / seen.mean(axis=1)).mean()
        assert dispersion == pytest.approx(repeats.mean(), rel=0.15)

    def test_baskets_of_one_customer_each_are_as_without(self, plain):
        alone = basket_pairs(plain.assign(who=plain["order_id"]), customer="who").frame
        pd.testing.assert_frame_equal(alone, basket_pairs(plain).frame)

    def test_a_pair_of_the_smallest_lift_is_found_about_as_often_as_said(self):
        rng, found = np.random.default_rng(3), basket_pairs(habits(1), customer="customer")
        repeats, expected = found.frame["repeats"].median(), 40.0
        lift = found.smallest_lift(expected=expected)
        events = rng.poisson(lift * expected / repeats, 4_000)
        seen = gammainc(np.maximum(events, 1e-9), expected / repeats) < 0.05 / found.tested
        assert seen.mean() == pytest.approx(0.8, abs=0.08)
        assert found.smallest_lift(expected=10.0) > lift > 1
