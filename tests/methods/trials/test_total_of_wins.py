"""The sum of launched tests: too high as found, near the truth when shrunk."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from methods.errors import CannotAnswer
from methods.trials.total_of_wins import total_of_wins


@pytest.mark.parametrize(("spread", "mean"), [(0.5, 0.2), (1.0, 0.0), (2.0, 0.0)])
def test_the_curse_is_gone_over_many_programmes_of_tests(spread, mean):
    """Recovery: effects known; the truth is the sum of the true effects of those that were launched."""
    rng = np.random.default_rng(1)
    plain, freed, held = [], [], []
    for _ in range(400):
        truth = rng.normal(mean, spread, 60)
        found = truth + rng.normal(size=60)
        total = total_of_wins(found, np.ones(60))
        really = truth[found > norm.isf(0.025)].sum()
        plain.append(total.as_found - really)
        freed.append(total.effect.estimate - really)
        held.append(total.effect.low <= really <= total.effect.high)
    assert np.mean(plain) > 3, "as found it is too high"
    assert abs(np.mean(freed)) < 0.15 * np.mean(plain)
    assert np.mean(held) > 0.88


def test_effects_of_coaching_in_eight_schools():
    """Rubin 1981; Gelman and others 2013, table 5.3: posterior means with flat priors."""
    found, error = [28, 8, -3, 7, -1, 1, 18, 12], [15, 10, 16, 11, 9, 11, 10, 18]
    total = total_of_wins(found, error)
    assert total.mean == pytest.approx(8.0, abs=0.3)
    assert total.spread == pytest.approx(6.6, abs=0.5)
    assert total.shrunk == pytest.approx([11.4, 7.9, 6.2, 7.6, 5.1, 6.2, 10.6, 8.4], abs=0.4)


def test_units_and_order_do_not_matter():
    rng = np.random.default_rng(3)
    found, error = rng.normal(0, 2, 12), rng.uniform(0.5, 1, 12)
    one, other = total_of_wins(found, error), total_of_wins(100 * found[::-1], 100 * error[::-1])
    assert other.effect.estimate == pytest.approx(100 * one.effect.estimate)
    assert other.launched == one.launched


def test_few_tests_do_not_tell_how_effects_are_spread():
    with pytest.raises(CannotAnswer, match="1 test cannot tell"):
        total_of_wins([1.0], [1.0])


@pytest.mark.parametrize(
    ("estimates", "errors", "said"),
    [
        ([1.0], [1.0, 2.0], "differ"),
        ([1.0] * 12, [0.0] * 12, "above 0"),
        ([np.nan] * 12, [1.0] * 12, "finite"),
    ],
)
def test_hostile_input_is_refused(estimates, errors, said):
    with pytest.raises(ValueError, match=said):
        total_of_wins(estimates, errors)
