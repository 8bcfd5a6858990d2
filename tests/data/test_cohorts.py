"""Cohort counts agree with a count in plain pandas; months that were not seen whole are not there."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from helpers.data.cohorts import complete_months, month_start, monthly_cohorts, seen_until

SHANGHAI = pd.Timedelta(hours=8)
WINDOW = pd.Timedelta(days=30)


def by_hand(orders, end, *, rolling):
    """Count customer by customer and period by period. end: on the shop's clock."""
    bought = orders[orders["status"] != "cancelled"]
    cells = {}
    for _, times in bought.groupby("customer_id")["placed_at"]:
        local = times + SHANGHAI
        first = local.min()
        cohort = first.to_period("M")
        for since in range(1000):
            start = first + since * WINDOW if rolling else (cohort + since).start_time
            stop = start + WINDOW if rolling else (cohort + since + 1).start_time
            if stop > end:
                break
            cell = cells.setdefault((cohort.start_time, since), [0, 0])
            cell[0] += 1
            cell[1] += int(((local >= start) & (local < stop)).any())
    rows = [(*key, *counts) for key, counts in sorted(cells.items())]
    return pd.DataFrame(rows, columns=["cohort_month", "months_since", "customers", "active"])


@pytest.mark.parametrize("rolling", [False, True])
@pytest.mark.parametrize("seed", [1, 2])
def test_cohorts_agree_with_a_count_by_hand(make_shop, random_tables, seed, rolling):
    tables = random_tables(seed=seed, customers=120)
    shop = make_shop(tables)
    end = (tables["orders"]["placed_at"].max() + SHANGHAI + pd.Timedelta(seconds=1)).ceil("D")
    expected = by_hand(tables["orders"], end, rolling=rolling)
    assert len(expected) > 80
    found = monthly_cohorts(shop, rolling=rolling).execute()
    assert_frame_equal(found, expected, check_dtype=False)


def test_more_months_than_one_number_holds(make_shop):
    """Six years and a half: a customer's months no longer fit into one whole number of the engine."""
    rng = np.random.default_rng(3)
    times = pd.Timestamp("2018-01-03") + pd.to_timedelta(np.sort(rng.integers(0, 2_400, 300)), unit="D")
    shop = _shop(make_shop, times, as_of="2030-01-01 00:00", customers=rng.integers(0, 12, 300))
    orders = shop["orders"].execute()
    for rolling in (False, True):
        expected = by_hand(orders, pd.Timestamp(seen_until(shop)), rolling=rolling)
        assert expected["months_since"].max() > 70
        found = monthly_cohorts(shop, rolling=rolling).execute()
        assert_frame_equal(found, expected, check_dtype=False)


def test_months_are_those_of_the_shops_clock(make_shop):
    """20:00 UTC on 31 January is already 1 February in Shanghai."""
    shop = _shop(
        make_shop, ["2025-01-31 20:00", "2025-03-05 00:00", "2025-05-02 00:00"], as_of="2025-04-30 16:00"
    )
    cells = monthly_cohorts(shop).execute()
    assert list(cells["cohort_month"].unique()) == [pd.Timestamp("2025-02-01")]
    assert list(cells["active"]) == [1, 1, 0]


@pytest.mark.parametrize(
    ("as_of", "periods"),
    [("2025-03-31 15:59:59", 2), ("2025-03-31 16:00", 2), ("2025-03-30 16:00", 1), ("2025-04-02 00:00", 2)],
)
def test_only_months_seen_whole_are_listed(make_shop, as_of, periods):
    shop = _shop(make_shop, ["2025-02-03 01:00", "2025-03-30 20:00", "2025-04-09 00:00"], as_of=as_of)
    assert len(monthly_cohorts(shop).execute()) == periods


def test_nothing_is_made_up_beyond_the_last_order(make_shop):
    shop = _shop(make_shop, ["2025-02-03 01:00", "2025-03-10 01:00"], as_of="2030-01-01 00:00")
    assert seen_until(shop) == dt.datetime(2025, 3, 11)
    assert monthly_cohorts(shop).execute()["months_since"].max() == 0


def test_cancelled_orders_found_no_cohort_and_keep_nobody(make_shop):
    times = ["2025-01-03 01:00", "2025-02-03 01:00", "2025-03-03 01:00", "2025-05-01 00:00"]
    shop = _shop(
        make_shop, times, status=["cancelled", "paid", "cancelled", "paid"], as_of="2025-04-30 16:00"
    )
    cells = monthly_cohorts(shop).execute()
    assert list(cells["active"]) == [1, 0, 0]
    assert cells["cohort_month"].iloc[0] == pd.Timestamp("2025-02-01")


def test_complete_months_leave_out_both_ragged_ends(make_shop):
    shop = _shop(make_shop, ["2025-01-03 01:00", "2025-04-03 01:00"], as_of="2025-04-20 00:00")
    months = [month_start(number).strftime("%Y-%m") for number in complete_months(shop)]
    assert months == ["2025-02", "2025-03"]


def test_a_shop_whose_orders_are_all_cancelled_has_no_months(make_shop):
    shop = _shop(make_shop, ["2025-01-03 01:00"], status="cancelled", as_of="2025-04-20 00:00")
    assert len(complete_months(shop)) == 0
    assert monthly_cohorts(shop).execute().empty


def _shop(make_shop, times, *, as_of, status="paid", customers="a"):
    orders = pd.DataFrame({"placed_at": pd.to_datetime(times), "customer_id": customers, "status": status})
    orders["customer_id"] = orders["customer_id"].astype(str)
    orders["order_id"] = [f"o{number}" for number in range(len(orders))]
    tables = {"customers": pd.DataFrame({"customer_id": orders["customer_id"].unique()}), "orders": orders}
    return make_shop(tables, as_of=pd.Timestamp(as_of).to_pydatetime())


def test_orders_without_times_are_refused_by_name(make_shop):
    shop = _shop(make_shop, [None], as_of="2025-04-20 00:00")
    for ask in (seen_until, complete_months, monthly_cohorts):
        with pytest.raises(ValueError, match="'orders', column 'placed_at'"):
            ask(shop)
