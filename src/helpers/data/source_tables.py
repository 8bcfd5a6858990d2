"""The `[tables]` of a mapping: which file feeds which table, each column's value, and which rows count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from helpers.data.catalogue import CATALOGUE, Column
from helpers.data.errors import DataError
from helpers.data.source import (
    ARITHMETIC,
    COUNT_UNITS,
    ORIGINS,
    PICKS,
    Condition,
    Feed,
    FileSpec,
    TableSpec,
    Value,
)
from helpers.data.source_keys import check_mapping, check_pattern, check_units, check_word, checked_fields

_COUNTABLE = {**dict.fromkeys(ARITHMETIC, ("integer", "number", "money")), "days_between": ("number",)}


def read_table(name: str, entry: object, *, files: Mapping[str, FileSpec], where: str) -> TableSpec:
    """Check one `[tables.NAME]` (or a list of them); raises DataError."""
    if name not in CATALOGUE:
        raise DataError(f"{where}: the contract has no table {name!r}; it has {', '.join(CATALOGUE)}")
    entries = entry if isinstance(entry, list) else [entry]
    feeds, shared = [], {}
    for one in entries:
        one = dict(check_mapping(one, where))
        for key in ("distinct", "pick", "max_rejected_share"):
            if key in one:
                shared[key] = one.pop(key)
        if one or len(entries) > 1:
            feeds.append(_feed(name, one, files=files, where=where))
    spec = TableSpec(
        **checked_fields(TableSpec, {"table": name, **shared}, where=where, hidden=("feeds",)),
        feeds=tuple(feeds),
    )
    _check_together(spec, where=where)
    return spec


def _check_together(spec: TableSpec, *, where: str) -> None:
    check_word(spec.pick, PICKS, key="pick", where=where)
    if spec.distinct and any(feed.reject for feed in spec.feeds):
        raise DataError(f"{where}: reject cannot be combined with distinct; use only to choose rows")
    values = [value for feed in spec.feeds for value in feed.columns.values()]
    if not spec.distinct and (spec.pick != "same" or any(value.pick for value in values)):
        raise DataError(f"{where}: pick chooses between the rows of one key; add distinct = true")
    marks = {(bool(feed.last_by_time), bool(feed.last_by_number)) for feed in spec.feeds}
    if len(marks) > 1 or (True, True) in marks:
        raise DataError(
            f"{where}: the last row is marked by time in some files and not in others; "
            f"give each file the same one of last_by_time, last_by_number"
        )


def _feed(name: str, entry: dict[str, Any], *, files: Mapping[str, FileSpec], where: str) -> Feed:
    plain = checked_fields(Feed, entry, where=where, special=("columns", "only", "reject"))
    if plain.get("file") not in files:
        found = plain.get("file")
        raise DataError(f"{where}: file = {found!r} is not declared; declared are {', '.join(files)}")
    if plain.get("split") and not plain.get("each"):
        raise DataError(f'{where}: split = {plain["split"]!r} needs each = "the column that lists several"')
    columns = {}
    for column, value in check_mapping(entry.get("columns", {}), f"{where} columns").items():
        known = {known.name: known for known in CATALOGUE[name].columns}
        if column not in known:
            raise DataError(f"{where}: table {name} has no column {column!r}; it has {', '.join(known)}")
        columns[column] = _value(value, known[column], where=f"{where} {column}")
    only, reject = (
        tuple(_condition(one, where=f"{where} {key}") for one in entry.get(key, ()))
        for key in ("only", "reject")
    )
    return Feed(**plain, columns=columns, only=only, reject=reject)


def _value(entry: object, column: Column, *, where: str) -> Value:
    if isinstance(entry, str):
        return Value(column=entry)
    value = Value(**checked_fields(Value, check_mapping(entry, where), where=where))
    given = [key for key in ORIGINS if getattr(value, key) not in ("", (), None, False)]
    if isinstance(value.constant, bool):
        given = [*given, *(["constant"] if "constant" not in given else [])]
    if len(given) != 1:
        raise DataError(f"{where}: give exactly one of {', '.join(ORIGINS)}; found {given or 'none'}")
    (origin,) = given
    if column.kind not in _COUNTABLE.get(origin, (column.kind,)):
        allowed = ", ".join(_COUNTABLE[origin])
        raise DataError(f"{where}: {origin} makes {allowed}, but the column is {column.kind}")
    if origin in ("difference", "product", "days_between") and len(getattr(value, origin)) != 2:
        raise DataError(f"{where}: {origin} = {list(getattr(value, origin))} needs two columns")
    if value.extract:
        check_pattern(value.extract, key="extract", where=where, groups=1)
    for unit in value.units:
        check_word(unit, COUNT_UNITS, key="units", where=where)
    check_word(value.pick, PICKS, key="pick", where=where)
    check_units(vars(value), where=where)
    return value


def _condition(entry: object, *, where: str) -> Condition:
    given = checked_fields(Condition, check_mapping(entry, where), where=where)
    condition = Condition(**{"column": "", **given})
    if not condition.column:
        raise DataError(f'{where}: a condition needs column = "name"')
    tests = (condition.one_of, condition.starts_with, condition.matches, condition.empty)
    if not any(tests) and (condition.below, condition.above) == (None, None):
        raise DataError(f"{where}: a condition needs one_of, starts_with, matches, below, above or empty")
    if "" in condition.starts_with:
        raise DataError(f"{where}: starts_with = '' holds everywhere; name the first letters")
    if condition.matches:
        check_pattern(condition.matches, key="matches", where=where)
    return condition
