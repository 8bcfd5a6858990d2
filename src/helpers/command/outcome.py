"""How a command ends: its exit code, and the one error that carries it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntEnum


class Exit(IntEnum):
    """The exit codes of `workbench`, each with one meaning."""

    DONE = 0
    NOTEBOOK_FAILED = 1
    BAD_USAGE = 2
    LOCKED = 3
    DATA_REFUSED = 4
    NOT_PUBLISHED = 5
    SECTIONS_FAILED = 6
    CHAPTERS_LOST = 7
    STORAGE = 8
    INTERRUPTED = 130
    TERMINATED = 143


MEANINGS = {
    Exit.DONE: "done; a report was published",
    Exit.NOTEBOOK_FAILED: "no chapter could be made (for `fresh`: the newest good run is too old)",
    Exit.BAD_USAGE: "bad parameter or usage; nothing was started",
    Exit.LOCKED: "another run holds the lock",
    Exit.DATA_REFUSED: "the data could not be read or broke the contract",
    Exit.NOT_PUBLISHED: "the notebooks ran, but their pages failed a check or could not be published",
    Exit.SECTIONS_FAILED: "published with failed sections; `latest` points to it",
    Exit.CHAPTERS_LOST: "published without the chapters that failed; `latest` stays where it was",
    Exit.STORAGE: "a file or folder could not be read or written",
    Exit.INTERRUPTED: "interrupted from the keyboard",
    Exit.TERMINATED: "asked to stop by a signal",
}


class Refusal(Exception):
    """A command cannot go on: one message for people and the exit code for scripts."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one notebook.

    status: "good", "failed" (in a cell or by the checks of its outputs) or "unpublishable" (its page).
    failure: one sentence, None when good. failing_cell: position from 1 among the code cells, if known.
    failed_sections: requirements whose section met an unexpected error.
    cpu_seconds: of the kernel and the process that drove it. peak_mb: memory of the kernel. page_words: with
    its folds unfolded; page_words_open: seen without. key: of all that it rests on, by which it is kept.
    reused_from: the run that made it, where nothing of that has changed since.
    """

    notebook: str
    status: str
    failure: str | None = None
    failing_cell: int | None = None
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mb: float = 0.0
    page_bytes: int = 0
    page_words: int = 0
    page_words_open: int = 0
    failed_sections: tuple[str, ...] = ()
    key: str = ""
    reused_from: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the notebook may be published."""
        return self.status == "good"

    def entry(self) -> dict:
        """Return the outcome as an entry of the manifest, times rounded."""
        rounded = {name: round(getattr(self, name), 2) for name in ("wall_seconds", "cpu_seconds", "peak_mb")}
        return {**asdict(self), **rounded}
