"""Files for spreadsheets: what a shop wrote is text there, whatever it looks like; numbers are numbers."""

import csv

import pandas as pd
import pytest
from openpyxl import load_workbook

from helpers.report.sheets import sheet_name, write_csv, write_xlsx

HOSTILE = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1+1",
    '=HYPERLINK("http://x")',
]
PLAIN = ["口红", "0012", "a=b", "", 'with "quotes", commas\nand lines', "'=1"]


@pytest.fixture
def frame():
    names = [*HOSTILE, *PLAIN]
    return pd.DataFrame({"=name": names, "n": range(len(names)), "net": [-1.5] * len(names)})


def test_csv_runs_nothing_and_keeps_numbers(frame, tmp_path):
    path = write_csv(frame, tmp_path / "t.csv")
    with open(path, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["'=name", "n", "net"]
    assert [row[0] for row in rows[1:]] == [f"'{one}" for one in HOSTILE] + PLAIN
    assert {row[2] for row in rows[1:]} == {"-1.5"}


def test_xlsx_holds_text_as_text_and_numbers_as_numbers(frame, tmp_path):
    path = write_xlsx({"all": frame}, tmp_path / "t.xlsx")
    head, *rows = load_workbook(path)["all"].iter_rows()
    assert all(cell.data_type != "f" for row in (head, *rows) for cell in row)
    found = [row[0].value or "" for row in rows]
    assert found == [one.replace("\r", "\n") for one in [*HOSTILE, *PLAIN]]
    assert all(row[0].quotePrefix for row in rows[: len(HOSTILE)])
    assert [row[1].value for row in rows] == list(range(len(rows)))


def test_what_is_missing_is_empty(tmp_path):
    frame = pd.DataFrame(
        {"a": pd.array([1, None], dtype="Int64"), "b": [float("nan"), 2.0], "c": [None, "x"]}
    )
    path = write_csv(frame, tmp_path / "t.csv")
    assert path.read_text(encoding="utf-8-sig").split() == ["a,b,c", "1,,", ",2.0,x"]


def test_control_characters_do_not_stop_a_workbook(tmp_path):
    path = write_xlsx({"x": pd.DataFrame({"a": ["bell\x07 ring"]})}, tmp_path / "t.xlsx")
    assert load_workbook(path)["x"]["A2"].value == "bell ring"


@pytest.mark.parametrize("wanted", ["x" * 60, "a/b\\c?*[d]:'e'", "", "口红" * 30])
def test_names_of_sheets_are_allowed_and_differ(wanted):
    taken = set()
    names = [sheet_name(wanted, taken) for _ in range(12)]
    assert len({name.casefold() for name in names}) == 12
    assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\'") for name in names)
