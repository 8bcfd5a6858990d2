"""Rates of few events: exact where counts are plain, wide where nothing happened, usual where much did."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from methods.intervals.clustered_means import Mean, clustered_means
from methods.intervals.few_events import combined_rates
from methods.logs.hold_out import arm_means, uplift_weights


def arms(shown: int, withheld: int, n: int = 400):
    def arm(events: int, first: int) -> Mean:
        return Mean(
            top=np.r_[np.ones(events), np.zeros(n - events)], bottom=np.ones(n), cluster=first + np.arange(n)
        )

    return clustered_means({"shown": arm(shown, 0), "withheld": arm(withheld, n)})


def test_one_rate_is_garwoods_interval_of_a_count():
    """Exact for Poisson's law (Garwood 1936), up to the binomial's slightly smaller variance."""
    for events in (1, 3, 8):
        found = combined_rates(arms(events, 5, n=100_000), shown=100_000.0)
        assert found.low == pytest.approx(chi2.ppf(0.025, 2 * events) / 2, rel=0.01)
        assert found.high == pytest.approx(chi2.ppf(0.975, 2 * events + 2) / 2, rel=0.01)


def test_no_event_in_an_arm_is_not_nil():
    found = combined_rates(arms(3, 0, n=40), shown=1.0, withheld=-1.0)
    assert found.low < -0.03
    assert found.high > 0.15


def test_many_events_give_the_usual_interval():
    means = arms(60, 50)
    found, usual = combined_rates(means, shown=1.0, withheld=-1.0), means.combined(shown=1.0, withheld=-1.0)
    assert found == usual


def test_no_event_at_all_and_rates_below_nil_are_errors():
    with pytest.raises(ValueError, match="no rate counts any event"):
        combined_rates(arms(0, 0), shown=1.0)
    with pytest.raises(ValueError, match="below 0"):
        combined_rates(
            clustered_means(
                {"a": Mean(top=-np.ones(1) * np.eye(9)[0], bottom=np.ones(9), cluster=np.arange(9))}
            ),
            a=1.0,
        )


def lists(rng: np.random.Generator, customers: int, places: int) -> pd.DataFrame:
    """Lists whose products are bought at 3 in 100, and at 5 when shown; customers buy unlike much."""
    who = np.repeat(np.arange(customers), places)
    shown, eager = (rng.random(customers) < 0.5)[who], rng.gamma(2, 0.5, customers)[who]
    bought = rng.random(len(who)) < (0.03 + 0.02 * shown) * eager
    rows = {"policy": "a", "customer_id": who, "shown": shown, "shown_chance": 0.5}
    return pd.DataFrame({**rows, "bought": bought.astype(float)})


@pytest.mark.parametrize(("customers", "places"), [(80, 1), (80, 5), (400, 5)])
def test_what_a_list_adds_is_held_from_40_customers_an_arm(customers, places):
    rng, held, usual = np.random.default_rng(1), [], []
    for _ in range(150):
        means = arm_means(lists(rng, customers, places), outcome="bought")
        if not (means.values > 0).any():
            continue
        weights = uplift_weights("a")
        for kept, found in ((held, combined_rates(means, **weights)), (usual, means.combined(**weights))):
            kept.append(found.low <= 0.02 <= found.high)
    assert np.mean(held) >= 0.92
    assert np.mean(held) >= np.mean(usual)
