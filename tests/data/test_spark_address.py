"""Addresses of tables on Spark: what they name, and what is refused in one sentence."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from helpers.data.engine import connect
from helpers.data.errors import DataError
from helpers.data.load import load
from helpers.data.spark_address import SparkAddress, spark_address
from tests.data.conftest import DECLARED


@pytest.mark.parametrize(
    ("data", "address", "name"),
    [
        ("spark", SparkAddress(), "spark"),
        ("spark+parquet:///lake/shop", SparkAddress(folder="/lake/shop"), "shop"),
        ("spark+parquet:///lake/my%20shop/", SparkAddress(folder="/lake/my shop/"), "my shop"),
        (
            "spark+parquet:///lake/shop?master=spark://host:7077",
            SparkAddress(folder="/lake/shop", master="spark://host:7077"),
            "shop",
        ),
        ("spark://host:7/lake.shop", SparkAddress(master="spark://host:7", schema="lake.shop"), "lake.shop"),
        ("spark:///shop", SparkAddress(schema="shop"), "shop"),
    ],
)  # fmt: skip
def test_an_address_says_where_the_tables_are(data, address, name):
    assert (spark_address(data), spark_address(data).name) == (address, name)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            "spark://host:7077",
            "holds none of its own, so it needs their place. Write spark.parquet:///folder",
        ),
        ("spark://host:7077/a.b.c", "names no tables"),
        ("spark://host:7077/a.", "names no tables"),
        ("spark+parquet://host/folder", "names no folder of this machine"),
        ("spark+parquet:///", "names no folder of this machine"),
    ],
)
def test_an_address_without_tables_is_refused_with_what_to_write(tmp_path, data, said):
    with pytest.raises(DataError, match=said):
        load(data, out=tmp_path / "out", **DECLARED)


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="Spark is installed here")
def test_spark_says_how_it_is_set_up():
    with pytest.raises(DataError, match="optional extra: `make spark` sets it up"):
        connect(engine="spark")
