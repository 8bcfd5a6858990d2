"""A section that takes too long costs itself one sentence, whoever raised what when it was stopped."""

from __future__ import annotations

import time

import pytest

from helpers.report import Chapter, budget
from helpers.report.budget import CELL_VARIABLE, SECTION_VARIABLE, Budget, OutOfTime
from helpers.report.question import Failed
from tests.report.test_chapter import A1, Shop, strong


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setenv(SECTION_VARIABLE, "1")


@A1
def slow(shop):
    time.sleep(30)


@A1
def slow_engine(shop):
    try:
        time.sleep(30)
    except OutOfTime:
        raise RuntimeError("Query interrupted") from None


@pytest.mark.parametrize("question", [slow, slow_engine])
def test_a_section_over_its_time_fails_with_one_sentence(short, question):
    chapter = Chapter(Shop())
    started = time.monotonic()
    section = chapter.ask(question)
    assert time.monotonic() - started < 5
    assert isinstance(section.result, Failed)
    assert "stopped after the 1 second that it may take" in section.result.reason
    assert chapter.ask(strong).findings[0].status == "answered"
    time.sleep(1.1)  # the timer of a section that ended is off


def test_what_went_wrong_in_time_stays_what_it_was(short):
    with pytest.raises(ZeroDivisionError), Budget().limit():
        1 / 0  # noqa: B018


def test_without_a_limit_a_section_takes_what_it_needs(monkeypatch):
    monkeypatch.delenv(SECTION_VARIABLE, raising=False)
    monkeypatch.delenv(CELL_VARIABLE, raising=False)
    assert Budget()._left() is None


def test_sections_of_one_cell_share_its_time(monkeypatch):
    monkeypatch.setenv(SECTION_VARIABLE, "300")
    monkeypatch.setenv(CELL_VARIABLE, "400")
    clock, cell = [0.0], [7]
    monkeypatch.setattr(budget.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(budget, "_cell_number", lambda: cell[0])
    own = Budget()
    left = []
    for moment, number in ((0, 7), (200, 7), (359.5, 7), (400, 8)):
        clock[0], cell[0] = moment, number
        left.append(own._left())
    assert left == [300, 160, 1, 300]
