"""Bytes to numbered lines of text: which encoding a file has, decided by its lines and never guessed twice.

Newline, comma, tab and quote bytes never occur inside a character of UTF-8, GB18030, Big5 or Latin-1, so
lines are split before they are decoded, and one bad byte costs one line instead of the whole file.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from helpers.data.encoded_twice import RUN, meant
from helpers.data.encoding import CODECS, likelier_than_gb18030
from helpers.data.errors import DataError, EncodingUnknown
from helpers.data.source import SINGLE_BYTES

CHUNK_BYTES = 1 << 20
FIRST_BYTES = 1 << 14  # header and first rows are looked at line by line, so their block is small
_MARKS = ('"', "\r", "\0", "\x1a")
SNIFFED_LINES, SNIFFED_BYTES, MOST_OTHERS = 200_000, 4_096, 5_000
_NO_TEXT = {
    b"PK\x03\x04": "a ZIP archive or an XLSX workbook. Give it the ending .zip or .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook. Save its sheet as CSV UTF-8",
    b"\x1f\x8b": "packed with gzip. Give it the ending .gz",
    b"PAR1": "a Parquet file. Give it the ending .parquet",
}
_NO_TABLE = {
    re.compile(rb"\s*<(?:!doctype html|html|head|table|\?xml)\b", re.IGNORECASE): "a web page or XML",
    re.compile(rb"\s*(?:\{\s*[\"}]|\[\s*[\[{])"): "JSON",
}
_UTF8_END = re.compile(rb"(?:[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})(?![\x80-\xff])")
_UTF8_LINE = re.compile(
    rb"^[\x00-\x09\x0b-\x7f]*(?:(?:[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})[\x00-\x09\x0b-\x7f]*)++$",
    re.MULTILINE,
)


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """What a text file is made of. lines: counted from newline bytes alone; all else must add up to it."""

    path: Path
    encoding: str
    sha256: str
    lines: int
    newline: bytes
    skip_bytes: int


class Block(NamedTuple):
    """Lines that follow each other. problems: position to why that line cannot be read.

    plain: no line holds a quote, a stray carriage return, a NUL or an end-of-file character.
    """

    first: int
    texts: list[str]
    problems: Mapping[int, str]
    plain: bool


class Line(NamedTuple):
    """One line: its number from 1, its text, and why it cannot be used (empty when it can)."""

    number: int
    text: str
    problem: str = ""


def inspect(path: Path, *, declared: str, scratch: Path) -> TextFile:
    """Return how `path` is encoded and how many lines it has; UTF-16 is rewritten as UTF-8 into `scratch`.

    declared: an encoding, or `auto`: byte order mark, else UTF-8, else GB18030, by the majority of the lines
    that are not plain ASCII. Raises DataError where the file is no text, a declared UTF-16 cannot be read,
    or another encoding than GB18030 is likelier and must be declared.
    """
    with path.open("rb") as file:
        start = file.read(SNIFFED_BYTES)
    _refuse_no_text(path, start, declared=declared)
    digest = sha256_of(path)
    utf16 = start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if declared.startswith("utf-16") or (declared == "auto" and utf16):
        name, skip = declared if declared != "auto" else "utf-16", 0
        path, start = _rewritten(path, codec=name, scratch=scratch), b""
    else:
        skip = 3 if start.startswith(codecs.BOM_UTF8) else 0
        name = ("utf-8" if skip else _majority(path)) if declared == "auto" else declared
    lines, newline = _count_lines(path, skip)
    return TextFile(path=path, encoding=name, sha256=digest, lines=lines, newline=newline, skip_bytes=skip)


def _refuse_no_text(path: Path, start: bytes, *, declared: str) -> None:
    """Refuse what is plainly no text in the declared encoding, and say what it is."""
    for mark, said in _NO_TEXT.items():
        if start.startswith(mark):
            raise DataError(f"{path.name} is no text: it is {said}")
    for form, said in _NO_TABLE.items():
        if form.match(start.removeprefix(codecs.BOM_UTF8)):
            raise DataError(f"{path.name} is no table: it is {said}. Save its table as CSV")
    if declared.startswith("utf-16") or start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return
    nothing = [start[parity::2].count(0) for parity in (0, 1)]
    if max(nothing) > len(start) // 8 and min(nothing) < max(nothing) // 8:
        name = "utf-16-le" if nothing[1] > nothing[0] else "utf-16-be"
        raise DataError(
            f"{path.name} reads as UTF-16 without its byte order mark; "
            f'declare encoding = "{name}" for it in source.toml'
        )


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def blocks(file: TextFile) -> Iterator[Block]:
    """Yield the file's lines in order, decoded strictly; a line that cannot be decoded says so."""
    codec = "utf-8" if file.encoding.startswith("utf-16") else CODECS.get(file.encoding, file.encoding)
    number = 1
    for chunk in _chunks(file):
        block = _decoded(chunk, codec=codec, newline=file.newline, first=number)
        yield block
        number += len(block.texts)


