"""A chapter is taken again where nothing that it rests on has changed, and made anew where anything has."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import pytest

from helpers.command import run as runner
from helpers.command.forgetting import keys_of, unused_chapters
from helpers.command.kept import CHAPTERS, KeptChapter, mark_of_findings
from helpers.command.manifest import read_manifest
from helpers.command.releases import Told, told_otherwise
from helpers.report.cells import LAST_TOLD, Cell
from tests.command.conftest import write_receipt

MADE = "with open('made', 'a') as file: file.write('x')"


def times_made(toy) -> int:
    """How often the notebook itself ran."""
    return len((toy.folder / "made").read_text())


def kept(toy):
    return toy.folder / "data" / "loaded" / CHAPTERS


def reused(folder) -> list[str]:
    return [one["reused_from"] for one in read_manifest(folder)["notebooks"]]


def test_an_unchanged_chapter_is_taken_again_and_says_so(toy, capsys):
    toy.notebook("02_first", MADE)
    first, second = toy.run(), toy.run()
    assert times_made(toy) == 1
    assert (reused(first), reused(second)) == ([""], [first.name])
    assert f"02_first … reused from run {first.name}" in capsys.readouterr().err
    page = (second / "02_first.html").read_text()
    assert f"Taken from run {first.name}: nothing that this chapter rests on has changed since." in page
    assert f"run {second.name}" in page
    assert "Taken from" not in (second / "index.html").read_text()
    assert (second / "findings.json").read_bytes() == (first / "findings.json").read_bytes()
    assert toy.shelf.latest == second.resolve()
    assert reused(toy.run(force=True)) == [""]
    assert times_made(toy) == 2


def other_tables(data, *, out, **about):
    folder = write_receipt(data, out=out, **about)
    (folder / "accepted").mkdir()
    (folder / "accepted" / "orders.parquet").write_bytes(b"another row")
    return folder


def other_language(toy, patch):
    """A language that has nothing but the rule without which none may speak."""
    words = toy.folder / "words" / "helpers" / "report"
    words.mkdir(parents=True, exist_ok=True)
    (words / "counted_words.xx.toml").write_text('[[rule]]\npattern = "(?:[1-9]|10) xx"\ninstead = "xx"\n')
    patch.setenv("WORKBENCH_LANGUAGE", "xx")
    patch.setenv("WORKBENCH_WORDS", str(toy.folder / "words"))
    return {}


CHANGES = {
    "notebook": lambda toy, _: toy.notebook("02_first", MADE, "1 + 1") or {},
    "parameter": lambda toy, _: {"texts": ("window_days=30",)},
    "seed": lambda toy, _: {"texts": ("seed=2",)},
    "as_of": lambda toy, _: {"as_of": "2025-03-01"},
    "tables": lambda toy, _: {"prepare": other_tables},
    "language": other_language,
    "code": lambda toy, patch: patch.setattr(runner, "mark_of_code", lambda: "other") or {},
    "damage": lambda toy, _: damage(toy) or {},
}


def damage(toy):
    (place,) = kept(toy).iterdir()
    (place / "findings.json").write_text("[]")


@pytest.mark.parametrize("what", CHANGES)
def test_a_chapter_is_made_anew_where_something_changed(toy, monkeypatch, what):
    toy.notebook("02_first", MADE)
    toy.run()
    options = CHANGES[what](toy, monkeypatch)
    assert reused(toy.run(**options)) == [""]
    assert times_made(toy) == 2
    assert json.loads((toy.shelf.latest / "findings.json").read_text())


def test_a_file_that_a_parameter_names_counts_by_its_bytes(toy):
    toy.notebook("02_first", MADE)
    path = toy.folder / "notebooks" / "02_first.ipynb"
    path.write_text(
        path.read_text().replace(
            'rule: str = \\"mean\\"  # how to sum up (one of mean, median)',
            'rule: str = \\"numbers.toml\\"  # file of numbers',
        )
    )
    (toy.folder / "numbers.toml").write_text("a = 1")
    toy.run()
    assert reused(toy.run()) != [""]
    (toy.folder / "numbers.toml").write_text("a = 2")
    assert reused(toy.run()) == [""]


def test_a_chapter_rests_on_the_findings_that_it_reads_and_a_summary_is_always_made(toy):
    toy.notebook("02_first")
    toy.notebook("03_second", reads=["02_first"])
    toy.notebook("04_alone")
    toy.notebook("08_last", reads="findings")
    first = toy.run()
    assert reused(toy.run()) == [first.name, first.name, first.name, ""]
    assert reused(toy.run(texts=("02.window_days=30",))) == ["", "", first.name, ""]


def test_what_was_told_last_counts_only_for_who_reads_it(tmp_path):
    (tmp_path / "release").mkdir()
    (tmp_path / "02_first.json").write_text("[]")
    marks = []
    for told in ("[1]", "[2]"):
        (tmp_path / "release" / f"{LAST_TOLD}.json").write_text(told)
        marks.append(
            [mark_of_findings(tmp_path, reads) for reads in ((), ("02_first",), ("02_first", "release"))]
        )
    assert [one == two for one, two in zip(*marks, strict=True)] == [True, True, False]
    assert marks[0][0] == ""


COUNTED = """import json, pathlib
cell = {"key": "T02.toy | ", "of": "", "whole": "T02.toy", "counts": [10 * window_days],
  "finding": ["T02.toy", None]}
