"""What a file looks like: its form, where its rows begin and end, and the first values of each column."""

from __future__ import annotations

import csv
import itertools
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from helpers.data.decode import blocks, inspect
from helpers.data.errors import DataError, EncodingUnknown
from helpers.data.sheet import first_rows, text_of_cell
from helpers.data.unpack import PACKED, format_of, unpacked

SEEN_LINES, SEEN_ROWS = 5_000, 2_000
DELIMITERS = (",", ";", "\t", "|")
NOT_TABLES = ("source.toml", "truth.json", "readme.md", "readme.txt", "license", "license.txt")
TEXT = (".csv", ".tsv", ".txt", ".dat", ".inter", ".net", ".tab", "")


@dataclass(frozen=True, kw_only=True)
class Look:
    """What was seen of a file. columns: name to its first values as text, empty ones as "".

    header_line: 0 where the file has no names of its own. below: the lines behind the last row. odd_lines:
    how many lines have another number of fields. typed: columns that the file itself stores as times.
    whole: whether all rows were seen. supposed: encodings that fit what is neither UTF-8 nor GB18030.
    trouble: why it could not be read.
    """

    path: str
    format: str = ""
    encoding: str = ""
    supposed: tuple[str, ...] = ()
    delimiter: str = ","
    sheet: str = ""
    header_line: int = 1
    below: tuple[str, ...] = ()
    empty_last_column: bool = False
    columns: dict[str, list[str]] = field(default_factory=dict)
    typed: frozenset[str] = frozenset()
    odd_lines: int = 0
    whole: bool = True
    trouble: str = ""


def look_at_folder(folder: Path) -> list[Look]:
    """Return what each file of a folder looks like, sheets one by one, and why one cannot be read."""
    looks: list[Look] = []
    for path in sorted(folder.iterdir()):
        if path.name.lower() in NOT_TABLES or path.name.startswith(".") or not path.is_file():
            continue
        with tempfile.TemporaryDirectory() as scratch:
            try:
                looks += _look(path, Path(scratch))
            except DataError as error:
                looks.append(Look(path=path.name, trouble=str(error)))
    return looks


def _look(path: Path, scratch: Path) -> list[Look]:
    inner = unpacked(path, given=path.name, scratch=scratch)
    form = format_of(path.name)
    if path.suffix.lower() == ".zip" and not form:
        return [Look(path=path.name, trouble='name its format, such as format = "csv"')]
    if form == "parquet":
        return [_parquet(inner, path.name)]
    if form == "xlsx":
        return _workbook(inner, path.name)
    if not form and path.suffix.lower() not in (*TEXT, *PACKED):
        return []
    return [_text(inner, path.name, form, scratch)]


def _parquet(path: Path, name: str) -> Look:
    try:
        file = pq.ParquetFile(path)
        batch = next(file.iter_batches(batch_size=SEEN_ROWS), None)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"{name} is not a whole Parquet file: {error}") from error
    rows = batch.to_pydict() if batch is not None else {}
    columns = {
        column: [text_of_cell(value) for value in rows.get(column, [])] for column in file.schema_arrow.names
    }
    times = frozenset(
        f.name for f in file.schema_arrow if pa.types.is_timestamp(f.type) or pa.types.is_date(f.type)
    )
    return Look(
        path=name, format="parquet", columns=columns, typed=times, whole=file.metadata.num_rows <= SEEN_ROWS
    )


def _workbook(path: Path, name: str) -> list[Look]:
    looks = []
    sheets = first_rows(path, given=name, rows=SEEN_ROWS)
    for sheet, rows in sheets.items():
        if not any(rows):
            continue
        width = Counter(len(row) for row in rows if row).most_common(1)[0][0]
        start = next((n for n, row in enumerate(rows) if len(row) >= width and all(row)), 0)
        body = [row for row in rows[start + 1 :] if row]
        looks.append(
            Look(
                path=name,
                format="xlsx",
                sheet=sheet if len(sheets) > 1 else "",
                header_line=start + 1,
                columns=_columns(rows[start], body),
                whole=len(rows) < SEEN_ROWS,
            )
        )
    return looks


