"""One run at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from helpers.command.outcome import Exit, Refusal

_held: list[TextIO] = []


def _leave_to_the_run() -> None:
    """Close the lock in a forked process: one that outlives its run by a moment must not hold up the next."""
    while _held:
        _held.pop().close()


os.register_at_fork(after_in_child=_leave_to_the_run)


@contextlib.contextmanager
def only_run(folder: Path) -> Iterator[None]:
    """Hold the lock of a reports folder; raises Refusal naming the holder when it is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / ".lock", "a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refusal(
                Exit.LOCKED, f"another run is under way in {folder.name}/ ({_holder(file)})"
            ) from error
        file.truncate(0)
        started = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        json.dump({"pid": os.getpid(), "started": started}, file)
        file.flush()
        _held.append(file)
        try:
            yield
        finally:
            _held.clear()


def _holder(file) -> str:
    file.seek(0)
    try:
        entry = json.loads(file.read())
    except json.JSONDecodeError:
        return "it has not said its process id yet"
    return f"process {entry['pid']}, started {entry['started']}"
