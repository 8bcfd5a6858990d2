"""The best linear projection of effects on traits, and the page that shows it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.uplift import gain_profile
from methods.regression.covariates import covariate_matrix
from methods.targeting.projection import best_linear_projection


def scores(seed: int, rows: int = 2_000):
    """Scores of an effect of 1 + 2 group + 0.5 size, with noise that is larger in the group."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"group": rng.random(rows) < 0.3, "size": rng.normal(10, 4, rows), "idle": rng.random(rows)}
    )
    effect = 1 + 2 * frame["group"] + 0.5 * (frame["size"] - 10) / 4
    return effect + rng.normal(0, 1 + 2 * frame["group"]), covariate_matrix(frame, list(frame))


def test_slopes_are_found_and_covered():
    truth = {"group": 2.0, "size": 0.5, "idle": 0.0}
    covered = {name: 0 for name in truth}
    for seed in range(200):
        found = best_linear_projection(*scores(seed)).set_index("source")
        for name, value in truth.items():
            covered[name] += found.loc[name, "low"] <= value <= found.loc[name, "high"]
    assert all(180 <= count <= 199 for count in covered.values()), covered


def test_equals_least_squares_of_statsmodels():
    sm = pytest.importorskip("statsmodels.api")
    score, traits = scores(1)
    found = best_linear_projection(score, traits)
    x = traits.matrix.copy()
    x[:, 1:] /= x[:, 1:].std(axis=0)
    fit = sm.OLS(np.asarray(score), sm.add_constant(x)).fit(cov_type="HC2")
    assert found["slope"].to_numpy() == pytest.approx(fit.params[1:])
    assert (found["high"] - found["slope"]).to_numpy() == pytest.approx(1.959964 * fit.bse[1:], rel=1e-5)


def test_too_few_rows_are_refused():
    score, traits = scores(1, rows=40)
    with pytest.raises(ValueError, match="20 a column"):
        best_linear_projection(score, traits)


def test_a_skipped_offer_stays_skipped():
    skipped = Skipped(requirement="A9", question="?", reason="No test.")
    assert gain_profile(skipped).reason == "No test."
