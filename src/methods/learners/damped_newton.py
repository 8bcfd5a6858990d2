"""Newton's method for a penalised logistic fit, damped so that every step lowers the loss."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy.special import expit

from methods.learners.block_ridge import solve

HALVINGS = 12
LEAST_WEIGHT = 1e-6


class Rows(Protocol):
    """Rows of columns that can be multiplied and summed: `additive_model.Design`."""

    def times(self, coefficients: np.ndarray) -> np.ndarray: ...

    def sums(self, values: np.ndarray) -> np.ndarray: ...

    def gram(self, weight: np.ndarray | None) -> np.ndarray: ...


@dataclass(frozen=True, kw_only=True)
class Climb:
    """Where a climb ended. coefficients: (columns,). predictor: log odds of each row, (rows,).

    gap: how much penalised log likelihood the next step would still gain, about.
    """

    coefficients: np.ndarray
    predictor: np.ndarray
    gap: float


def score_and_weight(predictor: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the derivative of each row's log likelihood by its log odds, and minus the second derivative."""
    chance = expit(predictor)
    return target - chance, np.maximum(chance * (1 - chance), chance.dtype.type(LEAST_WEIGHT))


def log_loss(predictor: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Return minus the log likelihood of each row of a 0/1 target from its log odds."""
    return np.logaddexp(0, predictor) - target * predictor


def climb(
    design: Rows,
    target: np.ndarray,
    start: Climb,
    penalty: np.ndarray,
    *,
    gram: np.ndarray | None = None,
    chords: int = 1,
    most: int = 30,
    tolerance: float,
) -> Climb:
    """Return the fit reached from `start` once a step would gain less than `tolerance` of log likelihood.

    target: (rows,) of 0 and 1.
    penalty: (columns,).
    gram: second derivative to begin with.
    chords: steps taken with one second derivative before it is worked out anew.
    most: steps in all. Each step is halved until the penalised loss falls (damping: Boyd and Vandenberghe
        2004, section 9.5).
    """
    coefficients, predictor, age, gap = start.coefficients, start.predictor, 0, np.inf
    loss = _penalised(predictor, target, coefficients, penalty)
    for number in range(most + 1):
        residual, weight = score_and_weight(predictor, target)
        if gram is None or age >= chords:
            gram, age = design.gram(weight), 0
        score = design.sums(residual) - penalty * coefficients
        step = solve(gram, penalty, score)
        gap = float(score @ step) / 2
        if gap < tolerance or number == most:
            break
        change = design.times(step)
        for _ in range(HALVINGS):
            moved = _penalised(predictor + change, target, coefficients + step, penalty)
            if moved <= loss:
                break
            step, change, age = step / 2, change / 2, chords
        else:
            break
        coefficients, predictor, loss, age = coefficients + step, predictor + change, moved, age + 1
    return Climb(coefficients=coefficients, predictor=predictor, gap=gap)


def _penalised(
    predictor: np.ndarray, target: np.ndarray, coefficients: np.ndarray, penalty: np.ndarray
) -> float:
    return float(np.sum(log_loss(predictor, target), dtype=float) + np.sum(penalty * coefficients**2) / 2)
