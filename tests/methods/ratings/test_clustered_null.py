"""Units that do not differ, with cases that hang together within customers or not: how often Q misleads."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.ratings import clustered_null, spread_between, standardised_rates

NAMES = {"happened": "late", "unit": "seller", "kinds": ["far"]}


def cases(rng, *, together: bool, own: float = 0.0, sellers: int = 25, customers: int = 500) -> pd.DataFrame:
    """Six cases a customer, 5 % late by chance, or in one customer of 8 at 40 %, who favours a seller."""
    who = np.repeat(np.arange(customers), 6)
    favoured = rng.integers(0, sellers, customers)[who]
    other = rng.integers(0, sellers, len(who))
    seller = np.where(rng.random(len(who)) < 0.8, favoured, other) if together else other
    often = (rng.random(customers) < 1 / 8)[who]
    chance = np.where(often, 0.4, 0.0) if together else 0.05
    far = rng.random(len(who)) < np.linspace(0.1, 0.9, sellers)[seller]
    moved = np.where(seller % 2 == 0, own, 0.0)
    late = rng.random(len(who)) < chance * np.where(far, 1.3, 0.7) + moved
    return pd.DataFrame({"who": who, "seller": seller, "far": far, "late": late.astype(float)})


def judged(rows: pd.DataFrame, *, draws: int = 199):
    plain = standardised_rates(rows, **NAMES)
    return plain, clustered_null(rows, plain, **NAMES, cluster="who", draws=draws)


@pytest.mark.parametrize("together", [False, True])
def test_alike_units_are_told_apart_no_more_often_than_promised(together):
    rng, rounds = np.random.default_rng(11), 150
    allowed = rounds * 0.05 + 3 * (rounds * 0.05 * 0.95) ** 0.5
    plain_false = wrong = apart = 0
    for _ in range(rounds):
        plain, found = judged(cases(rng, together=together))
        own = found.rates.rates
        wrong += found.p_value < 0.05
        apart += spread_between(own["share"].to_numpy(), own["error"].to_numpy()).spread.low > 0
        raw = plain.rates
        plain_false += spread_between(raw["share"].to_numpy(), raw["error"].to_numpy()).p_value < 0.05
    assert wrong <= allowed
    assert apart <= allowed
    if together:
        assert plain_false > 2 * allowed


@pytest.mark.parametrize("together", [False, True])
def test_clusters_turned_in_groups_vary_as_they_do_alone(together, monkeypatch):
    rows = cases(np.random.default_rng(14), together=together, customers=4_000)
    alone = judged(rows)[1]
    monkeypatch.setitem(clustered_null.__globals__, "_MOST_GROUPS", 1_000)
    grouped = judged(rows)[1]
    assert grouped.clusters == alone.clusters == 4_000
    assert grouped.design == pytest.approx(alone.design, rel=0.2)


@pytest.mark.parametrize("together", [False, True])
def test_units_that_differ_are_found(together):
    rng = np.random.default_rng(12)
    found = [judged(cases(rng, together=together, own=0.15))[1].p_value for _ in range(20)]
    assert np.mean(np.array(found) < 0.05) > 0.8


def test_cases_by_themselves_leave_the_errors_nearly_as_they_are():
    rng = np.random.default_rng(13)
    rows = cases(rng, together=False, customers=3_000).assign(who=np.arange(18_000))
    plain, found = judged(rows)
    assert 1 <= found.design < 1.25
    ratio = found.rates.rates["error"] / plain.rates["error"]
    assert np.allclose(ratio, found.design**0.5)


def test_sums_without_signs_are_the_units_own():
    """With every sign up nothing changes: Q of the null is Q seen."""
    rows = cases(np.random.default_rng(14), together=True)
    plain = standardised_rates(rows, **NAMES)
    one = clustered_null(rows.assign(who=0), plain, **NAMES, cluster="who", draws=9)
    assert one.p_value == 1.0
    assert one.clusters == 1
