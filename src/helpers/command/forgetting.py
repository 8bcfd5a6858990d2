"""Forgetting: what runs keep of the loaded tables, and how one customer is taken out of everything."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from helpers.command.kept import CHAPTERS, key_of
from helpers.command.manifest import read_manifest
from helpers.command.run_store import Shelf
from helpers.data.open import DEMO
from helpers.data.pseudonyms import PEOPLE, Key


@dataclass(frozen=True, kw_only=True)
class Traces:
    """Where a customer is found.

    rows: loaded folder to table to rows that name the customer. files: files of runs that may: a short id can
    be a number of something else there.
    """

    rows: dict[Path, dict[str, int]]
    files: tuple[Path, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing names the customer."""
        return not self.rows and not self.files


def find_customer(customer: str, *, loaded: Path, shelf: Shelf, key: Key | None) -> Traces:
    """Return where a customer is named in loaded tables and in the files of runs.

    customer: the id as the source has it. key: that makes pseudonyms, if one is used; both are looked for.
    """
    names = {customer} | ({key.pseudonym(customer, domain=PEOPLE)} if key else set())
    folders = (
        [path for path in sorted(loaded.glob("*")) if (path / "accepted").is_dir()] if loaded.is_dir() else []
    )
    found = {folder: _rows_in(folder, names) for folder in folders}
    files = tuple(path for run in shelf.runs() for path in _files_of(run) if _holds(path, names))
    return Traces(rows={folder: rows for folder, rows in found.items() if rows}, files=files)


def advice(traces: Traces, *, is_done: bool) -> list[str]:
    """Return in lines where a customer was found, what was deleted, and what only people can do."""
    said = "deleted" if is_done else "would delete"
    lines = [
        f"{said} loaded tables {folder.name}: " + ", ".join(f"{table} {many}" for table, many in rows.items())
        for folder, rows in traces.rows.items()
    ]
    lines += [f"look at {path.parent.name}/{path.name}: it may name the customer" for path in traces.files]
    return [
        *(lines or ["no loaded table and no run names this customer"]),
        "What is left to do, in this order:",
        "1. Delete the customer's rows from the source, or the next run brings them back.",
        "2. Run `workbench report` anew: every number is reckoned without the customer.",
        "3. Delete lists of customers that were exported or handed out, and runs that name the customer.",
        "Published pages hold numbers of 11 people or more and no id; they need no change.",
    ]


def forget(traces: Traces, *, loaded: Path) -> None:
    """Delete the loaded folders that name a customer, and all made chapters, which may count the customer.

    The next run loads the source and makes the chapters anew.
    """
    for folder in traces.rows:
        shutil.rmtree(folder)
    if (loaded / CHAPTERS).is_dir():
        shutil.rmtree(loaded / CHAPTERS)


def unused_loads(loaded: Path, runs: Iterable[Path]) -> tuple[Path, ...]:
    """Return the kept loads that none of these runs was made of, with what refused and broken loads left.

    runs: the folders of the runs that stay.
    """
    kept = {*(entry.get("loaded") for entry in _manifests(runs)), CHAPTERS, DEMO}
    return tuple(path for path in sorted(loaded.glob("*")) if path.is_dir() and path.name not in kept)


def keys_of(runs: Iterable[Path]) -> set[str]:
    """Return the keys by which the chapters of these runs are kept."""
    return {str(one.get("key")) for entry in _manifests(runs) for one in entry.get("notebooks") or []}


def unused_chapters(loaded: Path, keys: Iterable[str]) -> tuple[Path, ...]:
    """Return the kept chapters of none of these keys, and what broken runs left of keeping one."""
    used = set(keys)
    return tuple(path for path in sorted((loaded / CHAPTERS).glob("*")) if key_of(path) not in used)


def _manifests(runs: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The manifests of runs; a damaged run names neither load nor chapter."""
    for run in runs:
        with contextlib.suppress(ValueError):
            yield read_manifest(run)


def _rows_in(folder: Path, names: set[str]) -> dict[str, int]:
    found = {}
    for path in sorted((folder / "accepted").glob("*.parquet")):
        rows = pq.read_table(path)
        texts = [column for column in rows.itercolumns() if str(column.type) in ("string", "large_string")]
        marks = [pc.is_in(column, value_set=pa.array(sorted(names), column.type)) for column in texts]
        hits = marks[0] if marks else None
        for mark in marks[1:]:
            hits = pc.or_(hits, mark)
        many = pc.sum(hits).as_py() if hits is not None else 0
        if many:
            found[path.stem] = many
    return found


def _files_of(run: Path) -> list[Path]:
    return [
        path
        for path in sorted(run.rglob("*"))
        if path.is_file() and path.suffix in (".ipynb", ".json", ".html")
    ]


def _holds(path: Path, names: set[str]) -> bool:
    text = path.read_text(encoding="utf-8", errors="replace")
    return any(f'"{name}"' in text or f" {name} " in text or f">{name}<" in text for name in names)
