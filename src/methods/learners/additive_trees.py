"""Curves and surfaces first, then trees boosted on what these leave over: steps and corners."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from methods.learners.additive_model import AdditiveModel

BINS = 64
LEAST_WEIGHT = 0.02


class AdditiveTrees(AdditiveModel):
    """An additive model whose residuals are boosted by small trees, as one Newton step on the log odds.

    Trees catch what curves and surfaces round off; curves and surfaces catch what trees would need
    thousands of splits for. A leaf's value is shrunk as if 20 units of information that say 0 were added,
    so trees count for little in small samples (gradient boosting: Friedman 2001, Annals of
    Statistics; its second-order step: Friedman, Hastie and Tibshirani 2000).
    """

    waves = 9  # beside trees, quicker waves pay: they round off less

    def _fit_left_over(self, ranks: np.ndarray, predictor: np.ndarray, target: np.ndarray) -> None:
        residual, weight = self._left_over(predictor, target)
        weight = np.maximum(weight, LEAST_WEIGHT) if self.binary else np.ones(len(target))
        trees = HistGradientBoostingRegressor(
            max_iter=25, learning_rate=0.16, max_leaf_nodes=12, min_samples_leaf=40, l2_regularization=20.0,
            max_bins=BINS, early_stopping=False, random_state=0,
        )  # fmt: skip
        self.trees_ = trees.fit(_bins(ranks), residual / weight, sample_weight=weight)

    def _predictor(self, X: np.ndarray) -> np.ndarray:
        """What curves and surfaces say, plus what trees add to it."""
        return super()._predictor(X) + self.trees_.predict(_bins(self.curves_.ranks(X)))


def _bins(ranks: np.ndarray) -> np.ndarray:
    """Ranks as one of 64 whole numbers: sorting every column once more would take longer than the trees."""
    return np.floor(ranks * (BINS - 1e-3))
