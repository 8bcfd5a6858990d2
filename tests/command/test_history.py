"""Past runs are listed and pruned; what `latest` points to is never deleted."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from helpers.command import main
from helpers.command.history import PastRun, age_hours, delete, keep_history, past_runs, to_delete
from helpers.command.manifest import read_manifest
from helpers.command.outcome import Exit, Refusal
from helpers.data import DataError


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


WATCHED = """import json, pathlib
finding = {"id": "B2.repurchase_rate_90d", "requirement": "B2", "question": "How many?", "n": 1000,
  "estimate": float(window_days), "low": window_days - 1.0, "high": window_days + 1.0,
  "unit": "% of customers", "method": "counting", "reading": "Some return.",
  "verdict": "supported" if window_days > 30 else "contradicted"}
pathlib.Path(out, "02_first.json").write_text(json.dumps([finding]))"""


class TestHistory:
    """The page of past runs and its text: as every run left it, whatever became of the others."""

    @pytest.fixture
    def runs(self, toy):
        toy.notebook("02_first", WATCHED, findings=False)
        first, second = toy.run(), toy.run(texts=("window_days=20",))
        return first, second

    def test_figures_verdicts_marks_and_failures_are_told(self, toy, runs, capsys):
        page = (toy.out / "history.html").read_text()
        assert all(f'href="{run.name}/index.html"' in page for run in runs)
        assert "60.0 %" in page
        assert "20.0 %" in page
        with pytest.raises(Refusal):
            toy.run(prepare=refuse)
        assert ">refused<" in (toy.out / "history.html").read_text(), "a refused run is told too"

        assert main(["history", "--out", str(toy.out)]) == Exit.DONE
        said = capsys.readouterr().out
        assert "60.0 % → 20.0 %" in said
        assert "supported → contradicted" in said
        assert "failed: the data were refused: no" in said

        assert main(["history", "--json", "--out", str(toy.out)]) == Exit.DONE
        first, second, third = json.loads(capsys.readouterr().out)
        assert [one["figures"]["B2.repurchase_rate_90d"]["estimate"] for one in (first, second)] == [60, 20]
        assert second["verdicts"] == {"B2.repurchase_rate_90d": "contradicted"}
        assert first["tables"] == second["tables"] != ""
        assert first["parameters"] != second["parameters"]
        assert (third["status"], third["figures"]) == ("refused", {})

    @pytest.mark.parametrize("file", ["manifest.json", "findings.json"])
    @pytest.mark.parametrize("damage", ["", "{", "[1]", "[{}]", '{"inputs": 3, "chapters": []}', "null"])
    def test_a_damaged_run_stops_nothing(self, toy, file, damage, capsys):
        told = {
            "id": "B5.nps",
            "requirement": "B5",
            "question": "?",
            "estimate": 20.0,
            "low": 10.0,
            "high": 30.0,
        }
        told |= {"unit": "points", "n": 100, "method": "counting", "reading": "Some would recommend it."}
        runs = [toy.published("20250101-000000"), toy.published("20250102-000000")]
        for run in runs:
            entry = json.loads((run / "manifest.json").read_text())
            (run / "manifest.json").write_text(json.dumps({**entry, "inputs": {}}))
            (run / "findings.json").write_text(json.dumps([told]))
        (runs[0] / file).write_text(damage)
        keep_history(toy.shelf)
        assert capsys.readouterr().err == ""
        page = (toy.out / "history.html").read_text()
        assert runs[0].name in page
        assert "20.0" in page
        for words in (["history"], ["history", "--json"]):
            assert main([*words, "--out", str(toy.out)]) == Exit.DONE
            assert runs[0].name in capsys.readouterr().out

    def test_pruned_runs_leave_the_page(self, toy):
        runs = [toy.published(f"2025010{day}-000000") for day in (1, 2, 3)]
        keep_history(toy.shelf)
        assert runs[0].name in (toy.out / "history.html").read_text()
        assert main(["prune", "--keep", "1", "--out", str(toy.out), "--cache", str(toy.folder / "none")]) == 0
        page = (toy.out / "history.html").read_text()
        assert [run.name in page for run in runs] == [run.exists() for run in runs] == [False, False, True]

    def test_a_page_that_cannot_be_written_costs_no_run_its_end(self, toy, capsys):
        toy.notebook("02_first", WATCHED, findings=False)
        (toy.out / "history.html").mkdir(parents=True)
        (toy.out / "history.html" / "in the way").write_text("")
        assert toy.run().is_dir()
        assert "history.html stays as it was" in capsys.readouterr().err


def refuse(data, **_):
    raise DataError("no")
