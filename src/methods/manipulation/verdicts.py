"""Learning from people's verdicts on suspects: a ridge logistic on the kinds of evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from methods.errors import CannotAnswer
from methods.result import Result

FEWEST_OF_EACH = 8
_PENALTIES = (0.01, 0.1, 1.0, 10.0)  # scikit-learn's C, smaller is stronger


@dataclass(frozen=True, kw_only=True)
class LearnedEvidence(Result):
    """Chances of being manipulated as verdicts teach them.

    chance: 0 to 1, an entry a unit; of units with a verdict learned without it (folds). weights: of each kind
    of evidence, on log odds per standard deviation. verdicts: how many taught. penalty: the C chosen by
    folds.
    """

    chance: np.ndarray
    weights: np.ndarray
    verdicts: int
    penalty: float


def learn_from_verdicts(
    p_values: np.ndarray,
    judged: np.ndarray,
    manipulated: np.ndarray,
    *,
    picked_chance: np.ndarray | None = None,
    folds: int = 5,
    seed: int,
) -> LearnedEvidence:
    """Fit a ridge logistic of the verdicts on −log10 of each kind of evidence.

    p_values: (units, kinds), 0 to 1. judged: int (verdicts,), units with a verdict. manipulated: bool
    (verdicts,). picked_chance: (verdicts,), chance that the unit was picked (0 to 1, not 0); None where every
    unit had the same. folds: for the penalty and for the chances of judged units.
    Returns a `LearnedEvidence`. Raises CannotAnswer with fewer than 8 verdicts of either kind.

    >>> rng = np.random.default_rng(1)
    >>> bad = rng.random(400) < 0.2
    >>> p = np.where(bad[:, None], 0.01, 1.0) * rng.random((400, 2))
    >>> found = learn_from_verdicts(p, np.arange(200), bad[:200], seed=1)
    >>> bool(found.chance[bad].mean() > 0.8 > 0.2 > found.chance[~bad].mean())
    True
    """
    told = np.asarray(manipulated, bool)
    few = int(min(told.sum(), (~told).sum()))
    if few < FEWEST_OF_EACH:
        raise CannotAnswer(
            f"verdicts: {told.sum():,} manipulated and {(~told).sum():,} honest; "
            f"{FEWEST_OF_EACH} of each are needed to learn from them"
        )
    strength = -np.log10(np.asarray(p_values, float).clip(1e-12, 1.0))
    strength = (strength - strength.mean(axis=0)) / strength.std(axis=0).clip(1e-9)
    weight = np.ones(len(told)) if picked_chance is None else 1.0 / np.asarray(picked_chance, float)
    weight = (weight / weight.mean()).clip(max=10.0)
    x = strength[judged]
    parts = list(StratifiedKFold(min(folds, few), shuffle=True, random_state=seed).split(x, told))
    held = {c: _held_out(x, told, weight, parts, c) for c in _PENALTIES}
    penalty = min(held, key=lambda c: _log_loss(held[c], told, weight))
    model = _fit(x, told, weight, penalty)
    chance = model.predict_proba(strength)[:, 1]
    chance[judged] = held[penalty]
    return LearnedEvidence(chance=chance, weights=model.coef_[0], verdicts=len(told), penalty=penalty)


def _fit(x: np.ndarray, told: np.ndarray, weight: np.ndarray, penalty: float) -> LogisticRegression:
    return LogisticRegression(C=penalty, max_iter=1_000).fit(x, told, sample_weight=weight)


def _held_out(x: np.ndarray, told: np.ndarray, weight: np.ndarray, parts: list, penalty: float) -> np.ndarray:
    found = np.zeros(len(told))
    for teach, test in parts:
        found[test] = _fit(x[teach], told[teach], weight[teach], penalty).predict_proba(x[test])[:, 1]
    return found


def _log_loss(chance: np.ndarray, told: np.ndarray, weight: np.ndarray) -> float:
    sure = np.where(told, chance, 1 - chance).clip(1e-12)
    return float(-(weight * np.log(sure)).sum())
