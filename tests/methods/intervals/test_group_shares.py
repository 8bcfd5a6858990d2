"""Shares over groups that differ: coverage for more groups like them, and Wilson where they do not."""

from __future__ import annotations

import numpy as np
import pytest

from methods.intervals.estimates import wilson
from methods.intervals.group_shares import LEAST_GROUPS, share_over_groups


def coverage(spread, groups, *, draws=600, seed=1):
    rng = np.random.default_rng(seed)
    nodes, weights = np.polynomial.hermite_e.hermegauss(30)
    centre = np.log(0.25 / 0.75)
    truth = weights @ (1 / (1 + np.exp(-centre - spread * nodes))) / weights.sum()
    ours, theirs = [], []
    for _ in range(draws):
        cases = rng.integers(100, 500, groups)
        came = rng.binomial(cases, 1 / (1 + np.exp(-centre - spread * rng.standard_normal(groups))))
        found, plain = share_over_groups(came, cases), wilson(came.sum(), cases.sum())
        ours.append(found.low <= truth <= found.high)
        theirs.append(plain.low <= truth <= plain.high)
    return np.mean(ours), np.mean(theirs)


@pytest.mark.parametrize("groups", [4, 12])
@pytest.mark.parametrize("spread", [0.0, 0.1, 0.3])
def test_groups_to_come_are_held(spread, groups):
    ours, wilsons = coverage(spread, groups)
    assert 0.92 <= ours <= 0.995
    assert spread == 0 or wilsons < 0.9


def test_few_groups_and_groups_that_do_not_differ_have_wilsons_interval():
    few = share_over_groups([3, 30, 60], [100] * 3)
    alike = share_over_groups([20] * 8, [100] * 8)
    for found, plain in ((few, wilson(93, 300)), (alike, wilson(160, 800))):
        assert (found.estimate, found.low, found.high, found.n) == (
            plain.estimate, plain.low, plain.high, plain.n,
        )  # fmt: skip
    assert LEAST_GROUPS == 4


@pytest.mark.parametrize("came", [0, 100])
def test_nobody_and_everybody_stay_within_bounds(came):
    found = share_over_groups([came] * 6, [100] * 6)
    assert 0 <= found.low <= found.estimate <= found.high <= 1


def test_without_a_case_it_is_refused():
    with pytest.raises(ValueError, match="needs at least one case"):
        share_over_groups([0, 0], [0, 0])
