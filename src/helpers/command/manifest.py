"""manifest.json: what a run was asked, what it read, what it made, and how it ended."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import platform
import re
import subprocess
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Any

from helpers.data.receipt import Receipt

SCHEMA_VERSION = 1
FILE = "manifest.json"


class Manifest:
    """The manifest of one run: on disk from the first moment ("running"), rewritten whole at each change."""

    def __init__(self, folder: Path, entry: Mapping[str, object]) -> None:
        self.path = folder / FILE
        self.entry = {"schema_version": SCHEMA_VERSION, "status": "running", **entry}
        self.write()

    def write(self, **changes: object) -> None:
        """Change entries and write the file by one rename, so that a reader never meets half of it."""
        self.entry.update(changes)
        draft = self.path.with_suffix(".part")
        with open(draft, "w", encoding="utf-8") as file:
            file.write(json.dumps(self.entry, ensure_ascii=False, indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())  # a rename may reach the disk before the bytes do
        draft.replace(self.path)

    def finish(self, status: str, **changes: object) -> None:
        """Write when and how it ended.

        status: "published", "partial" (chapters are missing), "failed", "unpublishable", "refused" or
        "interrupted".
        """
        self.write(status=status, ended=now(), **changes)


def now() -> str:
    """Return this moment in UTC as ISO text, to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def read_manifest(folder: Path) -> dict:
    """Return the manifest of a run's folder; raises ValueError naming the run when it cannot be read."""
    try:
        entry = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if not isinstance(entry, dict) or not isinstance(entry.get("chapters"), list):
            raise ValueError("it is no manifest of a run")
        return entry
    except (OSError, ValueError) as error:
        raise ValueError(f"run {folder.name}: its {FILE} cannot be read ({error})") from error


def inputs_entry(receipt: Receipt) -> dict[str, object]:
    """Return what was read, as the receipt states it: files with sha256, tables with row counts, notes."""
    files = {
        name: {"sha256": file.sha256, "lines": file.lines, "rows": file.rows, "malformed": file.malformed}
        for name, file in receipt.files.items()
    }
    counted = ("file", "sha256", "read", "accepted", "quarantined", "first", "last")
    tables = {
        name: {field: getattr(table, field) for field in counted} for name, table in receipt.tables.items()
    }
    return {"files": files, "inputs": tables, "notes": list(receipt.notes)}


def outputs_entry(folder: Path) -> dict[str, str]:
    """Return file name to sha256 of every file that is published, the manifest and log excepted."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    kept = [path for path in paths if path.name not in (FILE, "log.txt")]
    return {str(path.relative_to(folder)): sha256(path) for path in kept}


def code_entry(project: Path) -> dict[str, Any]:
    """Return the commit and whether files differ from it; both None where there is no git repository."""
    commit = _git(project, "rev-parse", "HEAD")
    changed = _git(project, "status", "--porcelain", "--untracked-files=no")
    return {"commit": commit, "changed": None if changed is None else bool(changed)}


def versions_entry() -> dict[str, str]:
    """Return the versions of Python and of each direct dependency."""
    needed = [item for item in requires("stickiness-workbench") or () if "extra ==" not in item]
    names = sorted(re.split(r"[^A-Za-z0-9_.-]", item)[0] for item in needed)
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def _git(project: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", project, *words], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def sha256(path: Path) -> str:
    """Return the hash of a file's bytes."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
