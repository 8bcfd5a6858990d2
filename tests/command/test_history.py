"""Past runs are listed and pruned; what `latest` points to is never deleted."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from helpers.command import main
from helpers.command.history import PastRun, age_hours, delete, past_runs, to_delete
from helpers.command.manifest import read_manifest
from helpers.command.outcome import Exit


def past(run: str, *, status: str = "published", is_latest: bool = False) -> PastRun:
    return PastRun(
        run=run,
        folder=Path(run),
        status=status,
        ended=dt.datetime.strptime(run, "%Y%m%d-%H%M%S").replace(tzinfo=dt.UTC),
        wall_seconds=10.0,
        data="demo market",
        chapters=("02_stickiness", "08_summary"),
        is_latest=is_latest,
    )


RUNS = [
    past("20250110-000000", is_latest=True),
    past("20250131-000000"),
    past("20250201-000000", status="failed"),
    past("20250202-000000", status="failed"),
    past("20250220-000000"),
    past("20250221-000000"),
    past("20250301-000000"),
    past("20250302-000000"),
]


def test_old_runs_go_but_month_ends_and_latest_stay():
    gone = to_delete(RUNS, keep=1, keep_failed=1)
    assert [run.run for run in gone] == ["20250201-000000", "20250220-000000", "20250301-000000"]


def test_keeping_none_still_keeps_latest_and_month_ends():
    gone = {run.run for run in to_delete(RUNS, keep=0, keep_failed=0)}
    assert gone == {"20250201-000000", "20250202-000000", "20250220-000000", "20250301-000000"}


def test_keeping_more_than_there_are_deletes_nothing():
    assert to_delete(RUNS, keep=50, keep_failed=50) == ()


def test_age_is_that_of_the_newest_good_run():
    assert age_hours([past("20250101-000000", status="failed")]) is None
    expected = (dt.datetime.now(dt.UTC) - RUNS[-1].ended).total_seconds() / 3600
    assert age_hours([*RUNS, past("20250401-000000", status="failed")]) == pytest.approx(expected, abs=0.1)


def test_runs_are_read_from_their_manifests(toy):
    toy.published("20250101-000000", chapters=["02_first"])
    toy.published("20250102-000000", chapters=["02_first", "08_last"])
    first, second = past_runs(toy.shelf)
    assert (first.is_latest, second.is_latest) == (False, True)
    assert second.chapters == ("02_first", "08_last")
    assert "latest" in second.line
    assert first.is_good
    delete(first)
    assert [run.run for run in past_runs(toy.shelf)] == ["20250102-000000"]
    assert not list(toy.out.glob(".staging*"))


def test_unreadable_manifest_is_named(toy):
    folder = toy.published("20250101-000000")
    (folder / "manifest.json").write_text("{")
    assert [run.status for run in past_runs(toy.shelf)] == ["damaged"], "history goes on"
    with pytest.raises(ValueError, match="run 20250101-000000"):
        read_manifest(folder)


def test_a_run_dated_in_the_future_is_not_fresh(toy, capsys):
    folder = toy.published("20250101-000000")
    entry = json.loads((folder / "manifest.json").read_text())
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=5)
    (folder / "manifest.json").write_text(json.dumps({**entry, "ended": later.isoformat()}))
    assert main(["fresh", "--hours", "48", "--out", str(toy.out)]) == Exit.NOTEBOOK_FAILED
    assert "in the future" in capsys.readouterr().out


def test_a_file_in_the_way_is_one_sentence_and_a_code_of_its_own(toy, capsys):
    toy.notebook("02_first", "1 + 1")
    toy.out.write_text("not a folder")
    assert main(["report", "--out", str(toy.out)]) == Exit.STORAGE
    said = capsys.readouterr().err
    assert len(said.strip().splitlines()) == 1
    assert "nothing was published" in said
