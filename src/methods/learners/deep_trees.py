"""Trees alone, many and hardly shrunken: for patterns that curves and small trees leave standing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor


class DeepTrees(BaseEstimator):
    """Boosted trees that follow a pattern further than the loss would have them.

    What such trees add in noise averages out in a mean over rows; what trees shrunken to the best loss leave
    of a pattern stays in both models alike, and that is bias (undersmoothing: Newey and Robins 2018).
    binary: outcomes are 0 and 1, fitted on the scale of log odds.

    >>> rng = np.random.default_rng(1)
    >>> age = rng.uniform(0, 4, (3_000, 1))
    >>> model = DeepTrees(binary=False).fit(age, age[:, 0] % 1 + rng.normal(0, 0.1, 3_000))
    >>> model.predict(np.array([[0.9], [1.1]])).round(1).tolist()
    [0.9, 0.1]
    """

    together_: tuple[tuple[int, ...], ...] = ()

    def __init__(self, binary: bool = True) -> None:
        self.binary = binary

    def fit(self, X: np.ndarray, y: np.ndarray, together: Sequence[tuple[int, ...]] = ()) -> DeepTrees:
        """Learn from X of shape (rows, covariates) and y (rows,); trees need no `together`."""
        kind = HistGradientBoostingClassifier if self.binary else HistGradientBoostingRegressor
        self.trees_ = kind(
            max_iter=80, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20, l2_regularization=5.0,
            early_stopping=False, random_state=0,
        ).fit(X, y)  # fmt: skip
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the expected value of each row of X, or its chance of a 1."""
        return self.trees_.predict_proba(X)[:, 1] if self.binary else self.trees_.predict(X)
