"""DoubleML and EconML with boosted trees on the samples that ours left in the folder."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from tests.bench.uplift import measured

OPTIONS = {
    "max_iter": 120,
    "learning_rate": 0.06,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 60,
    "l2_regularization": 1.0,
    "early_stopping": False,
    "random_state": 0,
}


def doubleml_irm(folder: Path, customers: int) -> None:
    """Interactive regression model, five folds."""
    import doubleml

    def _estimate(x, t, y) -> tuple[float, float]:
        np.random.seed(1)  # the library draws its folds from the global generator
        data = doubleml.DoubleMLData.from_arrays(x, y, t)
        trees = [HistGradientBoostingClassifier(**OPTIONS) for _ in range(2)]
        fitted = doubleml.DoubleMLIRM(data, *trees, n_folds=5).fit()
        return float(fitted.coef[0]), float(fitted.se[0])

    measured(folder, _estimate)


def econml_dr(folder: Path, customers: int) -> None:
    """Doubly robust learner without effect modifiers, five folds."""
    from econml.dr import LinearDRLearner

    warnings.filterwarnings("ignore", message="A column-vector y was passed")

    def _estimate(x, t, y) -> tuple[float, float]:
        trees = [HistGradientBoostingClassifier(**OPTIONS) for _ in range(2)]
        learner = LinearDRLearner(
            model_propensity=trees[0], model_regression=trees[1], discrete_outcome=True, cv=5,
            random_state=1, min_propensity=0.01,
        )  # fmt: skip
        learner.fit(y, t.astype(int), X=None, W=x)
        found = learner.effect_inference()
        return float(np.ravel(found.point_estimate)[0]), float(np.ravel(found.stderr)[0])

    measured(folder, _estimate)


STAGES = (doubleml_irm, econml_dr)
