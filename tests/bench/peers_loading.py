"""The same exports by DuckDB and by Polars: ids trimmed, keys and references met, times and amounts read."""

from __future__ import annotations

from pathlib import Path

LIBRARIES = ("duckdb", "polars")
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


def polars_csv(folder: Path, customers: int) -> None:
    """The same of the CSV files by Polars, every column read as text."""
    import polars as pl

    _by_polars(folder, "csv", lambda path: pl.scan_csv(path, infer_schema=False))


def polars_parquet(folder: Path, customers: int) -> None:
    """The same of the Parquet files by Polars."""
    import polars as pl

    _by_polars(folder, "parquet", pl.scan_parquet)


def _by_polars(folder: Path, kind: str, scan) -> None:
    import polars as pl

    out = folder / f"peer_polars_{kind}"
    out.mkdir(exist_ok=True)
    cents = (pl.col("unit_price_cents").cast(pl.Decimal(18, 2)) * 100).cast(pl.Int64)
    for name in _READ:
        rows = scan(folder / f"export_{kind}" / f"{name}.{kind}")
        columns = rows.collect_schema().names()
        made = [
            pl.col(one).str.strip_chars() for one in columns if one.endswith(("_id", "status", "category"))
        ]
        made += [pl.col(one).cast(pl.Int64) for one in columns if one in ("line_number", "quantity")]
        made += [_utc(pl.col(one)) for one in columns if one.endswith("_at")]
        rows = rows.with_columns(*made, *([cents] if "unit_price_cents" in columns else []))
        if name in _REFERENCES:
            column, target = _REFERENCES[name]
            met = pl.scan_parquet(out / f"{target}.parquet").select(_KEYS[target])
            rows = rows.join(met, left_on=column, right_on=_KEYS[target], how="semi")
        rows = rows.unique(subset=_KEYS[name].split(", "), keep="none")
        rows.collect().write_parquet(out / f"{name}.parquet")


def _utc(text):
    shown = text.str.to_datetime("%Y-%m-%d %H:%M:%S").dt.replace_time_zone("Asia/Shanghai")
    return shown.dt.convert_time_zone("UTC").dt.replace_time_zone(None)


STAGES = (duckdb_csv, duckdb_parquet, polars_csv, polars_parquet)
