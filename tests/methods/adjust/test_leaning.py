"""An estimate that leans: by hand, and where an outcome of numbers is too uneven for so few treated."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import skew

from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.leaning import TOO_LEANING, leaning

WORDS = "a handful of rows decide"


def test_a_mean_leans_by_the_skewness_over_the_root_of_its_rows():
    values = np.random.default_rng(1).exponential(size=2_000)
    found = leaning(values - values.mean(), np.full(2_000, 1 / 2_000))
    assert found == pytest.approx(skew(values) / np.sqrt(2_000))


def test_arms_of_one_size_lean_against_each_other():
    values = np.random.default_rng(2).exponential(size=2_000)
    weight = np.where(np.arange(2_000) < 1_000, 1.0, -1.0)
    assert leaning(values, weight) == pytest.approx(0.0, abs=1e-12)
    assert leaning(-values, np.abs(weight)) == pytest.approx(leaning(values, np.abs(weight)))


def test_nothing_leans_where_nothing_differs():
    assert leaning(np.ones(50), np.ones(50)) == 0.0
    assert leaning(np.arange(50.0), np.zeros(50)) == 0.0


def held_and_leaning(spread: float, share: float, *, rows: int = 2_000, draws: int = 400):
    """How often the plain difference holds, and its usual leaning, of log-normal spending by lot."""
    rng, held, found = np.random.default_rng(3), 0, []
    for _ in range(draws):
        t = rng.random(rows) < share
        y = np.where(rng.random(rows) < 0.3, np.exp(spread * rng.standard_normal(rows)), 0.0)
        arms = y[t], y[~t]
        error = np.sqrt(sum(arm.var() / len(arm) for arm in arms))
        held += abs(arms[0].mean() - arms[1].mean()) <= 1.96 * error
        residual = y - np.where(t, arms[0].mean(), arms[1].mean())
        found.append(leaning(residual, np.where(t, 1 / t.sum(), -1 / (~t).sum())))
    return held / draws, np.median(found)


@pytest.mark.parametrize(
    ("spread", "share", "short"), [(0.8, 0.4, False), (1.3, 0.4, False), (1.3, 0.05, True), (2.0, 0.02, True)]
)
def test_intervals_are_short_where_the_estimate_leans(spread, share, short):
    held, found = held_and_leaning(spread, share)
    assert (found > TOO_LEANING) == short
    assert (held < 0.92) == short


@pytest.mark.parametrize(("share", "warned"), [(0.02, True), (0.5, False)])
def test_spending_of_a_few_treated_is_warned_of(share, warned):
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"age": rng.normal(size=3_000), "t": rng.random(3_000) < share})
    frame["spent"] = rng.gamma(0.3, 1.0, 3_000) * (rng.random(3_000) < 0.3)
    names = {"outcome": "spent", "treatment": "t", "covariates": ["age"]}
    found = adjusted_effect(frame, **names, learners=("penalised regression",), repeats=1)
    assert (WORDS in found.warning) == warned
    same = adjusted_effect(frame.assign(spent=frame["spent"] > 0), **names, repeats=1)
    assert WORDS not in same.warning
