"""Columns looked up in another file by key, so that they stand in the file like its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import ibis
from ibis.backends import BaseBackend
from ibis.expr.types import Column, Table

from helpers.data.cells import text_of
from helpers.data.errors import DataError
from helpers.data.read import RawFile, need
from helpers.data.source import LOOKUP_MARK, FileSpec, Lookup


def files_needed(names: set[str], specs: Mapping[str, FileSpec]) -> list[str]:
    """Return these files and all that they look up in, each behind those it needs; refuse a ring."""
    ordered: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            ring = " -> ".join((*above[above.index(name) :], name))
            raise DataError(f"the lookups of the files go in a ring: {ring}; take one of them out")
        if name in ordered:
            return
        for lookup in specs[name].lookups.values():
            visit(lookup.file, (*above, name))
        ordered.append(name)

    for name in specs:
        if name in names:
            visit(name, ())
    return ordered


def with_lookups(
    connection: BaseBackend, raw: RawFile, files: Mapping[str, RawFile], *, scratch: Path
) -> RawFile:
    """Return the file with its looked-up columns. files: those it looks up in, with theirs.

    Raises DataError on a name that is not there, or taken already.
    """
    if not raw.spec.lookups:
        return raw
    table, marks, borrowed = raw.table, {}, {}
    for number, (name, lookup) in enumerate(raw.spec.lookups.items()):
        if name in table.columns:
            raise DataError(f"{raw.spec.path} has a column {name!r}; give the lookup another name")
        own = replace(raw, table=table)
        joined = _joined(own, files[lookup.file], lookup, name=name, mark=f"{LOOKUP_MARK}{number}")
        table = joined.table
        marks[name] = joined.marks
        borrowed[name] = files[lookup.file].spec.of(lookup.take)
    copy = scratch / f"raw_{raw.spec.name}_joined.parquet"
    table.order_by("_line").to_parquet(copy)
    table = connection.read_parquet(str(copy), table_name=copy.stem)
    return replace(raw, table=table, marks=marks, spec=replace(raw.spec, borrowed=borrowed))


def chained(
    connection: BaseBackend, raw: RawFile, files: Mapping[str, RawFile]
) -> Iterator[tuple[str, int, int]]:
    """Yield the lookups of a file whose values lead on: what an account is said to be is an account itself.

    raw, files: with their lookups. Name, values that are keys of the same file with another value, and all.
    """
    for name, lookup in raw.spec.lookups.items():
        other = files[lookup.file]
        keys = lookup.key or lookup.by
        if len(keys) > 1:
            continue
        rows = other.table.select(
            key=text_of(other.table, keys[0], other.spec), value=text_of(other.table, lookup.take, other.spec)
        ).distinct()
        values = rows.filter(rows.value.notnull()).select(key="value").distinct()
        on = values.join(rows, "key")
        led = on.filter(on.key != on.value).select("key").distinct()
        yield name, int(connection.execute(led.count())), int(connection.execute(values.count()))


@dataclass(frozen=True, kw_only=True)
class _Joined:
    table: Table
    marks: tuple[tuple[str, str], ...]


def _joined(raw: RawFile, other: RawFile, lookup: Lookup, *, name: str, mark: str) -> _Joined:
    keys = lookup.key or lookup.by
    for file, columns in ((raw, lookup.by), (other, (*keys, lookup.take))):
        for column in columns:
            need(file, column, where=f"lookup {name} of {raw.spec.path}")
    found = _one_value_per_key(other, lookup, keys, name=name, mark=mark)
    own = raw.table.mutate(
        **{f"{mark}_by_{n}": text_of(raw.table, column, raw.spec) for n, column in enumerate(lookup.by)}
    )
    pairs = [(f"{mark}_by_{n}", f"{mark}_key_{n}") for n in range(len(keys))]
    rows = own.left_join(found, pairs)
    given = ibis.and_(*(rows[by].notnull() for by, _ in pairs))
    value = rows[name]
    if lookup.missing == "keep":
        value = value.cast("string").fill_null(rows[pairs[0][0]])
    by, lost, torn = " and ".join(lookup.by), f"{mark}_lost", f"{mark}_torn"
    table = rows.select(
        *(column for column in raw.table.columns),
        **{
            name: value,
            lost: given & rows[pairs[0][1]].isnull(),
            torn: rows[f"{mark}_different"].fill_null(False),
        },
    )
    marks = [(torn, f"{by} has several {lookup.take} in {other.spec.path}")]
    if lookup.missing == "refuse":
        marks.insert(0, (lost, f"{by} is not in {other.spec.path}"))
    return _Joined(table=table, marks=tuple(marks))


def _one_value_per_key(
    other: RawFile, lookup: Lookup, keys: tuple[str, ...], *, name: str, mark: str
) -> Table:
    rows = other.table.select(
        "_line",
        **{f"{mark}_key_{n}": text_of(other.table, column, other.spec) for n, column in enumerate(keys)},
        **{name: other.table[lookup.take]},
    )
    if rows[name].type().is_string():
        rows = rows.mutate(**{name: text_of(rows, name, other.spec.of(lookup.take))})
    names = [f"{mark}_key_{n}" for n in range(len(keys))]
    rows = rows.filter([rows[key].notnull() for key in names])
    several = rows[name].nunique() > 1 if lookup.pick == "same" else ibis.literal(False)
    return rows.group_by(names).aggregate(
        **{name: _picked(rows, rows[name], lookup.pick), f"{mark}_different": several}
    )


def _picked(rows: Table, cell: Column, pick: str) -> Column:
    if pick == "first":
        return cell.argmin(rows["_line"], where=cell.notnull())
    if pick == "last":
        return cell.argmax(rows["_line"], where=cell.notnull())
    return cell.max() if pick == "max" else cell.min()