(pathlib.Path(out) / "release").mkdir(exist_ok=True)
(pathlib.Path(out) / "release" / "02_first.json").write_text(json.dumps([cell]))"""


def test_a_release_that_told_the_same_is_nothing_new_to_who_reads_it(toy):
    """Whoever reads the release before is made anew where that told otherwise, and only then."""
    toy.notebook("02_first", COUNTED)
    toy.notebook("06_reader", MADE, reads=["02_first", "release"])
    data = {"data": str(toy.folder)}
    first = toy.run(**data)
    for _ in range(2):
        same = toy.run(**data)
        assert reused(same) == [first.name, first.name]
        assert not (same / "findings" / "release" / f"{LAST_TOLD}.json").exists()
    other = toy.run(texts=("window_days=90",), **data)
    assert reused(other) == ["", ""]
    assert times_made(toy) == 2


def test_only_what_was_told_otherwise_is_laid_out():
    cells = [Cell(key=name, of="", whole="w", counts=(count,)) for name, count in (("a", 20), ("b", 30))]
    told = {cell.key: Told(cell=cell, said=None, run="r1", asked="") for cell in cells}
    now = [cells[0], replace(cells[1], counts=(33,))]
    assert told_otherwise(told, cells) == told_otherwise(told, ()) == []
    assert told_otherwise(told, now) == [cells[1]]


def test_what_failed_is_not_kept(toy):
    toy.notebook("02_first", "raise ValueError('no such tie')")
    toy.notebook("03_second")
    toy.made()
    assert [place.name.split("-")[0] for place in kept(toy).iterdir()] == ["03_second"]


def test_a_reused_chapter_counts_as_told_by_this_run(toy):
    toy.notebook("02_first")
    toy.run(data=str(toy.folder))
    second = toy.run(data=str(toy.folder))
    assert reused(second) != [""]
    (told,) = json.loads(next((toy.out / "releases").iterdir()).read_text()).values()
    assert told["run"] == second.name


def test_where_nothing_can_be_kept_the_report_is_made_all_the_same(toy, monkeypatch):
    toy.notebook("02_first")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(KeptChapter, "put", full)
    folder = toy.run()
    assert "could not be kept for the next run: No space left" in (folder / "log.txt").read_text()
    assert toy.shelf.latest == folder.resolve()


def test_prune_leaves_the_chapters_of_the_runs_that_stay(toy):
    toy.notebook("02_first")
    old, new = toy.run(), toy.run(texts=("window_days=30",))
    (kept(toy) / ".part-broken").mkdir()
    loads = kept(toy).parent
    assert not set(keys_of([old])) & set(keys_of([new]))
    gone = unused_chapters(loads, keys_of([new]))
    assert {path.name for path in gone} == {
        ".part-broken",
        f"02_first-{read_manifest(old)['notebooks'][0]['key'][:16]}",
    }
    for path in gone:
        shutil.rmtree(path)
    assert reused(toy.run(texts=("window_days=30",))) == [new.name]
