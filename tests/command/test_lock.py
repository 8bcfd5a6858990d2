"""One run at a time, and only for as long as the run itself lives."""

from __future__ import annotations

import multiprocessing
import os
import signal

import pytest

from helpers.command.lock import only_run
from helpers.command.outcome import Exit, Refusal

FORK = multiprocessing.get_context("fork")


def test_a_run_that_ended_holds_nothing(tmp_path):
    with only_run(tmp_path):
        pass
    with only_run(tmp_path), pytest.raises(Refusal, match=rf"process {os.getpid()}, started 20") as refused:
        only_run(tmp_path).__enter__()
    assert refused.value.code == Exit.LOCKED


def test_a_child_that_outlives_a_killed_run_does_not_hold_up_the_next(tmp_path):
    wakes, said = FORK.Pipe(duplex=False)

    def run():
        with only_run(tmp_path):
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
            said.send(child)
            os.kill(os.getpid(), signal.SIGKILL)

    process = FORK.Process(target=run)
    process.start()
    outliving = wakes.recv()
    process.join(30)
    try:
        with only_run(tmp_path):
            os.kill(outliving, 0)  # it still runs
    finally:
        os.kill(outliving, signal.SIGKILL)
