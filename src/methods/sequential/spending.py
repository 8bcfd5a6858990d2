"""Group-sequential limits: a chance of false alarm that is spent over the looks of a planned test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from methods.result import Result

Shape = Literal["obrien_fleming", "pocock"]
SHAPES: tuple[Shape, ...] = ("obrien_fleming", "pocock")
FAR = 8.0  # standard deviations, beyond which no chance is left
_STEPS_A_DEVIATION = 8
_FEWEST_POINTS = 121
# A step of less information than this is no new look.
_SMALLEST_STEP = 1e-6


@dataclass(frozen=True, kw_only=True)
class Limits(Result):
    """Two-sided limits of the standardised difference at each look of a test.

    fractions: (looks,) information known at each look, 1 at the planned end. limits: (looks,) in standard
    errors of the look: beyond them the test may stop.

    >>> once = Limits(fractions=np.array([1.0]), limits=np.array([1.96]))
    >>> round(once.false_alarms, 3), round(once.power(2.8), 2)
    (0.05, 0.8)
    """

    fractions: np.ndarray
    limits: np.ndarray

    def crossing(self, drift: float = 0.0) -> np.ndarray:
        """Return the chance of first passing a limit at each look, shape (looks,).

        drift: expected standardised difference at the planned end (0: no effect). The density of tests that
        have not stopped is carried from look to look (Armitage, McPherson and Rowe 1969; Jennison and
        Turnbull 2000, chapter 19).
        """
        still, passed = _Still.at_start(), []
        for fraction, limit in zip(self.fractions, self.limits, strict=True):
            passed.append(still.passing(fraction, limit, drift))
            still = still.inside(fraction, limit)
        return np.array(passed)

    @property
    def false_alarms(self) -> float:
        """The chance that a test without effect passes any limit."""
        return float(self.crossing().sum())

    def power(self, drift: float) -> float:
        """Return the chance that a test with this drift passes any limit, on either side."""
        return float(self.crossing(drift).sum())


@dataclass(frozen=True)
class _Still:
    """Tests of no effect that have not stopped: density of their score at points, with weights to sum."""

    fraction: float
    points: np.ndarray
    weights: np.ndarray

    @classmethod
    def at_start(cls) -> _Still:
        return cls(0.0, np.zeros(1), np.ones(1))

    def passing(self, fraction: float, limit: float, drift: float = 0.0) -> float:
        """Chance to be beyond ±limit at the next look; a drift changes each path's weight (Girsanov)."""
        step = math.sqrt(fraction - self.fraction)
        moved = drift * (fraction - self.fraction)
        edge = limit * math.sqrt(fraction)
        beyond = norm.sf((edge - self.points - moved) / step) + norm.cdf((-edge - self.points - moved) / step)
        tilt = np.exp(drift * self.points - drift**2 * self.fraction / 2)
        return float((self.weights * tilt) @ beyond)

    def inside(self, fraction: float, limit: float) -> _Still:
        """The tests that stay within ±limit at the next look (Simpson's rule)."""
        step = math.sqrt(fraction - self.fraction)
        edge = min(limit, FAR) * math.sqrt(fraction)
        half = max(_FEWEST_POINTS // 2, math.ceil(edge * _STEPS_A_DEVIATION / step))
        points = np.linspace(-edge, edge, 2 * half + 1)
        width = np.full(2 * half + 1, 2.0)
        width[1::2], width[[0, -1]] = 4.0, 1.0
        width *= (points[1] - points[0]) / 3
        apart = (points[:, None] - self.points[None, :]) / step
        density = np.exp(-(apart**2) / 2) @ self.weights / (step * math.sqrt(2 * math.pi))
        return _Still(fraction, points, density * width)


def spent(fraction: float, *, shape: Shape = "obrien_fleming", level: float = 0.95) -> float:
    """Return how much of the chance of a false alarm may be used up by this part of the information.

    fraction: of the information planned, 0 to 1.
    shape: "obrien_fleming" spends late, "pocock" about evenly. Lan and DeMets (1983), Biometrika 70; both
        sides together, each with half of 1 − level.
    Raises ValueError outside 0 to 1 or for another shape.

    >>> [round(spent(part), 4) for part in (0.2, 0.5, 1.0)]
    [0.0, 0.0031, 0.05]
    """
    if not 0 <= fraction <= 1 or shape not in SHAPES or not 0 < level < 1:
        raise ValueError(
            f"fraction {fraction!r} must lie from 0 to 1, shape {shape!r} be one of {SHAPES}, and level "
            f"{level!r} lie between 0 and 1"
        )
    alpha = 1 - level
    if fraction == 0:
        return 0.0
    if shape == "pocock":
        return alpha * math.log(1 + (math.e - 1) * fraction)
    return float(4 * norm.sf(norm.ppf(1 - alpha / 4) / math.sqrt(fraction)))


def spending_limits(
    fractions: Sequence[float] | np.ndarray, *, shape: Shape = "obrien_fleming", level: float = 0.95
) -> Limits:
    """Return the limits of each look that spend 1 − level over a planned test (Lan and DeMets 1983).

    fractions: information at each look so far over that planned, rising, above 0 and at most 1; looks need
        not be foreseen, only the end.
    shape: see `spent`.
    Where next to nothing may be spent at a look, its limit is 8 standard errors.
    Raises ValueError where the fractions do not rise within 0 to 1.

    >>> spending_limits([0.2, 0.4, 0.6, 0.8, 1.0]).limits.round(3)
    array([4.877, 3.357, 2.68 , 2.29 , 2.031])
    """
    fractions = _rising(fractions)
    return Limits(fractions=fractions, limits=np.array(_spending(tuple(fractions.tolist()), shape, level)))


@cache
def _spending(fractions: tuple[float, ...], shape: Shape, level: float) -> tuple[float, ...]:
    """Kept, since the metrics of one test share their looks."""
    still, limits, before = _Still.at_start(), [], 0.0
    for fraction in fractions:
        now = spent(fraction, shape=shape, level=level)
        limits.append(_limit(still, fraction, now - before))
        still, before = still.inside(fraction, limits[-1]), now
    return tuple(limits)


def _limit(still: _Still, fraction: float, chance: float) -> float:
    if still.passing(fraction, FAR) >= chance:
        return FAR
    return float(brentq(lambda limit: still.passing(fraction, limit) - chance, 0.0, FAR, xtol=1e-9))


def classic_limits(looks: int, *, shape: Shape = "obrien_fleming", level: float = 0.95) -> Limits:
    """Return the limits of O'Brien and Fleming (1979) or Pocock (1977) for equally spaced looks.

    looks: how many, the last at the planned end.
    shape: "obrien_fleming" (the limit falls with the root of the information) or "pocock" (the same at
        every look).
    Raises ValueError below one look or for another shape.

    >>> classic_limits(5, shape="pocock").limits.round(3).tolist()
    [2.413, 2.413, 2.413, 2.413, 2.413]
    """
    if looks < 1:
        raise ValueError(f"looks is {looks!r}; a test has at least one look, at its end")
    spent(1.0, shape=shape, level=level)
    fractions = np.arange(1, looks + 1) / looks
    form = np.ones(looks) if shape == "pocock" else 1 / np.sqrt(fractions)

    def surplus(constant: float) -> float:
        return Limits(fractions=fractions, limits=constant * form).false_alarms - (1 - level)

    return Limits(fractions=fractions, limits=brentq(surplus, 0.1, FAR, xtol=1e-6) * form)


def _rising(fractions: Sequence[float] | np.ndarray) -> np.ndarray:
    given = np.asarray(fractions, dtype=float)
    steps = np.diff(given, prepend=0.0)
    if given.ndim != 1 or not len(given) or not (steps > _SMALLEST_STEP).all() or given[-1] > 1 + 1e-9:
        raise ValueError(
            f"fractions {given.tolist()} must rise from look to look, above 0 and at most to 1; leave out "
            "looks at which nothing new is known"
        )
    return np.minimum(given, 1.0)
