"""A dose nobody drew: beside statsmodels' dummies, recovery, and the lead that shows what drove both."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from methods.errors import CannotAnswer
from methods.staged import lead_placebo


def panel(seed: int, *, effect: float = 0.3, mood: float = 0.0, units: int = 60, periods: int = 10):
    """Habits differ and are asked more; a mood that lasts two periods may move both dose and outcome."""
    rng = np.random.default_rng(seed)
    habit, shock = rng.normal(size=(units, 1)), rng.normal(size=(units, periods + 1))
    lasting = shock[:, 1:] + shock[:, :-1]
    dose = (0.5 * habit + mood * lasting + rng.normal(size=(units, periods)) > 0.5).astype(float)
    return habit + effect * dose + mood * lasting + rng.normal(size=(units, periods)), dose


def test_it_is_least_squares_with_dummies_clustered_by_unit():
    outcome, dose = panel(1)
    found = lead_placebo(outcome, dose)
    unit, period = np.indices(outcome[:, :-1].shape)
    rows = pd.DataFrame(
        {"y": outcome[:, :-1].ravel(), "now": dose[:, :-1].ravel(), "next": dose[:, 1:].ravel(),
         "unit": unit.ravel(), "period": period.ravel()}
    )  # fmt: skip
    oracle = smf.ols("y ~ now + next + C(unit) + C(period)", rows).fit(
        cov_type="cluster", cov_kwds={"groups": rows["unit"]}
    )
    assert found.effect.estimate == pytest.approx(oracle.params["now"])
    assert found.lead.estimate == pytest.approx(oracle.params["next"])
    # Statsmodels counts the dummies in its small-sample factor.
    assert found.effect.standard_error == pytest.approx(oracle.bse["now"], rel=0.1)


def test_effects_are_covered_where_only_habits_differ():
    found = [lead_placebo(*panel(seed)) for seed in range(150)]
    assert 0.9 <= np.mean([one.effect.low <= 0.3 <= one.effect.high for one in found]) <= 0.99
    assert 0.9 <= np.mean([one.lead.low <= 0 <= one.lead.high for one in found]) <= 0.99


def test_the_lead_shows_what_moved_both():
    found = [lead_placebo(*panel(seed, mood=1.0)) for seed in range(40)]
    assert np.mean([one.lead.low > 0 for one in found]) > 0.8


@pytest.mark.parametrize(
    ("outcome", "dose", "words"),
    [
        (np.zeros((10, 10)), np.eye(10), "10 by 10"),
        (np.zeros((30, 10)), np.ones((30, 10)), "does not vary"),
        (np.zeros((30, 3)), np.ones((30, 3)), "30 by 3"),
    ],
)
def test_what_cannot_be_compared_is_refused(outcome, dose, words):
    with pytest.raises(CannotAnswer, match=words):
        lead_placebo(outcome, dose)
