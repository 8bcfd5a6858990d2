"""Reading `source.toml`: every key and value is checked, and what is not known is refused with what is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from helpers.data.errors import DataError
from helpers.data.source import (
    CONTRACT_CLOCK,
    CONTRACT_CURRENCY,
    ENCODINGS,
    FORMATS,
    MONEY_UNITS,
    SUFFIXES,
    FileSpec,
    Source,
)
from helpers.data.source_keys import check_currency, check_mapping, check_word, check_zone, checked_fields
from helpers.data.source_tables import read_table


def read_source(path: Path) -> Source:
    """Read and check a `source.toml`; raises DataError that names the key and what is allowed there."""
    try:
        text = path.read_text(encoding="utf-8")
        entry = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path.name} cannot be read as TOML: {error}") from error
    where = path.name
    plain = checked_fields(Source, entry, where=where, special=("files", "tables"), hidden=("text",))
    plain.setdefault("name", path.parent.name if path.stem == "source" else path.stem)
    check_zone(plain.get("timezone", CONTRACT_CLOCK), where=where)
    check_currency(plain.get("currency", CONTRACT_CURRENCY), where=where)
    files = {
        name: _file(name, check_mapping(value, f"{where} [files.{name}]"), where=f"{where} [files.{name}]")
        for name, value in check_mapping(entry.get("files", {}), f"{where} [files]").items()
    }
    tables = {
        name: read_table(name, value, files=files, where=f"{where} [tables.{name}]")
        for name, value in check_mapping(entry.get("tables", {}), f"{where} [tables]").items()
    }
    return Source(**plain, files=files, tables=tables, text=text)


def _file(name: str, entry: dict[str, Any], *, where: str) -> FileSpec:
    plain = checked_fields(FileSpec, {"name": name, **entry}, where=where, hidden=("by_name",))
    if "path" not in plain:
        raise DataError(f'{where} needs path = "file name"')
    plain.setdefault("format", SUFFIXES.get(Path(plain["path"]).suffix.lower(), ""))
    if not plain["format"]:
        raise DataError(f"{where} needs format = one of {', '.join(FORMATS)}")
    if Path(plain["path"]).is_absolute() or ".." in Path(plain["path"]).parts:
        raise DataError(f"{where}: path = {plain['path']!r} must lie inside the data folder")
    check_word(plain["format"], FORMATS, key="format", where=where)
    check_word(plain.get("encoding", ""), ENCODINGS, key="encoding", where=where)
    check_word(plain.get("money", ""), MONEY_UNITS, key="money", where=where)
    check_zone(plain.get("timezone", ""), where=where)
    if plain["format"] == "tsv":
        plain.setdefault("delimiter", "\t")
    spec = FileSpec(**plain)
    if len(spec.delimiter) != 1 or spec.delimiter in '"\r\n':
        raise DataError(f"{where}: delimiter = {spec.delimiter!r} must be one character, not a quote")
    if not spec.header and not spec.columns and spec.format in ("csv", "tsv", "whitespace"):
        raise DataError(f"{where}: a file without header needs columns = [names in order]")
    return spec
