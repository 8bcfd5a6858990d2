"""One session of Spark for all tests of this folder, where PySpark and Java are there."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

import pytest

from helpers.data.engine import connect

# Small tables: what compiles a query, and what plans it anew, would take most of the time.
SMALL = {
    "spark.ui.enabled": "false",
    "spark.log.level": "ERROR",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
}


def pytest_collection_modifyitems(items):
    if find_spec("pyspark") is None or shutil.which("java") is None:
        reason = "PySpark and Java are not both here: `make test-spark` sets the first up"
        for item in items:
            if "/data/spark/" in item.nodeid and "without_spark" not in item.keywords:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def spark():
    """Return a connection to Spark on two threads of this machine."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[2]")
    for name, value in SMALL.items():
        builder = builder.config(name, value)
    builder.getOrCreate()
    return connect(engine="spark")


@pytest.fixture(scope="session")
def duckdb():
    """Return a connection to DuckDB."""
    return connect()
