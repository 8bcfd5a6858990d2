"""Chapters made before: kept by all that they rest on, and taken again where nothing of it has changed.

What is kept is what the notebook left before the run's audit, so that each run decides anew what may leave.
It lies beside the loaded tables, not with the reports, since like them it is for analysts only.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

import helpers
import methods
from helpers.command.execute import Job
from helpers.command.manifest import sha256
from helpers.command.notebooks import RELEASE
from helpers.command.outcome import Outcome
from helpers.command.trail import hash_of
from helpers.report.cells import FOLDER, LAST_TOLD
from helpers.report.language import folder_of_words, language

CHAPTERS = "chapters"
_FILE = "kept.json"
_PART = ".part-"
# Where these lie says nothing of what they hold, which is compared itself.
_PLACES = ("data", "out")


@dataclass(frozen=True, kw_only=True)
class KeptChapter:
    """The place of one chapter as it would be kept: `<loads>/chapters/<notebook>-<mark>/`.

    key: a hash of all that the chapter rests on. run: that keeps it. force: never take it, make it anew.
    """

    folder: Path
    key: str
    run: str
    force: bool = False

    def take(self, job: Job) -> Outcome | None:
        """Put what was kept where the notebook leaves it; None where there is nothing whole."""
        if self.force:
            return None
        try:
            entry = json.loads((self.folder / _FILE).read_text(encoding="utf-8"))
            if entry["key"] != self.key:
                return None
            for name, target in _files(job).items():
                if name in entry["files"]:
                    _copy_whole(self.folder / name, target, entry["files"][name])
        except (OSError, ValueError, KeyError, TypeError):
            for target in _files(job).values():
                target.unlink(missing_ok=True)
            return None
        return Outcome(notebook=job.notebook.name, status="good", key=self.key, reused_from=entry["run"])

    def put(self, job: Job) -> None:
        """Keep what the notebook left, whole or not at all; raises OSError where it cannot be written."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=_PART, dir=self.folder.parent))
        try:
            found = {name: path for name, path in _files(job).items() if path.exists()}
            for name, path in found.items():
                shutil.copyfile(path, draft / name)
            entry = {
                "run": self.run,
                "key": self.key,
                "files": {name: sha256(draft / name) for name in found},
            }
            (draft / _FILE).write_text(json.dumps(entry, indent=1) + "\n", encoding="utf-8")
            if self.folder.exists():
                self.folder.rename(draft / "before")
            draft.rename(self.folder)
            shutil.rmtree(self.folder / "before", ignore_errors=True)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def place_of(loads: Path, name: str, key: str) -> Path:
    """Return the folder of a kept chapter."""
    return loads / CHAPTERS / f"{name}-{key[:16]}"


def rests_on(job: Job, *, data: str, code: str, read: str) -> str:
    """Return the key of a chapter: the same where all that it rests on is the same.

    data, code, read: the marks of the loaded tables, of the code and of the findings that the chapter reads.
    A file that a parameter names counts by its bytes.
    """
    values = {name: parameter.default for name, parameter in job.notebook.parameters.items()} | {**job.values}
    given = {name: value for name, value in values.items() if name not in _PLACES}
    named = {
        name: sha256(job.working_folder / value)
        for name, value in given.items()
        if isinstance(value, str) and value and (job.working_folder / value).is_file()
    }
    folder = folder_of_words()
    entry = {
        "notebook": sha256(job.notebook.path),
        "own": {path.name: sha256(path) for path in _beside(job.notebook.path)},
        "parameters": given,
        "files": named,
        "data": data,
        "code": code,
        "read": read,
        "language": [language(), folder and mark_of(folder)],
    }
    return hash_of(entry)


def _beside(notebook: Path) -> list[Path]:
    """The registry and the words that a notebook of one's own has beside it."""
    named = sorted(notebook.parent.glob(f"{notebook.stem}.*"))
    return [path for path in named if path.suffix in (".toml", ".txt", ".md")]


def mark_of_code() -> str:
    """Return a mark of this workbench's packages, of all that is installed beside them, and of Python."""
    packages = [Path(package.__file__ or "").parent for package in (helpers, methods)]
    installed = sorted({f"{one.metadata['Name']} {one.version}" for one in distributions()})
    said = (
        [mark_of(package) for package in packages]
        + installed
        + [platform.python_version(), platform.machine()]
    )
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def mark_of(folder: Path) -> str:
    """Return a hash of the names and bytes of all files in a folder, compiled modules left out."""
    return _mark(
        folder, sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")
    )


def mark_of_findings(folder: Path, reads: Iterable[str]) -> str:
    """Return a mark of what a chapter finds of others in the folder of a run's findings; empty where none.

    reads: as the notebook declares. What the release before told counts only for who reads `release`.
    """
    reads = tuple(reads)
    if not reads:
        return ""
    counts = folder / FOLDER
    paths = [*folder.glob("*.json"), *counts.glob("*.json")]
    told = counts / f"{LAST_TOLD}.json"
    return _mark(folder, sorted(path for path in paths if path != told or RELEASE in reads))


def key_of(folder: Path) -> str | None:
    """Return the key of a kept chapter's folder; None where it holds none that is whole."""
    try:
        return str(json.loads((folder / _FILE).read_text(encoding="utf-8"))["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _files(job: Job) -> dict[str, Path]:
    """What a notebook leaves: its executed self, its findings, and the counts behind them."""
    return {
        "executed.ipynb": job.executed,
        "findings.json": job.findings,
        "cells.json": job.findings.parent / FOLDER / job.findings.name,
    }


def _copy_whole(source: Path, target: Path, expected: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    if sha256(target) != expected:
        raise ValueError(f"{source.name} is not as it was kept")


def _mark(folder: Path, paths: Iterable[Path]) -> str:
    lines = [f"{path.relative_to(folder).as_posix()} {sha256(path)}" for path in paths]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
