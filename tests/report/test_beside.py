"""Amounts of money stand beside their winsorised value where one order or customer dominates."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pandas as pd
import pytest

from helpers.report import Chapter
from helpers.stickiness import order_value
from tests.conftest import draw_tables

PRICE = 1_000


@pytest.fixture
def shop_with(make_shop, tmp_path):
    """Return a function `(prices) -> shop` whose purchases of one line each cost these hundredths."""

    def make(change=lambda lines, orders: lines):
        tables = draw_tables(seed=5, customers=200)
        orders = tables["orders"]
        lines = pd.DataFrame(
            {"order_id": orders["order_id"], "line_number": 1, "item_id": "i1", "quantity": 1,
             "unit_price_cents": np.random.default_rng(1).integers(500, 1_500, len(orders))}
        )  # fmt: skip
        names = ("customers", "items", "orders")
        return make_shop({**{name: tables[name] for name in names}, "order_lines": change(lines, orders)})

    return make


def first_kept(orders: pd.DataFrame) -> pd.Series:
    """The newest purchase, which is in the months that are averaged."""
    kept = orders[orders["status"] != "cancelled"]
    whole = kept[kept["placed_at"] < kept["placed_at"].max() - pd.Timedelta(days=40)]
    return whole.loc[whole["placed_at"].idxmax()]


def one_order(lines, orders, cents=10**9):
    mine = lines["order_id"] == first_kept(orders)["order_id"]
    return lines.assign(unit_price_cents=lines["unit_price_cents"].where(~mine, cents))


def one_customer(lines, orders, cents=10**6):
    theirs = orders.loc[orders["customer_id"] == first_kept(orders)["customer_id"], "order_id"]
    return lines.assign(
        unit_price_cents=lines["unit_price_cents"].where(~lines["order_id"].isin(theirs), cents)
    )


def money(shop):
    chapter = Chapter(shop)
    chapter.ask(order_value)
    return {finding.key: finding for finding in chapter.findings}


def test_where_nobody_dominates_nothing_is_added(shop_with):
    shop = shop_with()
    assert shop.winsorised() is None
    assert {segment for _, segment in money(shop)} == {None}


DOMINATED = pytest.mark.parametrize(("change", "who"), [(one_order, "order"), (one_customer, "customer")])


@DOMINATED
def test_a_dominated_mean_stands_beside_its_winsorised_value(shop_with, change, who, monkeypatch):
    # B4 withholds a mean with so long a tail; here the tail is overlooked, to see what every amount gets.
    b04 = import_module("helpers.stickiness.b04_order_value.order_value")
    monkeypatch.setattr(b04, "tail_of", lambda amounts: None)
    cents = {"order": 6 * 10**5, "customer": 10**5}[who]
    plain = money(shop_with())
    found = money(shop_with(lambda lines, orders: change(lines, orders, cents)))
    for id in ("B4.aov", "B4.arpu_month"):
        own, other, usual = found[id, None], found[id, "winsorised"], plain[id, None]
        assert own.estimate > 1.3 * usual.estimate
        assert other.estimate == pytest.approx(usual.estimate, rel=0.05)
        assert other.reading.startswith(f"Winsorised (one {who} holds more than a fifth of all money")
        assert own.reading != other.reading
        assert other.reading.endswith(other.readings.readings.sentence(other))


@DOMINATED
def test_money_that_one_holds_nearly_all_of_is_not_told(shop_with, change, who, monkeypatch):
    b04 = import_module("helpers.stickiness.b04_order_value.order_value")
    monkeypatch.setattr(b04, "tail_of", lambda amounts: None)
    found = money(shop_with(change))
    for id in ("B4.aov", "B4.arpu_month"):
        assert found[id, None].withheld == "few people"
        assert found[id, "winsorised"].status == "answered"


def test_the_largest_spenders_of_a_shop_are_found(shop_with):
    shop = shop_with(one_customer)
    lines, orders = shop["order_lines"].execute(), shop["orders"].execute().query("status != 'cancelled'")
    paid = lines.merge(orders, on="order_id").groupby("customer_id")["unit_price_cents"].sum().astype(float)
    assert shop.largest_spenders() == pytest.approx((paid.sum(), *paid.nlargest(2)))


@DOMINATED
def test_a_dominated_mean_is_withheld_and_the_capped_one_stands_in_its_place(shop_with, change, who):
    plain, found = money(shop_with()), money(shop_with(change))
    for mean, capped in (("B4.aov", "B4.aov_capped"), ("B4.arpu_month", "B4.arpu_capped")):
        assert found[mean, None].status == "skipped"
        assert "tail index" in found[mean, None].reason
        assert 0.85 < found[capped, None].estimate / plain[mean, None].estimate < 1.02


def test_the_largest_hundredth_counts_as_the_next_largest_and_the_rest_stays(shop_with):
    shop = shop_with(one_order)
    winsorised, who = shop.winsorised()
    before, after = (
        one["order_lines"].execute().set_index("order_id").sort_index() for one in (shop, winsorised)
    )
    assert who == "order"
    cancelled = shop["orders"].execute().query("status == 'cancelled'")["order_id"]
    paid = before.loc[~before.index.isin(cancelled), "unit_price_cents"].sort_values(ascending=False)
    place = max(1, len(paid) // 100)
    expected = (
        before["unit_price_cents"]
        .where(before.index.isin(cancelled))
        .fillna(before["unit_price_cents"].clip(upper=paid.iloc[place]))
    )
    assert (after["unit_price_cents"].astype(int) == expected.astype(int)).all()
    assert list(after.columns) == list(before.columns)


def test_a_cancelled_order_dominates_nothing(shop_with):
    def cancelled(lines, orders):
        ids = orders.loc[orders["status"] == "cancelled", "order_id"]
        return lines.assign(
            unit_price_cents=lines["unit_price_cents"].where(lines["order_id"] != ids.iloc[0], 10**9)
        )

    assert shop_with(cancelled).winsorised() is None
