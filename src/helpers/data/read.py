"""Files to raw tables: every row with its line number, as text where the file is text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from ibis.backends import BaseBackend
from ibis.expr.types import Table

from helpers.data.database import copy_table
from helpers.data.decode import inspect, sha256_of
from helpers.data.errors import DataError
from helpers.data.links import refuse_outside
from helpers.data.names import hint_of
from helpers.data.records import EMPTY_COLUMN, Records, check_names, write_records
from helpers.data.sheet import write_sheet
from helpers.data.source import LOOKUP_MARK, FileSpec
from helpers.data.unpack import unpacked
from methods.counts import count


@dataclass(frozen=True, kw_only=True)
class RawFile:
    """One file as read. rows: data rows counted from the file itself; malformed: lines that make no row;
    outside: lines above the header and in the footer.

    table: lazy rows with `_line` (line number; row number where there are no lines) and the file's columns.
    refused: lazy malformed lines `_line, text, reason`, or None. marks: of a looked-up column, the columns
    that say where it could not be found, and why.
    """

    spec: FileSpec
    encoding: str | None
    sha256: str
    rows: int
    malformed: int
    outside: int = 0
    lines: int | None
    table: Table = field(repr=False)
    refused: Table | None = field(repr=False)
    marks: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the file's columns and of those looked up for it."""
        names = self.table.columns
        return tuple(name for name in names if name != "_line" and not name.startswith(LOOKUP_MARK))


def need(raw: RawFile, column: str, *, where: str = "source.toml") -> None:
    """Refuse a column that the file does not have; the message names those it has."""
    if column not in raw.columns:
        hint = hint_of(column, raw.columns)
        found = f"{where}: {raw.spec.path} has no column {column!r}; it has {', '.join(raw.columns)}"
        raise DataError(f"{found}. {hint}" if hint else found)


def read_file(connection: BaseBackend, spec: FileSpec, *, folder: Path, scratch: Path) -> RawFile:
    """Read one file of `folder`; raises DataError when it is missing or cannot be read whole."""
    path = folder / spec.path
    if not path.is_file():
        there = ", ".join(sorted(item.name for item in folder.iterdir() if item.is_file())) or "nothing"
        raise DataError(f"file {spec.path!r} is not in {folder.name}; there is {there}")
    refuse_outside(path, folder)
    inner = unpacked(path, given=spec.path, scratch=scratch)
    if spec.format == "parquet":
        raw = _parquet(connection, spec, inner)
    elif spec.format == "xlsx":
        raw = _sheet(connection, spec, inner, scratch)
    else:
        raw = _text(connection, spec, inner, scratch)
    return raw if inner == path else replace(raw, sha256=sha256_of(path))


def read_database_table(
    connection: BaseBackend, spec: FileSpec, *, database: Path, sha256: str, scratch: Path
) -> RawFile:
    """Copy one table of a DuckDB file, numbering its rows in stored order."""
    copy = scratch / f"raw_{spec.name}.parquet"
    rows = copy_table(database, spec.path, copy)
    raw = connection.read_parquet(str(copy), table_name=f"raw_{spec.name}")
    return RawFile(
        spec=spec, encoding=None, sha256=sha256, rows=rows, malformed=0, lines=None, table=raw, refused=None
    )


def _parquet(connection: BaseBackend, spec: FileSpec, path: Path) -> RawFile:
    try:
        file = pq.ParquetFile(path)
        rows, names = file.metadata.num_rows, file.schema_arrow.names
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{spec.path} is not a whole Parquet file: {error}") from error
    check_names(names, spec)  # of the file itself: the engine would give a repeated name another one
    raw = connection.read_parquet(str(path), table_name=f"raw_{spec.name}", file_row_number=True)
    raw = raw.rename(_line="file_row_number").mutate(_line=lambda t: t["_line"] + 1)
    return RawFile(
        spec=spec,
        encoding=None,
        sha256=sha256_of(path),
        rows=rows,
        malformed=0,
        lines=None,
        table=raw,
        refused=None,
    )


def _text(connection: BaseBackend, spec: FileSpec, path: Path, scratch: Path) -> RawFile:
    file = inspect(path, declared=spec.encoding, scratch=scratch)
    good, bad = scratch / f"good_{spec.name}.csv", scratch / f"bad_{spec.name}.parquet"
    records = write_records(file, spec, good=good, bad=bad)
    raw = connection.read_csv(
        str(good),
        table_name=f"text_{spec.name}",
        columns={"_line": "BIGINT", **dict.fromkeys(records.names, "VARCHAR")},
        delim=records.delimiter,
        quote='"' if records.quoted else "",
        escape='"' if records.quoted else "",
        header=False,
        auto_detect=False,
        strict_mode=True,
        new_line="\\n",
        parallel=records.inner_newlines == 0,
    )
    copy = scratch / f"raw_{spec.name}.parquet"
    (raw.drop(EMPTY_COLUMN) if spec.empty_last_column else raw).to_parquet(copy)
    parsed = pq.ParquetFile(copy).metadata.num_rows
    if parsed != records.rows:
        raise DataError(
            f"{spec.path}: {count(records.rows, 'row was', 'rows were')} written, {parsed} parsed; the "
            "file is refused"
        )
    good.unlink()
    return _kept(
        connection,
        spec,
        records,
        copy=copy,
        bad=bad,
        encoding=file.encoding,
        sha256=file.sha256,
        lines=file.lines,
    )


def _sheet(connection: BaseBackend, spec: FileSpec, path: Path, scratch: Path) -> RawFile:
    good, bad = scratch / f"raw_{spec.name}.parquet", scratch / f"bad_{spec.name}.parquet"
    records = write_sheet(path, spec, good=good, bad=bad)
    spec = replace(spec, decimal=spec.decimal or records.decimal)
    return _kept(
        connection, spec, records, copy=good, bad=bad, encoding=None, sha256=sha256_of(path), lines=None
    )


def _kept(
    connection: BaseBackend, spec: FileSpec, records: Records, *, copy: Path, bad: Path, **known
) -> RawFile:
    """Return a file that was written as text to `copy`, and the lines that make no row to `bad`."""
    refused = connection.read_parquet(str(bad), table_name=f"bad_{spec.name}") if records.malformed else None
    return RawFile(
        spec=spec,
        rows=records.rows + records.malformed,
        malformed=records.malformed,
        outside=records.outside,
        table=connection.read_parquet(str(copy), table_name=f"raw_{spec.name}"),
        refused=refused,
        **known,
    )
