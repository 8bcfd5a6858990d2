"""The effect on the treated between two periods, with the influence of each unit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.result import Result

# A control whose chance of treatment is nearly 1 would count for hundreds; it is left out as in the source.
HIGHEST_CHANCE = 0.995
NEWTON_STEPS, ENOUGH = 50, 1e-8


@dataclass(frozen=True, kw_only=True)
class TwoPeriodEffect(Result):
    """estimate: effect on the treated. influence: (units,), nought for units in neither group."""

    estimate: float
    influence: np.ndarray


def did_2x2(
    change: np.ndarray,
    treated: np.ndarray,
    control: np.ndarray,
    covariates: np.ndarray,
    weight: np.ndarray | None = None,
) -> TwoPeriodEffect:
    """Return the mean change of the treated beyond that of comparable controls.

    change: (units,) outcome now minus then.
    treated, control: (units,) boolean, disjoint.
    covariates: units x columns from before, may have no column: then a difference in differences.
    weight: (units,) how much each counts, None for all alike. With columns, the doubly robust form with a
        logistic chance of treatment and a linear change of the controls; influence values count that both
        were estimated (Sant'Anna and Zhao 2020, panel data).

    >>> change = np.array([3.0, 3.2, 1.0, 1.2])
    >>> treated = np.array([True, True, False, False])
    >>> round(did_2x2(change, treated, ~treated, np.empty((4, 0))).estimate, 6)
    2.0
    """
    used = treated | control
    design = np.column_stack([np.ones(used.sum()), covariates[used]])
    d, y = treated[used].astype(float), change[used]
    size = np.ones(len(y)) if weight is None else weight[used]
    if design.shape[1] == 1:
        estimate, values = _difference(y, d, size)
    else:
        estimate, values = _doubly_robust(y, d, design, size)
    influence = np.zeros(len(change))
    influence[used] = values * len(change) / used.sum()
    return TwoPeriodEffect(estimate=estimate, influence=influence)


def _difference(y: np.ndarray, d: np.ndarray, size: np.ndarray) -> tuple[float, np.ndarray]:
    first, first_moves = _mean(size * d, y)
    second, second_moves = _mean(size * (1 - d), y)
    return first - second, first_moves - second_moves


def _mean(weight: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    mean = float(weight @ y / weight.sum())
    return mean, weight * (y - mean) / weight.mean()


def _doubly_robust(
    y: np.ndarray, d: np.ndarray, design: np.ndarray, size: np.ndarray
) -> tuple[float, np.ndarray]:
    chance, chance_moves = _logistic(design, d, size)
    kept = (d == 1) | (chance < HIGHEST_CHANCE)
    treated, control = size * d, size * (1 - d) * kept
    gram = design.T @ (design * control[:, None]) / len(y)
    slope = np.linalg.lstsq(gram, design.T @ (control * y) / len(y), rcond=None)[0]
    residual = y - design @ slope
    slope_moves = (control * residual)[:, None] * design @ np.linalg.pinv(gram)
    odds = control * chance / (1 - np.minimum(chance, HIGHEST_CHANCE))
    first, first_moves = _mean(treated, residual)
    second, second_moves = _mean(odds, residual)
    by_slope = odds @ design / odds.sum() - treated @ design / treated.sum()
    by_chance = (odds * (residual - second)) @ design / odds.sum()
    values = first_moves - second_moves + slope_moves @ by_slope - chance_moves @ by_chance
    return float(first - second), values


def _logistic(design: np.ndarray, d: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Chance of treatment and the influence of each unit on its coefficients; Newton steps."""
    coefficients = np.zeros(design.shape[1])
    for _ in range(NEWTON_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(design @ coefficients, -30, 30)))
        slope = design.T @ (size * (d - chance))
        weighted = design * np.sqrt(size * chance * (1 - chance))[:, None]
        bend = weighted.T @ weighted
        step = np.linalg.lstsq(bend, slope, rcond=None)[0]
        coefficients = coefficients + step
        # What the step gained: a column that separates the treated has no best value, yet no gain.
        if step @ slope < ENOUGH * size.mean():
            break
    chance = 1 / (1 + np.exp(-np.clip(design @ coefficients, -30, 30)))
    return chance, (size * (d - chance))[:, None] * design @ np.linalg.pinv(bend / len(d))
