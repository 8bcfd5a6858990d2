"""Stages of the tables: simulate, load, build the panel and the cohorts, run the report."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd

# What the customer panel reads: the scan floor touches exactly these columns and nothing else.
_READ_BY_PANEL = {
    "customers": ("customer_id", "joined_at", "age_band", "gender", "city_tier", "channel",
                  "acquisition_cost_cents"),
    "orders": ("order_id", "customer_id", "placed_at", "status", "coupon_id"),
    "order_lines": ("order_id", "line_number", "item_id", "quantity", "unit_price_cents"),
    "items": ("item_id", "category"),
    "shares": ("share_id", "customer_id", "posted_at"),
    "reactions": ("share_id", "kind", "posted_at"),
    "returns": ("order_id", "returned_at"),
    "ties": ("customer_a", "customer_b", "since_at", "until_at"),
}  # fmt: skip


def simulate(folder: Path, customers: int) -> None:
    """Simulate the market and write its tables, unless they are there already."""
    from market import write_market

    if not (folder / "market" / "truth.json").exists():
        write_market(folder / "market", customers=customers, seed=1)


def load(folder: Path, customers: int) -> None:
    """Judge every row and write the accepted tables."""
    from helpers.data import load as load_tables

    if not (folder / "loaded" / "receipt.json").exists():
        load_tables(folder / "market", out=folder / "loaded")


def scan(folder: Path, customers: int) -> None:
    """Read every column that the panel reads, once, and do nothing else with it."""
    from helpers.data import connect

    connection = connect()
    for name, columns in _READ_BY_PANEL.items():
        path = folder / "loaded" / "accepted" / f"{name}.parquet"
        largest = ", ".join(f"max({column})" for column in columns)
        connection.raw_sql(f"SELECT {largest} FROM read_parquet('{path}')").fetchall()


def panel(folder: Path, customers: int) -> None:
    """Build the customer panel of the share study."""
    import datetime as dt

    from helpers.data import customer_panel, index_orders, open_shop

    shop = open_shop(str(folder / "loaded"))
    end = shop.as_of - dt.timedelta(days=92)
    index = index_orders(shop, start=end - dt.timedelta(days=56), end=end)
    rows = customer_panel(shop, index, landmark_hours=48, outcome_days=90).to_pandas()
    (folder / "as_of.txt").write_text(shop.as_of.isoformat(" "))
    print(f"{len(rows):,} customers in the panel; " + sums_of(rows))


def sums_of(rows: pd.DataFrame) -> str:
    """Say the sums of what was hardest to count, for the eye to compare."""
    names = ("spend_before_cents", "likes_received_before", "friends_orders_90d_before", "orders_after")
    return ", ".join(f"{name} {int(rows[name].sum()):,}" for name in names)


def cohorts(folder: Path, customers: int) -> None:
    """Build the monthly cohort table."""
    from helpers.data import monthly_cohorts, open_shop

    print(f"{len(monthly_cohorts(open_shop(str(folder / 'loaded'))).to_pandas()):,} cohort cells")


def report(folder: Path, customers: int) -> None:
    """Run every notebook on the loaded tables and publish the pages."""
    command = ["report", "--data", str(folder / "loaded"), "--out", str(folder / "reports")]
    subprocess.run([Path(sys.executable).with_name("workbench"), *command], check=True)


LIBRARIES = ("helpers.data", "ibis.backends.duckdb")
STAGES = (simulate, load, scan, panel, cohorts, report)
