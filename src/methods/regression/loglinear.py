"""Chances that multiply: a log-linear fit with one free level a group, and each row's influence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from methods.counts import count
from methods.regression.codes import codes_of
from methods.result import Result

_STEPS, _ENOUGH, _FARTHEST = 50, 1e-4, 8.0
_MANY, _MANY_A_GROUP, _ROUGH = 50_000, 1_000, 10
_ROWS_AT_ONCE = 5_000  # so that a product's two sides stay in the processor's cache


@dataclass(frozen=True, kw_only=True)
class LogLinearFit(Result):
    """coefficients: (columns,) on the log of the outcome's mean. influence: (rows, leading columns)."""

    coefficients: np.ndarray
    influence: np.ndarray


def loglinear_fit(
    matrix: np.ndarray, outcome: np.ndarray, group: np.ndarray, *, leading: int | None = None
) -> LogLinearFit:
    """Fit log of the mean outcome on matrix (rows, columns) and one free level for each group.

    outcome: counts or 0/1 (then the coefficients are logs of relative chances, "modified Poisson": Zou
        2004).
    group: (rows,) labels, such as weeks or customers; groups without any outcome say nothing and must be
        left out. Group levels are solved for at each Newton step, so thousands of them cost no columns;
        with customers as groups it is the conditional Poisson estimate (Hausman, Hall and Griliches
        1984). Influence values of the first `leading` coefficients (None: all) come from the working
        score; squares of their sums by cluster make a robust variance.
    Raises ValueError for a group without outcome or when the fit does not settle.

    >>> shared = np.tile([0.0, 1.0], 50)
    >>> orders = np.tile([1.0, 2.0], 50)
    >>> fit = loglinear_fit(shared[:, None], orders, np.arange(100) // 10)
    >>> round(float(np.exp(fit.coefficients[0])), 3)
    2.0
    """
    code, _ = codes_of(group)
    total = np.bincount(code, outcome)
    if (total <= 0).any():
        raise ValueError(
            f"{count((total <= 0).sum(), 'group has', 'groups have')} no outcome at all; leave their rows out"
        )
    spread = matrix.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    x = (matrix - matrix.mean(axis=0)) / spread
    beta = _rough_start(x, outcome, code, total)
    line = x @ beta
    for _ in range(_STEPS):
        fitted, _, bend = _curvature(x, line, code, total)
        slope = x.T @ (outcome - fitted)
        step = np.linalg.lstsq(bend, slope, rcond=None)[0]
        # What a further step would gain: a column that separates buyers has no best value, yet no gain.
        if step @ slope < _ENOUGH:
            break
        move = x @ step
        size = _length(line, move, outcome, code, total)
        beta, line = beta + size * step, line + size * move
    else:
        raise ValueError("the log-linear fit did not settle; look for columns that are nearly the same")
    fitted, centre, bend = _curvature(x, line, code, total)
    weight = (np.linalg.pinv(bend) / spread)[:, :leading]
    influence = (x @ weight - (centre @ weight)[code]) * (outcome - fitted)[:, None]
    return LogLinearFit(coefficients=beta / spread, influence=influence)


def _rough_start(x: np.ndarray, outcome: np.ndarray, code: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Where many rows share few groups, most steps are taken on one row in ten."""
    few = slice(None, None, _ROUGH)
    if len(x) < _MANY or len(total) * _MANY_A_GROUP > len(x):
        return np.zeros(x.shape[1])
    if (np.bincount(code[few], outcome[few], len(total)) <= 0).any():
        return np.zeros(x.shape[1])
    spread = x[few].std(axis=0)
    varied = spread > 0
    start = np.zeros(x.shape[1])
    start[varied] = loglinear_fit(x[few][:, varied], outcome[few], code[few]).coefficients
    return np.where(np.abs(start) < _FARTHEST, start, 0.0)


def _curvature(
    x: np.ndarray, line: np.ndarray, code: np.ndarray, total: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fitted means with every group's level at its best, group means of x, and the information matrix."""
    relative = np.exp(line)
    fitted = relative * (total / np.bincount(code, relative))[code]
    member = csr_array((fitted, code, np.arange(len(x) + 1)), shape=(len(x), len(total)))
    centre = (member.T @ x) / total[:, None]
    bend = -(centre * total[:, None]).T @ centre
    for first in range(0, len(x), _ROWS_AT_ONCE):
        rows = slice(first, first + _ROWS_AT_ONCE)
        bend += x[rows].T @ (x[rows] * fitted[rows, None])
    return fitted, centre, bend


def _length(
    line: np.ndarray, move: np.ndarray, outcome: np.ndarray, code: np.ndarray, total: np.ndarray
) -> float:
    """Halve the step until the likelihood gains by it; far from the top a full one may overshoot."""

    def likelihood(place: np.ndarray) -> float:
        return float(outcome @ place - total @ np.log(np.bincount(code, np.exp(place))))

    size, here = min(1.0, _FARTHEST / np.abs(move).max()), likelihood(line)
    while size > 1e-6 and likelihood(line + size * move) < here:
        size /= 2
    return size
