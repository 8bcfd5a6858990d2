"""Curves and surfaces first, then trees boosted on what these leave over: steps and corners."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

from methods.learners.additive_model import ROWS_OF_TERMS, AdditiveModel, row_parts
from methods.learners.damped_newton import log_loss
from methods.learners.fit_check import level_sums, two_valued

BINS = 64
LEAST_WEIGHT = 0.02
MOST_WORSE = 2.0
QUICK_WAVES, MANY_ROWS = 9, 2_000


class AdditiveTrees(AdditiveModel):
    """An additive model whose residuals are boosted by small trees, as one Newton step on the log odds.

    Trees catch what curves and surfaces round off; curves and surfaces catch what trees would need
    thousands of splits for. A leaf's value is shrunk as if 20 units of information that say 0 were added,
    so trees count for little in small samples (gradient boosting: Friedman 2001, Annals of
    Statistics; its second-order step: Friedman, Hastie and Tibshirani 2000).

    >>> rng = np.random.default_rng(1)
    >>> age = rng.uniform(-2, 2, (3_000, 1))
    >>> model = AdditiveTrees(binary=False).fit(age, np.sin(age[:, 0]) + rng.normal(0, 0.1, 3_000))
    >>> model.predict(np.array([[0.0], [1.5]])).round(1).tolist()
    [0.0, 1.0]
    """

    def _waves(self, rows: int) -> int:
        """Beside trees, quicker waves pay where rows are many: they round off less."""
        return QUICK_WAVES if rows >= MANY_ROWS else self.waves

    def _fit_left_over(
        self, X: np.ndarray, ranks: np.ndarray, predictor: np.ndarray, target: np.ndarray
    ) -> np.ndarray:
        residual, weight = self._left_over(predictor, target)
        weight = np.maximum(weight, LEAST_WEIGHT) if self.binary else np.ones(len(target))
        trees = HistGradientBoostingRegressor(
            max_iter=25, learning_rate=0.16, max_leaf_nodes=12, min_samples_leaf=40, l2_regularization=20.0,
            max_bins=BINS, early_stopping=False, random_state=0,
        )  # fmt: skip
        bins = _bins(ranks)
        self.trees_ = trees.fit(bins, residual / weight, sample_weight=weight)
        added = self.trees_.predict(bins)
        self.part_ = _part_of_step(X, target, predictor, added) if self.binary else 1.0
        return predictor + self.part_ * added

    def _of_part(self, part: np.ndarray) -> np.ndarray:
        """What curves and surfaces say, plus what trees add to it."""
        curves, trees = self._in_two(part)
        return curves + trees

    def _in_two(self, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        ranks = self.curves_.ranks(part)
        return self._of_curves(part, ranks), self.part_ * self.trees_.predict(_bins(ranks))

    def predict_twice(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the expected values by curves and surfaces alone, and with trees, (rows,) each."""
        if self.plain_ is not None:
            expected = self.predict(X)
            return expected, expected
        parts = [self._in_two(X[rows]) for rows in row_parts(len(X), ROWS_OF_TERMS)]
        curves, trees = map(np.concatenate, zip(*parts, strict=True))
        return self._expected(curves), self._expected(curves + trees)


def _part_of_step(X: np.ndarray, target: np.ndarray, predictor: np.ndarray, added: np.ndarray) -> float:
    """How much of the trees' Newton step to take: all, half, a quarter, or none.

    A whole step overshoots where chances are small and the step is long; so it is halved while the loss of
    all rows, or of a level of a two-valued covariate, rises by more than chance.
    """
    places = two_valued(X)
    before = log_loss(predictor, target)
    for part in (1.0, 0.5, 0.25):
        worse = log_loss(predictor + part * added, target) - before
        if level_sums(X, places, worse[:, None]).max() <= MOST_WORSE:
            return part
    return 0.0


def _bins(ranks: np.ndarray) -> np.ndarray:
    """Ranks as one of 64 whole numbers: sorting every column once more would take longer than the trees."""
    return np.floor(ranks * (BINS - 1e-3))
