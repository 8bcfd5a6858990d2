"""Numbered lines to records: which lines make a row, which cannot, with every line accounted for.

Good records go to a plain UTF-8 file with their line number in front, which DuckDB reads strictly as text;
lines that make no record go to a table of their own. Nothing is repaired.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.data.decode import Line, TextFile, blocks
from helpers.data.errors import DataError
from helpers.data.lines import Lines
from helpers.data.source import LOOKUP_MARK, RESERVED, FileSpec
from helpers.data.source_keys import matches
from helpers.data.split import Splitter
from methods.counts import count

BAD_SCHEMA = pa.schema([("_line", pa.int64()), ("text", pa.string()), ("reason", pa.string())])
_BAD_BATCH = 20_000
MAX_HEADER_LINES = 1_000
EMPTY_COLUMN = "_empty"


@dataclass(frozen=True, kw_only=True)
class Records:
    """What became of a text file's lines: lines = header + rows + inner_newlines + malformed + outside.

    outside: lines above the header and in the footer. decimal: the sign before decimals, where the file's
    format leaves no doubt of it.
    """

    names: tuple[str, ...]
    delimiter: str
    quoted: bool
    rows: int
    malformed: int
    inner_newlines: int
    outside: int = 0
    decimal: str = ""


def write_records(file: TextFile, spec: FileSpec, *, good: Path, bad: Path) -> Records:
    """Split `file` into records: `good` gets "line number, fields" rows, `bad` the lines that make no row.

    Raises DataError on a header with missing, empty or repeated names, and when the lines do not add up.
    """
    lines = Lines(blocks(file), spec.footer)
    names, above, header = _names(lines, spec)
    splitter = Splitter(spec, names)
    with good.open("w", encoding="utf-8", newline="") as sink, pq.ParquetWriter(bad, BAD_SCHEMA) as refused:
        rows, inner, malformed = _split(lines, splitter, sink, refused)
    outside = above + lines.footer_lines
    total = header + rows + inner + malformed + outside
    if file.lines != total:
        raise DataError(
            f"{spec.path} has {count(file.lines, 'line')}, but header {header} + rows {rows} + newlines "
            "inside fields "
            f"{inner} + malformed {malformed} + above and below {outside} = {total}; the file is refused"
        )
    return Records(
        names=names,
        delimiter=splitter.written_delimiter,
        quoted=splitter.quoted,
        rows=rows,
        malformed=malformed,
        inner_newlines=inner,
        outside=outside,
    )


def _names(lines: Lines, spec: FileSpec) -> tuple[tuple[str, ...], int, int]:
    """Return the column names, how many lines stand above the header, and how many the header took."""
    extra = (spec.rest,) if spec.rest else ()
    above = header = 0
    names = (*spec.columns, *extra)
    if spec.header:
        line = _header(lines, spec)
        if line.problem:
            raise DataError(f"{spec.path}: the header cannot be read: {line.problem}")
        if spec.format == "whitespace":
            found = line.text.split()
        else:
            found = [name.strip() for name in _fields(line.text, spec)]
            _refuse_comment(lines, line, len(found), spec)
        if spec.empty_last_column and found and not found[-1]:
            found.pop()
        names, header, above = (*(spec.columns or found), *extra), 1, line.number - 1
        if spec.columns and len(found) != len(spec.columns):
            raise DataError(f"{spec.path}: header has {len(found)} names, source.toml {len(spec.columns)}")
    check_names(names, spec)
    return (*names, EMPTY_COLUMN) if spec.empty_last_column else names, above, header


def _refuse_comment(lines: Lines, header: Line, names: int, spec: FileSpec) -> None:
    """Refuse a line behind # that is no header: the first without one has another number of fields."""
    if not header.text.lstrip().startswith("#"):
        return
    seen: list[Line] = []
    while len(seen) < MAX_HEADER_LINES and (line := lines.next()) is not None:
        seen.append(line)
        if not line.text.lstrip().startswith("#"):
            break
    lines.put_back_lines(seen)
    if seen and len(_fields(seen[-1].text, spec)) != names:
        raise DataError(
            f"{spec.path}: line {header.number} ({header.text[:40]!r}) is a remark and no header. Write "
            f"header_line = {seen[-1].number} for this file in source.toml"
        )


def _fields(text: str, spec: FileSpec) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=spec.delimiter), [])
    except csv.Error as error:
        raise DataError(f"{spec.path}: the header cannot be read: {error}") from error


def _header(lines: Lines, spec: FileSpec) -> Line:
    wanted = spec.header_line
    for _ in range(wanted if isinstance(wanted, int) else MAX_HEADER_LINES):
        line = lines.next()
        if line is None:
            break
        if line.number == wanted or (isinstance(wanted, str) and matches([line.text], (wanted,))[0]):
            return line
    if wanted == 1:
        return Line(1, "", "the file is empty; move it away if there is no such table")
    raise DataError(f"{spec.path}: no header is found at header_line = {wanted!r}")


def check_names(names: Sequence[str], spec: FileSpec) -> None:
    """Refuse a header whose names are empty, repeated (capitals aside) or taken by the loader."""
    if not names or any(not name for name in names):
        found = ", ".join(map(repr, names)) or "no names"
        ends = names and not names[-1] and all(names[:-1])
        advice = (
            "where its rows end with the delimiter too, write empty_last_column = true for this file in "
            "source.toml, else take it off the header"
            if ends
            else "name each column"
        )
        raise DataError(f"{spec.path}: the header has an empty name: {found}; {advice}")
    folded = [name.lower() for name in names]
    twice = [name for name in names if folded.count(name.lower()) > 1]
    if twice:
        raise DataError(f"{spec.path}: the header names {twice[0]!r} more than once; rename one of them")
    for name in names:
        if name.lower() in RESERVED or name.lower().startswith(LOOKUP_MARK):
            raise DataError(f"{spec.path}: the column name {name!r} is taken by the loader; rename it")


def _split(lines: Lines, splitter: Splitter, sink: TextIO, refused: pq.ParquetWriter) -> tuple[int, int, int]:
    rows = inner = malformed = 0
    bad: list[tuple[int, str, str]] = []
    while True:
        if plain := splitter.plain_rows(lines):
            sink.write("\n".join(plain) + "\n")
            rows += len(plain)
            continue
        if lines.at_footer():
            bad += lines.take_footer()
            malformed += len(bad)
            _flush(bad, refused)
            break
        if (record := splitter.record(lines)) is None:
            break
        number, text, problem, newlines = record
        if not problem:
            sink.write(f"{number}{splitter.written_delimiter}{text}\n")
            rows += 1
            inner += newlines
            continue
        bad.append((number, text, problem))
        malformed += 1
        if len(bad) == _BAD_BATCH:
            _flush(bad, refused)
    _flush(bad, refused)
    return rows, inner, malformed


def _flush(bad: list[tuple[int, str, str]], refused: pq.ParquetWriter) -> None:
    if bad:
        rows = [dict(zip(BAD_SCHEMA.names, row, strict=True)) for row in bad]
        refused.write_table(pa.Table.from_pylist(rows, schema=BAD_SCHEMA))
        bad.clear()
