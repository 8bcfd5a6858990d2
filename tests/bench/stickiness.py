"""Cohorts and the purchase model at size: random orders go straight to Parquet, not through the market."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np

LIBRARIES = ("helpers.data", "helpers.statistics.customer_base", "pandas", "duckdb")
ORDERS_A_CUSTOMER = 20
_WEEKS = 104.0


def random_orders(folder: Path, customers: int) -> None:
    """Write a loaded shop of random orders: twenty a customer on average over three years."""
    import duckdb

    from helpers.data.receipt import Receipt, TableReceipt

    accepted = folder / "shop" / "accepted"
    if (folder / "shop" / "receipt.json").exists():
        return
    accepted.mkdir(parents=True, exist_ok=True)
    engine = duckdb.connect()
    engine.execute("SELECT setseed(0.42)")
    engine.execute("SET threads = 1")
    engine.execute(
        f"""CREATE TABLE people AS SELECT 'c' || lpad(i::VARCHAR, 8, '0') AS customer_id,
            TIMESTAMP '2022-01-03' + to_seconds(floor(random() * 86400 * 720)) AS joined_at,
            floor(-ln(1 - random()) * {ORDERS_A_CUSTOMER - 0.5})::INT + 1 AS orders, random() AS stays
            FROM range({customers}) t(i)"""
    )
    tables = {
        "customers": "SELECT customer_id, joined_at FROM people",
        "items": "SELECT 'i1' AS item_id, '口红' AS category",
        "orders": """SELECT 'o' || row_number() OVER () AS order_id, customer_id,
            joined_at + to_seconds(floor(
            random() * stays * date_diff('second', joined_at, TIMESTAMP '2025-01-01'))) AS placed_at,
            'completed' AS status FROM people, range(people.orders) r(k)""",
    }
    receipts = {}
    for name, query in tables.items():
        path = accepted / f"{name}.parquet"
        engine.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        receipts[name] = _receipt(engine, TableReceipt, name, path)
    Receipt(
        tables=receipts, currency="CNY", timezone="Asia/Shanghai", utc_offset_minutes=480, source="random"
    ).write(folder / "shop" / "receipt.json")
    print(f"{receipts['orders'].accepted:,} orders")


def _receipt(engine, kind, name: str, path: Path):
    columns = [row[0] for row in engine.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()]
    rows = engine.execute(f"SELECT count(*) FROM read_parquet('{path}')").fetchone()[0]
    time_column = {"customers": "joined_at", "orders": "placed_at"}.get(name)
    first = last = None
    if time_column:
        span = f"SELECT min({time_column}), max({time_column}) FROM read_parquet('{path}')"
        first, last = (moment.isoformat() for moment in engine.execute(span).fetchone())
    return kind(
        table=name, file=path.name, format="parquet", encoding=None, sha256="", read=rows, accepted=rows,
        quarantined=0, reasons={}, filled=dict.fromkeys(columns, rows), first=first, last=last,
    )  # fmt: skip


def cohort_matrix(folder: Path, customers: int) -> None:
    """Count how many customers of each monthly cohort bought in each later month."""
    from helpers.data import monthly_cohorts, open_shop

    cells = monthly_cohorts(open_shop(str(folder / "shop"))).to_pandas()
    cells.to_parquet(folder / "cohort_cells.parquet")
    print(f"{len(cells):,} cells, {int(cells['active'].sum()):,} customer-months")


def purchase_histories(folder: Path, customers: int) -> None:
    """Draw histories from the purchase model itself, with the published CDNOW parameters, to whole days."""
    import pandas as pd

    rng = np.random.default_rng(20)
    rate = rng.gamma(0.243, 1 / 4.414, customers)
    leaving = rng.beta(0.793, 2.426, customers)
    age = np.floor(7 * rng.uniform(0.5 * _WEEKS, _WEEKS, customers)) / 7
    repeats, last, moment = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    here = np.arange(customers)
    while len(here):
        moment[here] += rng.exponential(1.0, len(here)) / np.maximum(rate[here], 1e-12)
        here = here[moment[here] <= age[here]]
        last[here] = np.maximum(np.ceil(7 * moment[here]) / 7, 1 / 7).clip(max=age[here])
        repeats[here] += 1
        here = here[rng.random(len(here)) >= leaving[here]]
    frame = pd.DataFrame({"repeats": repeats, "last": last, "age": age})
    frame.to_parquet(folder / "histories.parquet")


def purchase_model(folder: Path, customers: int) -> float:
    """Fit BG/NBD, then the chance of being still a customer and the orders of the next 13 weeks, for each."""
    import pandas as pd

    from helpers.statistics.customer_base import fit_purchases, histories

    frame = pd.read_parquet(folder / "histories.parquet")
    clock = time.process_time()
    known = histories(frame["repeats"], frame["last"], frame["age"])
    model = fit_purchases(known)
    chance, orders = model.alive(known), model.expected(known, horizon=13.0)
    used = time.process_time() - clock
    print(f"r {model.r:.4f}, alpha {model.alpha:.3f}, a {model.a:.4f}, b {model.b:.4f} in {used:.1f} CPU s")
    print(f"{len(known.weight):,} distinct of {known.customers:,} customers, {orders.sum():,.0f} orders")
    print(f"mean chance of being still a customer {chance.mean():.4f}")
    return used


STAGES = (random_orders, cohort_matrix, purchase_histories, purchase_model)
