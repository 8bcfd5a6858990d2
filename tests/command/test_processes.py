"""Tasks run apart and side by side; each ends with a result or a reason."""

from __future__ import annotations

import os
import time

import pytest

from helpers.command.processes import ChildFailed, apart, side_by_side


def test_result_comes_back():
    assert apart(lambda: {"pid": os.getpid()})["pid"] != os.getpid()


def test_error_comes_back_with_its_trace():
    def fail():
        raise ValueError("no such column")

    with pytest.raises(ChildFailed, match="ValueError: no such column") as failure:
        apart(fail)
    assert "in fail" in failure.value.details


def test_silent_end_is_a_failure():
    with pytest.raises(ChildFailed, match="ended with code 0 and said nothing"):
        apart(lambda: os._exit(0))


def test_no_more_than_asked_run_at_once():
    def work():
        started = time.monotonic()
        time.sleep(0.2)
        return started, time.monotonic()

    spans = [span for _, span in side_by_side([(str(n), work) for n in range(5)], at_most=2)]
    moments = [start for start, _ in spans]
    assert max(sum(start <= moment < end for start, end in spans) for moment in moments) == 2


def test_deadline_ends_what_still_runs():
    started = time.monotonic()
    tasks = [("slow", lambda: time.sleep(30)), ("later", lambda: 1)]
    results = dict(side_by_side(tasks, at_most=1, deadline=started + 0.3))
    assert set(results) == {"slow", "later"}
    assert all("longer than allowed" in str(result) for result in results.values())
    assert time.monotonic() - started < 5
