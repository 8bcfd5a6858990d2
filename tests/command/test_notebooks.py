"""Notebooks are found in reading order and say what they ask for."""

from __future__ import annotations

import pytest

from helpers.command.notebooks import find_notebooks, select, waves
from helpers.command.outcome import Refusal
from helpers.paths import project_folder


def test_found_in_reading_order_with_parameters(toy):
    toy.notebook("08_last", reads="findings")
    toy.notebook("02_first")
    (toy.folder / "notebooks" / "draft.ipynb").write_text("not one of them")
    first, last = find_notebooks(toy.folder / "notebooks")
    assert (first.name, first.title, first.reads_findings) == ("02_first", "02 · A toy", False)
    assert (last.name, last.reads_findings) == ("08_last", True)
    assert first.parameters["window_days"].high == 365
    assert first.parameters["rule"].choices == ("mean", "median")


def test_selection_keeps_the_order(toy):
    for name in ("02_first", "03_second", "05_third"):
        toy.notebook(name)
    books = find_notebooks(toy.folder / "notebooks")
    assert [book.name for book in select(books, "05, 02_f")] == ["02_first", "05_third"]
    assert select(books, "") == books
    with pytest.raises(Refusal, match="'04', which is no notebook; there are 02_first, 03_second, 05_third"):
        select(books, "02,04")


def test_a_chapter_runs_after_those_that_it_reads(toy):
    toy.notebook("02_first", reads=["03_second", "07_absent"])
    toy.notebook("03_second")
    toy.notebook("05_third")
    toy.notebook("08_last", reads="findings")
    books = find_notebooks(toy.folder / "notebooks")
    names = [[book.name for book in group] for group in waves(books)]
    assert names == [["03_second", "05_third"], ["02_first"], ["08_last"]]
    assert [[book.name for book in group] for group in waves(books[:1])] == [["02_first"]]


def test_chapters_that_wait_for_each_other_are_refused(toy):
    toy.notebook("02_first", reads=["03_second"])
    toy.notebook("03_second", reads=["02_first"])
    with pytest.raises(Refusal, match="02_first, 03_second wait for each other"):
        waves(find_notebooks(toy.folder / "notebooks"))


@pytest.mark.parametrize("text", ["{", "[]", '{"metadata": {}}'])
def test_broken_file_is_named(toy, text):
    (toy.folder / "notebooks" / "02_broken.ipynb").write_text(text)
    with pytest.raises(Refusal, match=r"02_broken\.ipynb is not a notebook"):
        find_notebooks(toy.folder / "notebooks")


def test_empty_folder_is_refused(toy):
    with pytest.raises(Refusal, match="no notebooks"):
        find_notebooks(toy.folder / "notebooks")


def test_every_notebook_of_the_project_can_be_asked_for(request):
    books = find_notebooks(project_folder() / "notebooks")
    for book in books:
        assert {"data", "as_of", "out", "seed"} <= set(book.parameters), book.name
        assert all(parameter.meaning for parameter in book.parameters.values()), book.name
    assert [book.name for book in books if book.reads_findings] == ["08_summary"]
