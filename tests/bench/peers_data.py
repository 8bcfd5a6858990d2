"""The tables by DuckDB and Polars alone: like rules, the same panel and cohorts, written by hand."""

from __future__ import annotations

from pathlib import Path

from tests.bench.data import sums_of

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


_PANEL = """
WITH bought AS (SELECT order_id, customer_id, placed_at, coupon_id FROM orders
                WHERE status <> 'cancelled' AND placed_at < as_of()),
     lines AS (SELECT order_id, line_number, quantity * unit_price_cents AS cents, category
               FROM order_lines LEFT JOIN items USING (item_id)),
     posts AS (SELECT share_id, customer_id, posted_at FROM shares WHERE posted_at < as_of()),
     first AS (SELECT customer_id, order_id, placed_at AS index_at FROM bought
               WHERE placed_at >= as_of() - INTERVAL 148 DAY AND placed_at < as_of() - INTERVAL 92 DAY
               QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY placed_at, order_id) = 1),
     base AS (SELECT customer_id, order_id, index_at, index_at + INTERVAL 48 HOUR AS landmark_at,
                     index_at + INTERVAL 48 HOUR + INTERVAL 90 DAY AS end_at,
                     joined_at, age_band, gender, city_tier, channel, acquisition_cost_cents
              FROM customers JOIN first USING (customer_id) WHERE end_at <= as_of()),
     dated AS (SELECT customer_id, b.order_id, placed_at, coupon_id, placed_at < index_at AS is_before,
                      placed_at > landmark_at AND placed_at <= end_at AS is_after,
                      is_before AND placed_at >= index_at - INTERVAL 90 DAY AS is_recent
               FROM bought b JOIN base USING (customer_id)),
     own AS (SELECT customer_id, count(*) FILTER (is_before) AS orders_before,
                    count(*) FILTER (is_recent) AS orders_90d_before,
                    count(*) FILTER (is_after) AS orders_after,
                    max(placed_at) FILTER (is_before) AS last_at,
                    count(coupon_id) FILTER (is_before) AS coupons_used_before
             FROM dated GROUP BY ALL),
     spent AS (SELECT customer_id, sum(cents) FILTER (is_before) AS spend_before_cents,
                      sum(cents) FILTER (is_after) AS spend_after_cents,
                      count(DISTINCT category) FILTER (is_before) AS categories_before
               FROM lines JOIN dated USING (order_id) WHERE is_before OR is_after GROUP BY ALL),
     at_index AS (SELECT customer_id, sum(cents) AS index_value_cents,
                         arg_max(category, (cents, -line_number)) AS index_category
                  FROM lines JOIN base USING (order_id) GROUP BY ALL),
     posted AS (SELECT customer_id, count(*) FILTER (posted_at < index_at) AS shares_before,
                       bool_or(posted_at >= index_at AND posted_at < landmark_at) AS shared
                FROM posts JOIN base USING (customer_id) GROUP BY ALL),
     liked AS (SELECT p.customer_id, count(*) AS likes_received_before
               FROM reactions r JOIN posts p USING (share_id) JOIN base b ON b.customer_id = p.customer_id
               WHERE kind = 'like' AND p.posted_at < index_at AND r.posted_at < index_at GROUP BY ALL),
     sent AS (SELECT customer_id, count(*) AS returns_before
              FROM returns JOIN bought USING (order_id) JOIN base USING (customer_id)
              WHERE returned_at < index_at GROUP BY ALL),
     both_ways AS (SELECT customer_a AS customer_id, customer_b AS friend, since_at, until_at FROM ties
                   UNION ALL SELECT customer_b, customer_a, since_at, until_at FROM ties),
     active AS (SELECT customer_id, friend, index_at FROM both_ways JOIN base USING (customer_id)
                WHERE (since_at IS NULL OR since_at < index_at)
                   AND (until_at IS NULL OR until_at >= index_at)),
     known AS (SELECT customer_id, count(*) AS friends FROM active GROUP BY ALL),
     met AS (SELECT a.customer_id, count(*) AS friends_orders_90d_before
             FROM active a JOIN bought b ON b.customer_id = a.friend
             WHERE placed_at < index_at AND placed_at >= index_at - INTERVAL 90 DAY GROUP BY ALL)
SELECT base.*, floor((epoch(index_at) - epoch(joined_at)) / 86400)::BIGINT AS tenure_days,
       floor((epoch(index_at) - epoch(last_at)) / 86400)::BIGINT AS days_since_last_order,
       ifnull(orders_before, 0) AS orders_before, ifnull(orders_90d_before, 0) AS orders_90d_before,
       ifnull(orders_after, 0) AS orders_after, ifnull(coupons_used_before, 0) AS coupons_used_before,
       ifnull(shares_before, 0) AS shares_before,
       ifnull(likes_received_before, 0) AS likes_received_before,
       ifnull(returns_before, 0) AS returns_before, ifnull(friends, 0) AS friends,
       ifnull(friends_orders_90d_before, 0) AS friends_orders_90d_before,
       ifnull(categories_before, 0) AS categories_before,
       ifnull(shared, FALSE) AS shared, ifnull(orders_after, 0) > 0 AS repurchased,
       spend_before_cents, spend_after_cents, index_value_cents, index_category
FROM base LEFT JOIN own USING (customer_id) LEFT JOIN spent USING (customer_id)
     LEFT JOIN at_index USING (customer_id) LEFT JOIN posted USING (customer_id)
     LEFT JOIN liked USING (customer_id) LEFT JOIN sent USING (customer_id)
     LEFT JOIN known USING (customer_id) LEFT JOIN met USING (customer_id)
"""
_PANEL_TABLES = (
    "customers", "orders", "order_lines", "items", "shares", "reactions", "returns", "ties",
)  # fmt: skip


def duckdb_panel(folder: Path, customers: int) -> None:
    """The customer panel of the share study as one query."""
    import duckdb

    engine = duckdb.connect()
    as_of = (folder / "as_of.txt").read_text()
    engine.execute(f"CREATE MACRO as_of() AS TIMESTAMP '{as_of}'")
    for name in _PANEL_TABLES:
        path = folder / "loaded" / "accepted" / f"{name}.parquet"
        engine.execute(f"CREATE VIEW {name} AS FROM read_parquet('{path}')")
    rows = engine.sql(_PANEL).df()
    print(f"{len(rows):,} customers in the panel; " + sums_of(rows))


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


STAGES = (duckdb_load, duckdb_panel, duckdb_cohorts, polars_cohorts)
