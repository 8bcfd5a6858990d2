"""Reading `source.toml`: every key and value is checked, and what is not known is refused with what is."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from helpers.data.catalogue import CATALOGUE
from helpers.data.errors import DataError
from helpers.data.source import (
    CONTRACT_CLOCK,
    CONTRACT_CURRENCY,
    ENCODINGS,
    FORMATS,
    MONEY_UNITS,
    ORIGINS,
    PICKS,
    SUFFIXES,
    Condition,
    Feed,
    FileSpec,
    Source,
    TableSpec,
    Value,
)


def read_source(path: Path) -> Source:
    """Read and check a `source.toml`; raises DataError that names the key and what is allowed there."""
    try:
        text = path.read_text(encoding="utf-8")
        entry = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path.name} cannot be read as TOML: {error}") from error
    where = path.name
    plain = _fields(Source, entry, where=where, special=("files", "tables"), hidden=("text",))
    plain.setdefault("name", path.parent.name if path.stem == "source" else path.stem)
    _zone(plain.get("timezone", CONTRACT_CLOCK), where=where)
    _currency(plain.get("currency", CONTRACT_CURRENCY), where=where)
    files = {
        name: _file(name, _mapping(value, f"{where} [files.{name}]"), where=f"{where} [files.{name}]")
        for name, value in _mapping(entry.get("files", {}), f"{where} [files]").items()
    }
    tables = {
        name: _table(name, value, files=files, where=f"{where} [tables.{name}]")
        for name, value in _mapping(entry.get("tables", {}), f"{where} [tables]").items()
    }
    return Source(**plain, files=files, tables=tables, text=text)


def _fields(
    kind: type, entry: Mapping[str, Any], *, where: str, special: tuple[str, ...] = (), hidden: tuple = ()
) -> dict[str, Any]:
    """Check keys and types against a dataclass; return its plain fields with lists as tuples."""
    specs = {name: spec for name, spec in kind.__dataclass_fields__.items() if name not in hidden}
    unknown = [key for key in entry if key not in specs]
    if unknown:
        raise DataError(f"{where}: {unknown[0]!r} is not a known key; allowed are {', '.join(specs)}")
    checked = {}
    for key, value in entry.items():
        if key in special:
            continue
        wanted = str(specs[key].type)
        if wanted.startswith("tuple[str") and isinstance(value, list):
            value = tuple(value)
        if not _fits(value, wanted):
            raise DataError(f"{where}: {key} = {value!r} must be {_PLAIN[wanted]}")
        checked[key] = value
    return checked


_PLAIN = {
    "str": "a text",
    "bool": "true or false",
    "float | None": "a number",
    "tuple[str, ...]": "a list of texts",
    "Mapping[str, str]": "a table of texts",
    "Any": "a text, number or true/false",
}


def _fits(value: object, wanted: str) -> bool:
    if wanted == "Any":
        return isinstance(value, str | int | float | bool)
    if wanted == "bool":
        return isinstance(value, bool)
    if wanted == "float | None":
        return isinstance(value, int | float) and not isinstance(value, bool)
    if wanted == "Mapping[str, str]":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    if wanted == "tuple[str, ...]":
        return isinstance(value, tuple) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DataError(f"{where} must be a table of keys, found {value!r}")
    return value


def _one_of(value: str, allowed: tuple[str, ...] | dict, *, key: str, where: str) -> None:
    if value and value not in allowed:
        raise DataError(f"{where}: {key} = {value!r} is not known; allowed are {', '.join(allowed)}")


def _zone(name: str, *, where: str) -> None:
    try:
        if name:
            ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DataError(
            f"{where}: timezone = {name!r} is no zone name; write one like Asia/Shanghai or UTC"
        ) from error


def _currency(code: str, *, where: str) -> None:
    if not re.fullmatch("[A-Z]{3}", code):
        raise DataError(f"{where}: currency = {code!r} must be three capital letters, e.g. CNY")


def _file(name: str, entry: dict[str, Any], *, where: str) -> FileSpec:
    plain = _fields(FileSpec, {"name": name, **entry}, where=where, hidden=("by_name",))
    if "path" not in plain:
        raise DataError(f'{where} needs path = "file name"')
    plain.setdefault("format", SUFFIXES.get(Path(plain["path"]).suffix.lower(), ""))
    if not plain["format"]:
        raise DataError(f"{where} needs format = one of {', '.join(FORMATS)}")
    if Path(plain["path"]).is_absolute() or ".." in Path(plain["path"]).parts:
        raise DataError(f"{where}: path = {plain['path']!r} must lie inside the data folder")
    _one_of(plain["format"], FORMATS, key="format", where=where)
    _one_of(plain.get("encoding", ""), ENCODINGS, key="encoding", where=where)
    _one_of(plain.get("money", ""), MONEY_UNITS, key="money", where=where)
    _zone(plain.get("timezone", ""), where=where)
    if plain["format"] == "tsv":
        plain.setdefault("delimiter", "\t")
    spec = FileSpec(**plain)
    if len(spec.delimiter) != 1 or spec.delimiter in '"\r\n':
        raise DataError(f"{where}: delimiter = {spec.delimiter!r} must be one character, not a quote")
    if not spec.header and not spec.columns and spec.format in ("csv", "tsv", "whitespace"):
        raise DataError(f"{where}: a file without header needs columns = [names in order]")
    return spec


def _table(name: str, entry: object, *, files: Mapping[str, FileSpec], where: str) -> TableSpec:
    if name not in CATALOGUE:
        raise DataError(f"{where}: the contract has no table {name!r}; it has {', '.join(CATALOGUE)}")
    entries = entry if isinstance(entry, list) else [entry]
    feeds, shared = [], {}
    for one in entries:
        one = dict(_mapping(one, where))
        for key in ("distinct", "max_rejected_share"):
            if key in one:
                shared[key] = one.pop(key)
        if one or len(entries) > 1:
            feeds.append(_feed(name, one, files=files, where=where))
    checked = _fields(TableSpec, {"table": name, **shared}, where=where)
    if checked.get("distinct") and any(feed.reject for feed in feeds):
        raise DataError(f"{where}: reject cannot be combined with distinct; use only to choose rows")
    return TableSpec(**checked, feeds=tuple(feeds))


def _feed(name: str, entry: dict[str, Any], *, files: Mapping[str, FileSpec], where: str) -> Feed:
    plain = _fields(Feed, entry, where=where, special=("columns", "only", "reject"))
    if plain.get("file") not in files:
        found = plain.get("file")
        raise DataError(f"{where}: file = {found!r} is not declared; declared are {', '.join(files)}")
    columns = {}
    for column, value in _mapping(entry.get("columns", {}), f"{where} columns").items():
        known = [known.name for known in CATALOGUE[name].columns]
        if column not in known:
            raise DataError(f"{where}: table {name} has no column {column!r}; it has {', '.join(known)}")
        columns[column] = _value(value, where=f"{where} {column}")
    conditions = {
        key: tuple(_condition(one, where=f"{where} {key}") for one in entry.get(key, ()))
        for key in ("only", "reject")
    }
    return Feed(**plain, columns=columns, **conditions)


def _value(entry: object, *, where: str) -> Value:
    if isinstance(entry, str):
        return Value(column=entry)
    value = Value(**_fields(Value, _mapping(entry, where), where=where))
    given = [key for key in ORIGINS if getattr(value, key) not in ("", (), None, False)]
    if isinstance(value.constant, bool):
        given = [*given, *(["constant"] if "constant" not in given else [])]
    if len(given) != 1:
        raise DataError(f"{where}: give exactly one of {', '.join(ORIGINS)}; found {given or 'none'}")
    _one_of(value.pick, PICKS, key="pick", where=where)
    _one_of(value.money, MONEY_UNITS, key="money", where=where)
    _zone(value.timezone, where=where)
    return value


def _condition(entry: object, *, where: str) -> Condition:
    condition = Condition(**{"column": "", **_fields(Condition, _mapping(entry, where), where=where)})
    if not condition.column:
        raise DataError(f'{where}: a condition needs column = "name"')
    if not (condition.one_of or condition.empty or (condition.below, condition.above) != (None, None)):
        raise DataError(f"{where}: a condition needs one_of, below, above or empty")
    return condition
