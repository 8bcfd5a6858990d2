"""One run at a time: a lock that the system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
import os
from collections.abc import Iterator
from pathlib import Path

from helpers.command.outcome import Exit, Refusal


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
        yield


def _holder(file) -> str:
    file.seek(0)
    try:
        entry = json.loads(file.read())
    except json.JSONDecodeError:
        return "it has not said its process id yet"
    return f"process {entry['pid']}, started {entry['started']}"
