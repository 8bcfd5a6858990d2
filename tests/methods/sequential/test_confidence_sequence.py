"""The confidence sequence: the paper's equation, where it is narrowest, and its p-value."""

import numpy as np
import pytest

from methods.sequential.confidence_sequence import sequence_p, sequence_reach


def test_the_reach_follows_the_paper():
    # Equation of the paper, written with rho and t as there.
    alpha, t, planned = 0.05, np.array([100.0, 1000.0, 5000.0]), 1000.0
    rho = np.sqrt((-2 * np.log(alpha) + np.log(-2 * np.log(alpha) + 1)) / planned)
    boundary = np.sqrt(2 * (t * rho**2 + 1) / (t**2 * rho**2) * np.log(np.sqrt(t * rho**2 + 1) / alpha))
    assert sequence_reach(1 / np.sqrt(t), t, planned_n=planned) == pytest.approx(boundary)


def test_the_plan_is_where_it_is_narrowest():
    steps = np.arange(100, 5000, 100)
    ratio = sequence_reach(1.0, steps, planned_n=1000)
    assert abs(steps[ratio.argmin()] - 1000) <= 200


@pytest.mark.parametrize("level", [0.8, 0.95, 0.99])
@pytest.mark.parametrize("n", [50, 400, 4_000])
def test_p_is_one_minus_the_level_where_the_interval_touches_nil(level, n):
    edge = float(sequence_reach(0.02, n, planned_n=1_000, level=level))
    assert sequence_p([edge], [0.02], [n], planned_n=1_000, level=level)[0] == pytest.approx(1 - level)


def test_p_never_rises_again_and_is_at_most_one():
    p = sequence_p([0.0, 0.09, 0.0], [0.05, 0.02, 0.01], [100, 500, 2_000], planned_n=2_000)
    assert p[0] == 1.0
    assert p[1] == p[2] < 0.05


def test_a_plan_of_nothing_is_refused():
    with pytest.raises(ValueError, match="planned_n"):
        sequence_reach(1.0, 10, planned_n=0)
