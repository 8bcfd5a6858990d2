"""One way to write a number: no sign on nil, a true minus, never a p of 0, singular and plural."""

from __future__ import annotations

import math

import pytest

from helpers.report import formats
from methods.intervals import Interval


@pytest.mark.parametrize(
    ("value", "decimals", "signed", "text"),
    [
        (0.0, 1, True, "0.0"),
        (0.04, 1, True, "0.0"),
        (-0.04, 1, False, "0.0"),
        (-0.05001, 1, False, "−0.1"),
        (0.06, 1, True, "+0.1"),
        (-1234567.891, 2, False, "−1,234,567.89"),
        (999.5, 0, False, "1,000"),
        (2.5, 1, False, "2.5"),
    ],
)
def test_number(value, decimals, signed, text):
    assert formats.number(value, decimals, signed=signed) == text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_never_written(value):
    with pytest.raises(ValueError, match="withhold"):
        formats.number(value)


@pytest.mark.parametrize(
    ("value", "noun", "plural", "text"),
    [
        (1, "customer", "", "1 customer"),
        (0, "customer", "", "0 customers"),
        (2, "category", "categories", "2 categories"),
        (1, "category", "categories", "1 category"),
        (1234, "", "", "1,234"),
        (1.2, "day", "", "1 day"),
    ],
)
def test_count(value, noun, plural, text):
    assert formats.count(value, noun, plural) == text


@pytest.mark.parametrize(
    ("value", "floor", "text"),
    [
        (0.0, 0.0, "< 0.001"),
        (0.00099, 0.0, "< 0.001"),
        (0.001, 0.0, "0.001"),
        (0.0496, 0.0, "0.050"),
        (0.01, 0.01, "at most 0.010"),
        (0.005, 0.01, "at most 0.010"),
        (0.0101, 0.01, "0.010"),
        (0.0001, 0.0002, "at most 0.001"),
        (1.0, 0.01, "1.000"),
    ],
)
def test_p_value(value, floor, text):
    assert formats.p_value(value, floor=floor) == text


def test_interval_percent_ratio_money_and_lists():
    assert formats.interval(3.14, 1.0, 5.0, unit="pp") == "3.1 pp (1.0 to 5.0)"
    assert formats.interval(3.14, 1.0, 5.0, decimals=2) == "3.14 (1.00 to 5.00)"
    assert formats.percent(0.256, 0) == "26 %"
    assert formats.percent(0.256, signed=True) == "+25.6 %"
    assert formats.ratio(0.5) == "0.50 times"
    assert formats.money(-5.0, "EUR") == "−EUR 5.00"
    assert formats.money(1234.5, "CNY", 0) == "CNY 1,234"
    assert [formats.listed(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "", "a", "a and b", "a, b and c",
    ]  # fmt: skip
    assert formats.listed(["a", "b"], joined_by="or") == "a or b"
    assert formats.in_percent(Interval(estimate=0.1, low=0.05, high=0.2, n=9)) == (10.0, 5.0, 20.0)


@pytest.mark.parametrize(
    ("unit", "short"),
    [
        ("pp of customers", "pp"),
        ("% of orders", "%"),
        ("days", "days"),
        ("orders per 100 shares",) * 2,
        ("",) * 2,
    ],
)
def test_short_unit(unit, short):
    assert formats.short_unit(unit) == short


@pytest.mark.parametrize(
    ("value", "specification", "text"),
    [
        (-0.322, ".1%", "−32.2 %"),
        (0.5, ".0%", "50 %"),
        (-1234.5, ",.1f", "−1,234.5"),
        (0.04, "+.1f", "0.0"),
        (-0.04, "+.1f", "0.0"),
        (-0.0004, ".1%", "0.0 %"),
        (0.06, "+.1f", "+0.1"),
        (-0.06, "+.1f", "−0.1"),
        (1e-7, ".0e", "1e−07"),
    ],
)
def test_a_format_has_the_signs_of_a_sentence(value, specification, text):
    assert formats.specified(value, specification) == text
