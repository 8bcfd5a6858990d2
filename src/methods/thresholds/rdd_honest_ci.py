"""A jump at a threshold of a whole-number score: an interval that is honest about curvature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import ncx2, norm

from methods.counts import count
from methods.result import Result
from methods.thresholds.local_polynomial import (
    Side,
    TooThin,
    boundary_weights,
    neighbour_residuals,
    weights_variance,
)
from methods.thresholds.sharp_rdd import sides

CURVATURE_ORDER = 4
MOST_WIDTHS = 40


@dataclass(frozen=True, kw_only=True)
class HonestJump(Result):
    """The jump with an interval that holds for every curve bent no more than `curvature`.

    estimate, low, high, standard_error, worst_bias: in units of the outcome; the interval is the estimate
    plus and minus a reach that covers the worst bias. curvature: bound on the second derivative (outcome per
    score squared), `curvature_from` says where it comes from. used: rows inside the bandwidth.
    """

    estimate: float
    standard_error: float
    worst_bias: float
    low: float
    high: float
    level: float
    bandwidth: float
    curvature: float
    curvature_from: str
    used: int


def rdd_honest_ci(
    frame: pd.DataFrame,
    *,
    outcome: str,
    score: str,
    threshold: float = 0.0,
    curvature: float | None = None,
    cluster: str | None = None,
    level: float = 0.95,
) -> HonestJump:
    """Return the jump at a threshold with an interval that is honest for a discrete score.

    outcome, score: numeric columns.
    curvature: the most that the outcome's slope may change per unit of score on either side; None takes
        the largest second derivative of a fourth-order polynomial fitted to each side over the same
        distance.
    cluster: column of clusters for the error. More rows at the same few scores do not narrow the interval
        where curvature limits it. Triangular kernel; the bandwidth makes the interval shortest.
    Raises TooThin (a ValueError) where a side has too few different scores. Source: bounded second
    derivative, Kolesár and Rothe (2018), American Economic Review 108; critical values and curvature by
    rule of thumb, Armstrong and Kolesár (2020), Quantitative Economics 11.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"likes": rng.integers(0, 40, 800)})
    >>> rows["spent"] = 0.1 * rows["likes"] + 2.0 * (rows["likes"] >= 20) + rng.normal(size=800)
    >>> found = rdd_honest_ci(rows, outcome="spent", score="likes", threshold=20)
    >>> found.low < 2 < found.high
    True
    """
    left, right = sides(frame, outcome=outcome, score=score, threshold=threshold, cluster=cluster)
    source = "given"
    if curvature is None:
        curvature, source = curvature_by_rule(left, right), "largest bend of a fourth-order fit"
    if not curvature >= 0:
        raise ValueError(f"curvature is {curvature!r}; it must be 0 or more")
    residuals = [neighbour_residuals(side.x, side.y) for side in (left, right)]
    widths = _candidate_widths(left, right)
    fits = [_honest_fit(left, right, residuals, width, curvature, level) for width in widths]
    best = min(fits, key=lambda fit: fit["reach"])
    return HonestJump(
        estimate=best["estimate"],
        standard_error=best["error"],
        worst_bias=best["bias"],
        low=best["estimate"] - best["reach"],
        high=best["estimate"] + best["reach"],
        level=level,
        bandwidth=best["width"],
        curvature=float(curvature),
        curvature_from=source,
        used=int(best["used"]),
    )


def curvature_by_rule(left: Side, right: Side) -> float:
    """Return the largest second derivative of a fourth-order polynomial fitted to each side.

    Both sides are fitted over the same distance, so that a long thin tail on one of them does not decide.
    """
    reach = min(side.scores[-1] for side in (left, right))
    bends = []
    for side in (left, right):
        near = side.within(reach * (1 + 1e-9))
        if len(near.scores) <= CURVATURE_ORDER:
            near = side
        if len(near.scores) <= CURVATURE_ORDER:
            raise TooThin(
                f"one side has {count(len(near.scores), 'different score')}; the rule for the curvature "
                "needs "
                f"{CURVATURE_ORDER + 1}: pass curvature="
            )
        fit = np.polynomial.Polynomial.fit(near.x, near.y, CURVATURE_ORDER).deriv(2)
        bends.append(np.abs(fit(np.linspace(near.x[0], near.x[-1], 101))).max())
    return float(max(bends))


def worst_bias(x: np.ndarray, weights: np.ndarray) -> float:
    """Return the largest bias of `weights @ y` at 0 over curves whose second derivative is at most 1.

    x: distances of one side, all of one sign. The integral of the absolute bias kernel, exact for any
        spacing of the scores (Kolesár and Rothe 2018, online supplement).
    """
    points, position = np.unique(np.abs(x), return_inverse=True)
    mass = np.bincount(position, weights=weights)
    if points[0] > 0:
        points, mass = np.r_[0.0, points], np.r_[0.0, mass]
    beyond = np.cumsum((mass * points)[::-1])[::-1] - points * np.cumsum(mass[::-1])[::-1]
    start, end = beyond[:-1], beyond[1:]
    size = np.abs(start) + np.abs(end)
    crossing = (start**2 + end**2) / np.where(size > 0, 2 * size, 1.0)
    area = np.where(start * end >= 0, size / 2, crossing)
    return float(area @ np.diff(points))


def _candidate_widths(left: Side, right: Side) -> np.ndarray:
    """Bandwidths just beyond each score from which both sides hold three; thinned where there are many."""
    low = max(side.scores[2] for side in (left, right))
    every = np.unique(np.concatenate([left.scores, right.scores]))
    steps = every[every >= low]
    if len(steps) > MOST_WIDTHS:
        steps = np.quantile(steps, np.linspace(0, 1, MOST_WIDTHS))
    gap = np.diff(every).min() if len(every) > 1 else 1.0
    return np.unique(steps + max(gap, 1e-6 * steps[-1]))


def _honest_fit(
    left: Side, right: Side, residuals: list[np.ndarray], width: float, curvature: float, level: float
) -> dict[str, float]:
    estimate, variance, bias, used = 0.0, 0.0, 0.0, 0
    for whole, noise, sign in ((left, residuals[0], -1), (right, residuals[1], 1)):
        side, noise = whole.within(width), noise[np.abs(whole.x) < width]
        weights, _ = boundary_weights(side.x, order=1, derivative=0, bandwidth=width)
        estimate += sign * float(weights @ side.y)
        variance += weights_variance(side, weights, noise)
        bias += curvature * worst_bias(side.x, weights)
        used += int((weights != 0).sum())
    error = float(np.sqrt(variance))
    reach = bias if error == 0 else error * _critical(bias / error, level)
    return {"estimate": estimate, "error": error, "bias": bias, "reach": reach, "width": width, "used": used}


def _critical(ratio: float, level: float) -> float:
    """The quantile of |N(ratio, 1)|; far out it is the one-sided normal one, where the series runs out."""
    if ratio > 20:
        return float(ratio + norm.ppf(level))
    return float(np.sqrt(ncx2.ppf(level, 1, ratio**2))) if ratio > 0 else float(norm.ppf((1 + level) / 2))
