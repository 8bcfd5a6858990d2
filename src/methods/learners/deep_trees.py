"""Trees alone: many and hardly shrunken, or few and quick."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

MANY_ROWS = 4_000


class QuickTrees(BaseEstimator):
    """A few boosted trees of long steps: they tell whether there is a pattern for a fifth of the price.

    binary: outcomes are 0 and 1, fitted on the scale of log odds.
    """

    together_: tuple[tuple[int, ...], ...] = ()

    def __init__(self, binary: bool = True) -> None:
        self.binary = binary

    def fit(self, X: np.ndarray, y: np.ndarray, together: Sequence[tuple[int, ...]] = ()) -> QuickTrees:
        """Learn from X of shape (rows, covariates) and y (rows,); trees need no `together`."""
        kind = HistGradientBoostingClassifier if self.binary else HistGradientBoostingRegressor
        self.trees_ = kind(early_stopping=False, random_state=0, **self._options(len(y))).fit(X, y)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the expected value of each row of X, or its chance of a 1."""
        return self.trees_.predict_proba(X)[:, 1] if self.binary else self.trees_.predict(X)

    def _options(self, rows: int) -> dict[str, float]:
        return {
            "max_iter": 25, "learning_rate": 0.3, "max_leaf_nodes": 12, "min_samples_leaf": 40,
            "l2_regularization": 10.0, "max_bins": 64,
        }  # fmt: skip


class DeepTrees(QuickTrees):
    """Boosted trees that follow a pattern further than the loss would have them.

    What such trees add in noise averages out in a mean over rows; what trees shrunken to the best loss leave
    of a pattern stays in both models alike, and that is bias (undersmoothing: Newey and Robins 2018).
    Where rows are many, fewer trees of longer steps do as well for a third of the work.
    binary: outcomes are 0 and 1, fitted on the scale of log odds.

    >>> rng = np.random.default_rng(1)
    >>> age = rng.uniform(0, 4, (3_000, 1))
    >>> model = DeepTrees(binary=False).fit(age, age[:, 0] % 1 + rng.normal(0, 0.1, 3_000))
    >>> model.predict(np.array([[0.9], [1.1]])).round(1).tolist()
    [0.9, 0.1]
    """

    def _options(self, rows: int) -> dict[str, float]:
        if rows >= MANY_ROWS:
            return {
                "max_iter": 25, "learning_rate": 0.3, "max_leaf_nodes": 31, "min_samples_leaf": 20,
                "l2_regularization": 5.0,
            }  # fmt: skip
        return {
            "max_iter": 100, "learning_rate": 0.08, "max_leaf_nodes": 24, "min_samples_leaf": 30,
            "l2_regularization": 2.0,
        }  # fmt: skip
