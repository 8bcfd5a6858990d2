"""Where tables on Spark lie, as an address says: a folder of Parquet, a schema, or a running session."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from helpers.data.errors import DataError

FORMS = (
    "spark+parquet:///folder (with ?master=spark://host:7077 for a cluster), or "
    "spark://host:7077/catalog.schema, or spark:///catalog.schema for what spark-defaults.conf names"
)


@dataclass(frozen=True, kw_only=True)
class SparkAddress:
    """A folder (of NAME.parquet) or a schema (`catalog.schema`); neither: what the session holds.

    master: of the cluster, such as spark://host:7077; empty: what spark-defaults.conf says, else this
    machine.
    """

    master: str = ""
    folder: str = ""
    schema: str = ""

    @property
    def name(self) -> str:
        """What the data are called, without machine or path."""
        return self.folder.rstrip("/").rpartition("/")[2] or self.schema or "spark"


def is_spark(data: str) -> bool:
    """Return whether an address asks for Spark.

    >>> [is_spark(one) for one in ("spark", "spark+parquet:///tables", "sparkling/tables")]
    [True, True, False]
    """
    return data == "spark" or data.startswith(("spark://", "spark+parquet://"))


def spark_address(data: str) -> SparkAddress:
    """Read an address; raises DataError where it names no tables.

    >>> spark_address("spark://host:7077/lake.shop")
    SparkAddress(master='spark://host:7077', folder='', schema='lake.shop')
    """
    parts = urlsplit(data)
    if parts.scheme == "spark+parquet":
        if parts.netloc or not parts.path.strip("/"):
            raise DataError(f"{data!r} names no folder of this machine; write {FORMS}")
        master = parse_qs(parts.query).get("master", [""])[0]
        return SparkAddress(master=master, folder=unquote(parts.path))
    if parts.scheme == "spark":
        schema = parts.path.strip("/")
        if schema.count(".") > 1 or not all(schema.split(".")):
            raise DataError(
                f"{data!r} names no tables: a new session holds none of its own, so it needs their place. "
                f"Write {FORMS}"
            )
        return SparkAddress(master=f"spark://{parts.netloc}" if parts.netloc else "", schema=schema)
    return SparkAddress()
