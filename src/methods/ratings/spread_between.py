"""How far units differ beyond chance, with an interval that may reach nil."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.stats import chi2

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class SpreadBetween(Result):
    """spread: standard deviation between the units' true values. p_value: that they do not differ at all.

    mean: weighted mean of the units, each counted by how sure its value is and how far units differ.
    """

    units: int
    spread: Interval
    p_value: float
    mean: float


def spread_between(values: np.ndarray, errors: np.ndarray, *, level: float = 0.95) -> SpreadBetween:
    """Return the standard deviation between units whose values are known with errors.

    values, errors: (units,), errors above 0. Paule and Mandel's (1982) estimate with the Q-profile interval
    of Viechtbauer (2007, Statistics in Medicine 26), exact for normal values; Cochran's Q gives the p-value.
    Raises CannotAnswer below three units, ValueError on errors that are not above 0.

    >>> rng = np.random.default_rng(1)
    >>> found = spread_between(rng.normal(0, 2, 80) + rng.normal(0, 1, 80), np.ones(80))
    >>> found.spread.low < 2 < found.spread.high, found.p_value < 0.001
    (True, True)
    """
    x, variance = np.asarray(values, dtype=float), np.asarray(errors, dtype=float) ** 2
    if not (variance > 0).all() or not np.isfinite(x).all():
        raise ValueError("every unit needs a finite value and an error above 0")
    if len(x) < 3:
        raise CannotAnswer(
            f"how far {count(len(x), 'unit differs', 'units differ')} cannot be told; at least 3 are needed"
        )
    freedom, tail = len(x) - 1, (1 - level) / 2

    def gap(between: float, target: float) -> float:
        weight = 1 / (variance + between)
        return float(weight @ (x - weight @ x / weight.sum()) ** 2) - target

    def root(target: float) -> float:
        """The variance between units at which Q is as large; 0 where it is smaller even without any."""
        if gap(0.0, target) <= 0:
            return 0.0
        high = max(float(np.var(x)), float(variance.max()))
        while gap(high, target) > 0:
            high *= 4
        return float(brentq(gap, 0.0, high, args=(target,)))

    between = root(freedom)
    ends = (root(chi2.ppf(1 - tail, freedom)), root(chi2.ppf(tail, freedom)))
    weight = 1 / (variance + between)
    return SpreadBetween(
        units=len(x),
        spread=Interval(
            estimate=between**0.5, low=ends[0] ** 0.5, high=ends[1] ** 0.5, n=len(x), level=level
        ),
        p_value=float(chi2.sf(gap(0.0, 0.0), freedom)),
        mean=float(weight @ x / weight.sum()),
    )
