"""Learners of unlike kinds on the same folds, and whether one of them sees what the other does not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

EARNED = 2.0


@dataclass(frozen=True, kw_only=True)
class AlternativeFit:
    """What another learner predicts for the same rows, none of which it has seen; (rows,) each.

    learner: its name. propensity, outcome_control, outcome_treated: as in `Nuisances`. unseen: how clearly
    the richer of the two learners sees something of both treatment and outcome that the other does not, in
    standard errors; about a standard normal where there is nothing more to see. seen_by: that richer learner.
    """

    learner: str
    propensity: np.ndarray
    outcome_control: np.ndarray
    outcome_treated: np.ndarray
    unseen: tuple[float, float]
    seen_by: str = ""

    @property
    def evidence(self) -> float:
        """Both in one number, at most twice the smaller: what drives one of the two alone confounds nothing.

        About a standard normal, or less, where there is nothing to see.
        """
        return float(min(sum(self.unseen) / np.sqrt(2), 2 * min(self.unseen)))


def unseen(target: np.ndarray, plain: np.ndarray, rich: np.ndarray, *, binary: bool) -> float:
    """Return how clearly what a richer learner adds goes with what a plainer one leaves over, in errors.

    target, plain, rich: (rows,), predictions for rows that neither has seen, so that 0 means nothing is
        gained and overfitting shows as less (best linear predictor: Chernozhukov, Demirer, Duflo and
        Fernandez-Val 2018).
    """
    left, added = target - plain, rich - plain
    if binary:
        plain, rich = (np.clip(each, 1e-4, 1 - 1e-4) for each in (plain, rich))
        added = np.log(rich / (1 - rich)) - np.log(plain / (1 - plain))
    product = left * (added - added.mean())
    spread = np.sqrt((product**2).sum())
    return float(product.sum() / spread) if spread > 0 else 0.0
