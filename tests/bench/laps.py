"""What each step of a stage costs."""

from __future__ import annotations

import time
from collections.abc import Callable


def laps() -> Callable[[str], None]:
    """Return a function that prints the CPU seconds since it was made or last called, under a step's name."""
    clock = time.process_time()

    def lap(step: str) -> None:
        nonlocal clock
        now = time.process_time()
        print(f"{step}: {now - clock:.1f} CPU s")
        clock = now

    return lap
