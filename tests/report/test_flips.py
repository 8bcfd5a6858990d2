"""Verdicts that flipped between two reports, and what differed."""

from dataclasses import replace

import pytest

from helpers.report import Finding
from helpers.report.flips import causes, flipped_verdicts
from helpers.report.last_run import RunRecord
from helpers.report.withholding import held

RUN = RunRecord(
    run="20260101-000000",
    data="shop",
    data_until="2025-12-31",
    inputs={"orders": "a"},
    commit="abc",
    parameters={"02": {"window_days": 90}},
)
NEXT = replace(RUN, run="20260201-000000", data_until="2026-01-31", inputs={"orders": "b"})


def finding(verdict, segment="x"):
    return Finding(
        id="A1.raw_gap", requirement="A1", question="?", estimate=1.0, low=0.5, high=1.5, unit="pp", n=1000,
        method="m", reading="r", verdict=verdict, segment=segment,
    )  # fmt: skip


def test_flipped_verdicts_name_what_differed():
    last = replace(RUN, findings=(finding("supported"), finding("supported", "y")))
    frame = flipped_verdicts(
        [finding("not settled"), finding("supported", "y")], replace(NEXT, commit="def"), last
    )
    (row,) = frame.to_dict("records")
    assert list(row.values()) == ["A1.raw_gap", "x", "supported", "not settled", "data and code"]


@pytest.mark.parametrize(
    ("now", "differed"),
    [
        (NEXT, ("data",)),
        (replace(RUN, commit="def"), ("code",)),
        (replace(RUN, parameters={"02": {"window_days": 60}}), ("parameter window_days",)),
        (replace(RUN, parameters={"02": {"window_days": 90, "as_of": "2025-12-01"}}), ()),
        (RUN, ()),
    ],
)
def test_causes_are_data_code_and_parameters(now, differed):
    assert causes(now, RUN) == differed


@pytest.mark.parametrize(
    ("now", "last", "said"),
    [(None, None, "not by hand"), (NEXT, None, "no report before"), (NEXT, RUN, "No verdict is another")],
)
def test_nothing_to_compare_is_said(now, last, said):
    frame = flipped_verdicts([finding("supported")], now, last)
    assert frame.empty
    assert said in frame.attrs["caption"]


@pytest.mark.parametrize("place", [0, 1])
def test_what_stands_as_told_last_has_not_flipped(place):
    sides = [finding("supported"), finding("contradicted")]
    sides[place] = held(sides[place], run="20251201-000000")
    frame = flipped_verdicts([sides[1]], NEXT, replace(RUN, findings=(sides[0],)))
    assert frame.empty
