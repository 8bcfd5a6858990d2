"""The only place that names an engine: connect to DuckDB or Spark through Ibis."""

from __future__ import annotations

import os

import ibis
from ibis.backends import BaseBackend


def connect(
    *, engine: str = "duckdb", memory: str = "4GB", threads: int | None = None, master: str = ""
) -> BaseBackend:
    """Return an Ibis connection; DuckDB spills to disk beyond `memory` and may fetch nothing.

    engine: `duckdb` (embedded, the default) or `spark` (the running session, UTC). master: the Spark master
    to use where no session runs yet, such as spark://host:7077.
    Raises ValueError on another engine and ImportError when Spark is asked for but not installed.
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
        return _spark(master)
    raise ValueError(f"engine {engine!r} is not known; choose 'duckdb' or 'spark'")


def _spark(master: str) -> BaseBackend:
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ImportError("Spark is an optional extra: run `pip install -e '.[spark]'`") from error
    builder = SparkSession.builder.config("spark.sql.session.timeZone", "UTC")
    session = (builder.master(master) if master else builder).getOrCreate()
    return ibis.pyspark.connect(session)
