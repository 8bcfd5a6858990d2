"""Packed files: a gzip or a ZIP with one member, unpacked beside the load and read like any other file."""

from __future__ import annotations

import gzip
import shutil
import zipfile
import zlib
from pathlib import Path

from helpers.data.errors import DataError
from helpers.data.source import SUFFIXES

PACKED = (".gz", ".zip")
_OF_A_MAC = "__MACOSX/"


def format_of(path: str) -> str:
    """Return the format that a file name tells, packed or not; empty where it tells none.

    >>> format_of("orders.csv.gz"), format_of("bills.zip")
    ('csv', '')
    """
    name = Path(path.lower())
    inner = name.with_suffix("") if name.suffix in PACKED else name
    return SUFFIXES.get(inner.suffix, "")


def unpacked(path: Path, *, given: str, scratch: Path) -> Path:
    """Return the file itself, or its only member unpacked into `scratch`.

    given: the file's name as the mapping has it. Raises DataError where it is broken, locked or not alone.
    """
    if path.suffix.lower() not in PACKED:
        return path
    target = scratch / f"unpacked_{given.replace('/', '_')}" / path.name  # the same name, for messages
    target.parent.mkdir(exist_ok=True)
    try:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as packed, target.open("wb") as plain:
                shutil.copyfileobj(packed, plain)
        else:
            with zipfile.ZipFile(path) as archive:
                _only_member(archive, given=given, target=target)
    except (gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError) as error:
        raise DataError(f"{given} is not a whole {path.suffix[1:].lower()} file: {error}") from error
    return target


def _only_member(archive: zipfile.ZipFile, *, given: str, target: Path) -> None:
    members = [
        one for one in archive.infolist() if not one.is_dir() and not one.filename.startswith(_OF_A_MAC)
    ]
    if len(members) != 1:
        names = ", ".join(one.filename for one in members[:5]) or "nothing"
        raise DataError(f"{given} must hold one file and holds {len(members)} ({names}); unpack it")
    if members[0].flag_bits & 1:
        raise DataError(f"{given} is locked with a password; unpack it and name the file inside")
    with archive.open(members[0]) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain)
