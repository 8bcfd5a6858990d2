"""The receipt of each file: its own lines against the tables they fed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ibis.backends import BaseBackend

from helpers.data.read import RawFile
from helpers.data.receipt import FileReceipt
from helpers.data.source import TableSpec


def file_receipts(
    connection: BaseBackend,
    specs: Mapping[str, TableSpec],
    files: Mapping[str, RawFile],
    *,
    scratch: Path,
) -> dict[str, FileReceipt]:
    """Return, for each file, its rows, the malformed ones, and the tables it feeds."""
    return {
        name: FileReceipt(
            file=raw.spec.path,
            format=raw.spec.format,
            encoding=raw.encoding,
            sha256=raw.sha256,
            lines=raw.lines,
            rows=raw.rows,
            malformed=raw.malformed,
            tables=tuple(
                spec.table for spec in specs.values() if any(feed.file == name for feed in spec.feeds)
            ),
            unused_columns=_unused(name, raw, specs),
        )
        for name, raw in files.items()
    }


def _unused(name: str, raw: RawFile, specs: Mapping[str, TableSpec]) -> tuple[str, ...]:
    return ()
