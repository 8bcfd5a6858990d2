"""Tables loaded by Spark are those that DuckDB loads: rows, reasons and receipts, whatever the words."""

from __future__ import annotations

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from helpers.data.catalogue import CATALOGUE
from helpers.data.errors import DataError
from helpers.data.load import load
from helpers.data.open import open_shop
from helpers.data.pseudonyms import Key, pseudonymise
from helpers.data.source import FileSpec
from helpers.data.spark_address import SparkAddress
from tests.data.conftest import DECLARED
from tests.data.hostile import IDS, TEXTS
from tests.data.test_judge import TODAY, broken_tables

OPTIONS = {"max_rejected_share": 1.0, "today": TODAY, **DECLARED}


def hostile_tables() -> dict[str, pd.DataFrame]:
    """Broken tables whose ids are hostile words, and every other text column of the contract holds some."""
    tables = broken_tables(1)
    for name, frame in tables.items():
        table = CATALOGUE[name]
        for place, column in enumerate(table.columns):
            if column.references or column.name in table.key:
                if column.kind == "id" and column.name in frame:
                    frame[column.name] = frame[column.name].map(_renamed)
            elif column.kind in ("id", "text") and not column.allowed:
                frame[column.name] = [TEXTS[(row + place) % len(TEXTS)] for row in range(len(frame))]
    return tables


def _renamed(name):
    """Put a hostile word in the place of an id's number, so that ids of all tables still meet."""
    if not isinstance(name, str):
        return None
    kind, number = name[0], int(name[1:])
    return f"{kind}{IDS[number]}" if number < len(IDS) else name


def write(tables, folder):
    folder.mkdir()
    for name, frame in tables.items():
        # Moments in one table, times of the shop's clock in the others.
        times = {column: "datetime64[us]" for column in frame if column.endswith("_at")}
        frame = frame.astype(times)
        if name == "shares":
            frame["posted_at"] = frame["posted_at"].dt.tz_localize("UTC")
        rows = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(rows, folder / f"{name}.parquet")
    return folder


def rows_of(folder, name):
    table = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return sorted(map(repr, table))


def assert_same_load(one, other, out, tables):
    for name in tables:
        a, b = (dataclasses.asdict(receipt.tables[name]) for receipt in (one, other))
        said = {"file", "format", "sha256"}  # of Spark's tables no file's bytes are known
        assert {k: v for k, v in a.items() if k not in said} == {k: v for k, v in b.items() if k not in said}
        for part in ("accepted", "quarantine"):
            mine, theirs = (rows_of(out / engine / part, name) for engine in ("duckdb", "spark"))
            if part == "quarantine":
                theirs = [row.replace(f"'file': '{name}'", f"'file': '{name}.parquet'") for row in theirs]
            assert mine == theirs
    assert one.doubts == other.doubts


@pytest.fixture(scope="module")
def loaded(spark, tmp_path_factory):
    """The same hostile tables by DuckDB and by Spark: their folder, and both receipts."""
    folder = tmp_path_factory.mktemp("hostile")
    write(hostile_tables(), folder / "raw")
    one = load(folder / "raw", out=folder / "duckdb", **OPTIONS)
    other = load(f"spark+parquet://{folder}/raw", out=folder / "spark", **OPTIONS)
    return folder, one, other


def test_accepts_and_refuses_the_same_rows_for_the_same_reasons(loaded):
    folder, one, other = loaded
    assert sum(table.quarantined for table in one.tables.values()) > 50
    assert_same_load(one, other, folder, one.tables)


def test_a_loaded_folder_is_opened_by_the_embedded_engine(loaded):
    folder, one, _ = loaded
    assert open_shop(folder / "spark")["orders"].count().execute() == one.tables["orders"].accepted


def test_rows_of_several_files_are_numbered_through(spark, loaded, tmp_path):
    """As DuckDB numbers the rows of one file; a table without files keeps the numbers that it was given."""
    from helpers.data.spark_tables import read_spark_table

    rows = pq.read_table(loaded[0] / "raw" / "orders.parquet")
    (tmp_path / "orders").mkdir()
    for part, places in enumerate(np.array_split(np.arange(len(rows)), 3)):
        pq.write_table(rows.slice(places[0], len(places)), tmp_path / "orders" / f"part-{part}.parquet")
    spec = FileSpec(name="orders", path="orders", format="table")
    raw = read_spark_table(spark, spec, SparkAddress(folder=str(tmp_path)), scratch=tmp_path)
    numbered = {row["_line"]: row["order_id"] for row in raw.table.to_pyarrow().to_pylist()}
    assert numbered == dict(enumerate(rows["order_id"].to_pylist(), start=1))
    assert raw.rows == len(rows)
    spark._session.read.parquet(str(tmp_path / "orders")).createOrReplaceTempView("orders")
    kept = read_spark_table(spark, spec, SparkAddress(), scratch=tmp_path)
    spark._session.catalog.dropTempView("orders")
    again = [sorted(map(repr, kept.table.to_pyarrow().to_pylist())) for _ in range(2)]
    assert again[0] == again[1]
    assert len(set(kept.table.to_pyarrow()["_line"].to_pylist())) == kept.rows == len(rows)


def test_pseudonyms_are_made_of_what_spark_wrote(spark, loaded, tmp_path):
    for engine in ("duckdb", "spark"):
        shutil.copytree(loaded[0] / engine, tmp_path / engine)
        pseudonymise(tmp_path / engine, Key(b"a secret of enough letters"))
    for name in ("customers", "orders"):
        assert rows_of(tmp_path / "spark/accepted", name) == rows_of(tmp_path / "duckdb/accepted", name)
        assert rows_of(tmp_path / "spark/accepted", name) != rows_of(loaded[0] / "spark/accepted", name)
    # Spark reads the rewritten parts too: no checksum of the old bytes lies beside them.
    assert spark._session.read.parquet(str(tmp_path / "spark/accepted/customers.parquet")).collect()


def test_what_is_not_there_is_said(spark, tmp_path):
    for view in spark._session.sql("SHOW TABLES").collect():  # as in a new session
        spark._session.catalog.dropTempView(view.tableName)
    with pytest.raises(
        DataError, match=r"this session of Spark holds no table: a new one never does\. Write"
    ):
        load("spark", out=tmp_path / "out", **OPTIONS)
    with pytest.raises(DataError, match=r"folder 'nowhere' of spark\+parquet:// is not there"):
        load("spark+parquet:///nowhere", out=tmp_path / "out", **OPTIONS)
    with pytest.raises(DataError, match=r"Spark has no schema .nowhere"):
        load("spark:///nowhere", out=tmp_path / "out", **OPTIONS)
    raw = write(broken_tables(1), tmp_path / "raw")
    shutil.copyfile(raw / "items.parquet", raw / "nothing.parquet")
    (raw / "orders.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(DataError, match="table orders of raw cannot be read"):
        load(f"spark+parquet://{raw}", out=tmp_path / "out", **OPTIONS)
