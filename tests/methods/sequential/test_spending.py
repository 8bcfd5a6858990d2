"""Group-sequential limits beside published tables, and by simulation."""

import numpy as np
import pytest
from scipy.stats import norm

from methods.sequential.spending import Limits, classic_limits, spending_limits, spent

FIFTHS = np.arange(1, 6) / 5


@pytest.mark.parametrize(
    ("shape", "looks", "last"),
    [  # Jennison and Turnbull 2000, tables 2.1 and 2.3, two-sided 5 %
        ("pocock", 1, 1.960), ("pocock", 2, 2.178), ("pocock", 5, 2.413), ("pocock", 10, 2.555),
        ("obrien_fleming", 2, 1.977), ("obrien_fleming", 5, 2.040), ("obrien_fleming", 10, 2.087),
    ],
)  # fmt: skip
def test_classic_constants(shape, looks, last):
    found = classic_limits(looks, shape=shape)
    assert found.limits[-1] == pytest.approx(last, abs=6e-4)
    assert found.false_alarms == pytest.approx(0.05, abs=1e-5)


@pytest.mark.parametrize(
    ("shape", "published"),
    [  # Reboussin, DeMets, Kim and Lan 2000, Controlled Clinical Trials 21: five equal looks
        ("obrien_fleming", [4.8769, 3.3569, 2.6803, 2.2898, 2.0310]),
        ("pocock", [2.4380, 2.4268, 2.4101, 2.3966, 2.3859]),
    ],
)
def test_spending_limits_of_five_looks(shape, published):
    assert spending_limits(FIFTHS, shape=shape).limits == pytest.approx(published, abs=2e-3)


@pytest.mark.parametrize("shape", ["obrien_fleming", "pocock"])
@pytest.mark.parametrize("level", [0.9, 0.95])
@pytest.mark.parametrize("fractions", [[1.0], [0.1, 0.15, 0.7, 1.0], list(np.arange(1, 27) / 26)])
def test_uneven_looks_spend_exactly_what_they_may(shape, level, fractions):
    found = spending_limits(fractions, shape=shape, level=level)
    assert found.false_alarms == pytest.approx(1 - level, abs=1e-4)
    spent_so_far = [spent(fraction, shape=shape, level=level) for fraction in fractions]
    assert found.crossing().cumsum() == pytest.approx(spent_so_far, abs=1e-4)


def test_a_test_cut_short_has_spent_less():
    assert spending_limits([0.25, 0.5]).false_alarms == pytest.approx(spent(0.5), abs=1e-5)


def test_crossing_is_what_simulated_paths_do():
    rng = np.random.default_rng(1)
    limits = Limits(fractions=np.array([0.3, 0.6, 1.0]), limits=np.array([2.5, 2.2, 2.0]))
    steps = np.diff(limits.fractions, prepend=0)
    score = np.cumsum(rng.normal(2.0 * steps, np.sqrt(steps), (200_000, 3)), axis=1)
    out = np.abs(score / np.sqrt(limits.fractions)) > limits.limits
    first = np.array([(out[:, k] & ~out[:, :k].any(axis=1)).mean() for k in range(3)])
    assert limits.crossing(2.0) == pytest.approx(first, abs=0.004)


def test_one_look_is_the_plain_test():
    found = spending_limits([1.0])
    assert found.limits[0] == pytest.approx(norm.ppf(0.975), abs=1e-6)
    assert found.power(norm.ppf(0.975) + norm.ppf(0.8)) == pytest.approx(0.8, abs=1e-4)


@pytest.mark.parametrize("fractions", [[], [0.5, 0.5], [0.6, 0.5], [0.0, 1.0], [0.5, 1.2], [np.nan]])
def test_information_that_does_not_rise_is_refused(fractions):
    with pytest.raises(ValueError, match="rise"):
        spending_limits(fractions)


def test_unknown_shapes_are_refused():
    with pytest.raises(ValueError, match="obrien_fleming"):
        spent(0.5, shape="triangle")
    with pytest.raises(ValueError, match="looks"):
        classic_limits(0)
