"""A picture of nothing but what leaves: marks, words and what is left out."""

from __future__ import annotations

from dataclasses import replace

import matplotlib.pyplot as plt
import pytest

from helpers.report.finding import Finding
from helpers.report.registry import registry
from helpers.report.told_picture import MOST_MARKS, told_caption, told_picture
from helpers.report.withholding import held, withheld


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def finding(estimate, segment="old", *, id="C1.stages", unit="% of customers", n=400) -> Finding:
    return Finding(
        id=id, requirement=id[:2], question="How many?", estimate=estimate, low=estimate - 4.0,
        high=estimate + 4.0, unit=unit, n=n, segment=segment, method="counting", reading="So many.",
    )  # fmt: skip


def marks(picture) -> list[float]:
    """Where the marks of all panels lie, from top to bottom."""
    lines = [line for panel in picture.figure.axes for line in panel.lines if line.get_marker() == "o"]
    return [round(float(line.get_xdata()[0]), 6) for line in lines]


def test_each_number_is_drawn_as_it_leaves_and_the_withheld_ones_are_not():
    exact = finding(31.23456789, "new")
    before = held(finding(40.0, "active"), run="r1")
    gone = withheld(finding(55.0, "lost"))
    picture = told_picture([exact, before, gone])
    assert marks(picture) == [exact.told.estimate, 40.0]
    assert "active ‡ 40.0 %" in picture.alt
    assert "lost" not in picture.alt
    caption = told_caption([exact, before, gone])
    assert "1 in grey (‡) stands as last told; 1 is left out" in caption


@pytest.mark.parametrize("n", [1, 10])
def test_a_number_of_few_that_nobody_withheld_yet_is_not_drawn_either(n):
    assert told_picture([finding(30.0, None, id="C1.active", n=n)]) is None
    assert told_picture([]) is None


def test_what_has_another_unit_has_another_panel():
    picture = told_picture([finding(3.0), finding(300.0, None, id="B4.aov", unit="CNY per order")])
    assert [panel.get_xlabel() for panel in picture.figure.axes] == ["%", "CNY per order"]


def test_details_are_drawn_where_there_is_nothing_else():
    detail, main = finding(5.0, None, id="C1.expected_spend"), finding(3.0)
    assert registry()[detail.id].folded
    assert marks(told_picture([detail, main])) == [3.0]
    assert marks(told_picture([detail])) == [5.0]


def test_of_very_many_only_the_first_are_drawn():
    many = [replace(finding(30.0), segment=f"group {place}") for place in range(MOST_MARKS + 5)]
    assert len(marks(told_picture(many))) == MOST_MARKS
