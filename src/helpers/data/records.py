"""Numbered lines to records: which lines make a row, which cannot, with every line accounted for.

Good records go to a plain UTF-8 file with their line number in front, which DuckDB reads strictly as text;
lines that make no record go to a table of their own. Nothing is repaired.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.data.decode import Block, Line, TextFile, blocks
from helpers.data.errors import DataError
from helpers.data.source import LOOKUP_MARK, RESERVED, FileSpec
from helpers.data.source_keys import matches

MAX_CHARACTERS = 250_000
MAX_OPEN_LINES = 200
REST_SEPARATOR = "\x1f"
BAD_SCHEMA = pa.schema([("_line", pa.int64()), ("text", pa.string()), ("reason", pa.string())])
_BAD_BATCH = 20_000
MAX_HEADER_LINES = 1_000
EMPTY_COLUMN = "_empty"


@dataclass(frozen=True, kw_only=True)
class Records:
    """What became of a text file's lines: lines = header + rows + inner_newlines + malformed + outside.

    outside: lines above the header and in the footer.
    """

    names: tuple[str, ...]
    delimiter: str
    quoted: bool
    rows: int
    malformed: int
    inner_newlines: int
    outside: int = 0


def write_records(file: TextFile, spec: FileSpec, *, good: Path, bad: Path) -> Records:
    """Split `file` into records: `good` gets "line number, fields" rows, `bad` the lines that make no row.

    Raises DataError on a header with missing, empty or repeated names, and when the lines do not add up.
    """
    lines = _Lines(blocks(file), spec.footer)
    names, above, header = _names(lines, spec)
    splitter = _Splitter(spec, len(names) - bool(spec.rest))
    with good.open("w", encoding="utf-8", newline="") as sink, pq.ParquetWriter(bad, BAD_SCHEMA) as refused:
        rows, inner, malformed = _split(lines, splitter, sink, refused)
    outside = above + lines.footer_lines
    total = header + rows + inner + malformed + outside
    if file.lines != total:
        raise DataError(
            f"{spec.path} has {file.lines} lines, but header {header} + rows {rows} + newlines inside fields "
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


def _names(lines: _Lines, spec: FileSpec) -> tuple[tuple[str, ...], int, int]:
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
            found = [name.strip() for name in next(csv.reader([line.text], delimiter=spec.delimiter), [])]
        if spec.empty_last_column and found and not found[-1]:
            found.pop()
        names, header, above = (*(spec.columns or found), *extra), 1, line.number - 1
        if spec.columns and len(found) != len(spec.columns):
            raise DataError(f"{spec.path}: header has {len(found)} names, source.toml {len(spec.columns)}")
    check_names(names, spec)
    return (*names, EMPTY_COLUMN) if spec.empty_last_column else names, above, header


def _header(lines: _Lines, spec: FileSpec) -> Line:
    wanted = spec.header_line
    for _ in range(wanted if isinstance(wanted, int) else MAX_HEADER_LINES):
        line = lines.next()
        if line is None:
            break
        if line.number == wanted or (isinstance(wanted, str) and matches([line.text], (wanted,))[0]):
            return line
    if wanted == 1:
        return Line(1, "", "the file is empty")
    raise DataError(f"{spec.path}: no header is found at header_line = {wanted!r}")


def check_names(names: Sequence[str], spec: FileSpec) -> None:
    """Refuse a header whose names are empty, repeated (capitals aside) or taken by the loader."""
    if not names or any(not name for name in names):
        found = ", ".join(map(repr, names)) or "no names"
        raise DataError(f"{spec.path}: the header has an empty name: {found}")
    folded = [name.lower() for name in names]
    twice = [name for name in names if folded.count(name.lower()) > 1]
    if twice:
        raise DataError(f"{spec.path}: the header names {twice[0]!r} more than once; rename one of them")
    for name in names:
        if name.lower() in RESERVED or name.lower().startswith(LOOKUP_MARK):
            raise DataError(f"{spec.path}: the column name {name!r} is taken by the loader; rename it")


def _split(
    lines: _Lines, splitter: _Splitter, sink: TextIO, refused: pq.ParquetWriter
) -> tuple[int, int, int]:
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


class _Lines:
    """The lines of a file, one at a time or, where the next ones are plain, a block at a time."""

    def __init__(self, blocks: Iterator[Block], footer: tuple[str, ...] = ()) -> None:
        self._blocks = self._looked_through(blocks, footer) if footer else blocks
        self._ahead: deque[Line] = deque()
        self._has_footer, self._footers = bool(footer), set[int]()
        self.footer_lines = 0

    def _looked_through(self, blocks: Iterator[Block], footer: tuple[str, ...]) -> Iterator[Block]:
        """Note which lines look like the footer; a block that holds one is taken line by line."""
        for block in blocks:
            found = {block.first + n for n, there in enumerate(matches(block.texts, footer)) if there}
            self._footers |= found
            yield block._replace(plain=block.plain and not found)

    def at_footer(self) -> bool:
        """Say whether the next line is one of the footer."""
        if not self._has_footer:
            return False
        if not self._ahead and (block := next(self._blocks, None)) is not None:
            self.put_back(block)
        return bool(self._ahead) and self._ahead[0].number in self._footers

    def take_footer(self) -> list[tuple[int, str, str]]:
        """Take all lines that are left; return those that belong to no footer, as lines that make no row."""
        wrong: list[tuple[int, str, str]] = []
        first = self._ahead[0].number
        while (line := self.next()) is not None:
            if line.number in self._footers or not line.text.strip():
                self.footer_lines += 1
            else:
                wrong.append((line.number, line.text, f"stands behind the footer in line {first}"))
        return wrong

    def next(self) -> Line | None:
        """Take the next line; None at the end of the file."""
        if not self._ahead:
            block = next(self._blocks, None)
            if block is None:
                return None
            self.put_back(block)
        return self._ahead.popleft()

    def plain_block(self) -> Block | None:
        """Take the next block if it is plain and no single line waits before it."""
        if self._ahead or (block := next(self._blocks, None)) is None:
            return None
        if block.plain:
            return block
        self.put_back(block)
        return None

    def put_back(self, block: Block) -> None:
        """Offer a block's lines one at a time."""
        for number, text in enumerate(block.texts):
            self._ahead.append(Line(block.first + number, text, block.problems.get(number, "")))

    def put_back_lines(self, lines: Sequence[Line]) -> None:
        """Offer these lines again before all others."""
        self._ahead.extendleft(reversed(lines))


