"""The repurchase cycle: gaps, censoring, the known median of steady customers, and false alarms of change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.report import effect_verdict
from helpers.stickiness import repurchase
from helpers.stickiness.b02_repurchase.cycle import (
    cycle_change,
    lasting_customers,
    median_gap,
    purchase_gaps,
)


def _shop(make_shop, rows, **options):
    orders = pd.DataFrame(rows, columns=["customer_id", "placed_at"])
    orders["placed_at"] = pd.to_datetime(orders["placed_at"])
    orders = orders.assign(order_id=[f"o{number}" for number in range(len(orders))], status="paid")
    return make_shop({"customers": orders[["customer_id"]].drop_duplicates(), "orders": orders}, **options)


def test_gaps_are_whole_days_of_the_shops_clock_and_the_last_is_open(make_shop):
    rows = [
        ("a", "2024-01-01 17:00"),
        ("a", "2024-01-02 15:00"),
        ("a", "2024-01-05 15:59"),
        ("b", "2024-01-11 00:00"),
    ]
    gaps = purchase_gaps(_shop(make_shop, rows))
    assert gaps["days"].tolist() == [3, 6, 0]  # 17:00 UTC and 15:00 UTC the day after are one day in Shanghai
    assert gaps["arrived"].tolist() == [True, False, False]


def test_the_median_of_one_steady_rate_is_known(make_shop):
    """With one order in 20 days at random, half have bought again after 20 ln 2 = 13.9 days, so on day 14."""
    rng = np.random.default_rng(1)
    hours = [np.cumsum(rng.exponential(20 * 24, 60)) for _ in range(300)]
    start = pd.Timestamp("2024-01-01")
    rows = [
        (f"c{one}", start + pd.Timedelta(hours=hour))
        for one, own in enumerate(hours)
        for hour in own[own < 9600]
    ]
    gaps = purchase_gaps(_shop(make_shop, rows))
    assert median_gap(gaps) == pytest.approx(14, abs=1)


def test_lasting_customers_frame_the_two_quarters(make_shop):
    rows = [("a", day) for day in ("2024-01-01", "2024-02-15", "2024-02-20", "2024-03-20", "2024-04-28")]
    rows += [("b", day) for day in ("2024-01-05", "2024-02-15", "2024-03-20")]  # gone before the last quarter
    counts, quarter = lasting_customers(purchase_gaps(_shop(make_shop, rows)))
    assert counts.to_dict("list") == {"earlier": [2], "later": [1]}
    assert quarter == pytest.approx(119 / 4)


@pytest.mark.slow
def test_customers_who_leave_do_not_look_like_a_shorter_cycle(make_shop, tmp_path):
    """Rates differ and never change, rare buyers leave sooner: the halves differ, the same people do not."""
    alarms, halves_differ = 0, 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        rows = []
        for one in range(400):
            rate = rng.gamma(1.0, 0.05)
            leaves = rng.exponential(4_000 * rate)  # rare buyers leave soon
            days = rng.uniform(0, 400, rng.poisson(rate * 400))
            days = pd.Timestamp("2024-01-01") + pd.to_timedelta(days[days < leaves], unit="D")
            rows += [(f"c{one}", day) for day in days]
        gaps = purchase_gaps(_shop(make_shop, rows, folder=tmp_path / str(seed)))
        late = gaps["begun"] > gaps["begun"].mean()
        halves_differ += median_gap(gaps[late]) < median_gap(gaps[~late])
        found = cycle_change(gaps, draws=200, seed=1, level=0.95)
        alarms += effect_verdict(found.change) != "not settled"
    assert alarms <= 5
    assert halves_differ >= 15


@pytest.mark.slow
def test_no_change_is_claimed_when_nobody_changes(steady_shop, tmp_path):
    alarms, covered = 0, []
    for seed in range(40):
        shop = steady_shop(seed=seed, customers=120, months=10, folder=tmp_path / str(seed))
        findings = {finding.id: finding for finding in repurchase(shop, draws=120).findings}
        change = findings["B2.cycle_change_days"]
        alarms += change.verdict != "not settled"
        covered.append(findings["B2.cycle_days_median"].estimate)
    assert alarms <= 5
    assert np.std(covered) < 4


def test_a_shortening_cycle_is_seen(steady_shop):
    findings = {one.id: one for one in repurchase(steady_shop(customers=500, drift=8.0)).findings}
    assert findings["B2.cycle_change_days"].high < 0
    assert "shorter" in findings["B2.cycle_change_days"].reading


def test_the_same_seed_gives_the_same_interval(steady_shop):
    shop = steady_shop(customers=100)
    assert repurchase(shop, seed=3, draws=100).findings == repurchase(shop, seed=3, draws=100).findings


def test_a_median_that_is_not_reached_is_skipped_with_the_reason(make_shop):
    start = pd.Timestamp("2024-01-01")
    rows = [(f"c{one}", start + pd.Timedelta(days=one)) for one in range(200)]
    findings = {one.id: one for one in repurchase(_shop(make_shop, rows)).findings}
    assert findings["B2.cycle_days_median"].status == "skipped"
    assert "median gap is not known" in findings["B2.cycle_days_median"].reason
    assert findings["B2.repurchase_rate_90d"].estimate == 0
    assert findings["B2.repurchase_rate_90d"].high > 0
