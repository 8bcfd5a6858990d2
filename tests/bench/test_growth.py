"""The table of growth says what is over its ceiling, and nothing of what is not."""

from __future__ import annotations

import pytest

from tests.bench.growth import WHOLE, Cost, exponent, over, table


def sizes(*cpu_seconds: float, first: int = 80_000, **more) -> dict:
    """Reports at sizes of which each has twice the customers of the one before."""
    return {
        first * 2**place: {
            name: Cost(cpu_seconds=seconds, **{"peak_mb": 900.0, "longest_cell": 20.0, **more})
            for name in ("02_first", WHOLE)
        }
        for place, seconds in enumerate(cpu_seconds)
    }


def test_cost_in_step_with_the_customers_grows_with_one():
    found = sizes(10, 100, 200)
    assert exponent(found, WHOLE) == pytest.approx(1)
    assert table(found).splitlines()[-1].split() == [
        "whole", "report", "10.0", "900", "20.0", "100.0", "900", "20.0", "200.0", "900", "20.0", "1.00",
    ]  # fmt: skip
    assert over(found) == []


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (sizes(100, 210), "grows with 1.07"),
        (sizes(100, peak_mb=9_000.0), "9,000 MB"),
        (sizes(100, longest_cell=301.0), "a cell took 301 s"),
        (sizes(2_401, first=1_000_000), "2401 CPU s"),
        (sizes(201, first=20_000), "201 CPU s"),
    ],
)
def test_what_is_over_a_ceiling_is_told(found, said):
    assert [said in sentence for sentence in over(found)] == [True]


def test_what_failed_is_told():
    assert [line.split(" failed: ")[1] for line in over(sizes(100, failed="C3"))] == ["C3", "C3"]


def test_small_sizes_may_grow_faster():
    assert over(sizes(10, 40, first=5_000)) == []
