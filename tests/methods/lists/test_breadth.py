"""Coverage, popularity, novelty, diversity, concentration and head/tail recall, one list at a time."""

from __future__ import annotations

import math
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists import breadth
from methods.lists.breadth import Catalogue, bought, different_pairs, gini

CUSTOMERS, ITEMS = 60, 12


@pytest.fixture
def comparison() -> SimpleNamespace:
    rng = np.random.default_rng(8)
    chance = np.linspace(0.7, 0.05, ITEMS)
    train = (rng.random((CUSTOMERS, ITEMS)) < chance).astype(np.float32)
    train[0] = 1
    order = np.argsort(-train.sum(axis=0), kind="stable")
    test = (rng.random((CUSTOMERS, ITEMS)) < 0.2).astype(np.float32)
    test[:, 3] = 1
    return SimpleNamespace(
        split=SimpleNamespace(
            train=csr_array(train[:, order]), test=csr_array(test), items=np.arange(ITEMS), leak=""
        ),
        purchases=SimpleNamespace(
            sellers=np.array([f"s{n % 4}" for n in range(ITEMS)], object),
            categories=np.array([f"类{n % 3}" for n in range(ITEMS)], object),
        ),
        customers=np.arange(CUSTOMERS),
    )


@pytest.fixture
def lists() -> np.ndarray:
    rng = np.random.default_rng(9)
    drawn = np.array([rng.choice(9, 4, replace=False) for _ in range(CUSTOMERS)], np.int32)
    drawn[5, 2:] = -1
    drawn[6, 1:] = -1
    return drawn


def slow_gini(amounts) -> float:
    gaps = sum(abs(a - b) for a in amounts for b in amounts)
    return gaps / (2 * len(amounts) ** 2 * np.mean(amounts))


def slow_breadth(lists, comparison) -> dict[str, float]:
    train, test = comparison.split.train.toarray(), comparison.split.test.toarray()
    buyers = train.sum(axis=0)
    head, running = set(), 0.0
    for item in range(ITEMS):
        if running < buyers.sum() / 2:
            head.add(item)
        running += buyers[item]
    shown, sellers, apart = [0] * ITEMS, [0] * 4, []
    found = {True: 0, False: 0}
    for row, items in enumerate(lists):
        items = [item for item in items if item >= 0]
        for item in items:
            shown[item] += 1
            sellers[item % 4] += 1
            if test[row, item]:
                found[item in head] += 1
        pairs = [(a, b) for a in items for b in items if a < b]
        if pairs:
            apart.append(np.mean([a % 3 != b % 3 for a, b in pairs]))
    share = buyers / CUSTOMERS
    total = sum(shown)
    wanted_head = sum(test[:, item].sum() for item in head)
    return {
        "coverage": 100 * sum(count > 0 for count in shown) / ITEMS,
        "popularity": 100 * sum(n * s for n, s in zip(shown, share, strict=True)) / total,
        "novelty": sum(n * -math.log2(s) for n, s in zip(shown, share, strict=True)) / total,
        "diversity": 100 * np.mean(apart),
        "item_gini": slow_gini(shown),
        "seller_gini": slow_gini(sellers),
        "head_recall": 100 * found[True] / wanted_head,
        "tail_recall": 100 * found[False] / (test.sum() - wanted_head),
    }


def test_every_measure_equals_a_plain_count(comparison, lists):
    values = breadth(lists, comparison.split.test, Catalogue.of(comparison), seed=1)
    expected = slow_breadth(lists, comparison)
    assert {name: value[0] for name, value in values.items()} == pytest.approx(expected)
    for estimate, low, high in values.values():
        assert low <= estimate <= high


def test_what_customers_bought_themselves_is_measured_alike(comparison):
    test = comparison.split.test.toarray()
    found = bought(comparison, Catalogue.of(comparison))
    assert found["item_gini"] == pytest.approx(slow_gini(test.sum(axis=0)))
    share = comparison.split.train.toarray().mean(axis=0)
    assert found["popularity"] == pytest.approx(100 * (test.sum(axis=0) @ share) / test.sum())


def test_the_same_list_for_all_shows_its_own_length_of_the_range(comparison):
    same = np.tile(np.arange(3, dtype=np.int32), (CUSTOMERS, 1))
    values = breadth(same, comparison.split.test, Catalogue.of(comparison), seed=1)
    assert values["coverage"] == pytest.approx((25.0, 25.0, 25.0))


def test_without_sellers_and_categories_their_measures_are_left_out(comparison, lists):
    comparison.purchases.sellers[:] = None
    comparison.purchases.categories[:] = "only one"
    values = breadth(lists, comparison.split.test, Catalogue.of(comparison), seed=1)
    assert "seller_gini" not in values
    assert "diversity" not in values
    assert "coverage" in values


def test_pairs_of_a_list_by_hand():
    groups = np.array([[0, 0, 1], [0, 1, 2], [2, 2, 2], [1, 0, -1], [1, -1, -1]])
    assert different_pairs(groups) == pytest.approx([2 / 3, 1, 0, 1, np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("amounts", "expected"), [([1, 1, 1, 1], 0), ([0, 0, 0, 1], 0.75), ([1, 2, 3], 2 / 9)]
)
def test_gini_by_hand(amounts, expected):
    assert gini(np.array(amounts)) == pytest.approx(expected)
    assert slow_gini(amounts) == pytest.approx(expected)


@pytest.mark.parametrize("amounts", [[], [0, 0], [-1, 2]])
def test_gini_refuses_amounts_that_have_none(amounts):
    with pytest.raises(ValueError, match="Gini"):
        gini(np.array(amounts))
