"""What can be answered follows from what is filled; what was answered hides small groups."""

from dataclasses import replace
from types import ModuleType

import pytest

from helpers.report import (
    Finding,
    answerable,
    answers_frame,
    question,
    read_chapters,
    skipped,
    skipped_frame,
    write_findings,
)
from tests.report.labels import Named


class Store:
    def __init__(self, *present):
        self.present = present

    def missing(self, *needs):
        return tuple(need for need in needs if need not in self.present)


def finding(name, *, segment=None, n=100):
    return Finding(
        id=name,
        requirement="A1",
        question="q",
        estimate=1.0,
        low=0.5,
        high=1.5,
        unit="pp",
        n=n,
        segment=segment,
        method="m",
        reading="r",
    )


@question(Named("B2", "Later?"), needs=("orders.placed_at",))
def later(shop):
    raise AssertionError("asking what can be answered must run nothing")


@question(Named("A1", "Shared?"), needs=("orders.placed_at", "shares"))
def shared(shop):
    raise AssertionError("asking what can be answered must run nothing")


def test_answerable_lists_what_is_still_needed_in_the_order_of_the_questions():
    room = ModuleType("room")
    room.__all__ = ["later", "shared"]
    room.later, room.shared = later, shared
    frame = answerable(Store("orders.placed_at"), room)
    assert frame.to_dict("list") == {
        "id": ["A1", "B2"],
        "question": ["Shared?", "Later?"],
        "answerable": ["no", "yes"],
        "still needed": ["shares", ""],
    }


@question(Named("C3", "Friends?"), needs=("orders.placed_at",), one_of=(("ties",), ("shares", "reactions")))
def friends(shop):
    raise AssertionError("asking what can be answered must run nothing")


@pytest.mark.parametrize(
    ("there", "needed"),
    [
        (("orders.placed_at",), "ties or shares with reactions"),
        (("orders.placed_at", "shares"), "ties or shares with reactions"),
        (("orders.placed_at", "ties"), ""),
        (("orders.placed_at", "shares", "reactions"), ""),
        ((), "orders.placed_at, ties or shares with reactions"),
    ],
)
def test_a_question_that_any_of_several_tables_answers_names_them(there, needed):
    room = ModuleType("room")
    room.__all__, room.friends = ["friends"], friends
    frame = answerable(Store(*there), room)
    assert frame["still needed"].tolist() == [needed]
    assert frame["answerable"].tolist() == ["no" if needed else "yes"]


@pytest.mark.parametrize(("segment", "n", "shown"), [(None, 5, 0), ("students", 10, 0), ("students", 11, 1)])
def test_what_tells_of_ten_or_fewer_is_not_shown(segment, n, shown):
    assert len(answers_frame([finding("A1.x", segment=segment, n=n)])) == shown


def test_large_amounts_are_written_out():
    """Won and dong: no reader of a list of answers thinks in powers of ten."""
    won = replace(finding("B4.x"), estimate=1_871_000.0, low=-163_100.0, high=2_149_000.0)
    assert answers_frame([won])["estimate (interval)"].tolist() == ["1,871,000 (−163,100 to 2,149,000)"]


def test_answered_and_skipped_are_kept_apart():
    findings = [finding("A1.x"), skipped(requirement="A2", question="q", reason="No tests.")]
    assert list(answers_frame(findings)["id"]) == ["A1.x"]
    assert list(skipped_frame(findings)["reason"]) == ["No tests."]


def test_chapters_are_read_in_order_without_the_summary(tmp_path):
    write_findings([finding("B1.x")], tmp_path / "02_b.json")
    write_findings([finding("A1.x")], tmp_path / "01_a.json")
    write_findings([finding("G1.x")], tmp_path / "08_summary.json")
    assert [entry.id for entry in read_chapters(tmp_path)] == ["A1.x", "B1.x"]


def test_no_findings_says_which_notebooks_to_run(tmp_path, capsys):
    assert read_chapters(tmp_path) == ()
    assert "run notebooks 01 to 07" in capsys.readouterr().out


def test_by_hand_the_latest_report_stands_in(tmp_path, monkeypatch, capsys):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path)
    latest = tmp_path / "reports" / "latest" / "findings.json"
    write_findings([finding("A1.x"), replace(finding("G1.x"), requirement="G1")], latest)
    assert [entry.id for entry in read_chapters()] == ["A1.x"]
    assert "latest report" in capsys.readouterr().out
    write_findings([finding("B1.x")], tmp_path / "reports" / "interactive" / "02_b.json")
    assert [entry.id for entry in read_chapters()] == ["B1.x"]
