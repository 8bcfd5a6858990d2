"""Shops whose stickiness is known beforehand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

START = pd.Timestamp("2024-01-01")
REQUIRED = ("customers", "items", "orders", "order_lines")


@pytest.fixture
def steady_shop(make_shop):
    """Return a function `(*, seed, customers, months, rate) -> Shop` of customers who never change.

    Everyone has an own steady rate of orders a month (gamma, mean `rate`) from the start to the end; an order
    costs 10 to 90. drift: how many percent the rates grow a month. season, shocks: size of a yearly wave of
    all rates, and of what befalls single months (share of the rate); december: factor of that month.
    """

    def make(*, seed=1, customers=400, months=14, rate=1.0, drift=0.0, **told):
        moves = {name: told.pop(name) for name in ("season", "shocks", "december") if name in told}
        return make_shop(steady_tables(seed, customers, months, rate, drift, **moves), **told)

    return make


@pytest.fixture
def leaving_shop(make_shop):
    """Return a function `(*, seed, customers, days, busy_from, busy) -> Shop` of the model's customers.

    They join evenly, each with an own pace (gamma) and an own chance (beta) of leaving after every order but
    the first, as the model has it.
    busy: factor on everybody's pace from the day `busy_from` on.
    """

    def make(**options):
        return make_shop(leaving_tables(**options))

    return make


def leaving_tables(*, seed=1, customers=1_500, days=540, busy_from=0, busy=1.0):
    rng = np.random.default_rng(seed)
    pace, leaving = rng.gamma(0.8, 1 / 50, customers), rng.beta(0.8, 4.0, customers)
    here, moment = np.arange(customers), rng.uniform(0, days, customers)
    owners, moments = [], []
    while len(here):
        owners.append(here)
        moments.append(moment[here])
        here = here[rng.random(len(here)) >= leaving[here] * (len(owners) > 1)]
        # On busy days the own clock runs faster by `busy`.
        ran = np.minimum(moment[here], busy_from) + busy * np.maximum(moment[here] - busy_from, 0.0)
        ran += rng.exponential(1.0, len(here)) / np.maximum(pace[here], 1e-9)
        moment[here] = np.minimum(ran, busy_from) + np.maximum(ran - busy_from, 0.0) / busy
        here = here[moment[here] < days]
    return tables_of(rng, np.concatenate(owners), np.concatenate(moments).astype(int), customers)


def steady_tables(seed, customers, months, rate, drift, *, season=0.0, shocks=0.0, december=1.0):
    rng = np.random.default_rng(seed)
    days = 30 * months
    own = rng.gamma(2.0, rate / 2.0, customers)
    month = (START + pd.to_timedelta(np.arange(days), unit="D")).to_period("M")
    place = ((month.year - START.year) * 12 + month.month - 1).to_numpy()
    befell = np.exp(shocks * np.random.default_rng(seed + 1_000).normal(size=place.max() + 1))
    wave = np.exp(season * np.sin(2 * np.pi * (place + seed % 12) / 12))
    wave = wave * np.where(place % 12 == 11, december, 1.0)
    growth = (1 + drift / 100 * np.arange(days) / 30) * befell[place] * wave
    counts = rng.poisson(own[:, None] * growth / 30)
    owner, day = np.nonzero(counts)
    repeats = counts[owner, day]
    return tables_of(rng, np.repeat(owner, repeats), np.repeat(day, repeats), customers)


def tables_of(rng, owner, day, customers):
    """Return the required tables of orders whose customer and day since the start are given."""
    orders = pd.DataFrame(
        {
            "order_id": [f"o{number}" for number in range(len(owner))],
            "customer_id": [f"c{number}" for number in owner],
            "placed_at": START + pd.to_timedelta(day * 86_400 + rng.integers(0, 86_400, len(day)), unit="s"),
            "status": "paid",
        }
    )
    lines = pd.DataFrame({"order_id": orders["order_id"], "line_number": 1, "item_id": "i", "quantity": 1})
    lines["unit_price_cents"] = rng.integers(1000, 9000, len(lines))
    names = pd.DataFrame({"customer_id": [f"c{number}" for number in range(customers)]})
    items = pd.DataFrame({"item_id": ["i"], "category": ["口红"]})
    return {"customers": names, "items": items, "orders": orders, "order_lines": lines}
