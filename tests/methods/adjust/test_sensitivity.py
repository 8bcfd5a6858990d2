import numpy as np
import pandas as pd
import pytest

from methods.adjust.sensitivity import e_value, omitted_variable_benchmark, robustness_value
from methods.regression.covariates import covariate_matrix


@pytest.mark.parametrize(
    ("ratio", "expected"), [(3.9, 7.263), (1.8, 3.0), (1.37, 2.08), (1.52, 2.41), (1 / 3.9, 7.263), (1, 1)]
)
def test_e_values_as_published(ratio, expected):
    assert e_value(ratio) == pytest.approx(expected, abs=0.005)


def test_robustness_values_of_the_darfur_study():
    """Cinelli and Hazlett 2020: t 4.184 on 783 degrees of freedom give 13.9 % and 7.6 %."""
    assert robustness_value(4.184, 783) == pytest.approx(0.1388, abs=5e-4)
    assert robustness_value(4.184, 783, level=0.95) == pytest.approx(0.0763, abs=5e-4)
    assert robustness_value(1.0, 783, level=0.95) == 0


def test_a_ratio_must_be_positive():
    with pytest.raises(ValueError, match="positive"):
        e_value(0)


def test_hiding_a_twin_moves_the_estimate_about_as_far_as_foretold():
    """Two equal traits: with one hidden, the bound from the other foretells the estimate with both."""
    rng = np.random.default_rng(1)
    seen, hidden = rng.standard_normal((2, 40_000))
    t = 0.3 * seen + 0.3 * hidden + rng.standard_normal(40_000)
    y = 0.5 * t + 0.4 * seen + 0.4 * hidden + rng.standard_normal(40_000)
    mark = omitted_variable_benchmark(covariate_matrix(pd.DataFrame({"seen": seen}), ["seen"]), t, y)
    assert mark.covariate == "seen"
    assert mark.estimate > 0.55
    assert mark.remaining == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(("effect", "robustness"), [(2.0, 1.0), (0.0, 0.0)])
def test_where_the_outcome_is_explained_exactly_nothing_is_left_for_an_unseen_trait(effect, robustness):
    rng = np.random.default_rng(2)
    known = covariate_matrix(pd.DataFrame({"age": rng.normal(size=60)}), ["age"])
    t = np.tile([0.0, 1.0], 30)
    mark = omitted_variable_benchmark(known, t, effect * t + 3 * known.matrix[:, 0])
    assert mark.remaining == mark.estimate == pytest.approx(effect, abs=1e-12)
    assert (mark.outcome_share, mark.robustness, mark.robustness_of_interval) == (0, robustness, robustness)
