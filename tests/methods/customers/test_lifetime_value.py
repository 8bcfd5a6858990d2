"""Worth of the orders to come: covered by simulation from the two models, and None without prices."""

import numpy as np
import pytest

from methods.customers.bg_nbd import fit_purchases, histories
from methods.customers.lifetime_value import order_worth

WEEKS, AHEAD, CUSTOMERS = 60.0, 26.0, 3_000


def drawn(seed):
    """Customers who never leave, buying at own paces and amounts: histories, spend, and money to come."""
    rng = np.random.default_rng(seed)
    rate, price = rng.gamma(2.0, 0.02, CUSTOMERS), 1 / rng.gamma(4.0, 1 / 300.0, CUSTOMERS)
    repeats = rng.poisson(rate * WEEKS)
    last = np.where(repeats > 0, WEEKS * rng.beta(np.maximum(repeats, 1), 1), 0.0)
    spent = np.where(repeats > 0, rng.gamma(6.0 * np.maximum(repeats, 1), price), np.nan)
    coming = rng.poisson(rate * AHEAD)
    money = np.where(coming > 0, rng.gamma(6.0 * np.maximum(coming, 1), price), 0.0).sum()
    return repeats.astype(float), last, spent, float(money)


def test_money_to_come_is_covered():
    inside = []
    for seed in range(12):
        repeats, last, spent, money = drawn(seed)
        known = histories(repeats, last, np.full(CUSTOMERS, WEEKS))
        worth = order_worth(repeats, spent)
        total, error = worth.total(fit_purchases(known), known, horizon=AHEAD)
        inside.append(abs(total - money) <= 1.96 * error)
    assert sum(inside) >= 10


def test_the_error_holds_more_than_that_of_the_orders():
    repeats, last, spent, _ = drawn(1)
    known = histories(repeats, last, np.full(CUSTOMERS, WEEKS))
    worth, model = order_worth(repeats, spent), fit_purchases(known)
    total, error = worth.total(model, known, horizon=AHEAD)
    alone, orders_error = model.total(known, horizon=AHEAD, worth=worth.each)
    assert total == alone
    assert error > orders_error


def test_one_price_is_the_worth_of_every_order_to_come():
    repeats, last, _, _ = drawn(1)
    known = histories(repeats, last, np.full(CUSTOMERS, WEEKS))
    model = fit_purchases(known)
    worth = order_worth(repeats, np.where(repeats > 0, 2990.0 * repeats, np.nan))
    orders, error = model.total(known, horizon=AHEAD)
    assert worth.total(model, known, horizon=AHEAD) == pytest.approx((2990 * orders, 2990 * error))


@pytest.mark.parametrize("spent", [np.full(50, np.nan), np.zeros(50)])
def test_without_prices_there_is_no_worth(spent):
    assert order_worth(np.full(50, 3.0), spent) is None
