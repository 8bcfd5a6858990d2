"""A Spark session as an Ibis connection. Rows travel as Arrow, never through pandas.

Through pandas a column of whole numbers with a null becomes floats, and an id of 19 digits another one.
"""

from __future__ import annotations

import warnings
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
from ibis.backends.duckdb.converter import DuckDBPandasData
from ibis.formats.pyarrow import PyArrowData

from helpers.data.spark_dialect import SparkCompiler

with warnings.catch_warnings():
    # It warns of pandas 3 where it is imported; nothing here passes through its pandas functions.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    from ibis.backends.pyspark import Backend
    from pyspark.sql import SparkSession
    from pyspark.sql.types import TimestampType

_MOMENT = "timestamp('UTC')"
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # what does not fit is an error or, where asked for, null; never wraps
    "spark.sql.parquet.outputTimestampType": "TIMESTAMP_MICROS",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
}


class SparkBackend(Backend):
    """Spark, with the SQL of `spark_dialect` and with Arrow both ways."""

    compiler = SparkCompiler()

    def to_pyarrow(self, expr: ir.Expr, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Return the rows of an expression as Arrow, of the types that the expression says."""
        table = expr.as_table()
        return expr.__pyarrow_result__(self._rows(table, params=params, limit=limit))

    def execute(self, expr: ir.Expr, /, *, params: Any = None, limit: Any = None, **kwargs: Any) -> Any:
        """Return the rows of an expression as a frame, made of Arrow as DuckDB's is."""
        table = expr.as_table()
        rows = self._rows(table, params=params, limit=limit)
        frame = pd.DataFrame(
            {
                name: column.to_pylist() if column.null_count else column.to_pandas()
                for name, column in zip(rows.column_names, rows.columns, strict=True)
            }
        )
        return expr.__pandas_result__(DuckDBPandasData.convert_table(frame, table.schema()))

    def get_schema(self, table_name: str, *, catalog: Any = None, database: Any = None) -> ibis.Schema:
        """Return a table's schema, in which Spark's TIMESTAMP is the moment that it is, no clock's time."""
        known = super().get_schema(table_name, catalog=catalog, database=database)
        place = ".".join(f"`{part}`" for part in (catalog, database, table_name) if part)
        fields = self._session.table(place).schema.fields
        moments = {field.name: _MOMENT for field in fields if isinstance(field.dataType, TimestampType)}
        return ibis.schema({**known, **moments})

    def _rows(self, table: ir.Table, *, params: Any, limit: Any) -> pa.Table:
        self._run_pre_execute_hooks(table)
        sql = self.compile(table, params=params, limit=limit)
        return PyArrowData.convert_table(self.raw_sql(sql).toArrow(), table.schema())

    def _register_in_memory_table(self, op: ops.InMemoryTable) -> None:
        rows = op.data.to_pyarrow(op.schema)
        self._session.createDataFrame(rows).createOrReplaceTempView(op.name)


def connection_to(session: SparkSession) -> SparkBackend:
    """Return an Ibis connection to a session, which is set to UTC and to say what does not fit."""
    SparkBackend.register_options()
    connection = SparkBackend()
    connection.do_connect(session, **SETTINGS)
    return connection
