"""What somebody else's data may not do: lead out of their folder, run queries, or hide a column."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.data.database import copy_table, stored_tables
from helpers.data.errors import DataError
from helpers.data.load import load
from tests.data.conftest import DECLARED, GOOD, TODAY

SECRET = "order_id,password\no1,hunter2\n"


@pytest.fixture
def secret(tmp_path):
    """Return a file outside of the data folder."""
    path = tmp_path / "secret.csv"
    path.write_text(SECRET)
    return path


def refusal(folder, out) -> str:
    with pytest.raises(DataError) as caught:
        load(folder, out=out, today=TODAY, **DECLARED)
    return str(caught.value)


@pytest.mark.parametrize("name", ["orders.csv", "orders.parquet", "source.toml", "truth.json", "truth"])
def test_links_out_of_the_folder_are_not_followed(raw_folder, tmp_path, secret, name):
    (raw_folder / "orders.csv").unlink()
    (raw_folder / name).symlink_to(tmp_path if name == "truth" else secret)
    if name.startswith("truth"):
        (raw_folder / "orders.csv").write_text(GOOD["orders"])
        load(raw_folder, out=tmp_path / "out", today=TODAY, **DECLARED)
        assert not (tmp_path / "out" / name).exists()
        return
    said = refusal(raw_folder, tmp_path / "out")
    assert f"{name} is a link that leads out of raw" in said
    assert not [word for word in ("hunter2", "password", str(tmp_path)) if word in said]


def test_a_link_inside_the_folder_is_read(raw_folder, tmp_path):
    (raw_folder / "orders.csv").rename(raw_folder / "orders_of_may.csv")
    (raw_folder / "orders.csv").symlink_to(raw_folder / "orders_of_may.csv")
    receipt = load(raw_folder, out=tmp_path / "out", today=TODAY, **DECLARED)
    assert receipt.tables["orders"].accepted == 1


@pytest.fixture
def database(tmp_path, secret):
    """Return a DuckDB file whose orders are a view on a file of the machine."""
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE customers AS SELECT 'c' || i AS customer_id FROM range(3) t(i)")
        connection.execute(f"CREATE VIEW orders AS SELECT * FROM read_csv('{secret}')")
        connection.execute("CREATE VIEW items AS SELECT customer_id AS item_id FROM customers")
        connection.execute('CREATE TABLE "order ""lines""" AS SELECT 1 AS x')
    return path


def test_only_stored_tables_of_a_database_are_read(database, tmp_path):
    assert stored_tables(database) == ("customers", 'order "lines"')
    assert copy_table(database, "customers", tmp_path / "c.parquet") == 3
    assert pq.read_table(tmp_path / "c.parquet").to_pydict() == {
        "customer_id": ["c0", "c1", "c2"],
        "_line": [1, 2, 3],
    }
    assert copy_table(database, 'order "lines"', tmp_path / "l.parquet") == 1
    for view in ("orders", "items"):
        with pytest.raises(DataError, match=r"is a view in shop\.duckdb; only stored tables are read"):
            copy_table(database, view, tmp_path / "v.parquet")
    assert "lacks the required tables items, orders, order_lines" in refusal(database, tmp_path / "out")


def test_rows_of_a_large_table_keep_their_stored_order(tmp_path):
    path = tmp_path / "large.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT i AS x FROM range(250001) t(i)")
    assert copy_table(path, "t", tmp_path / "t.parquet") == 250_001
    table = pq.read_table(tmp_path / "t.parquet")
    assert table["_line"].to_pylist() == [x + 1 for x in table["x"].to_pylist()]


@pytest.mark.parametrize("names", [("item_id", "item_id"), ("item_id", "ITEM_ID"), ("item_id", "")])
def test_repeated_names_in_parquet_are_refused(raw_folder, tmp_path, names):
    (raw_folder / "items.csv").unlink()
    table = pa.Table.from_arrays([pa.array(["i1"]), pa.array(["i2"])], names=list(names))
    pq.write_table(table, raw_folder / "items.parquet")
    assert "items.parquet: the header" in refusal(raw_folder, tmp_path / "out")
