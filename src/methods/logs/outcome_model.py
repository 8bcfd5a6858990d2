"""A plain model of clicks: the overall rate, multiplied by how much each trait raises it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

PRIOR_EVENTS = 5.0


@dataclass(frozen=True, kw_only=True)
class RateModel:
    """An overall rate (0 to 1) and, for each trait column, a factor a level; unknown levels count as 1."""

    rate: float
    factors: dict[str, pd.Series] = field(repr=False)

    def predict(self, frame: pd.DataFrame) -> np.ndarray:
        """Return the expected reward of each row, float64."""
        expected = np.full(len(frame), self.rate)
        for name, factor in self.factors.items():
            expected *= frame[name].map(factor).fillna(1.0).to_numpy(float)
        return expected


def fit_rates(
    frame: pd.DataFrame, *, reward: str, traits: Sequence[str], prior_events: float = PRIOR_EVENTS
) -> RateModel:
    """Fit the traits one after the other, each on what the earlier ones left unexplained.

    reward: 0/1 or amounts of 0 and more. A factor is (seen + prior) / (expected + prior), so that a rare
        level stays near 1: the gamma-Poisson shrinkage of small-area rates (Clayton and Kaldor 1987).
    """
    seen = frame[reward].to_numpy(float)
    expected = np.full(len(frame), seen.mean() if len(seen) else 0.0)
    rate, factors = float(expected[0]) if len(expected) else 0.0, {}
    for name in traits:
        level = frame[name].to_numpy()
        sums = pd.DataFrame({"seen": seen, "expected": expected}).groupby(level).sum()
        factors[name] = (sums["seen"] + prior_events) / (sums["expected"] + prior_events)
        expected = expected * frame[name].map(factors[name]).fillna(1.0).to_numpy(float)
    return RateModel(rate=rate, factors=factors)


def cross_fitted(
    frame: pd.DataFrame,
    others: pd.DataFrame,
    *,
    reward: str,
    traits: Sequence[str],
    cluster: str,
    folds: int = 5,
    seed: int = 1,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the expected rewards of both frames, each by a model that saw no row of its customer.

    Models learn from `frame` alone.
    cluster: column that names the customer; whole customers go to a fold.
    """
    names = pd.unique(pd.concat([frame[cluster], others[cluster]], ignore_index=True))
    dealt = pd.Series(np.random.default_rng(seed).permutation(len(names)) % folds, index=names)
    own, apart = frame[cluster].map(dealt).to_numpy(), others[cluster].map(dealt).to_numpy()
    mine, theirs = np.empty(len(frame)), np.empty(len(others))
    for fold in range(folds):
        model = fit_rates(frame[own != fold], reward=reward, traits=traits)
        mine[own == fold] = model.predict(frame[own == fold])
        theirs[apart == fold] = model.predict(others[apart == fold])
    return mine, theirs
