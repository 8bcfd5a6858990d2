"""A DuckDB file brought by somebody: only its stored tables are read, and nothing beside it can be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from helpers.data.errors import DataError

_LOCKED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoload_known_extensions": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}
_BATCH_ROWS = 100_000


def stored_tables(path: Path) -> tuple[str, ...]:
    """Return the names of the tables that the file stores, sorted; views are not among them."""
    with _opened(path) as database:
        return tuple(sorted(_names(database, "BASE TABLE")))


def copy_table(path: Path, name: str, target: Path) -> int:
    """Copy a stored table into a Parquet file with its rows numbered (`_line`, from 1); return their number.

    Raises DataError where the file has no such table, or has it only as a view: a view is a query, which may
    read anything its author wanted read.
    """
    with _opened(path) as database:
        tables = _names(database, "BASE TABLE")
        if name not in tables:
            if name in _names(database, "VIEW"):
                raise DataError(
                    f"{name!r} is a view in {path.name}; only stored tables are read, store it as one"
                )
            known = ", ".join(sorted(tables)) or "none"
            raise DataError(f"table {name!r} is not in the database; it has {known}")
        quoted = name.replace('"', '""')
        reader = database.execute(f'SELECT * FROM main."{quoted}"').to_arrow_reader(_BATCH_ROWS)
        return _numbered(reader, target)


@contextmanager
def _opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    database = duckdb.connect(str(path), read_only=True, config=_LOCKED)
    try:
        yield database
    finally:
        database.close()


def _names(database: duckdb.DuckDBPyConnection, kind: str) -> set[str]:
    found = database.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' AND table_type = ?",
        [kind],
    )
    return {name for (name,) in found.fetchall()}


def _numbered(reader: pa.RecordBatchReader, target: Path) -> int:
    schema, rows = reader.schema.append(pa.field("_line", pa.int64())), 0
    with pq.ParquetWriter(target, schema) as sink:
        for batch in reader:
            lines = pa.array(range(rows + 1, rows + batch.num_rows + 1), pa.int64())
            sink.write_batch(pa.record_batch([*batch.columns, lines], schema=schema))
            rows += batch.num_rows
    return rows
