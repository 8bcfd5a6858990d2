"""Arms of rising amounts: effects beside statsmodels, the best amount kept, hostile input refused."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy.optimize import minimize

from methods.errors import CannotAnswer
from methods.trials import dose_arms, intention_to_treat
from methods.trials.dose_arms import _concave

ASKS = (0, 1, 3, 6)


def drawn(seed: int, *, means=(0.0, 0.3, 0.4, -0.5), rows: int = 400) -> pd.DataFrame:
    """A trial of four amounts with one covariate that explains half of the outcome."""
    rng = np.random.default_rng(seed)
    asks = rng.choice(ASKS, rows)
    before = rng.normal(size=rows)
    noise = rng.normal(size=rows)
    mean = np.array(means)[np.searchsorted(ASKS, asks)]
    return pd.DataFrame({"asks": asks, "before": before, "value": mean + before + noise})


def test_without_covariates_it_is_the_table_of_means_with_hc2_errors():
    frame = drawn(1)
    found = dose_arms(frame, outcome="value", dose="asks")
    oracle = smf.ols("value ~ C(asks)", frame).fit(cov_type="HC2")
    assert [one.estimate for one in found.effects] == pytest.approx(list(oracle.params.iloc[1:]))
    assert [one.standard_error for one in found.effects] == pytest.approx(list(oracle.bse.iloc[1:]))
    assert found.base == pytest.approx(oracle.params.iloc[0])


def test_two_arms_with_covariates_are_an_intention_to_treat():
    frame = drawn(2).query("asks in (0, 6)").assign(drawn=lambda rows: (rows["asks"] == 6).astype(float))
    found = dose_arms(frame, outcome="value", dose="asks", covariates=["before"])
    oracle = intention_to_treat(frame, outcome="value", treatment="drawn", covariates=["before"])
    assert found.effects[0].estimate == pytest.approx(oracle.effect.estimate)
    assert found.effects[0].standard_error == pytest.approx(oracle.effect.standard_error)


@pytest.mark.parametrize("seed", range(6))
def test_the_curve_is_the_concave_one_nearest_to_the_effects(seed):
    rng = np.random.default_rng(seed)
    effect, root = rng.normal(size=3), rng.normal(size=(3, 3))
    covariance, doses = root @ root.T + 0.1 * np.eye(3), np.array(ASKS, dtype=float)
    found = _concave(doses, effect, covariance)
    slopes = np.diff(found) / np.diff(doses)
    assert found[0] == 0
    assert (np.diff(slopes) <= 1e-9).all()
    weight = np.linalg.inv(covariance)

    def miss(curve):
        return (effect - curve) @ weight @ (effect - curve)

    def bend(curve):
        return -np.diff(np.diff(np.concatenate([[0.0], curve])) / np.diff(doses))

    oracle = minimize(miss, found[1:] * 0, constraints={"type": "ineq", "fun": bend}, tol=1e-12)
    assert miss(found[1:]) == pytest.approx(oracle.fun, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("means", [(0.0, 0.3, 0.4, -0.5), (0.0, 0.0, 0.0, 0.0), (0.0, -0.1, -0.3, -0.6)])
def test_the_best_amount_is_kept_and_effects_are_covered_at_their_level(means):
    held, covered, trials = 0, [], 200
    for seed in range(trials):
        found = dose_arms(drawn(seed, means=means), outcome="value", dose="asks", covariates=["before"])
        best = [ASKS[place] for place, mean in enumerate(means) if mean == max(means)]
        held += any(found.low <= dose <= found.high for dose in best)
        covered += [one.low <= true <= one.high for one, true in zip(found.effects, means[1:], strict=True)]
    assert held >= 0.9 * trials
    assert 0.91 <= np.mean(covered) <= 0.98


def test_with_many_rows_only_the_best_is_left():
    found = dose_arms(drawn(3, rows=40_000), outcome="value", dose="asks", covariates=["before"])
    assert (found.low, found.best, found.high) == (3, 3, 3)


def test_where_nothing_varies_nothing_is_ruled_out():
    found = dose_arms(drawn(4).assign(value=1.0), outcome="value", dose="asks")
    assert (found.low, found.best, found.high) == (0, 0, 6)


def test_an_outcome_of_one_value_has_no_spread():
    found = dose_arms(drawn(6).assign(value=1.0), outcome="value", dose="asks", covariates=["before"])
    assert all(np.isfinite([one.low, one.high]).all() for one in found.effects)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda rows: rows.assign(asks=3), CannotAnswer, "at least two amounts"),
        (lambda rows: rows[(rows["asks"] < 6) | (rows.index < 20)], CannotAnswer, "the arm of 6 has"),
        (lambda rows: rows.assign(value=np.where(rows.index == 5, np.nan, 1.0)), ValueError, "1 gap"),
        (lambda rows: rows.drop(columns="value"), KeyError, "no column 'value'"),
    ],
)
def test_what_cannot_be_compared_is_refused(change, error, words):
    with pytest.raises(error, match=words):
        dose_arms(change(drawn(5)), outcome="value", dose="asks")


def test_a_small_arm_without_an_event_shows_no_effect():
    """By its own variance, nil, an arm of 50 without an opt-out lay surely below 2 % of 900."""
    rows = pd.DataFrame({"asks": np.repeat([0, 1, 3], [900, 50, 50]), "left": 0.0})
    rows.loc[[*range(18), 950, 951], "left"] = 1.0
    none, some = dose_arms(rows, outcome="left", dose="asks", draws=200).effects
    assert none.estimate == pytest.approx(-0.02)
    assert none.low < 0 < none.high
    assert none.standard_error == pytest.approx(np.sqrt(0.02 * 0.98 * (1 / 900 + 1 / 50)), rel=0.1)
    assert some.low < 0 < some.high
