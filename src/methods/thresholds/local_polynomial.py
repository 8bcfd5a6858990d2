"""Local polynomial fits at a boundary, written as weights on the outcomes, and their best bandwidths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.counts import count
from methods.regression.codes import codes_of

NEIGHBOURS = 3
FEWEST_SCORES = 10
# Padding keeps the outermost score inside the kernel, where it would else get weight nought.
_PAD = 1 + np.sqrt(np.finfo(float).eps)


class TooThin(ValueError):
    """The scores or outcomes near the threshold are too few, or too alike, for what was asked for."""


@dataclass(frozen=True, kw_only=True)
class Side:
    """The observations on one side of a threshold, sorted by score.

    x: score minus threshold (float). y: outcome (float). group: cluster codes (integer) or None.
    """

    x: np.ndarray
    y: np.ndarray
    group: np.ndarray | None = None

    def within(self, distance: float) -> Side:
        """Return the observations less than `distance` from the threshold."""
        near = np.abs(self.x) < distance
        return Side(x=self.x[near], y=self.y[near], group=None if self.group is None else self.group[near])

    @property
    def scores(self) -> np.ndarray:
        """The different distances from the threshold, nearest first."""
        return np.unique(np.abs(self.x))


def boundary_weights(
    x: np.ndarray, *, order: int, derivative: int, bandwidth: float
) -> tuple[np.ndarray, float]:
    """Return weights w with `w @ y` the fitted derivative at 0, and the weights' response to x**(order+1).

    x: score minus threshold, of one side, sorted. Triangular kernel. The second value times the
        coefficient of (x / bandwidth) ** (order + 1) is the leading bias, divided by bandwidth **
        derivative already.
    Raises TooThin when fewer than order + 1 different scores lie inside the bandwidth.
    """
    first = np.flatnonzero(np.r_[True, np.diff(x) != 0][: len(x)])
    many = np.diff(np.r_[first, len(x)])
    u = x[first] / bandwidth
    kernel = np.clip(1 - np.abs(u), 0, None)
    inside = kernel > 0
    if inside.sum() < order + 1:
        raise TooThin(
            f"{count(inside.sum(), 'different score lies', 'different scores lie')} within "
            f"{bandwidth:.4g} of the threshold on one side; "
            f"a fit of order {order} needs {order + 1}: widen the bandwidth"
        )
    powers = np.vander(u[inside], order + 2, increasing=True)
    weighted = powers[:, :-1] * kernel[inside, None]
    gram = (weighted * many[inside, None]).T @ powers[:, :-1]
    row = np.linalg.solve(gram, weighted.T)[derivative]
    weights = np.zeros(len(u))
    weights[inside] = row * factorial(derivative) / bandwidth**derivative
    return np.repeat(weights, many), float((row * many[inside]) @ powers[:, -1])


def factorial(number: int) -> int:
    """Return number!, for derivatives of a polynomial at its origin."""
    return int(np.prod(np.arange(1, number + 1)))


def neighbour_residuals(x: np.ndarray, y: np.ndarray, *, neighbours: int = NEIGHBOURS) -> np.ndarray:
    """Return residuals from the mean of the nearest neighbours, scaled to the variance of the outcome.

    x must be sorted. All observations of one score are neighbours of each other, and a score at the same
    distance on both sides is taken with both; at least `neighbours` others are used (Abadie and Imbens 2006;
    Calonico, Cattaneo and Titiunik 2014).
    """
    values, count = np.unique(x, return_counts=True)
    neighbours = min(neighbours, len(x) - 1)
    before = np.concatenate([[0], np.cumsum(count)])
    total = np.concatenate([[0.0], np.cumsum(y[np.argsort(x, kind="stable")])])
    low, high = np.arange(len(values)), np.arange(len(values))
    last = len(values) - 1
    for _ in range(neighbours):
        short = before[high + 1] - before[low] - 1 < neighbours
        left = np.where(low > 0, values - values[np.maximum(low - 1, 0)], np.inf)
        right = np.where(high < last, values[np.minimum(high + 1, last)] - values, np.inf)
        grow_left, grow_right = short & (left <= right), short & (right <= left)
        low, high = low - (grow_left & (low > 0)), high + (grow_right & (high < last))
    begin = np.repeat(before[low], count)
    end = np.repeat(before[high + 1], count)
    others = end - begin - 1
    mean = (total[end] - total[begin] - y) / others
    return np.sqrt(others / (others + 1)) * (y - mean)


def weights_variance(side: Side, weights: np.ndarray, residuals: np.ndarray) -> float:
    """Return the variance of `weights @ y` from residuals, by cluster where the side has groups."""
    scores = weights * residuals
    if side.group is None:
        return float(scores @ scores)
    used = weights != 0
    position, codes = codes_of(side.group[used])
    sums = np.bincount(position, weights=scores[used])
    return float(sums @ sums) * len(codes) / (len(codes) - 1)


def best_bandwidths(left: Side, right: Side) -> tuple[float, float]:
    """Return the bandwidth of a local-linear jump with the least mean squared error, and its bias bandwidth.

    Calonico, Cattaneo and Titiunik (2014, Econometrica 82), regularised as by Imbens and Kalyanaraman (2012).
    Where a fifth of the scores repeat, pilots span at least ten different scores on each side, and the first
    pilot shrinks with the number of different scores only.
    """
    x = np.concatenate([left.x, right.x])
    limit = float(np.abs(x).max())
    low, high = np.quantile(x, [0.25, 0.75], method="averaged_inverted_cdf")
    spread = min(np.std(x, ddof=1), (high - low) / 1.349)
    if spread <= 0:
        raise ValueError("half of the scores are equal: no bandwidth can be chosen from them; set one")
    floor = max(_floor(left), _floor(right)) if any(repeats(side) >= 0.2 for side in (left, right)) else 0.0
    first = max(min(2.576 * spread * (len(left.scores) + len(right.scores)) ** -0.2, limit), floor)
    pilots = [float(np.abs(side.x).max()) * _PAD for side in (left, right)]
    third = _step(left, right, 3, 3, 4, first, pilots, regularise=False)
    third = max(min(third, limit), floor)
    third = max(third, _fittable(left, right, 3))
    bias = min(_step(left, right, 2, 2, 3, first, [third, third]), limit)
    bias = max(bias, _fittable(left, right, 2))
    main = min(_step(left, right, 1, 0, 2, first, [bias, bias]), limit)
    return max(main, _fittable(left, right, 1)), bias


def repeats(side: Side) -> float:
    """Return the share of observations whose score another one has already."""
    return 1 - len(side.scores) / len(side.x)


def _floor(side: Side) -> float:
    return float(side.scores[min(FEWEST_SCORES, len(side.scores)) - 1]) * _PAD


def _fittable(left: Side, right: Side, order: int) -> float:
    """The distance that holds one score more than a fit of this order needs, on both sides."""
    return max(float(side.scores[min(order + 1, len(side.scores) - 1)]) for side in (left, right)) * _PAD


def _step(
    left: Side,
    right: Side,
    order: int,
    derivative: int,
    bias_order: int,
    variance_at: float,
    bias_at: list[float],
    *,
    regularise: bool = True,
) -> float:
    """Balance squared bias against variance for one derivative (their Lemma 1, estimated on each side)."""
    parts = [
        _bias_and_variance(side, order, derivative, bias_order, variance_at, at)
        for side, at in zip((left, right), bias_at, strict=True)
    ]
    variance = parts[0][1] + parts[1][1]
    bias = (parts[1][0] - parts[0][0]) ** 2 + regularise * (parts[0][2] + parts[1][2])
    return float((variance / bias) ** (1 / (2 * order + 3)))


def _bias_and_variance(
    side: Side, order: int, derivative: int, bias_order: int, variance_at: float, bias_at: float
) -> tuple[float, float, float]:
    near = side.within(variance_at)
    weights, response = boundary_weights(near.x, order=order, derivative=derivative, bandwidth=variance_at)
    residuals = neighbour_residuals(near.x, near.y)
    spread = weights_variance(near, weights, residuals) / factorial(derivative) ** 2
    variance = (2 * derivative + 1) * variance_at ** (2 * derivative + 1) * spread
    far = side.within(bias_at)
    weights, _ = boundary_weights(far.x, order=bias_order, derivative=order + 1, bandwidth=bias_at)
    weights = weights / factorial(order + 1)
    noise = weights_variance(far, weights, neighbour_residuals(far.x, far.y))
    power = 2 * (order + 1 - derivative)
    return np.sqrt(power) * response * (weights @ far.y), variance, power * 3 * response**2 * noise
