"""The tables by DuckDB and Polars alone: like rules, the same cohorts, written by hand."""

from __future__ import annotations

from pathlib import Path

LIBRARIES = ("duckdb", "polars")
_KEYS = {
    "customers": ("customer_id",),
    "sellers": ("seller_id",),
    "items": ("item_id",),
    "orders": ("order_id",),
    "order_lines": ("order_id", "line_number"),
    "returns": ("return_id",),
    "tickets": ("ticket_id",),
    "reviews": ("review_id",),
    "ties": ("customer_a", "customer_b"),
    "shares": ("share_id",),
    "reactions": ("reaction_id",),
    "coupons": ("coupon_id",),
    "events": ("event_id",),
    "prompts": ("prompt_id",),
    "activities": ("activity_id",),
    "holdouts": ("holdout_id",),
    "impressions": ("impression_id",),
    "surveys": ("survey_id",),
}
_NAMED = {
    "customer_id": "customers",
    "customer_a": "customers",
    "customer_b": "customers",
    "order_id": "orders",
    "item_id": "items",
    "share_id": "shares",
}


def duckdb_load(folder: Path, customers: int) -> None:
    """Judge every row by trimmed ids, keys and references, and write the rows that may enter."""
    import duckdb

    connection, out = duckdb.connect(), folder / "peer_loaded"
    out.mkdir(exist_ok=True)
    for table, key in _KEYS.items():
        source = f"read_parquet('{folder / 'market' / f'{table}.parquet'}')"
        columns = connection.sql(f"SELECT * FROM {source} LIMIT 0").columns
        names = [name for name in columns if name in _NAMED]
        trimmed = ", ".join(
            f"trim({name}) AS {name}" for name in {*names, *(k for k in key if k != "line_number")}
        )
        own = f"(SELECT * REPLACE ({trimmed}) FROM {source})"
        whole = " AND ".join(f"{name} IS NOT NULL" for name in key)
        met = [
            f"({name} IS NULL OR {name} IN (SELECT {_KEYS[target][0]} FROM '{out / target}.parquet'))"
            for name in names
            if (target := _NAMED[name]) != table and (out / f"{target}.parquet").exists()
        ]
        once = f"count(*) OVER (PARTITION BY {', '.join(key)}) = 1"
        query = f"SELECT * FROM {own} WHERE {' AND '.join([whole, *met])} QUALIFY {once}"
        connection.execute(f"COPY ({query}) TO '{out / table}.parquet' (FORMAT parquet)")


_COHORTS = """
WITH every AS (SELECT customer_id, date_trunc('month', placed_at + INTERVAL 8 HOUR) AS month
               FROM read_parquet('{path}') WHERE status <> 'cancelled'),
     bought AS (SELECT * FROM every WHERE month < (SELECT max(month) FROM every)),
     first AS (SELECT customer_id, min(month) AS cohort FROM bought GROUP BY ALL)
SELECT cohort, date_diff('month', cohort, month) AS age, count(DISTINCT customer_id) AS customers
FROM bought JOIN first USING (customer_id) GROUP BY ALL
"""


def duckdb_cohorts(folder: Path, customers: int) -> None:
    """Count customers by month of the first order and months since; the last month is seen only in part."""
    import duckdb

    path = folder / "loaded" / "accepted" / "orders.parquet"
    print(f"{len(duckdb.sql(_COHORTS.format(path=path)).fetchall()):,} cohort cells")


def polars_cohorts(folder: Path, customers: int) -> None:
    """The same by Polars."""
    import polars as pl

    orders = pl.scan_parquet(folder / "loaded" / "accepted" / "orders.parquet")
    month = pl.col("placed_at").dt.offset_by("8h").dt.truncate("1mo").alias("month")
    bought = orders.filter(pl.col("status") != "cancelled").select("customer_id", month)
    bought = bought.filter(pl.col("month") < pl.col("month").max())
    first = bought.group_by("customer_id").agg(cohort=pl.col("month").min())
    since = (pl.col("month").dt.year() - pl.col("cohort").dt.year()) * 12 + (
        pl.col("month").dt.month() - pl.col("cohort").dt.month()
    )
    cells = bought.join(first, on="customer_id").group_by("cohort", since.alias("age"))
    print(f"{cells.agg(pl.col('customer_id').n_unique()).collect().height:,} cohort cells")


STAGES = (duckdb_load, duckdb_cohorts, polars_cohorts)
