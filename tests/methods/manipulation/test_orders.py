"""Suspicious orders and sellers: exact under independence, brushing sellers found, honest ones left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.errors import CannotAnswer
from methods.manipulation import suspicious_orders, suspicious_sellers


def test_p_is_exact_for_independent_signs():
    rng = np.random.default_rng(1)
    signs = pd.DataFrame(rng.random((20_000, 4)) < [0.02, 0.1, 0.3, 0.5], columns=list("abcd"))
    p = suspicious_orders(signs).p
    for rate in (0.005, 0.02, 0.1, 0.5):
        assert (p <= rate).mean() <= rate * 1.1 + 3 * np.sqrt(rate / 20_000)
    assert p[signs.all(axis=1)].max() == p.min()


def test_an_order_without_signs_is_not_suspicious():
    signs = pd.DataFrame({"a": [True, False, False], "b": [False, False, False]})
    assert suspicious_orders(signs).p[1] == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_brushing_sellers_are_found_among_sellers_who_differ(seed):
    rng = np.random.default_rng(seed)
    orders = rng.integers(100, 2_000, 80)
    share = rng.beta(4, 196, 80)
    share[:5] += 0.15
    found = suspicious_sellers(rng.binomial(orders, share), orders, seed=1)
    assert (found.sellers["p"].iloc[:5] < 0.01).sum() >= 4
    assert (found.sellers["p"].iloc[5:] < 1e-4).sum() == 0
    assert found.expected == pytest.approx(0.02, abs=0.006)


def test_a_small_seller_moves_to_the_mean():
    seen, orders = np.append(np.full(30, 20), 2), np.append(np.full(30, 1_000), 4)
    estimate = suspicious_sellers(seen, orders, seed=1).sellers["estimate"]
    assert estimate.iloc[-1] < 0.2


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda: suspicious_orders(pd.DataFrame()), CannotAnswer),
        (lambda: suspicious_orders(pd.DataFrame(np.zeros((2, 13), bool))), ValueError),
        (lambda: suspicious_sellers(np.array([3]), np.array([2]), seed=1), ValueError),
        (lambda: suspicious_sellers(np.array([1]), np.array([2]), seed=1), CannotAnswer),
    ],
)
def test_refuses_what_it_cannot_read(call, error):
    with pytest.raises(error):
        call()
