"""Points of a rating: every so many double the odds."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

DOUBLING = 20.0


def points(chance: ArrayLike, *, usual: float, doubling: float = DOUBLING) -> NDArray[np.float64]:
    """Return the points that a chance of something bad takes off, or adds, against the usual chance.

    chance: 0 to 1, both excluded. usual: the chance worth 0 points. doubling: points that double the odds
    against it (Siddiqi 2017, Intelligent Credit Scoring, ch. 10).

    >>> points([0.5, 1 / 3, 2 / 3], usual=0.5).round(6).tolist()
    [0.0, 20.0, -20.0]
    """
    p = np.asarray(chance, dtype=float)
    if not ((p > 0) & (p < 1)).all() or not 0 < usual < 1:
        raise ValueError("chances must lie between 0 and 1, both excluded")
    odds = np.log((1 - p) / p) - np.log((1 - usual) / usual)
    return doubling / np.log(2) * odds
