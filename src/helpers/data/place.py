"""Where the data lie and which mapping belongs to them: a folder, a DuckDB file, or Spark."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ibis.backends import BaseBackend

from helpers.data.catalogue import CATALOGUE
from helpers.data.database import stored_tables
from helpers.data.declared import with_currency, with_declared
from helpers.data.decode import sha256_of
from helpers.data.engine import connect
from helpers.data.errors import DataError
from helpers.data.links import refuse_outside, stays_inside
from helpers.data.lookup import files_needed, with_lookups
from helpers.data.read import RawFile, read_database_table, read_file
from helpers.data.source import SUFFIXES, Feed, FileSpec, Source, TableSpec
from helpers.data.source_file import read_source
from helpers.data.spark_address import SparkAddress, is_spark, spark_address
from helpers.data.unpack import PACKED, format_of
from helpers.paths import project_folder

CONTRACT: Mapping[str, Any] = {"timezone": "UTC", "money": "cents", "by_name": True}


@dataclass(frozen=True, kw_only=True)
class Place:
    """The data and their mapping. folder: where files lie; database: the DuckDB file; spark: its place."""

    kind: Literal["folder", "duckdb", "spark"]
    name: str
    folder: Path
    database: Path | None = None
    spark: SparkAddress | None = None
    source: Source = field(repr=False)

    def connect(self, *, memory: str, scratch: Path) -> BaseBackend:
        """Return a connection that sees the data; it spills into `scratch`."""
        if self.spark is not None:
            return _connected(self.spark, scratch, memory=memory)
        connection = connect(memory=memory)
        connection.raw_sql(f"SET temp_directory = {_quoted(scratch)}")
        return connection

    def read(self, connection: BaseBackend, *, scratch: Path) -> dict[str, RawFile]:
        """Read every file that the tables need."""
        sha256 = sha256_of(self.database) if self.database else ""
        needed = {feed.file for table in self.tables(connection).values() for feed in table.feeds}
        specs = self.files(connection)
        files: dict[str, RawFile] = {}
        for name in files_needed(needed, specs):
            spec = specs[name]
            if self.spark is not None:
                from helpers.data.spark_tables import read_spark_table

                files[name] = read_spark_table(connection, spec, self.spark, scratch=scratch)
            elif spec.format == "table":
                if self.database is None:
                    raise DataError(f"{spec.path} is declared as a table of a database; {self.name} is none")
                files[name] = read_database_table(
                    connection, spec, database=self.database, sha256=sha256, scratch=scratch
                )
            else:
                files[name] = read_file(connection, spec, folder=self.folder, scratch=scratch)
            files[name] = with_lookups(connection, files[name], files, scratch=scratch)
        return files

    def files(self, connection: BaseBackend | None = None) -> dict[str, FileSpec]:
        """The declared files and those that carry a contract table's name."""
        declared = dict(self.source.files)
        taken = {spec.path for spec in declared.values()}
        on_spark = self._on_spark(connection)
        for name in CATALOGUE:
            if name in declared or (name in self.source.tables and self.source.tables[name].feeds):
                continue
            found = [path for path in self._contract_paths(name, on_spark) if path not in taken]
            if len(found) > 1:
                raise DataError(
                    f"table {name} lies in {' and '.join(found)}; keep one or name it in source.toml"
                )
            for path in found:
                form = format_of(path) or "table"
                delimiter = "\t" if form == "tsv" else ","
                spec = FileSpec(name=name, path=path, format=form, delimiter=delimiter, **CONTRACT)
                declared[name] = with_currency(spec, self.source.currency, self.source.rates)
        return declared

    def tables(self, connection: BaseBackend | None = None) -> Mapping[str, TableSpec]:
        """The declared tables and those taken by name, in the order in which they refer to each other."""
        files, made = self.files(connection), {}
        for name in CATALOGUE:
            spec = self.source.tables.get(name)
            if spec is not None and spec.feeds:
                made[name] = spec
            elif name in files:
                feeds = (Feed(file=name, columns={}),)
                made[name] = replace(spec or TableSpec(table=name, feeds=()), feeds=feeds)
            elif spec is not None:
                raise DataError(
                    f"[tables.{name}] names no file, and there is no {name}.parquet or {name}.csv"
                )
        return made

    def _contract_paths(self, name: str, on_spark: Collection[str]) -> list[str]:
        if self.kind == "folder":
            endings = [f"{suffix}{packed}" for packed in ("", *PACKED) for suffix in SUFFIXES]
            return [file for ending in endings for file in self._inside.get(f"{name}{ending}", ())]
        if self.database is not None:
            return [name] if name in self._stored else []
        return [name] if name in on_spark else []

    def _on_spark(self, connection: BaseBackend | None) -> tuple[str, ...]:
        """The names of Spark's tables; none where the data lie elsewhere, or nothing is connected."""
        if self.kind != "spark" or connection is None:
            return ()
        from helpers.data.spark_tables import table_names

        return table_names(connection._session, self.spark or SparkAddress())

    def unread(self) -> list[str]:
        """The names of files in the folder that could hold a table and are not read, sorted."""
        if self.kind != "folder":
            return []
        read = {spec.path for spec in self.files().values()}
        found = (name for names in self._inside.values() for name in names)
        return [name for name in found if name not in read and name[0] not in ".~" and format_of(name)]

    @cached_property
    def _inside(self) -> dict[str, list[str]]:
        """The names of the folder's files, by the same without capitals: exports write ORDERS.CSV too."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.folder.iterdir()):
            if path.is_file():
                found.setdefault(path.name.lower(), []).append(path.name)
        return found

    @cached_property
    def _stored(self) -> tuple[str, ...]:
        return stored_tables(self.database) if self.database is not None else ()

    def fingerprint(self) -> str:
        """Return a hash of everything that is read and how: bytes of the files, and the mapping."""
        said = f"{self.source.text}\n{self.source.currency} {self.source.timezone}"
        digest = hashlib.sha256(said.encode())
        paths = (
            [self.database] if self.database else [self.folder / spec.path for spec in self.files().values()]
        )
        for path in sorted(path for path in paths if path.is_file() and stays_inside(path, self.folder)):
            digest.update(f"{path.name} {sha256_of(path)}".encode())
        return digest.hexdigest()


def find_place(
    data: str | Path, *, source: str | Path | None = None, currency: str = "", timezone: str = ""
) -> Place:
    """Return where `data` lies and its mapping: named, beside the data, or known by the folder's name.

    data: a folder, `duckdb:///path` or a .duckdb file, or Spark (see `spark_address`). currency,
    timezone: where the mapping does not say them. Raises DataError when there is nothing, or when the
    currency or clock is not said.
    """
    place = _find(data, source=source)
    declared = with_declared(place.source, place=place.name, currency=currency, timezone=timezone)
    return replace(place, source=declared)


def _connected(address: SparkAddress, scratch: Path, *, memory: str) -> BaseBackend:
    """Return a connection to Spark whose workers write where this process reads."""
    connection = connect(engine="spark", master=address.master, memory=memory)
    from helpers.data.spark_tables import is_on_this_machine, refuse_unshared

    if not is_on_this_machine(connection._session):
        refuse_unshared(connection._session, scratch)
    return connection


def _find(data: str | Path, *, source: str | Path | None) -> Place:
    text = str(data)
    if is_spark(text):
        address = spark_address(text)
        folder = Path(address.folder)
        mapping = _mapping(source, folder if address.folder else None, address.name)
        return Place(kind="spark", name=address.name, folder=folder, spark=address, source=mapping)
    path = Path(text)
    if text.startswith("duckdb://"):
        path = Path(text.removeprefix("duckdb://"))
    elif "://" in text:
        raise DataError(f"{urlsplit(text).scheme}:// is not known; give a folder or duckdb:///path")
    path = path.expanduser().resolve()
    if path.suffix in (".duckdb", ".db", ".ddb") and path.is_file():
        mapping = _mapping(source, path.parent, path.stem)
        return Place(kind="duckdb", name=path.stem, folder=path.parent, database=path, source=mapping)
    if not path.is_dir():
        raise DataError(f"{text!r} is neither a folder nor a DuckDB file; check the path")
    place = Place(kind="folder", name=path.name, folder=path, source=_mapping(source, path, path.name))
    if not place.tables():
        names = ", ".join(f"{name}.parquet" for name in list(CATALOGUE)[:4])
        raise DataError(
            f"folder {text!r} holds no table of the contract (such as {names}) and no source.toml; "
            f"write one beside the data (see data/README.md) or name it with --source"
        )
    return place


def _mapping(named: str | Path | None, folder: Path | None, name: str) -> Source:
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise DataError(f"mapping {str(named)!r} is not there; give the path of a source.toml")
        return read_source(path)
    for found in (_beside(folder) if folder else None, _known(name)):
        if found is not None and found.is_file():
            refuse_outside(found, found.parent)
            return replace(read_source(found), name=name)
    return Source(name=name)


def _beside(folder: Path) -> Path:
    """The mapping in a folder; raises DataError where one that was surely meant bears another name."""
    mapping = folder / "source.toml"
    if not mapping.exists() and folder.is_dir():
        for path in sorted(folder.iterdir()):
            if path.name.lower() in ("source.toml", "source.toml.txt"):
                raise DataError(f"{path.name} is not read; rename it source.toml")
    return mapping


def _known(name: str) -> Path | None:
    try:
        return project_folder() / "data" / "sources" / f"{name}.toml"
    except FileNotFoundError:
        return None


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
