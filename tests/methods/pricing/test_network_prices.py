"""Prices by place: exact small cases, an optimiser as oracle, hostile input."""

import numpy as np
import pytest
from scipy.optimize import minimize

from methods.pricing import network_prices

USUAL = {"worth": 10, "satiety": 1, "unit_cost": 2}


def star(*, to_leaves: float, to_hub: float) -> np.ndarray:
    pull = np.zeros((5, 5))
    pull[1:, 0], pull[0, 1:] = to_leaves, to_hub
    return pull


def test_a_mutual_star_earns_no_discount():
    found = network_prices(star(to_leaves=0.3, to_hub=0.3), **USUAL)
    assert found.prices == pytest.approx(np.full(5, 6.0))
    assert found.gain == pytest.approx(0, abs=1e-9)


def test_leaves_that_follow_a_hub():
    found = network_prices(star(to_leaves=0.4, to_hub=0), **USUAL)
    assert found.prices == pytest.approx([25 / 6, *[79 / 12] * 4])
    assert found.profit == pytest.approx(145 / 3)
    assert found.profit_one_price == pytest.approx(46.4)


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_an_optimiser(seed):
    rng = np.random.default_rng(seed)
    pull = 0.2 * rng.random((6, 6)) * (1 - np.eye(6))

    def loss(prices):
        return -(prices - 2) @ np.linalg.solve(2 * np.eye(6) - pull, 10 - prices)

    best = minimize(loss, np.full(6, 5.0), tol=1e-12)
    found = network_prices(pull, **USUAL)
    assert found.prices == pytest.approx(best.x, abs=1e-4)
    assert found.profit == pytest.approx(-best.fun)


def test_large_mutual_graphs_have_one_price():
    rng = np.random.default_rng(1)
    pull = 0.1 * (rng.random((300, 300)) < 0.02)
    found = network_prices(np.maximum(pull, pull.T), **USUAL)
    assert np.ptp(found.prices) < 1e-6


@pytest.mark.parametrize(
    ("pull", "change", "said"),
    [
        (star(to_leaves=3, to_hub=3), {}, "amounts stay finite"),
        (star(to_leaves=-0.1, to_hub=0), {}, "0 or more"),
        (star(to_leaves=np.nan, to_hub=0), {}, "finite"),
        (np.zeros((2, 3)), {}, "square"),
        (np.zeros((2, 2)), {"unit_cost": 11}, "above unit_cost"),
    ],
)
def test_says_what_is_wrong(pull, change, said):
    with pytest.raises(ValueError, match=said):
        network_prices(pull, **{**USUAL, **change})
