"""Processes side by side that never outlive the run, and hand back one result each."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

# Forked, so that papermill is imported once for all. Safe because the parent starts no thread: whatever
# does (DuckDB, BLAS, kernels) runs in these children only.
_CONTEXT = multiprocessing.get_context("fork")


class ChildFailed(Exception):
    """A child ended without a result; the message is the last line, `details` the whole trace."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


def apart(task: Callable[[], Any], *, deadline: float = float("inf")) -> Any:
    """Run one task in a process of its own and return its result; raises ChildFailed."""
    ((_, result),) = side_by_side([("only", task)], at_most=1, deadline=deadline)
    if isinstance(result, ChildFailed):
        raise result
    return result


def side_by_side(
    tasks: Iterable[tuple[str, Callable[[], Any]]], *, at_most: int, deadline: float = float("inf")
) -> Iterator[tuple[str, Any]]:
    """Run named tasks, up to `at_most` at once; yield name and result (or a ChildFailed) as each ends.

    deadline: a moment of time.monotonic() after which whatever still runs is ended.
    """
    waiting = list(tasks)
    running: dict[Any, tuple[str, BaseProcess]] = {}
    try:
        while waiting or running:
            while waiting and len(running) < at_most:
                name, task = waiting.pop(0)
                receiver, process = _start(task)
                running[receiver] = (name, process)
            limit = None if deadline == float("inf") else max(0.0, deadline - time.monotonic())
            ready = wait(list(running), timeout=limit)
            for one in ready:
                name, process = running.pop(one)
                yield name, _collect(one, process)
            if not ready:
                yield from _expire(waiting, running)
                return
    finally:
        for _, process in running.values():
            process.terminate()
            process.join()


def _expire(waiting: list, running: dict) -> Iterator[tuple[str, ChildFailed]]:
    names = [name for name, _ in running.values()] + [name for name, _ in waiting]
    for name in names:
        yield name, ChildFailed("the whole run took longer than allowed")


def _start(task: Callable[[], Any]) -> tuple[Connection, BaseProcess]:
    receiver, sender = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=_child, args=(task, sender))
    process.start()
    sender.close()
    return receiver, process


def _child(task: Callable[[], Any], sender: Connection) -> None:
    # What was inherited is not this process's to collect: an engine's connection would wait for threads that
    # did not come along.
    gc.freeze()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=die_with_parent, daemon=True).start()
    try:
        sender.send((True, task()))
    except Exception as error:
        sender.send((False, (f"{type(error).__name__}: {error}", traceback.format_exc())))


def die_with_parent() -> None:
    """End this process when the one that forked it has ended; for a thread of its own."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    os._exit(1)


def _collect(receiver: Any, process: BaseProcess) -> Any:
    try:
        done, result = receiver.recv()
    except EOFError:
        process.join()
        return ChildFailed(f"its process ended with code {process.exitcode} and said nothing")
    process.join()
    return result if done else ChildFailed(*result)
