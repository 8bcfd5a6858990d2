"""The trail of runs is bound line to line, and the report prints its head."""

from __future__ import annotations

import json

import pytest

from helpers.command.trail import BEGINNING, FILE, WHO_VARIABLE, Trail


@pytest.fixture
def trail(tmp_path):
    trail = Trail(tmp_path)
    for run in ("r1", "r2", "r3"):
        trail.keep(trail.line("run", run=run))
    return trail


def test_a_whole_trail_has_no_faults_and_ends_in_its_head(trail):
    assert trail.faults() == []
    line = trail.line("erasure", rows=4)
    assert line.number == 4
    trail.keep(line)
    assert trail.head == line.head
    assert line.head[:16] in line.sentence


@pytest.mark.parametrize("damage", ["changed", "removed", "swapped", "no json"])
def test_what_was_done_inside_shows(trail, damage):
    lines = trail.path.read_text().splitlines()
    if damage == "changed":
        lines[0] = lines[0].replace('"r1"', '"r9"')
    elif damage == "removed":
        del lines[1]
    elif damage == "swapped":
        lines[0], lines[1] = lines[1], lines[0]
    else:
        lines[1] = "{"
    trail.path.write_text("\n".join(lines) + "\n")
    assert trail.faults()


def test_a_tail_cut_off_shows_by_the_head_that_a_report_printed(trail):
    head = trail.head
    lines = trail.path.read_text().splitlines()
    trail.path.write_text("\n".join(lines[:-1]) + "\n")
    assert trail.faults() == []
    assert trail.head != head


def test_a_line_made_before_another_was_kept_is_refused(trail):
    early = trail.line("run", run="r4")
    trail.keep(trail.line("run", run="r5"))
    with pytest.raises(ValueError, match="has grown since line 4"):
        trail.keep(early)


def test_it_says_who_and_when(tmp_path, monkeypatch):
    monkeypatch.setenv(WHO_VARIABLE, "Ann")
    entry = json.loads(Trail(tmp_path).line("run").text)
    assert (entry["who"], entry["previous"]) == ("Ann", BEGINNING)


def test_every_run_adds_a_line_that_its_index_names(toy):
    toy.notebook("02_first", "1 + 1")
    folders = [toy.run(), toy.run()]
    trail = Trail(toy.out)
    lines = [json.loads(text) for text in (toy.out / FILE).read_text().splitlines()]
    assert [line["run"] for line in lines] == [folder.name for folder in folders]
    assert trail.faults() == []
    assert trail.head[:16] in (folders[1] / "index.html").read_text()
    assert "line 2 of the trail" in (folders[1] / "index.html").read_text()
