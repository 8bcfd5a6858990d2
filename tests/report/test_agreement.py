"""A page that says another thing than the findings is not published."""

from __future__ import annotations

from dataclasses import replace

import pytest

from helpers.report import Finding
from helpers.report.agreement import disagreements
from helpers.report.page_reader import read_page
from helpers.report.show import paragraph

HOSTILE = "Sharers <b>of “$&” & 口红</b> come back 3.1 pp (1.8 to 4.4) more often."
FINDING = Finding(
    id="A1.raw_gap", requirement="A1", question="?", estimate=3.1, low=1.8, high=4.4, n=900, method="m",
    verdict="supported", segment="the 'A' & \"B\" arm", reading=HOSTILE,
)  # fmt: skip


def test_the_same_words_agree_however_odd_they_are():
    assert disagreements(read_page(paragraph(FINDING)), [FINDING]) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"verdict": "not settled"}, "the page calls"),
        ({"reading": "Something else."}, "otherwise than the findings"),
        ({"id": "A1.other"}, "not among the findings"),
        ({"segment": "another"}, "not among the findings"),
    ],
)
def test_any_difference_is_a_fault(change, said):
    (fault,) = disagreements(read_page(paragraph(FINDING)), [replace(FINDING, **change)])
    assert said in fault


def test_a_sentence_that_the_judge_lengthened_agrees():
    longer = replace(FINDING, reading=f"{HOSTILE} Beside the 3 other tests it is so.")
    assert disagreements(read_page(paragraph(longer)), [longer]) == []
