"""The one table function escapes everything and hides small groups."""

from __future__ import annotations

import importlib
from html import escape
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

from helpers.report import html_table, suppress
from helpers.report.formats import p_value

HOSTILE = '<img src=x onerror=alert(1)> & "quoted"'


class _Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.words = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words.append(data)


def test_every_place_is_escaped():
    frame = pd.DataFrame({HOSTILE: [HOSTILE]}, index=pd.Index([HOSTILE], name=HOSTILE + "2"))
    read = _Tags(html_table(frame, caption=HOSTILE))
    assert read.tags == {"div", "table", "caption", "thead", "tr", "th", "tbody", "td"}
    assert read.words.count(HOSTILE) == 4


def test_a_caption_that_a_fold_says_is_left_to_screen_readers():
    text = html_table(pd.DataFrame({"n": [1]}), caption=HOSTILE, captioned=False)
    assert "<caption>" not in text
    assert f'aria-label="{escape(HOSTILE)}"' in text


def test_headers_say_their_scope_and_numbers_align():
    text = html_table(pd.DataFrame({"name": ["a"], "n": [1]}), caption="Counts")
    assert '<th scope="col">name</th>' in text
    assert '<th class="number" scope="col">n</th>' in text
    assert 'role="group" tabindex="0" aria-label="Counts"' in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1234.5678, "1,234.57"),
        (1234567, "1,234,567"),
        (None, "–"),
        (float("nan"), "–"),
        (pd.NA, "–"),
        (pd.NaT, "–"),
        (True, "yes"),
        (np.float64(0.25), "0.25"),
        (pd.Timestamp("2025-01-02"), "2025-01-02"),
        (pd.Timestamp("2025-01-02 03:04"), "2025-01-02 03:04"),
        ("口红", "口红"),
    ],
)
def test_values_are_shown_for_people(value, shown):
    text = html_table(pd.DataFrame({"x": pd.Series([value], dtype=object)}), caption="c")
    assert f">{shown}</td>" in text


def test_formats_and_unknown_formats():
    frame = pd.DataFrame({"rate": [0.125]})
    assert ">12.5 %</td>" in html_table(frame, caption="c", formats={"rate": ".1%"})
    with pytest.raises(KeyError, match="ratio"):
        html_table(frame, caption="c", formats={"ratio": ".1%"})


def test_unnamed_index_is_left_out_and_named_one_leads():
    frame = pd.DataFrame({"x": [7]})
    assert html_table(frame, caption="c").count("<th") == 1 + 1, "the head row and one header"
    assert ">month</th>" in html_table(frame.rename_axis("month"), caption="c")


def test_small_groups_are_hidden_and_cannot_be_subtracted_back():
    frame = pd.DataFrame({"segment": list("abcd"), "people": [500, 40, 10, 90], "rate": [0.1, 0.2, 0.3, 0.4]})
    text = html_table(frame, caption="c", people="people", formats={"rate": ".0%"})
    assert "30 %" not in text
    assert "20 %" not in text, "the next smallest goes too, or the total gives the hidden one away"
    assert "10 %" in text
    assert "40 %" in text
    assert text.count("hidden") == 4
    assert ">c</td>" in text, "words stay"


def test_two_hidden_rows_need_no_third():
    frame = pd.DataFrame({"people": [500, 40, 10, 3]})
    assert suppress(frame, people="people")["people"].tolist() == [500, 40, "hidden", "hidden"]


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        ([3, 4, 20, 500], [500]),  # 3 and 4 would come back from the total: 7 people
        ([6, 6, 20, 500], [20, 500]),
        ([3, 4, 2, 1], []),
        ([1, 11, 12], [12]),
        ([5], []),
    ],
)
def test_what_is_hidden_holds_enough_people_together(counts, kept):
    shown = suppress(pd.DataFrame({"people": counts}), people="people")["people"]
    assert [value for value in shown if value != "hidden"] == kept


@pytest.mark.parametrize("counts", [[11, 12], [0, 500], []])
def test_large_and_empty_groups_stay(counts):
    frame = pd.DataFrame({"people": pd.Series(counts, dtype=float)})
    assert suppress(frame, people="people") is frame


def test_an_amount_of_which_one_holds_nearly_all_is_hidden_alone():
    frame = pd.DataFrame(
        {"group": ["a", "b"], "people": [40, 50], "CNY a purchase": [30.0, 900.0], "led": [False, True]}
    )
    shown = suppress(frame, people="people", money={"CNY a purchase": "led"})
    assert shown.to_dict("list") == {
        "group": ["a", "b"], "people": [40, 50], "CNY a purchase": [30.0, "hidden"]
    }  # fmt: skip
    frame.attrs = {"people": "people", "caption": "Groups", "money": {"CNY a purchase": "led"}}
    page = importlib.import_module("helpers.report.show")
    rows = page.Rows.of(frame)
    assert "900" not in rows.html
    assert [cell.amount for cell in rows.cells] == ["30.00", ""]
    assert all(cell.told for cell in rows.cells)
    assert not page.hides_rows(frame)


def test_wrong_count_column_is_named():
    with pytest.raises(KeyError, match="persons"):
        suppress(pd.DataFrame({"people": [1]}), people="persons")


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "< 0.001"), (0.0009, "< 0.001"), (0.001, "0.001"), (0.0496, "0.050"), (1.0, "1.000")],
)
def test_no_p_value_is_printed_as_nothing(value, words):
    assert p_value(value) == words
    table = html_table(pd.DataFrame({"p": [value]}), caption="x", formats={"p": "p"})
    assert escape(words) in table


@pytest.mark.parametrize(("columns", "labelled"), [(3, False), (4, True)])
def test_cells_of_a_wide_table_say_their_column_for_narrow_screens(columns, labelled):
    frame = pd.DataFrame({f'<"{place}">': [place] for place in range(columns)})
    html = html_table(frame, caption="A table", formats={})
    assert ('data-label="&lt;&quot;0&quot;&gt;"' in html) == labelled
