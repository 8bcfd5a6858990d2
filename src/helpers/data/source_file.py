"""Reading `source.toml`: every key and value is checked, and what is not known is refused with what is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from helpers.data.errors import DataError
from helpers.data.source import (
    ENCODINGS,
    FIRST_DAY,
    FORMATS,
    MISSING,
    PICKS,
    FileSpec,
    Lookup,
    Source,
)
from helpers.data.source_experiments import read_experiments
from helpers.data.source_keys import (
    check_currency,
    check_day,
    check_mapping,
    check_pattern,
    check_season,
    check_units,
    check_word,
    check_zone,
    checked_fields,
)
from helpers.data.source_tables import read_table
from helpers.data.unpack import format_of
from methods.counts import count


def read_source(path: Path) -> Source:
    """Read and check a `source.toml`; raises DataError that names the key and what is allowed there."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        entry = tomllib.loads(text)
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} is not written as UTF-8; save it as UTF-8 text") from error
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise DataError(f"{path.name} cannot be read as TOML: {error}") from error
    where = path.name
    special = ("files", "tables", "experiments", "rates")
    plain = checked_fields(Source, entry, where=where, special=special, hidden=("text",))
    plain.setdefault("name", path.parent.name if path.stem == "source" else path.stem)
    check_zone(plain.get("timezone", ""), where=where)
    check_currency(plain.get("currency", "XXX"), where=where)
    check_day(plain.get("earliest", FIRST_DAY), key="earliest", where=where)
    check_season(plain.get("high_season", ""), where=where)
    files = {
        name: _file(name, check_mapping(value, f"{where} [files.{name}]"), where=f"{where} [files.{name}]")
        for name, value in check_mapping(entry.get("files", {}), f"{where} [files]").items()
    }
    for name, spec in files.items():
        for column, lookup in spec.lookups.items():
            if lookup.file not in files:
                raise DataError(
                    f"{where} [files.{name}] lookups.{column}: file = {lookup.file!r} is not declared; "
                    f"declared are {', '.join(files)}"
                )
    tables = {
        name: read_table(name, value, files=files, where=f"{where} [tables.{name}]")
        for name, value in check_mapping(entry.get("tables", {}), f"{where} [tables]").items()
    }
    return Source(
        **plain,
        files=files,
        tables=tables,
        experiments=read_experiments(entry.get("experiments", {}), where=f"{where} [experiments]"),
        rates=_rates(entry.get("rates", {}), where=f"{where} [rates]"),
        text=text,
    )


def _rates(entry: object, *, where: str) -> dict[str, float]:
    """Check what one unit of other currencies is worth in the shop's."""
    rates = check_mapping(entry, where)
    for code, rate in rates.items():
        check_currency(code, where=where)
        if isinstance(rate, bool) or not isinstance(rate, int | float) or not 1e-6 <= rate <= 1e6:
            raise DataError(
                f"{where}: {code} = {rate!r} must be the worth of one {code} in the shop's currency"
            )
    return rates


def _file(name: str, entry: dict[str, Any], *, where: str) -> FileSpec:
    hidden = ("by_name", "currency", "rates", "borrowed")
    plain = checked_fields(
        FileSpec, {"name": name, **entry}, where=where, special=("lookups",), hidden=hidden
    )
    if "path" not in plain:
        raise DataError(f'{where} needs path = "file name"')
    plain.setdefault("format", format_of(plain["path"]))
    if not plain["format"]:
        raise DataError(f"{where} needs format = one of {', '.join(FORMATS)}")
    if Path(plain["path"]).is_absolute() or ".." in Path(plain["path"]).parts:
        raise DataError(f"{where}: path = {plain['path']!r} must lie inside the data folder")
    check_word(plain["format"], FORMATS, key="format", where=where)
    check_word(plain.get("encoding", ""), ENCODINGS, key="encoding", where=where)
    check_units(plain, where=where)
    if plain["format"] == "tsv":
        plain.setdefault("delimiter", "\t")
    lookups = {
        column: _lookup(one, where=f"{where} lookups.{column}")
        for column, one in check_mapping(entry.get("lookups", {}), f"{where} lookups").items()
    }
    spec = FileSpec(**plain, lookups=lookups)
    if len(spec.delimiter) != 1 or spec.delimiter in '"\r\n':
        raise DataError(f"{where}: delimiter = {spec.delimiter!r} must be one character, not a quote")
    if not spec.header and not spec.columns and spec.format in ("csv", "tsv", "whitespace"):
        raise DataError(f"{where}: a file without header needs columns = [names in order]")
    _check_frame(spec, where=where)
    return spec


def _lookup(entry: object, *, where: str) -> Lookup:
    entry = dict(check_mapping(entry, where))
    for key in ("by", "key"):
        if isinstance(entry.get(key), str):
            entry[key] = [entry[key]]
    plain = checked_fields(Lookup, entry, where=where)
    lacking = [key for key in ("file", "by", "take") if not plain.get(key)]
    if lacking:
        raise DataError(f"{where} needs {lacking[0]}; a lookup names file, by (its own column) and take")
    lookup = Lookup(**plain)
    check_word(lookup.missing, MISSING, key="missing", where=where)
    check_word(lookup.pick, PICKS, key="pick", where=where)
    if lookup.key and len(lookup.key) != len(lookup.by):
        raise DataError(f"{where}: by has {count(len(lookup.by), 'column')} and key {len(lookup.key)}")
    if lookup.missing == "keep" and len(lookup.by) > 1:
        raise DataError(f"{where}: missing = 'keep' keeps one column and by has {len(lookup.by)}")
    return lookup


def _check_frame(spec: FileSpec, *, where: str) -> None:
    """Check what is declared about the lines around the rows."""
    plain = spec.header_line == 1 and not spec.footer and not spec.empty_last_column
    if spec.format in ("parquet", "table") and not plain:
        raise DataError(f"{where}: header_line, footer and empty_last_column are for text and sheets")
    if spec.header_line != 1 and not spec.header:
        raise DataError(f"{where}: header_line needs a header; without one every line above a row is a row")
    if spec.header_line == "" or (isinstance(spec.header_line, int) and spec.header_line < 1):
        raise DataError(f"{where}: header_line = {spec.header_line!r} must be 1 or more, or a pattern")
    if spec.empty_last_column and (spec.rest or spec.format in ("whitespace", "xlsx")):
        raise DataError(f"{where}: empty_last_column is for delimited text without a rest")
    if spec.sheet and spec.format != "xlsx":
        raise DataError(f"{where}: sheet = {spec.sheet!r} is for xlsx, the format is {spec.format}")
    for key, patterns in (("header_line", (spec.header_line,)), ("footer", spec.footer)):
        for pattern in patterns:
            if isinstance(pattern, str):
                check_pattern(pattern, key=key, where=where)
