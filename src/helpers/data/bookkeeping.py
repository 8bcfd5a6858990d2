"""The receipt of each file: its own rows, and what of it no table takes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

from ibis.backends import BaseBackend

from helpers.data.candidates import chosen
from helpers.data.catalogue import CATALOGUE
from helpers.data.read import RawFile
from helpers.data.receipt import FileReceipt
from helpers.data.source import Feed, TableSpec


def file_receipts(
    connection: BaseBackend, specs: Mapping[str, TableSpec], files: Mapping[str, RawFile]
) -> dict[str, FileReceipt]:
    """Return, for each file, its lines and rows, the malformed ones, and what of it nobody takes."""
    receipts = {}
    for name, raw in files.items():
        feeds = [(spec.table, feed) for spec in specs.values() for feed in spec.feeds if feed.file == name]
        receipts[name] = FileReceipt(
            file=raw.spec.path,
            format=raw.spec.format,
            encoding=raw.encoding,
            sha256=raw.sha256,
            lines=raw.lines,
            rows=raw.rows,
            malformed=raw.malformed,
            outside=raw.outside,
            unused_rows=_unused_rows(connection, raw, [feed for _, feed in feeds]),
            tables=tuple(dict.fromkeys(table for table, _ in feeds)),
            unused_columns=_unused_columns(raw, feeds, _looked_up(name, files)),
        )
    return receipts


def _unused_rows(connection: BaseBackend, raw: RawFile, feeds: list[Feed]) -> int:
    if not feeds or any(not (feed.only or feed.each) for feed in feeds):
        return 0  # a file that feeds no table is there to be looked up in
    taken = reduce(lambda a, b: a.union(b), [chosen(raw, feed).select("_line") for feed in feeds])
    return int(connection.execute(raw.table.anti_join(taken, "_line").count()))


def _looked_up(name: str, files: Mapping[str, RawFile]) -> set[str]:
    """Return the columns of a file that any lookup reads."""
    used = {column for lookup in files[name].spec.lookups.values() for column in lookup.by}
    for file in files.values():
        for lookup in file.spec.lookups.values():
            if lookup.file == name:
                used |= {*(lookup.key or lookup.by), lookup.take}
    return used


def _unused_columns(raw: RawFile, feeds: list[tuple[str, Feed]], looked_up: set[str]) -> tuple[str, ...]:
    used = {*raw.spec.lookups, *looked_up, raw.spec.currency_column}
    for table, feed in feeds:
        if not feed.columns:
            used |= {column.name for column in CATALOGUE[table].columns}
        used |= {name for value in feed.columns.values() for name in value.needs}
        used |= {condition.column for condition in (*feed.only, *feed.reject)}
        used |= {feed.each, feed.last_by_time, feed.last_by_number}
    return tuple(name for name in raw.columns if name not in used)
