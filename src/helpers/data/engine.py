"""The only place that names an engine: connect to DuckDB or Spark through Ibis."""

from __future__ import annotations

import os

import duckdb
import ibis
from ibis.backends import BaseBackend

from helpers.data.errors import DataError


def connect(
    *, engine: str = "duckdb", memory: str = "4GB", threads: int | None = None, master: str = ""
) -> BaseBackend:
    """Return an Ibis connection; DuckDB spills to disk beyond `memory` and may fetch nothing.

    engine: `duckdb` (embedded, the default) or `spark` (the running session, set to UTC). master: the Spark
    master to use where no session runs yet, such as spark://host:7077. memory: on Spark, that of a new
    session's own process. Raises ValueError on another engine, and DataError where Spark is asked for and
    PySpark or Java is not there.
    """
    # Either engine merges nested selects on its own; merged beforehand they cost a third of writing the SQL.
    ibis.options.sql.fuse_selects = False
    if engine == "duckdb":
        connection = ibis.duckdb.connect(
            memory_limit=memory,
            threads=threads or os.cpu_count(),
            autoinstall_known_extensions=False,
            autoload_known_extensions=False,
        )
        connection.raw_sql("SET TimeZone = 'UTC'")
        # The engine's own bar would fill the log of a scheduled run; progress is told in words.
        connection.raw_sql("PRAGMA disable_progress_bar")  # SET is refused inside a notebook
        return connection
    if engine == "spark":
        return _spark(master, memory)
    raise ValueError(f"engine {engine!r} is not known; choose 'duckdb' or 'spark'")


def _spark(master: str, memory: str) -> BaseBackend:
    try:
        from helpers.data.spark_backend import SparkSession, connection_to
    except ModuleNotFoundError as error:
        raise DataError(
            "tables on Spark need PySpark, an optional extra: `make spark` sets it up beside the rest, and "
            ".venv-spark/bin/workbench then reads them"
        ) from error
    builder = SparkSession.builder.config("spark.ui.showConsoleProgress", "false")
    limit = memory.upper().removesuffix("B")
    builder = builder.config("spark.driver.memory", limit).config("spark.driver.maxResultSize", limit)
    try:
        session = (builder.master(master) if master else builder).getOrCreate()
    except Exception as error:  # whatever keeps a Java process from starting
        raise DataError(
            f"Spark did not start; it needs Java 17 or 21: {str(error).splitlines()[0]}"
        ) from error
    return connection_to(session)


def engine_errors(connection: BaseBackend) -> tuple[type[Exception], ...]:
    """Return what the engine of a connection raises when it cannot do what it is asked."""
    if connection.name == "duckdb":
        return (duckdb.Error,)
    from py4j.protocol import Py4JJavaError
    from pyspark.errors import PySparkException

    return (PySparkException, Py4JJavaError)
