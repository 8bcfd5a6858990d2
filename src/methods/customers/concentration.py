"""In how few hands an amount lies: the Lorenz curve, Gini's coefficient and what the largest tenth holds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval, bootstrap_together
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Concentration(Result):
    """How unequally an amount is held.

    people, held: the Lorenz curve from (0, 0) to (1, 1): the share of all that the poorest share of people
    hold. gini: 0 where all hold the same, towards 1 where one holds all. top: the share that the richest
    `part` of people hold.
    """

    people: np.ndarray = field(repr=False)
    held: np.ndarray = field(repr=False)
    gini: Interval
    top: Interval
    part: float


def concentration(
    amounts: ArrayLike, *, part: float = 0.1, draws: int = 300, seed: int = 1, level: float = 0.95
) -> Concentration:
    """Return in how few hands the amounts lie, for people like these.

    amounts: one a person (n), none below 0. part: of the richest, between 0 and 1.
    draws, seed: of the bootstrap of people behind the intervals (percentiles); where a few hold very much
        they are too narrow.
    Raises CannotAnswer with fewer than 2 people or nothing held, ValueError on an amount below 0.
    Lorenz 1905 (Publications of the American Statistical Association 9), Gini 1914.

    >>> found = concentration([1.0, 1.0, 1.0, 7.0], part=0.25, draws=50)
    >>> round(found.gini.estimate, 2), found.top.estimate
    (0.45, 0.7)
    """
    values = np.sort(np.asarray(amounts, dtype=float))
    if len(values) and values[0] < 0:
        raise ValueError(f"an amount cannot be below 0, as {values[0]:g} is")
    if len(values) < 2 or not values.sum() > 0:
        raise CannotAnswer(f"amounts of {len(values)} that sum to {values.sum():g} tell no spread")

    def gini_and_top(weight: np.ndarray) -> tuple[float, float]:
        people, held = lorenz_curve(values, weight)
        gini = 1 - np.sum(np.diff(people) * (held[1:] + held[:-1]))
        return float(gini), float(1 - np.interp(1 - part, people, held))

    people, held = lorenz_curve(values, np.ones(len(values)))
    gini, top = bootstrap_together(gini_and_top, customers=len(values), draws=draws, seed=seed, level=level)
    return Concentration(people=people, held=held, gini=gini, top=top, part=part)


def lorenz_curve(ordered: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of people and of what they hold, each from 0 to 1.

    ordered: amounts, rising (n). weight: how often each person counts (n).

    >>> [share.round(2).tolist() for share in lorenz_curve(np.array([1.0, 3.0]), np.ones(2))]
    [[0.0, 0.5, 1.0], [0.0, 0.25, 1.0]]
    """
    people, held = np.cumsum(weight), np.cumsum(weight * ordered)
    return np.append(0.0, people / people[-1]), np.append(0.0, held / held[-1])
