"""The time that a section may take, so that a slow one costs itself one sentence and never its chapter.

A run tells its kernels by two variables how long a section and a cell may take; a notebook that is run by
hand has no limit.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from IPython import get_ipython

SECTION_VARIABLE, CELL_VARIABLE = "WORKBENCH_SECTION_SECONDS", "WORKBENCH_CELL_SECONDS"
_OF_CELL = 0.9  # the rest is for what a cell does besides asking


class OutOfTime(Exception):
    """A section took longer than it may. seconds: that it was given."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"longer than {seconds:.0f} seconds")  # no page says this
        self.seconds = seconds


class Budget:
    """The time of the sections of one chapter; those asked in the same cell share the cell's."""

    def __init__(self) -> None:
        self.section, self.cell = (_seconds(name) for name in (SECTION_VARIABLE, CELL_VARIABLE))
        self._cell_number: object = None
        self._cell_started = 0.0

    @contextmanager
    def limit(self) -> Iterator[None]:
        """Raise OutOfTime inside, or from whatever was raised because of it, once the time is over."""
        seconds = self._left()
        if seconds is None or threading.current_thread() is not threading.main_thread():
            yield
            return
        over: list[bool] = []

        def stop(*_: object) -> None:
            over.append(True)
            raise OutOfTime(seconds)

        before = signal.signal(signal.SIGALRM, stop)
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            yield
        except Exception as error:
            # An engine that is interrupted in the middle may raise an error of its own.
            if over and not isinstance(error, OutOfTime):
                raise OutOfTime(seconds) from error
            raise
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def _left(self) -> float | None:
        """Return the seconds that the next section has, at least one; None where there is no limit."""
        now, number = time.monotonic(), _cell_number()
        if number is None or number != self._cell_number:
            self._cell_number, self._cell_started = number, now
        limits = [] if self.section is None else [self.section]
        if self.cell is not None:
            limits.append(_OF_CELL * self.cell - (now - self._cell_started))
        return max(1.0, min(limits)) if limits else None


def _seconds(name: str) -> float | None:
    return float(os.environ[name]) if os.environ.get(name) else None


def _cell_number() -> int | None:
    """The number of the notebook's cell that runs; None outside of a notebook."""
    shell = get_ipython()
    return None if shell is None else shell.execution_count
