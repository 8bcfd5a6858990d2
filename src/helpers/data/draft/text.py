"""The lines of a draft, and what they leave to be declared or looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from helpers.data.draft.guess import guard_of

DOUBT, LOOKED_UP = "# ? ", "its_"


@dataclass
class Draft:
    """A drafted mapping. remaining: what must be declared before it can load; doubts: what to look at."""

    lines: list[str] = field(default_factory=list)
    remaining: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The whole `source.toml`."""
        return "\n".join(self.lines).rstrip("\n") + "\n"

    def declare(self, line: str, *, must: str) -> None:
        """Leave a line for the user to complete; `must` says what and why."""
        self._say(must)
        self.lines.append(f"# {line}")
        self.remaining.append(must)

    def ask(self, must: str) -> None:
        """Say above what follows what must be changed in it."""
        self._say(must)
        self.remaining.append(must)

    def doubt(self, said: str) -> None:
        """Say a doubt above what follows."""
        self._say(said)
        self.doubts.append(said)

    def _say(self, said: str) -> None:
        self.lines.append(DOUBT + "".join(mark if mark.isprintable() else " " for mark in said))


def bare(value: str, values: list[str]) -> str:
    """Return a value without what stands before all values of its column."""
    return value.removeprefix(guard_of(values)).strip().strip('"')


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def key(name: str) -> str:
    """Return a name as a TOML key."""
    return name if re.fullmatch("[A-Za-z0-9_-]+", name) else quoted(name)


def listed(texts: Iterable[str]) -> str:
    """Return a list of texts as TOML writes it."""
    return "[" + ", ".join(quoted(text) for text in texts) + "]"
