"""Learning from people's verdicts on suspects: a ridge logistic on the kinds of evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.model_selection import StratifiedKFold

from methods.errors import CannotAnswer
from methods.result import Result

FEWEST_OF_EACH = 8
_PENALTIES = (0.1, 1.0, 10.0, 100.0)
_STRONGEST = 8.0  # −log10 p beyond which evidence counts no more


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
    strength = np.minimum(-np.log10(np.asarray(p_values, float).clip(1e-300, 1.0)), _STRONGEST)
    scale = strength.std(axis=0)
    strength = strength / np.where(scale > 0, scale, 1.0)
    weight = np.ones(len(told)) if picked_chance is None else 1.0 / np.asarray(picked_chance, float)
    weight = (weight / weight.mean()).clip(max=10.0)
    x = strength[judged]
    parts = list(StratifiedKFold(min(folds, few), shuffle=True, random_state=seed).split(x, told))
    held = {penalty: _held_out(x, told, weight, parts, penalty) for penalty in _PENALTIES}
    best = min(held, key=lambda penalty: _log_loss(held[penalty], told, weight))
    fitted = _fit(x, told, weight, best)
    chance = expit(fitted[0] + strength @ fitted[1:])
    chance[judged] = held[best]
    return LearnedEvidence(chance=chance, weights=fitted[1:], verdicts=len(told), penalty=best)


def _fit(x: np.ndarray, told: np.ndarray, weight: np.ndarray, penalty: float) -> np.ndarray:
    """Return intercept and weights; none is negative, for no sign of manipulation speaks for a unit."""
    sign = np.where(told, 1.0, -1.0)

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        score = sign * (at[0] + x @ at[1:])
        slope = -weight * sign * expit(-score)
        value = weight @ np.logaddexp(0.0, -score) + penalty * (at[1:] @ at[1:]) / 2
        return float(value), np.append(slope.sum(), x.T @ slope + penalty * at[1:])

    bounds = [(None, None), *[(0.0, None)] * x.shape[1]]
    return minimize(loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B", bounds=bounds).x


def _held_out(x: np.ndarray, told: np.ndarray, weight: np.ndarray, parts: list, penalty: float) -> np.ndarray:
    found = np.zeros(len(told))
    for teach, test in parts:
        fitted = _fit(x[teach], told[teach], weight[teach], penalty)
        found[test] = expit(fitted[0] + x[test] @ fitted[1:])
    return found


def _log_loss(chance: np.ndarray, told: np.ndarray, weight: np.ndarray) -> float:
    sure = np.where(told, chance, 1 - chance).clip(1e-12)
    return float(-(weight * np.log(sure)).sum())
