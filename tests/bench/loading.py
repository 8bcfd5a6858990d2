"""Stages of loading an export: four orders a customer, ten lines, amounts in yuan, as CSV and Parquet."""

from __future__ import annotations

from pathlib import Path

_TABLES = {
    "customers": "SELECT 'c' || i AS customer_id, moment(i, '2020') AS joined_at "
    "FROM range({customers}) t(i)",
    "items": "SELECT 'i' || i AS item_id, 'k' || i % 12 AS category FROM range(5000) t(i)",
    "orders": "SELECT 'o' || i AS order_id, 'c' || i % {customers} AS customer_id, "
    "moment(i, '2023') AS placed_at, 'completed' AS status FROM range({orders}) t(i)",
    "order_lines": "SELECT 'o' || i % {orders} AS order_id, i // {orders} + 1 AS line_number, "
    "'i' || hash(i) % 5000 AS item_id, 1 + i % 3 AS quantity, "
    "((100 + hash(i) % 90000) / 100)::DECIMAL(12, 2) AS unit_price_cents FROM range({lines}) t(i)",
}
_SOURCE = 'currency = "CNY"\ntimezone = "Asia/Shanghai"\n' + "".join(
    f'[files.{name}]\npath = "{name}.{{kind}}"\ntimezone = "Asia/Shanghai"\nmoney = "yuan"\n'
    f'[tables.{name}]\nfile = "{name}"\n'
    for name in _TABLES
)


def write_tables(folder: Path, customers: int) -> None:
    """Write the same export twice, and the mapping beside each."""
    import duckdb

    engine = duckdb.connect()
    engine.execute(
        "CREATE MACRO moment(i, year) AS strftime((year || '-01-01')::TIMESTAMP "
        "+ to_seconds((hash(i) % 63000000)::BIGINT), '%Y-%m-%d %H:%M:%S')"
    )
    sizes = {"customers": customers, "orders": 4 * customers, "lines": 10 * customers}
    for kind in ("csv", "parquet"):
        place = folder / f"export_{kind}"
        place.mkdir(exist_ok=True)
        (place / "source.toml").write_text(_SOURCE.format(kind=kind))
        for name, query in _TABLES.items():
            engine.execute(f"COPY ({query.format(**sizes)}) TO '{place / name}.{kind}' (FORMAT {kind})")


def csv_load(folder: Path, customers: int) -> None:
    """Judge every row of the CSV files and write the accepted tables."""
    _load(folder, "csv")


def parquet_load(folder: Path, customers: int) -> None:
    """Judge every row of the Parquet files and write the accepted tables."""
    _load(folder, "parquet")


def _load(folder: Path, kind: str) -> None:
    from helpers.data import load

    load(folder / f"export_{kind}", out=folder / f"loaded_{kind}")


LIBRARIES = ("helpers.data", "ibis.backends.duckdb")
STAGES = (write_tables, csv_load, parquet_load)
