"""Deciding under what is not known: chance of being best, regret, what knowing a number is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from methods.intervals.estimates import Interval, wilson
from methods.result import Result

FEWEST_DRAWS = 30
_KNOTS = (0.05, 0.35, 0.65, 0.95)


@dataclass(frozen=True, kw_only=True)
class Choice(Result):
    """How options compare over draws of what is not known.

    best: for each option the share of draws in which it is best. regret: mean loss against the best option of
    each draw, in the unit of the values. chosen: place of the option with the largest mean.
    """

    best: tuple[Interval, ...]
    regret: tuple[float, ...]
    chosen: int


def choose_option(values: ArrayLike, *, level: float = 0.95) -> Choice:
    """Return which option to take, how sure that is, and what it may cost to be wrong.

    values: what each option is worth in each draw (draws × options), the same luck in a row. Raises
    ValueError on fewer than 30 draws or two options.

    >>> rng = np.random.default_rng(1)
    >>> found = choose_option(np.column_stack([np.zeros(200), rng.normal(1, 1, 200)]))
    >>> found.chosen, round(found.best[1].estimate, 1)
    (1, 0.8)
    """
    worth = _checked(values)
    first = np.bincount(worth.argmax(axis=1), minlength=worth.shape[1])
    return Choice(
        best=tuple(wilson(float(many), len(worth), level=level) for many in first),
        regret=tuple(float(one) for one in (worth.max(axis=1)[:, None] - worth).mean(axis=0)),
        chosen=int(worth.mean(axis=0).argmax()),
    )


@dataclass(frozen=True, kw_only=True)
class ValueOfKnowing(Result):
    """What perfect knowledge is worth, in the unit of the values.

    everything: of all that is not known. numbers: one row a number: number, worth (of knowing it alone),
    error (standard error over the draws), largest first.
    """

    everything: float
    numbers: pd.DataFrame = field(repr=False)


def value_of_knowing(values: ArrayLike, unknown: ArrayLike, *, names: Sequence[str]) -> ValueOfKnowing:
    """Return for each unknown number what knowing it before choosing would be worth (EVPPI).

    values: what each option is worth in each draw (draws × options). unknown: the numbers drawn (draws ×
    numbers). names: of the numbers. The worth of an option given a number is read off a natural cubic
    spline of the draws (Strong, Oakley and Brennan 2014), shrunk towards none by as much as chance
    alone would give (1 − 1/F). A number that never varies is worth nothing.

    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(400, 2))
    >>> found = value_of_knowing(np.column_stack([np.zeros(400), x[:, 1]]), x, names=["idle", "decisive"])
    >>> found.numbers["number"].tolist()
    ['decisive', 'idle']
    """
    worth, known = _checked(values), np.asarray(unknown, dtype=float)
    if known.shape != (len(worth), len(names)):
        raise ValueError(f"unknown has shape {known.shape}; needed: {(len(worth), len(names))}")
    # Only differences matter; against the option chosen anyway, most of the common noise is gone.
    gain = worth - worth[:, [int(worth.mean(axis=0).argmax())]]
    rows = []
    for name, column in zip(names, known.T, strict=True):
        best = _smoothed(gain, column).max(axis=1)
        rows.append((name, max(float(best.mean()), 0.0), float(best.std() / np.sqrt(len(best)))))
    frame = pd.DataFrame(rows, columns=["number", "worth", "error"])
    return ValueOfKnowing(
        everything=float(gain.max(axis=1).mean()),
        numbers=frame.sort_values("worth", ascending=False, kind="stable", ignore_index=True),
    )


def _smoothed(gain: NDArray[np.float64], number: NDArray[np.float64]) -> NDArray[np.float64]:
    """Expected gain of each option given the number (draws × options)."""
    mean = gain.mean(axis=0)
    if not np.ptp(number) > 0:
        return np.broadcast_to(mean, gain.shape)
    basis = _natural_spline(number)
    fit, *_ = np.linalg.lstsq(basis, gain - mean, rcond=None)
    told = basis @ fit
    free = basis.shape[1] - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        left = ((gain - mean - told) ** 2).sum(axis=0) / (len(gain) - free - 1)
        ratio = (told**2).sum(axis=0) / free / left
    kept = np.where(np.isfinite(ratio), 1 - 1 / np.maximum(ratio, 1.0), (told**2).sum(axis=0) > 0)
    # The mean gain of an option is that of all draws; only its course with the number is smoothed.
    return mean + kept * told


def _natural_spline(number: NDArray[np.float64]) -> NDArray[np.float64]:
    """A natural cubic spline basis with four knots: 1, the number, and two curves, straight at the ends."""
    place = (number - number.mean()) / number.std()
    knots = np.unique(np.quantile(place, _KNOTS))
    columns = [np.ones(len(place)), place]
    if len(knots) > 2:
        last = _bend(place, knots[-2], knots[-1])
        columns += [_bend(place, knot, knots[-1]) - last for knot in knots[:-2]]
    return np.column_stack(columns)


def _bend(place: NDArray[np.float64], knot: float, end: float) -> NDArray[np.float64]:
    return (np.maximum(place - knot, 0) ** 3 - np.maximum(place - end, 0) ** 3) / (end - knot)


def _checked(values: ArrayLike) -> NDArray[np.float64]:
    worth = np.asarray(values, dtype=float)
    if worth.ndim != 2 or worth.shape[1] < 2 or len(worth) < FEWEST_DRAWS:
        raise ValueError(f"values have shape {worth.shape}; needed: at least {(FEWEST_DRAWS, 2)}")
    if not np.isfinite(worth).all():
        raise ValueError("values hold a missing or infinite number")
    return worth
