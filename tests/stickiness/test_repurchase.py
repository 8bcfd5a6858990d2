"""The repurchase cycle: gaps, censoring, the known median of steady customers, and false alarms of change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data.purchase_gaps import cycle_of, gaps_until, purchase_gaps
from helpers.report import effect_verdict
from helpers.stickiness import repurchase
from helpers.stickiness.b02_repurchase.cycle import cycle_change, lasting_customers, spans


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
    assert cycle_of(gaps) == pytest.approx(14, abs=1)


@pytest.mark.parametrize("day", ["2024-02-01", "2024-03-15"])
def test_gaps_as_they_could_be_seen_on_an_earlier_day(make_shop, day):
    rng = np.random.default_rng(4)
    days = pd.to_datetime("2024-01-01 04:00") + pd.to_timedelta(rng.integers(0, 100, 400), unit="D")
    shop = _shop(make_shop, [(f"c{one % 60}", moment) for one, moment in enumerate(days)])
    until = (pd.Timestamp(day) - pd.Timestamp(0)).days
    seen = gaps_until(purchase_gaps(shop), until=until)
    # The shop is seen up to the end of that day on its clock, which is 16:00 UTC.
    before = purchase_gaps(shop.at(pd.Timestamp(day) + pd.Timedelta(hours=16)))
    columns = ["begun", "days", "arrived", "first"]
    assert seen[columns].values.tolist() == before[columns].values.tolist()


def test_lasting_customers_frame_the_two_quarters(make_shop):
    rows = [("a", day) for day in ("2024-01-01", "2024-02-15", "2024-02-20", "2024-03-20", "2024-04-28")]
    rows += [("b", day) for day in ("2024-01-05", "2024-02-15", "2024-03-20")]  # gone before the last quarter
    gaps = purchase_gaps(_shop(make_shop, rows))
    over = spans(gaps)
    assert over.months == ()
    known = lasting_customers(gaps, over)
    assert known["customer"].nunique() == 1
    assert known["is_later"].tolist() == [False, False, True]


def test_two_years_compare_the_same_months(steady_shop):
    """Of 30 whole months six frame at either end, and six of the year between are compared with the next."""
    over = spans(purchase_gaps(steady_shop(months=31, customers=150)))
    assert over.words == ("July 2024 to December 2024", "July 2025 to December 2025")
    assert len(over.months) == 6
    assert over.before[1] + 1 == over.earlier[0]
    assert over.later[1] + 1 == over.after[0]


def test_a_season_is_no_change_of_habit(steady_shop, tmp_path):
    """Only December moves: after a year and a half nothing is settled, later it is compared with itself."""
    for months in (18, 31):
        shop = steady_shop(
            months=months, customers=400, rate=2.0, december=3.0, folder=tmp_path / str(months)
        )
        found = {one.id: one for one in repurchase(shop, draws=100).findings}["B2.cycle_change_days"]
        assert found.verdict == "not settled"
        assert ("a season may have made it" in found.reading) == (months == 18)
        assert months == 18 or found.low < 0 < found.high


@pytest.mark.slow
@pytest.mark.parametrize("moves", [{"season": 0.3}, {"shocks": 0.1}], ids=["season", "shocks"])
def test_unchanged_habits_settle_nothing(steady_shop, tmp_path, moves):
    alarms = 0
    for seed in range(40):
        shop = steady_shop(seed=seed, customers=200, months=27, folder=tmp_path / str(seed), **moves)
        found = cycle_change(purchase_gaps(shop), draws=100, seed=1, level=0.95)
        alarms += effect_verdict(found.change) != "not settled"
    print(f"\n{moves}: {alarms} of 40 false changes")
    assert alarms <= 5


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
        halves_differ += cycle_of(gaps[late]) < cycle_of(gaps[~late])
        found = cycle_change(gaps, draws=200, seed=1, level=0.95)
        alarms += effect_verdict(found.change) != "not settled"
    assert alarms <= 5
    assert halves_differ >= 15


@pytest.mark.slow
def test_no_change_is_claimed_when_nobody_changes(steady_shop, tmp_path):
    alarms, covered = 0, []
    for seed in range(40):
        shop = steady_shop(seed=seed, customers=120, months=25, folder=tmp_path / str(seed))
        findings = {finding.id: finding for finding in repurchase(shop, draws=120).findings}
        change = findings["B2.cycle_change_days"]
        alarms += change.verdict != "not settled"
        covered.append(findings["B2.cycle_days_median"].estimate)
    assert alarms <= 5
    assert np.std(covered) < 4


def test_a_shortening_cycle_is_seen(steady_shop):
    shop = steady_shop(customers=400, months=26, drift=8.0)
    found = {one.id: one for one in repurchase(shop, draws=100).findings}["B2.cycle_change_days"]
    assert found.high < 0
    assert found.verdict == "contradicted"
    assert "shorter" in found.reading


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
