"""Does an estimate lean so far that a normal interval around it is too short?"""

from __future__ import annotations

import numpy as np

# A normal interval of 95 % then holds about 91 times in 100 (Hall 1988, Annals of Statistics 16).
TOO_LEANING = 0.4


def leaning(residual: np.ndarray, weight: np.ndarray) -> float:
    """Return the skewness of an estimate, without its sign: 0 where its errors go as far up as down.

    residual: (rows,) of the outcome, of both arms. weight: (rows,) of each row's residual in the estimate,
        below 0 for those that are taken off. How uneven the outcome is, all rows say together: the few rows
        of a small arm seldom hold the large amounts that decide what its mean may be. Between arms of one
        size the leaning of one takes off that of the other.

    >>> rng = np.random.default_rng(1)
    >>> amounts = rng.lognormal(3, 1.3, 4_000)
    >>> few, half = (np.where(np.arange(4_000) < n, 1 / n, -1 / (4_000 - n)) for n in (100, 2_000))
    >>> leaning(amounts - amounts.mean(), few) > 0.4, leaning(amounts - amounts.mean(), half) > 0.4
    (True, False)
    """
    off = residual - residual.mean()
    spread = float((off**2).mean())
    if spread == 0 or not weight.any():
        return 0.0
    skewness = float((off**3).mean()) / spread**1.5
    return abs(skewness * float((weight**3).sum())) / float((weight**2).sum()) ** 1.5
