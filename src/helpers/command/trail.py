"""The trail of runs: one line a run, export or erasure, each bound to the one before by its hash.

A chain shows a line that was changed or taken out inside it. Only a head kept elsewhere shows lines cut off
its end, so each report prints the head at its time: who keeps reports keeps the proof.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.command.manifest import now

FILE = "trail.jsonl"
WHO_VARIABLE = "WORKBENCH_USER"
BEGINNING = "0" * 64


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the trail, ready to be kept: its text, its place from 1, and its hash, the new head."""

    text: str
    number: int
    head: str

    @property
    def sentence(self) -> str:
        """What a report says of it."""
        return f"This run is line {self.number} of the trail of runs; its head is {self.head[:16]}."


class Trail:
    """The trail of a reports folder, in `trail.jsonl`."""

    def __init__(self, reports: Path) -> None:
        self.path = reports / FILE

    def line(self, what: str, **said: Any) -> Line:
        """Return the line that says this behind all others, without keeping it yet.

        what: "run", "export" or "erasure". said: what else there is to know of it, as JSON takes it.
        """
        texts = self._texts()
        entry = {"what": what, "when": now(), "who": _who(), **said, "previous": _last(texts)}
        text = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        return Line(text=text, number=len(texts) + 1, head=_hash(text))

    def keep(self, line: Line) -> None:
        """Add a line and see it to the disk; raises ValueError where another was added since it was made."""
        if json.loads(line.text)["previous"] != _last(self._texts()):
            raise ValueError(f"{FILE} has grown since line {line.number} was made")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(line.text + "\n")
            file.flush()
            os.fsync(file.fileno())

    def faults(self) -> list[str]:
        """Return what shows that the trail was changed, a sentence each; none where it is whole."""
        found, previous = [], BEGINNING
        for number, text in enumerate(self._texts(), start=1):
            try:
                bound = json.loads(text)["previous"]
            except (json.JSONDecodeError, KeyError, TypeError):
                bound = None
            if bound != previous:
                found.append(
                    f"line {number} of {FILE} does not follow the one before: one was changed or removed"
                )
            previous = _hash(text)
        return found

    @property
    def head(self) -> str:
        """The hash of the last line; noughts where there is none."""
        return _last(self._texts())

    def _texts(self) -> list[str]:
        return self.path.read_text(encoding="utf-8").splitlines() if self.path.exists() else []


def hash_of(entry: Mapping[str, object]) -> str:
    """Return a hash of what was given, the same for the same."""
    return _hash(json.dumps(entry, sort_keys=True, default=str))


def _who() -> str:
    """The person at the keyboard, as far as the system knows; a container may know nobody."""
    try:
        return os.environ.get(WHO_VARIABLE) or getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _last(texts: list[str]) -> str:
    return _hash(texts[-1]) if texts else BEGINNING


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
