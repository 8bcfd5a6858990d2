"""The error of a difference of means where an arm counts so few events that its variance says little."""

from __future__ import annotations

import numpy as np

# With fewer, no variance is known: none at all has an estimated variance of nil, and any difference alarms.
FEWEST_EVENTS = 10
# As many events' worth of all rows steady each arm's variance: 10 leave 5.4 % false alarms at 1 % outcomes
# and 90:10 arms, 40 leave 5.0 % (20,000 draws of 30,000 rows).
STEADYING_EVENTS = 40


def events(y: np.ndarray) -> np.ndarray:
    """Return which rows (rows,) are not of the commonest value: buyers where few buy, all where all differ.

    >>> events(np.array([0.0, 0.0, 1.0])).tolist()
    [False, False, True]
    """
    values, times = np.unique(y, return_counts=True)
    return y != values[times.argmax()]


def fewest_events(y: np.ndarray, arm: np.ndarray) -> int:
    """Return the events of the arm that has fewest. y, arm: (rows,), arm as true and false.

    >>> fewest_events(np.array([0.0, 0.0, 0.0, 1.0]), np.array([True, True, False, False]))
    0
    """
    event = events(y)
    return int(min(event[arm].sum(), event[~arm].sum()))


def steadied_variance(y: np.ndarray, arm: np.ndarray) -> tuple[float, float]:
    """Return the variance of the difference of two arms' means: steadied, and as the arms alone have it.

    y: outcomes (rows,), not all alike; arm: (rows,) true and false.

    Each arm's variance is mixed with that of all rows, which count as 40 events' worth of rows.

    >>> y, arm = np.repeat([0.0, 1.0, 0.0], [950, 20, 30]), np.repeat([False, True], [970, 30])
    >>> steady, alone = steadied_variance(y, arm)
    >>> round(steady, 6), round(alone, 6)
    (0.000664, 2.1e-05)
    """
    return _mixed((y[arm], y[~arm]), pooled=float(y.var()), share=float(events(y).mean()))


def _mixed(parts: tuple[np.ndarray, np.ndarray], *, pooled: float, share: float) -> tuple[float, float]:
    """Steadied and own variance of the difference of two means; share: of rows that are events."""
    weight = STEADYING_EVENTS / share
    alone = steady = 0.0
    for one in parts:
        alone += one.var() / len(one)
        steady += (len(one) * one.var() + weight * pooled) / (len(one) + weight) / len(one)
    return float(steady), float(alone)


def missing_variance(y: np.ndarray, arm: np.ndarray) -> float:
    """Return what the arms' own variances lack where one counts fewer than 10 events, else 0.

    y, arm: as of `steadied_variance`; outcomes that are all alike lack nothing.

    >>> y, arm = np.repeat([0.0, 1.0, 0.0], [950, 20, 30]), np.repeat([False, True], [970, 30])
    >>> round(missing_variance(y, arm), 6), missing_variance(np.zeros(1_000), arm)
    (0.000643, 0.0)
    """
    if np.ptp(y) == 0 or fewest_events(y, arm) >= FEWEST_EVENTS:
        return 0.0
    steady, alone = steadied_variance(y, arm)
    return max(steady - alone, 0.0)


def missing_ratio_variance(top: np.ndarray, bottom: np.ndarray, arm: np.ndarray) -> float:
    """Return the same of the difference of two ratios of sums, whose events are those of the numerator.

    top, bottom: numerator and denominator (rows,); arm: (rows,) true and false. The denominators of neither
    arm add up to 0.

    >>> top, arm = np.repeat([0.0, 1.0, 0.0], [950, 20, 30]), np.repeat([False, True], [970, 30])
    >>> round(missing_ratio_variance(top, np.ones(1_000), arm), 6)
    0.000643
    """
    if np.ptp(top) == 0 or fewest_events(top, arm) >= FEWEST_EVENTS:
        return 0.0
    apart = (top - top.sum() / bottom.sum() * bottom) / bottom.mean()
    own = [
        (top[rows] - top[rows].sum() / bottom[rows].sum() * bottom[rows]) / bottom[rows].mean()
        for rows in (arm, ~arm)
    ]
    steady, alone = _mixed((own[0], own[1]), pooled=float(apart.var()), share=float(events(top).mean()))
    return max(steady - alone, 0.0)
