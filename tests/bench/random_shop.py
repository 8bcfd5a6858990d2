"""A shop of random orders at size, straight to Parquet, not through the market: what several groups read."""

from __future__ import annotations

from pathlib import Path

ORDERS_A_CUSTOMER, CATEGORIES = 20, 12


def random_orders(folder: Path, customers: int) -> None:
    """Write a loaded shop once: two kinds of customers, who differ in taste, hours and prices paid."""
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
            TIMESTAMP '2022-01-03' + to_seconds(floor(random() * 86400 * 720)) AS joined_at, i % 2 AS kind,
            floor(-ln(1 - random()) * {ORDERS_A_CUSTOMER - 0.5})::INT + 1 AS orders, random() AS stays
            FROM range({customers}) t(i)"""
    )
    engine.execute(
        f"""CREATE TABLE bought AS SELECT 'o' || row_number() OVER () AS order_id, customer_id, kind,
            date_trunc('day', joined_at + to_seconds(floor(random() * stays
            * date_diff('second', joined_at, TIMESTAMP '2024-12-31')))) + to_seconds(floor(
            (random() * 8 + 12 * kind) * 3600)) AS placed_at,
            floor(random() * random() * {CATEGORIES} + 6 * kind)::INT % {CATEGORIES} AS category,
            random() AS luck FROM people, range(people.orders) r(k)"""
    )
    tables = {
        "customers": "SELECT customer_id, joined_at FROM people",
        "items": f"SELECT 'i' || i AS item_id, 'k' || lpad(i::VARCHAR, 2, '0') AS category, "
        f"10000 AS list_price_cents FROM range({CATEGORIES}) t(i)",
        "orders": "SELECT order_id, customer_id, placed_at, 'completed' AS status FROM bought",
        "order_lines": "SELECT order_id, 1 AS line_number, 'i' || category AS item_id, 1 AS quantity, "
        "(6000 + 3000 * kind + 1000 * luck)::BIGINT AS unit_price_cents FROM bought",
    }
    receipts = {}
    for name, query in tables.items():
        path = accepted / f"{name}.parquet"
        engine.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        receipts[name] = _receipt(engine, TableReceipt, name, path)
    Receipt(tables=receipts, currency="CNY", timezone="Asia/Shanghai", source="random").write(
        folder / "shop" / "receipt.json"
    )
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
