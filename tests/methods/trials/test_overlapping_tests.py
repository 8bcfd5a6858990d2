"""Two tests at once: cell means by hand, coverage, and draws that hang together."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from methods.errors import CannotAnswer
from methods.trials.overlapping_tests import overlapping_tests

NAMES = {"outcome": "bought", "first": "a", "second": "b"}


def drawn(seed: int, *, rows: int = 1_200, together: float = 0.1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"a": rng.integers(0, 2, rows), "b": rng.integers(0, 2, rows)})
    chance = 0.2 + 0.05 * frame["a"] + together * frame["a"] * frame["b"]
    return frame.assign(bought=(rng.random(rows) < chance).astype(float))


def test_the_effects_are_differences_of_cell_means():
    frame = drawn(1)
    mean = frame.groupby(["a", "b"])["bought"].mean()
    found = overlapping_tests(frame, **NAMES)
    assert found.without.estimate == pytest.approx(mean[1, 0] - mean[0, 0])
    assert found.within.estimate == pytest.approx(mean[1, 1] - mean[0, 1])
    assert found.interaction.estimate == pytest.approx(found.within.estimate - found.without.estimate)


def test_errors_are_those_of_statsmodels():
    frame = drawn(2)
    design = sm.add_constant(np.column_stack([frame["a"], frame["b"], frame["a"] * frame["b"]]))
    fit = sm.OLS(frame["bought"].to_numpy(), design).fit(cov_type="HC2")
    assert overlapping_tests(frame, **NAMES).interaction.standard_error == pytest.approx(fit.bse[3], rel=1e-6)


def test_the_interaction_is_covered():
    found = [overlapping_tests(drawn(seed), **NAMES).interaction for seed in range(200)]
    assert np.mean([one.low < 0.1 < one.high for one in found]) >= 0.92


def test_draws_that_hang_together_are_seen():
    frame = drawn(3)
    assert overlapping_tests(frame, **NAMES).together_p > 0.001
    tied = frame.assign(b=np.where(np.arange(len(frame)) % 4 == 0, frame["a"], frame["b"]))
    assert overlapping_tests(tied, **NAMES).together_p < 1e-6


def test_an_empty_pair_of_arms_is_refused():
    with pytest.raises(CannotAnswer, match="pair of arms"):
        overlapping_tests(drawn(4).query("a == 0 or b == 0"), **NAMES)
