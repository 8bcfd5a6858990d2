"""Progress for people: one line at a time on the standard error stream and in the run's log."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Log:
    """Call it with a sentence. Appending whole lines is safe from several processes at once."""

    path: Path | None = None

    def __call__(self, sentence: str) -> None:
        print(sentence, file=sys.stderr, flush=True)
        self.keep(sentence)

    def keep(self, text: str) -> None:
        """Write to the log only, such as what a notebook said on its standard error stream."""
        if self.path is not None and self.path.parent.is_dir():
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(f"{dt.datetime.now(dt.UTC):%H:%M:%S} {text.rstrip()}\n")
