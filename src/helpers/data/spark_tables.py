"""Tables on Spark as raw rows: found by name, each row with a number that stays the same."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
from ibis.backends import BaseBackend
from py4j.protocol import Py4JJavaError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as made

from helpers.data.errors import DataError
from helpers.data.read import RawFile
from helpers.data.source import FileSpec
from helpers.data.spark_address import FORMS, SparkAddress

SUFFIX = ".parquet"
_PROBE_ROWS = 1_000


def table_names(session: SparkSession, address: SparkAddress) -> tuple[str, ...]:
    """Return the names of the tables that an address holds; raises DataError where it is not there."""
    if address.folder:
        folder = Path(address.folder)
        if not folder.is_dir():
            raise DataError(f"folder {folder.name!r} of spark+parquet:// is not there; check the path")
        inside = [path for path in folder.iterdir() if path.suffix == SUFFIX or path.is_dir()]
        return tuple(sorted(path.name.removesuffix(SUFFIX) for path in inside if path.name[0] not in "._"))
    try:
        place = ".".join(f"`{part}`" for part in address.schema.split("."))
        listed = session.sql(f"SHOW TABLES IN {place}" if address.schema else "SHOW TABLES").collect()
    except PySparkException as error:
        raise DataError(f"Spark has no schema {address.schema!r}: {_first_line(error)}") from error
    names = tuple(sorted(row.tableName for row in listed))
    if not names and not address.schema:
        raise DataError(f"this session of Spark holds no table: a new one never does. Write {FORMS}")
    return names


def read_spark_table(
    connection: BaseBackend, spec: FileSpec, address: SparkAddress, *, scratch: Path
) -> RawFile:
    """Return one table as raw rows; raises DataError where it is not there or cannot be read.

    Rows of Parquet are numbered as they lie in their files, in the order of the files' names. Any other
    table has no such order: its rows are numbered and kept, so that a number names one row for good.
    """
    session: SparkSession = connection._session
    names = table_names(session, address)
    name = spec.path.removesuffix(SUFFIX)
    if name not in names:
        raise DataError(f"table {spec.path!r} is not in {address.name}; it has {', '.join(names) or 'none'}")
    try:
        if address.folder:
            rows, count = _numbered_files(session, _path(address, name))
        else:
            place = ".".join(f"`{part}`" for part in (*address.schema.split("."), name) if part)
            rows, count = _numbered_copy(session, session.table(place), scratch / f"raw_{spec.name}")
    except (PySparkException, Py4JJavaError) as error:
        raise DataError(f"table {name} of {address.name} cannot be read: {_first_line(error)}") from error
    rows.createOrReplaceTempView(f"raw_{spec.name}")
    table = connection.table(f"raw_{spec.name}")
    return RawFile(
        spec=spec, encoding=None, sha256="", rows=count, malformed=0, lines=None, table=table, refused=None
    )


def _path(address: SparkAddress, name: str) -> str:
    file = Path(address.folder) / f"{name}{SUFFIX}"
    return str(file if file.exists() else Path(address.folder) / name)


def _numbered_files(session: SparkSession, path: str) -> tuple[DataFrame, int]:
    rows = session.read.parquet(path)
    marked = rows.withColumn("_file", made.col("_metadata.file_path"))
    marked = marked.withColumn("_line", made.col("_metadata.row_index") + 1)
    counts = {file: count for file, count in marked.groupBy("_file").count().collect()}
    before, firsts = 0, []
    for file in sorted(counts):
        firsts.append((file, before))
        before += counts[file]
    if len(firsts) > 1:
        files, starts = zip(*firsts, strict=True)
        known = session.createDataFrame(pa.table({"_file": files, "_before": starts}))
        marked = marked.join(made.broadcast(known), "_file")
        marked = marked.withColumn("_line", made.col("_line") + made.col("_before"))
    return marked.drop("_file", "_before"), before


def _numbered_copy(session: SparkSession, rows: DataFrame, path: Path) -> tuple[DataFrame, int]:
    rows.withColumn("_line", made.monotonically_increasing_id() + 1).write.parquet(str(path))
    kept = session.read.parquet(str(path))
    return kept, kept.count()


def refuse_unshared(session: SparkSession, folder: Path) -> None:
    """Raise DataError where the workers of a cluster write to another disk than this process reads.

    Each worker writes to the path as its own machine knows it; where that is no shared folder the rows would
    stay there, and what is read here would be too few without any error.
    """
    probe = folder / "shared_probe"
    session.range(_PROBE_ROWS).write.parquet(str(probe))
    seen = ds.dataset(probe).count_rows() if probe.is_dir() else 0
    if seen != _PROBE_ROWS:
        raise DataError(
            f"Spark's workers wrote {_PROBE_ROWS:,} rows beside the result and {seen:,} of them arrived: "
            "each wrote to its own disk. Give `workbench report` an --out (and `workbench check` a TMPDIR) "
            "that every worker and this machine share under one path"
        )


def is_on_this_machine(session: SparkSession) -> bool:
    """Return whether the session's workers are threads of one process here."""
    master = session.conf.get("spark.master", "")
    return master == "local" or master.startswith("local[")


def _first_line(error: PySparkException | Py4JJavaError) -> str:
    said = error.java_exception.getMessage() if isinstance(error, Py4JJavaError) else str(error)
    return said.strip().splitlines()[0]
