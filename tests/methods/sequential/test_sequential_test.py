"""One engine: three ways to read the last look."""

import numpy as np
import pytest

from methods.intervals.influence import normal_interval
from methods.sequential.looks import Look
from methods.sequential.sequential_test import sequential_test
from methods.sequential.spending import spending_limits


def looks(estimates, *, end=1.0, error=0.02):
    parts = np.arange(1, len(estimates) + 1) / len(estimates) * end
    effects = (
        normal_interval(value, error / np.sqrt(part), 100)
        for value, part in zip(estimates, parts, strict=True)
    )
    return [
        Look(week=week, rows=100 * week, effect=effect, fraction=part)
        for week, (effect, part) in enumerate(zip(effects, parts, strict=True), start=1)
    ]


def test_each_interval_has_its_own_reach():
    found = sequential_test(looks([0.01, 0.02, 0.03]))
    assert found.ended
    assert (found.fixed.high - 0.03) / 0.02 == pytest.approx(1.959964, rel=1e-5)
    limit = spending_limits(np.arange(1, 4) / 3).limits[-1]
    assert (found.planned.high - 0.03) / 0.02 == pytest.approx(limit)
    assert found.always.high > found.planned.high > found.fixed.high
    assert found.looks.shape == (3, 12)


def test_p_agrees_with_the_interval():
    for last in (0.03, 0.05, 0.07, 0.09):
        found = sequential_test(looks([0.0, last]))
        assert (found.p_value < 0.05) == (found.always.low > 0)


def test_before_the_end_less_is_spent():
    found = sequential_test(looks([0.02, 0.02], end=0.5))
    assert not found.ended
    assert (found.planned.high - 0.02) / found.planned.standard_error > 2.9


def test_the_first_week_that_decides():
    found = sequential_test(looks([0.0, 0.2, 0.2]))
    assert found.first_week("always") == 2
    assert sequential_test(looks([0.0, 0.0])).first_week("planned") is None


def test_no_look_is_refused():
    with pytest.raises(ValueError, match="no look"):
        sequential_test([])
