"""Whenever a run is killed, `latest` stays complete and valid, and the next run works."""

from __future__ import annotations

import hashlib
import itertools
import multiprocessing
import os
import pathlib
import signal
import sys
import time

import pytest

from helpers.command import history
from helpers.command import run as runner
from helpers.command.manifest import Manifest, read_manifest
from helpers.command.outcome import Exit, Refusal
from helpers.command.run_store import Shelf

FORK = multiprocessing.get_context("fork")
MOMENTS = {
    "before loading": (runner, "load_apart"),
    "before the pages": (runner, "write_pages"),
    "before the manifest ends": (Manifest, "finish"),
    "before the rename": (Shelf, "publish"),
    "between rename and latest": (Shelf, "point_latest"),
    "while latest moves": (os, "replace"),
}


def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)


def assert_complete(folder):
    """A published run holds exactly the files that its manifest lists, byte for byte."""
    entry = read_manifest(folder)
    assert entry["status"] == "published"
    assert "index.html" in entry["outputs"]
    for name, sha256 in entry["outputs"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_run_leaves_latest_valid(toy, moment):
    toy.notebook("02_first", "1 + 1")
    before = toy.published("20250101-000000", chapters=["02_first"])

    def doomed():
        place, name = MOMENTS[moment]
        setattr(place, name, die)
        toy.run()

    child = FORK.Process(target=doomed)
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert toy.shelf.latest == before.resolve()
    assert_complete(toy.shelf.latest)
    toy.shelf.clear_leftovers()
    assert not list(toy.out.glob(".staging*"))
    assert not list(toy.out.glob(".latest*"))
    for run in toy.shelf.runs():
        assert_complete(run)


def test_a_run_killed_while_it_writes_the_history_is_published_and_the_page_before_stays(toy):
    toy.notebook("02_first", "1 + 1")
    toy.out.mkdir()
    (toy.out / "history.html").write_text("the page before")

    def doomed():
        history_page = history.history_page

        def page(*given, **options):
            pathlib.Path.replace = die
            return history_page(*given, **options)

        history.history_page = page
        toy.run()

    child = FORK.Process(target=doomed)
    child.start()
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    assert_complete(toy.shelf.latest)
    assert (toy.out / "history.html").read_text() == "the page before"
    assert (toy.out / ".history.html").exists()
    toy.run()
    assert "Past runs" in (toy.out / "history.html").read_text()
    assert not (toy.out / ".history.html").exists()


def start_sleeper(toy):
    """Start a run whose notebook says its kernel's process id and sleeps; return child and that id."""
    toy.notebook(
        "02_first",
        "import os, pathlib, time\npathlib.Path('pid').write_text(str(os.getpid()))\ntime.sleep(90)",
    )

    def sleeper():
        try:
            toy.run()
        except Refusal as refusal:
            os._exit(refusal.code)

    child = FORK.Process(target=sleeper)
    child.start()
    pid = toy.folder / "pid"
    wait_until(lambda: pid.exists() and pid.read_text())
    return child, int(pid.read_text())


def wait_until(condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def is_gone(pid):
    """Whether a process has ended; a zombie that nobody reaps in a container has ended too."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_killed_in_a_cell_leaves_nothing_running(toy):
    before = toy.published("20250101-000000", chapters=["02_first"])
    child, kernel = start_sleeper(toy)
    child.kill()
    child.join(30)
    wait_until(lambda: is_gone(kernel))
    assert toy.shelf.latest == before.resolve()
    toy.notebook("02_first", "1 + 1")
    folder = toy.run()
    assert_complete(folder)
    assert toy.shelf.latest == folder.resolve()
    assert not list(toy.out.glob(".staging*"))


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, Exit.TERMINATED), (signal.SIGINT, Exit.INTERRUPTED)]
)
def test_asked_to_stop_it_says_so(toy, number, code):
    child, kernel = start_sleeper(toy)
    os.kill(child.pid, number)
    child.join(30)
    assert child.exitcode == code
    wait_until(lambda: is_gone(kernel))
    (failed,) = (toy.out / "failed").iterdir()
    assert read_manifest(failed)["status"] == "interrupted"


# What changes a file or folder, as the interpreter tells it.
STEPS = {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.truncate"}


def count_steps(toy, *, die_at: int = 0):
    """Count the file steps of a run in the reports folder from here on; die at the one of this number."""
    steps = itertools.count(1)
    inside = str(toy.out)

    def watch(event, arguments):
        if event not in STEPS or not any(str(one).startswith(inside) for one in arguments[:2]):
            return
        if event == "open" and not (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            return
        number = next(steps)
        if number == die_at:
            die()
        (toy.folder / "steps").write_text(str(number))

    sys.addaudithook(watch)


def run_dying_at(toy, step: int) -> int | None:
    def doomed():
        count_steps(toy, die_at=step)
        toy.run()
        os._exit(0)

    child = FORK.Process(target=doomed)
    child.start()
    child.join(120)
    return child.exitcode


def assert_still_whole(toy, before):
    """`latest` leads to a whole report: that of before, or of the run that died after it was published."""
    latest = toy.shelf.latest
    assert latest is not None
    assert_complete(latest)
    assert before.resolve() in (latest, *toy.shelf.runs())
    for run in toy.shelf.runs():
        assert_complete(run)


def steps_of_a_run(toy) -> int:
    assert run_dying_at(toy, 0) == 0
    return int((toy.folder / "steps").read_text())


def test_killed_at_the_last_file_steps_the_report_stays_whole(toy):
    toy.notebook("02_first", "1 + 1")
    before = toy.published("20250101-000000", chapters=["02_first"])
    last = steps_of_a_run(toy)
    assert last > 20
    for step in (last // 2, last - 1, last):
        assert run_dying_at(toy, step) in (0, -signal.SIGKILL)
        assert_still_whole(toy, before)
    assert toy.made().code == Exit.DONE
    assert not list(toy.out.glob(".staging*"))


@pytest.mark.slow
def test_killed_at_every_file_step_the_report_stays_whole(toy):
    toy.notebook("02_first", "1 + 1")
    before = toy.published("20250101-000000", chapters=["02_first"])
    killed = 0
    for step in range(1, steps_of_a_run(toy) + 1):
        killed += run_dying_at(toy, step) == -signal.SIGKILL
        assert_still_whole(toy, before)
    assert killed > 20
    assert toy.made().code == Exit.DONE
