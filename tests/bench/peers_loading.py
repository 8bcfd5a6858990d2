"""The same exports by DuckDB alone: ids trimmed, keys and references met, times and amounts read."""

from __future__ import annotations

from pathlib import Path

_TIME = "timezone('UTC', timezone('Asia/Shanghai', strptime({}, '%Y-%m-%d %H:%M:%S'))) AS {}"
_READ = {
    "customers": "SELECT trim(customer_id) AS customer_id, "
    f"{_TIME.format('joined_at', 'joined_at')} FROM own",
    "items": "SELECT trim(item_id) AS item_id, trim(category) AS category FROM own",
    "orders": "SELECT trim(order_id) AS order_id, trim(customer_id) AS customer_id, trim(status) AS status, "
    f"{_TIME.format('placed_at', 'placed_at')} FROM own",
    "order_lines": "SELECT trim(order_id) AS order_id, line_number::BIGINT AS line_number, "
    "trim(item_id) AS item_id, quantity::BIGINT AS quantity, "
    "(unit_price_cents::DECIMAL(18, 2) * 100)::BIGINT AS unit_price_cents FROM own",
}
_KEYS = {
    "customers": "customer_id",
    "items": "item_id",
    "orders": "order_id",
    "order_lines": "order_id, line_number",
}
_REFERENCES = {"orders": ("customer_id", "customers"), "order_lines": ("order_id", "orders")}


def duckdb_csv(folder: Path, customers: int) -> None:
    """Read every column of the CSV files as text, as an export's own types cannot be trusted."""
    _load(folder, "csv", "read_csv('{}', all_varchar = true)")


def duckdb_parquet(folder: Path, customers: int) -> None:
    """Read the Parquet files."""
    _load(folder, "parquet", "read_parquet('{}')")


def _load(folder: Path, kind: str, read: str) -> None:
    import duckdb

    connection, out = duckdb.connect(), folder / f"peer_{kind}"
    out.mkdir(exist_ok=True)
    for name, query in _READ.items():
        source = read.format(folder / f"export_{kind}" / f"{name}.{kind}")
        met = "TRUE"
        if name in _REFERENCES:
            column, target = _REFERENCES[name]
            met = f"{column} IN (SELECT {_KEYS[target]} FROM read_parquet('{out / target}.parquet'))"
        once = f"count(*) OVER (PARTITION BY {_KEYS[name]}) = 1"
        whole = (
            f"WITH own AS (FROM {source}), made AS ({query}) SELECT * FROM made WHERE {met} QUALIFY {once}"
        )
        connection.execute(f"COPY ({whole}) TO '{out / name}.parquet' (FORMAT parquet)")


STAGES = (duckdb_csv, duckdb_parquet)
