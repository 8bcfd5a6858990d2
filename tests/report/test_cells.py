"""What a row of a table is called from one run to the next."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.report.cells import naming_columns, row_cells, staying_columns

ROWS = {
    "first": (["a", "b"], [1.5, 2.5], [3, 4]),
    "words": (["a", "a"], ["x", "y"], [3, 4]),
    "whole": (["a", "a"], [7, 8], [0.1, 0.2]),
    "months": ([1, 2], [0.1, 0.2], ["old", "new"]),
    "alike": (["a", "a"], [0.1, 0.2], [3, 3]),
}


@pytest.mark.parametrize(
    ("rows", "called"),
    [("first", ["one"]), ("words", ["one", "two"]), ("whole", ["one", "two"]), ("months", ["one"]),
     ("alike", ["one", "three"])],
)  # fmt: skip
def test_a_row_is_called_by_no_more_than_tells_it_from_others(rows, called):
    frame = pd.DataFrame(dict(zip(("one", "two", "three"), ROWS[rows], strict=True)) | {"people": [300, 400]})
    assert naming_columns(frame, people="people") == called
    keys = [cell.key for cell in row_cells(frame, place="X1", counted={"people": "people"})]
    assert len(set(keys)) == 2


def test_what_a_row_keeps_without_its_numbers_tells_none():
    frame = pd.DataFrame(
        {
            "tier": ["new", "old"],
            "rule": ["since 30 days", "before"],
            "kind": ["p", "q"],
            "people": [300, 400],
        }
    )
    assert staying_columns(frame, people="people") == ["tier", "kind"]
