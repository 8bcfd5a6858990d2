"""Spark by name: the same judge gives the same tables as on DuckDB, where Spark is installed."""

from __future__ import annotations

from importlib.util import find_spec

import pandas as pd
import pytest

import helpers.data.place as where
from helpers.data.engine import connect
from helpers.data.errors import DataError
from helpers.data.load import load
from helpers.data.open import open_shop
from tests.data.conftest import DECLARED, TODAY
from tests.data.test_judge import broken_tables

with_spark = pytest.mark.skipif(find_spec("pyspark") is None, reason="the extra `spark` is not installed")


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="Spark is installed here")
def test_spark_says_that_it_is_an_extra():
    with pytest.raises(ImportError, match="optional extra"):
        connect(engine="spark")


@pytest.mark.parametrize("data", ["spark", "spark://host:7077"])
def test_spark_tables_are_refused_in_one_sentence(tmp_path, data):
    with pytest.raises(DataError, match="not read from Spark yet: write them as Parquet"):
        load(data, out=tmp_path / "out", **DECLARED)


@with_spark
@pytest.mark.filterwarnings("default::pandas.errors.Pandas4Warning")
@pytest.mark.slow
def test_spark_and_duckdb_accept_and_refuse_the_same(tmp_path, monkeypatch):
    monkeypatch.setattr(where, "refuse_spark", lambda: None)
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]").config("spark.sql.session.timeZone", "UTC")
    session = (
        builder.config("spark.ui.enabled", "false").config("spark.sql.shuffle.partitions", "2").getOrCreate()
    )
    (tmp_path / "raw").mkdir()
    for name, frame in broken_tables(1).items():
        times = {column: "datetime64[us]" for column in frame if column.endswith("_at")}
        frame.astype(times).to_parquet(tmp_path / "raw" / f"{name}.parquet", index=False)
        session.read.parquet(str(tmp_path / "raw" / f"{name}.parquet")).createOrReplaceTempView(name)
    options = {"max_rejected_share": 1.0, "today": TODAY, **DECLARED}
    duckdb = load(tmp_path / "raw", out=tmp_path / "duckdb", **options)
    spark = load("spark", out=tmp_path / "spark", **options)
    for name, table in duckdb.tables.items():
        assert (spark.tables[name].read, spark.tables[name].reasons) == (table.read, table.reasons)
        one, other = (
            pd.read_parquet(tmp_path / place / "accepted" / f"{name}.parquet")
            for place in ("duckdb", "spark")
        )
        key = list(one.columns[:2])
        ordered = [frame.sort_values(key).reset_index(drop=True) for frame in (one, other)]
        pd.testing.assert_frame_equal(*ordered, check_dtype=False)
    orders = open_shop(tmp_path / "spark")["orders"].count().execute()
    assert orders == spark.tables["orders"].accepted