def _text(path: Path, name: str, form: str, scratch: Path) -> Look:
    supposed: tuple[str, ...] = ()
    try:
        file = inspect(path, declared="auto", scratch=scratch)
    except EncodingUnknown as error:
        supposed = tuple(error.likelier)
        file = inspect(path, declared=supposed[0], scratch=scratch)
    texts = [text for block in itertools.islice(blocks(file), 8) for text in block.texts][:SEEN_LINES]
    while texts and not texts[-1].strip():
        texts.pop()
    if not texts:
        return Look(path=name, format=form or "csv", encoding=file.encoding, trouble="the file is empty")
    delimiter, rows = _split(texts, "\t" if form == "tsv" else "")
    width = Counter(len(row) for row in rows if len(row) > (delimiter != "")).most_common(1)[0][0]
    start = _header(rows, width)
    whole = file.lines <= SEEN_LINES
    body = rows[start + 1 :]
    below: list[str] = []
    while whole and body and len(body[-1]) != width and len(rows) > 2:
        below.insert(0, texts[-len(below) - 1])
        body.pop()
    ends_empty = width > 1 and all(not row[-1].strip() for row in body if len(row) == width) and bool(body)
    ends_empty = ends_empty and (len(rows[start]) < width or not rows[start][-1].strip())
    names = rows[start][: width - 1] if ends_empty else rows[start]
    has_names = not any(_is_value(value) for value in names)
    return Look(
        path=name,
        format=form or ("whitespace" if delimiter == " " else "csv"),
        encoding=file.encoding,
        supposed=supposed,
        delimiter=delimiter or ",",
        header_line=start + 1 if has_names else 0,
        below=tuple(below),
        empty_last_column=ends_empty,
        columns=_columns(
            names if has_names else [f"column_{n}" for n in range(1, len(names) + 1)],
            fitting := [row for row in (body if has_names else rows[start:]) if len(row) == width],
        ),
        odd_lines=len(body) + (not has_names) - len(fitting),
        whole=whole,
    )


def _split(texts: list[str], known: str) -> tuple[str, list[list[str]]]:
    """Return the delimiter under which most lines have as many fields (or none), and the fields.

    Of two that do so about as well it is the one that parts an earlier line: `26,43` has a comma in each
    line, but none in the names.
    """
    best, begins, chosen, fields = 0.0, 0, "", [[text] for text in texts]
    for delimiter in [known] if known else DELIMITERS:
        rows = _fields(texts, delimiter)
        widths = Counter(len(row) for row in rows if len(row) > 1)
        if not widths:
            continue
        width, lines = widths.most_common(1)[0]
        share, first = lines / len(rows), next(n for n, row in enumerate(rows) if len(row) == width)
        if share > best + 0.1 or (share > best - 0.1 and first < begins):
            best, begins, chosen, fields = share, first, delimiter, rows
    if best == 0:
        rows = [text.split() for text in texts]
        if len(rows[0]) > 1 and len({len(row) for row in rows}) == 1:
            return " ", rows
    return chosen, fields


def _fields(texts: list[str], delimiter: str) -> list[list[str]]:
    try:
        return list(csv.reader(texts, delimiter=delimiter))
    except csv.Error:  # a field beyond all measure, or a stray return; the loader will say which line
        return [text.split(delimiter) for text in texts]


def _header(rows: list[list[str]], width: int) -> int:
    """Return which row holds the names: the first of full width, or one short of an empty last column."""
    full = [n for n, row in enumerate(rows) if len(row) == width and all(value.strip() for value in row[:-1])]
    first = full[0] if full else 0
    ends_empty = width > 1 and all(not rows[n][-1].strip() for n in full)
    if ends_empty and first and len(rows[first - 1]) == width - 1 and all(rows[first - 1]):
        return first - 1
    return first


def _is_value(text: str) -> bool:
    text = text.strip()
    return (
        text[:1].isdigit()
        and text.replace(".", "").replace("-", "").replace(":", "").replace(" ", "").isdigit()
    )


def _columns(names: list[str], rows: list[list[str]]) -> dict[str, list[str]]:
    names = [name.strip() for name in names]
    return {
        name: [row[position].strip() if position < len(row) else "" for row in rows[:SEEN_ROWS]]
        for position, name in enumerate(names)
        if name
    }
