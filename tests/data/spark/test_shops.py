"""A small demo market on Spark: panel, cohorts, measures and social facts are DuckDB's, row by row."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers.data.cohorts import monthly_cohorts
from helpers.data.load import load
from helpers.data.monthly.activity import activity
from helpers.data.monthly.measures import FAMILY
from helpers.data.monthly.series import monthly_series, series_trend
from helpers.data.open import open_shop
from helpers.data.panel import customer_panel, index_orders
from market.simulate import write_market
from tests.data.conftest import DECLARED

CUSTOMERS, START, END = 250, dt.datetime(2024, 7, 1), dt.datetime(2025, 1, 1)
TABLES = ("customers", "items", "orders", "order_lines", "shares", "reactions", "ties", "returns", "surveys")


@pytest.fixture(scope="module")
def shops(spark, tmp_path_factory):
    """The same market loaded by each engine and left with it: (DuckDB's, Spark's)."""
    folder = tmp_path_factory.mktemp("demo")
    write_market(folder / "market", customers=CUSTOMERS, seed=1)
    (folder / "raw").mkdir()
    for path in (folder / "market").iterdir():
        if path.stem in TABLES:
            shutil.copyfile(path, folder / "raw" / path.name)
    receipts = [
        load(folder / "raw", out=folder / "duckdb", **DECLARED),
        load(_on_spark(folder / "raw"), out=folder / "spark", **DECLARED),
    ]
    one, other = ({name: table.accepted for name, table in receipt.tables.items()} for receipt in receipts)
    assert one == other
    return open_shop(folder / "duckdb"), open_shop(_on_spark(folder / "spark"))


def _on_spark(folder: Path) -> str:
    return f"spark+parquet://{folder}"


def rows(shop, table) -> list[str]:
    return sorted(map(repr, shop.connection.to_pyarrow(table).to_pylist()))


@pytest.mark.parametrize("name", TABLES)
def test_loaded_tables(shops, name):
    one, other = (rows(shop, shop[name]) for shop in shops)
    assert len(one) > 0
    assert one == other


def test_panel_at_index_orders(shops):
    panels = []
    for shop in shops:
        index = index_orders(shop, start=START, end=END)
        panels.append(rows(shop, customer_panel(shop, index, landmark_hours=48, outcome_days=90)))
    assert len(panels[0]) > CUSTOMERS / 4
    assert panels[0] == panels[1]


def test_panel_at_one_moment(shops):
    """With social facts: shares, likes and friends, and what these ordered."""
    one, other = (shop.connection.to_pyarrow(customer_panel(shop, END)).to_pandas() for shop in shops)
    known = ["shares_before", "likes_received_before", "friends", "friends_orders_90d_before"]
    assert (one[known].sum() > 0).all()
    pd.testing.assert_frame_equal(
        *(frame.sort_values("customer_id", ignore_index=True) for frame in (one, other))
    )


@pytest.mark.parametrize("rolling", [False, True])
def test_cohorts(shops, rolling):
    one, other = (rows(shop, monthly_cohorts(shop, rolling=rolling)) for shop in shops)
    assert len(one) > 20
    assert one == other


def test_monthly_activity(shops):
    one, other = (rows(shop, activity(shop)) for shop in shops)
    assert one == other


@pytest.mark.parametrize("measure", FAMILY, ids=lambda measure: measure.id)
def test_monthly_measures(shops, measure):
    """The same to a float's last digits: engines add up in another order."""
    one, other = (monthly_series(shop, measure) for shop in shops)
    pd.testing.assert_frame_equal(one.frame, other.frame, check_dtype=False, rtol=1e-12)
    assert one.recent.estimate == pytest.approx(other.recent.estimate, rel=1e-12)
    assert series_trend(one).standard_error == pytest.approx(series_trend(other).standard_error, rel=1e-9)