def _decoded(chunk: bytes, *, codec: str, newline: bytes, first: int) -> Block:
    try:
        if codec == "gb18030" and _mixed(chunk.replace(newline, b"\n")):
            raise UnicodeDecodeError(codec, b"", 0, 1, "some lines read as UTF-8")
        whole = chunk.decode(codec)
        if RUN.search(whole) and any(map(meant, whole.split(newline.decode()))):
            raise UnicodeDecodeError(codec, b"", 0, 1, "some lines were encoded twice")
    except UnicodeDecodeError:
        lines = [_decoded_line(raw.removesuffix(b"\r"), codec=codec) for raw in chunk.split(newline)]
        problems = {number: problem for number, (_, problem) in enumerate(lines) if problem}
        return Block(first, [text for text, _ in lines], problems, False)
    if newline == b"\n":
        whole = f"{whole}\n".replace("\r\n", "\n")[:-1]
    return Block(first, whole.split(newline.decode()), {}, not any(mark in whole for mark in _MARKS))


def _mixed(chunk: bytes) -> bool:
    """Say whether any line that is not plain ASCII reads as UTF-8; looks only where a UTF-8 run could end."""
    ends = (chunk.rfind(b"\n", 0, found.start()) + 1 for found in _UTF8_END.finditer(chunk))
    return any(_UTF8_LINE.match(chunk, start) for start in ends)


def _decoded_line(raw: bytes, *, codec: str) -> tuple[str, str]:
    if codec == "gb18030" and not raw.isascii() and _UTF8_LINE.match(raw):
        return raw.decode("utf-8"), "reads as UTF-8 in a GB18030 file"
    try:
        text = raw.decode(codec)
        return text, f"encoded as UTF-8 twice, {_difference(text, once)}" if (once := meant(text)) else ""
    except UnicodeDecodeError:
        return raw.decode(codec, errors="backslashreplace"), f"not valid {codec}"


def _difference(text: str, once: str) -> str:
    """Say by a few characters how a text is written and how it was meant."""
    start = next(place for place, char in enumerate(text) if char > "\x7f")
    return f"{text[start : start + 6]!r} for {once[start : start + 2]!r}"


def _chunks(file: TextFile) -> Iterator[bytes]:
    """Yield blocks of whole lines, without the newline that ends the block."""
    rest, size = b"", FIRST_BYTES
    with file.path.open("rb") as handle:
        handle.seek(file.skip_bytes)
        while block := handle.read(size):
            size = CHUNK_BYTES
            whole, found, tail = block.rpartition(file.newline)
            if found:
                yield rest + whole
                rest = tail
            else:
                rest += block
    if rest:
        yield rest


def _majority(path: Path) -> str:
    """Say whether most of the lines that are not ASCII are UTF-8 (then UTF-8) or not (then GB18030).

    Raises DataError where another encoding is likelier than GB18030: it must be declared.
    """
    valid = seen = 0
    others: list[bytes] = []
    with path.open("rb") as file:
        for raw in file:
            if raw.isascii():
                continue
            seen += 1
            try:
                raw.decode("utf-8")
                valid += 1
            except UnicodeDecodeError:
                if len(others) < MOST_OTHERS:
                    others.append(raw)
            if seen >= SNIFFED_LINES:
                break
    if 2 * valid >= seen:
        return "utf-8"
    if likelier := likelier_than_gb18030(others):
        raise EncodingUnknown(
            f"{path.name} is not UTF-8, and as GB18030 its characters would be improbable; it is likelier "
            f'{" or ".join(likelier)}. Declare encoding = "{likelier[0]}" for it in source.toml '
            f'(or "gb18030", if that is what it is{_or_alike(likelier)})',
            likelier=likelier,
        )
    return "gb18030"


def _or_alike(likelier: list[str]) -> str:
    """Latin-1 stands for encodings of single bytes that its letters do not tell apart."""
    return f"; of eastern names {', '.join(SINGLE_BYTES)}" if "latin-1" in likelier else ""


def _count_lines(path: Path, skip: int) -> tuple[int, bytes]:
    feeds = returns = size = 0
    last = b""
    with path.open("rb") as file:
        file.seek(skip)
        while block := file.read(CHUNK_BYTES):
            feeds += block.count(b"\n")
            returns += block.count(b"\r")
            size += len(block)
            last = block[-1:]
    newline = b"\r" if feeds == 0 and returns else b"\n"
    ended = returns if newline == b"\r" else feeds
    return ended + (size > 0 and last != newline), newline


def _rewritten(path: Path, *, codec: str, scratch: Path) -> Path:
    target = scratch / f"{path.name}.utf8"
    try:
        with (
            path.open(encoding=codec, newline="") as source,
            target.open("w", encoding="utf-8", newline="") as sink,
        ):
            while block := source.read(CHUNK_BYTES):
                sink.write(block.removeprefix("\ufeff") if sink.tell() == 0 else block)
    except UnicodeError as error:
        raise DataError(
            f"{path.name} is not valid UTF-16: {error}; declare its encoding in source.toml"
        ) from error
    return target
