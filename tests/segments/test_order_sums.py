"""What orders add up to: the same as pandas finds, in one part or many, and nothing of what comes later."""

import numpy as np
import pandas as pd
import pytest

from helpers.data import order_sums as module
from helpers.data.customer_history import last_day
from helpers.data.order_sums import order_sums

CATEGORIES = ("口红", "球鞋")


@pytest.fixture(scope="module")
def sums(shop):
    return order_sums(shop, until=last_day(shop) - 60, habits=True, categories=CATEGORIES)


@pytest.fixture(scope="module")
def seen(market, shop):
    """Lines of purchases up to 60 days before the end, with their customer, day and hour, by pandas."""
    tables = {name: market.tables[name].to_pandas() for name in ("orders", "order_lines", "items")}
    orders = tables["orders"][tables["orders"]["status"] != "cancelled"]
    clock = orders["placed_at"].dt.tz_localize(None) + pd.Timedelta(hours=8)
    orders = orders.assign(day=(clock - pd.Timestamp(0)).dt.days, hour=clock.dt.hour)
    orders = orders[orders["day"] <= last_day(shop) - 60]
    lines = tables["order_lines"].merge(tables["items"], on="item_id", suffixes=("", "_item"))
    return orders, lines.merge(orders, on="order_id", suffixes=("", "_order"))


def test_days_and_hours_agree_with_pandas(sums, seen):
    orders, _ = seen
    groups = orders.groupby("customer_id")
    days = sums.days.set_axis(sums.customers["customer_id"]).loc[groups.size().index]
    assert (days["purchases"] == groups["day"].nunique()).all()
    assert (days["first_day"] == groups["day"].min()).all()
    hours = sums.hours.set_axis(sums.customers["customer_id"]).loc[groups.size().index]
    assert (hours["all"] == groups.size()).all()
    assert (
        hours["night"] == ((orders["hour"] >= 22) | (orders["hour"] < 6)).groupby(orders["customer_id"]).sum()
    ).all()


def test_lines_agree_with_pandas(sums, seen):
    _, lines = seen
    lines = lines.assign(value=lines["quantity"] * lines["unit_price_cents"])
    groups = lines.groupby("customer_id")
    mine = sums.lines.set_axis(sums.customers["customer_id"]).loc[groups.size().index]
    assert (mine["spend_cents"] == groups["value"].sum()).all()
    first = lines[lines["day"] == groups["day"].transform("min")].groupby("customer_id")["value"].sum()
    assert (mine["first_spend_cents"] == first).all()
    part = (lines["unit_price_cents"] / lines["list_price_cents"]).clip(upper=1.0)
    np.testing.assert_allclose(mine["paid"], part.groupby(lines["customer_id"]).sum())
    for place, name in enumerate(CATEGORIES):
        count = (lines["category"] == name).groupby(lines["customer_id"]).sum()
        assert (mine[f"count_{place}"] == count).all()
    others = (~lines["category"].isin(CATEGORIES)).groupby(lines["customer_id"]).sum()
    assert (mine["count_2"] == others).all()


def test_parts_change_nothing(shop, sums, monkeypatch):
    monkeypatch.setattr(module, "_PART_CUSTOMERS", 700)
    again = order_sums(shop, until=last_day(shop) - 60, habits=True, categories=CATEGORIES)
    for name in ("customers", "days", "lines", "hours"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(sums, name))


def test_nothing_of_later_orders_is_summed(shop, sums):
    until = last_day(shop) - 60
    end = pd.Timestamp(until + 1, unit="D") - pd.Timedelta(hours=8)
    before = order_sums(shop.at(end.to_pydatetime()), until=until, habits=True, categories=CATEGORIES)
    joined = sums.customers["customer_id"].isin(before.customers["customer_id"])
    assert 0 < joined.sum() < len(joined)
    for name in ("lines", "hours"):
        late = getattr(sums, name)[joined].reset_index(drop=True)
        pd.testing.assert_frame_equal(late, getattr(before, name), check_names=False)


def test_a_shop_without_orders_has_a_row_for_everybody(make_shop, random_tables):
    tables = random_tables(seed=1, customers=40)
    sums = order_sums(
        make_shop({**tables, "orders": tables["orders"].assign(status="cancelled")}), until=30_000
    )
    assert len(sums.customers) == len(sums.days) == len(sums.lines) == 40
    assert sums.days["purchases"].tolist() == [0] * 40
    assert sums.hours is None
