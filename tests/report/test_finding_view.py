"""What a template may say of a finding: numbers already written, conditions by name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import norm

from helpers.report import Finding
from helpers.report.finding_view import FindingView

RAW = Finding(
    id="A1.raw_gap", requirement="A1", question="?", estimate=-3.14, low=-4.4, high=-1.88, n=900,
    unit="pp of customers", method="m", reading="Words.",
)  # fmt: skip


def view(**change) -> FindingView:
    return FindingView(replace(RAW, **change))


def test_numbers_are_written_in_the_finding_s_unit_and_decimals():
    assert view().interval == "−3.1 pp (−4.4 to −1.9)"
    assert view().value == "−3.1 pp"
    assert view().short_unit == "pp"
    assert view().decimals == 1


@pytest.mark.parametrize(
    ("numbers", "size"),
    [
        ((-3.1, -4.4, -1.8), "3.1 pp (1.8 to 4.4)"),
        ((3.1, 1.8, 4.4), "3.1 pp (1.8 to 4.4)"),
        ((-0.9, -3.0, 1.2), "0.9 pp (−1.2 to 3.0)"),
        ((0.0, -1.0, 1.0), "0.0 pp (−1.0 to 1.0)"),
    ],
)
def test_a_size_never_goes_against_its_direction(numbers, size):
    estimate, low, high = numbers
    assert view(estimate=estimate, low=low, high=high).size == size


@pytest.mark.parametrize(
    ("verdict", "settled"),
    [
        ("supported", True),
        ("contradicted", True),
        ("fits", True),
        ("not settled", False),
        ("reported", False),
    ],
)
def test_settled(verdict, settled):
    assert view(verdict=verdict).settled is settled


@pytest.mark.parametrize(("estimate", "raised"), [(0.1, True), (0.0, False), (-0.1, False)])
def test_raised(estimate, raised):
    assert view(estimate=estimate, low=-1.0, high=1.0).raised is raised


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_what_could_have_been_seen_is_found_in_eight_of_ten(level):
    """Oracle: power of the two-sided normal test, its far tail left out as usual."""
    error = 2.0
    reach = norm.ppf(0.5 + level / 2) * error
    smallest = float(view(estimate=0.0, low=-reach, high=reach, level=level).detectable.split()[0])
    power = norm.sf(norm.ppf(0.5 + level / 2) - smallest / error)
    assert power == pytest.approx(0.8, abs=0.01)


def test_the_adjusted_p_is_the_one_told():
    assert view(p_value=0.01, adjusted_p=0.2).p == "0.200"
    assert view(p_value=0.01).p == "0.010"
    with pytest.raises(ValueError, match="no such number"):
        _ = view().p


def test_a_skipped_finding_has_no_numbers_to_tell():
    skip = Finding(id="A1.raw_gap", requirement="A1", question="?", status="skipped", reason="no shares")
    for name in ("estimate", "low", "high", "interval", "size"):
        with pytest.raises(ValueError, match="no such number"):
            getattr(FindingView(skip), name)