class _Splitter:
    """The rules of one file: how many fields a row has, and how quotes join lines."""

    def __init__(self, spec: FileSpec, fields: int) -> None:
        self.fields = fields
        self.ends_empty = spec.empty_last_column
        self.rest = bool(spec.rest)
        self.whitespace = spec.format == "whitespace"
        self.delimiter = spec.delimiter
        self.quoted = not self.whitespace and not self.rest
        self.written_delimiter = spec.delimiter if self.quoted else "\t"
        mark = re.escape(spec.delimiter)
        quoted, plain = r'"(?:[^"]++|"")*+"', rf'[^"{mark}]*+'
        self._quoted_field = re.compile(quoted)
        self._field = re.compile(rf"{quoted}|{plain}")
        self._guarded = re.compile(rf'="[^"]*+"(?={mark}|$)')
        self._complete = re.compile(rf"(?:{quoted}|{plain})(?:{mark}(?:{quoted}|{plain}))*+")
        self._open = re.compile(rf'(?:(?:{quoted}|{plain}){mark})*+"(?:[^"]++|"")*+')

    def plain_rows(self, lines: _Lines) -> list[str] | None:
        """Take a whole block where each line is clearly one row; None where the lines need a closer look."""
        if not self.quoted or self.fields == 1 or (block := lines.plain_block()) is None:
            return None
        mark, wanted = self.delimiter, self.fields - 1
        rows = [
            f"{n}{mark}{text}"
            for n, text in enumerate(block.texts, block.first)
            if text.count(mark) == wanted and (not self.ends_empty or text.endswith(mark))
        ]
        if len(rows) == len(block.texts) and max(map(len, rows)) <= MAX_CHARACTERS:
            return rows
        lines.put_back(block)
        return None

    def record(self, lines: _Lines) -> tuple[int, str, str, int] | None:
        """Take the next record: line number, text, what is wrong, newlines inside; None at the end."""
        line = lines.next()
        if line is None:
            return None
        if not self.quoted:
            return self._listed(line)
        problem = line.problem or self._refused(line.text)
        if problem:
            return line.number, line.text, problem, 0
        if '"' not in line.text:
            return line.number, line.text, self._miscounted(line.text.count(self.delimiter) + 1, line.text), 0
        return self._quoted(line, lines)

    def _quoted(self, line: Line, lines: _Lines) -> tuple[int, str, str, int]:
        """Join lines until the record is complete; where it never is, only its first line is refused."""
        taken = [line]
        while True:
            text = self._shielded("\n".join(one.text for one in taken))
            if len(text) > MAX_CHARACTERS:
                problem = "a quote is never closed"
                break
            if self._complete.fullmatch(text):
                problem = self._miscounted(self._quoted_field.sub("", text).count(self.delimiter) + 1, text)
                break
            if not self._open.fullmatch(text):
                problem = "a quote stands inside a field" if len(taken) == 1 else "a quote is never closed"
                break
            more = self._until_quote(lines, room=MAX_OPEN_LINES - len(taken))
            taken += more
            if not more or '"' not in more[-1].text or more[-1].problem:
                problem = "a quote is never closed"
                break
        if not problem:
            return line.number, text, "", len(taken) - 1
        lines.put_back_lines(taken[1:])
        return line.number, line.text, problem, 0

    def _shielded(self, text: str) -> str:
        """Put quotes around `="123"`, by which exports keep a spreadsheet from rounding ids."""
        if '="' not in text:
            return text
        made, start = "", 0
        while True:
            found = self._guarded.match(text, start)
            if found:
                made += '"' + found[0].replace('"', '""') + '"'
            else:
                found = self._field.match(text, start)
                made += found[0]
            if found.end() == len(text) or text[found.end()] != self.delimiter:
                return made + text[found.end() :]
            made, start = made + self.delimiter, found.end() + 1

    def _until_quote(self, lines: _Lines, *, room: int) -> list[Line]:
        """Take the next lines up to one that holds a quote; a line that cannot be read ends the record."""
        taken: list[Line] = []
        while len(taken) < room:
            line = lines.next()
            if line is None:
                break
            taken.append(line)
            if '"' in line.text or line.problem or self._refused(line.text, blank=False):
                break
        return taken

    def _refused(self, text: str, *, blank: bool = True) -> str:
        if blank and not text.strip(" "):
            return "blank line"
        if len(text) > MAX_CHARACTERS:
            return f"longer than {MAX_CHARACTERS:,} characters"
        if "\0" in text or "\x1a" in text:
            return "holds a NUL or end-of-file character"
        return "holds a stray carriage return" if "\r" in text else ""

    def _miscounted(self, found: int, text: str) -> str:
        if found != self.fields:
            return f"{found} fields where {self.fields} are expected"
        if self.ends_empty and text.rpartition(self.delimiter)[2].strip() not in ("", '""'):
            return "the last column is declared empty and is not"
        return ""

    def _listed(self, line: Line) -> tuple[int, str, str, int]:
        """Split a line without quoting rules; fields beyond the named ones join into the rest."""
        problem = line.problem or self._refused(line.text)
        if not problem and not self.whitespace and "\t" in line.text and self.delimiter != "\t":
            problem = "holds a tab inside a field"
        values = line.text.split() if self.whitespace else line.text.split(self.delimiter)
        if not problem and self.rest and len(values) >= self.fields:
            values = [*values[: self.fields], REST_SEPARATOR.join(values[self.fields :])]
        elif not problem:
            problem = self._miscounted(len(values), line.text)
        return line.number, line.text if problem else "\t".join(values), problem, 0
