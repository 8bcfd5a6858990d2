"""What a page tells is read back as it stands there: captions, headers, numbers, what is hidden."""

import base64
import json

import pandas as pd
import pytest

from helpers.report.table import html_table
from helpers.report.told_parts import as_number, told_pictures, told_tables


def executed(path, *outputs):
    cells = [
        {"cell_type": "markdown", "source": ["# A chapter\n"]},
        {"cell_type": "markdown", "source": ["## B1 · Who returns?\n", "\n", "Words."]},
        {"cell_type": "code", "source": "", "outputs": list(outputs)},
    ]
    path.write_text(json.dumps({"cells": cells, "metadata": {}}))
    return path


def test_a_table_is_read_back_with_its_types_and_what_is_hidden(tmp_path):
    frame = pd.DataFrame(
        {"<b>group</b>": ["新客", "=1+1", "few"], "customers": [1234, 56, 3], "net": [-0.5, None, 2.0]}
    )
    html = html_table(frame, caption='Who & "what"', people="customers", formats={"net": ".2f"})
    path = executed(tmp_path / "n.ipynb", {"data": {"text/html": [html[:40], html[40:]]}, "metadata": {}})
    (table,) = told_tables(path)
    assert (table.section, table.caption) == ("B1 · Who returns?", 'Who & "what"')
    assert list(table.frame.columns) == list(frame.columns)
    assert table.frame.to_numpy().tolist() == [
        ["新客", 1234, -0.5],
        ["=1+1", "hidden", "hidden"],
        ["few", "hidden", "hidden"],
    ]


def test_two_tables_of_one_output_and_none_of_words(tmp_path):
    html = "".join(html_table(pd.DataFrame({"a": [n]}), caption=f"T{n}") for n in (1, 2))
    outputs = [{"data": {"text/html": html}}, {"data": {"text/html": "<p>words</p>"}}, {"name": "stdout"}]
    assert [one.caption for one in told_tables(executed(tmp_path / "n.ipynb", *outputs))] == ["T1", "T2"]


def test_a_picture_comes_with_the_sentence_that_stands_for_it(tmp_path):
    output = {
        "data": {"image/png": base64.b64encode(b"png").decode()},
        "metadata": {"image/png": {"alt": "A"}},
    }
    (picture,) = told_pictures(executed(tmp_path / "n.ipynb", output))
    assert (picture.png, picture.alt, picture.section) == (b"png", "A", "B1 · Who returns?")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,234", 1234),
        ("−1,234.5", -1234.5),
        ("12.5 %", 0.125),
        ("1.2e+06", 1.2e6),
        ("–", None),
        ("hidden", None),
        ("2025-01-31", None),
        ("< 0.001", None),
        ("1,23", None),
        ("0012", None),
        ("1.2 (0.8 to 1.6)", None),
    ],
)
def test_cells_are_numbers_only_where_they_are(text, number):
    assert as_number(text) == number
