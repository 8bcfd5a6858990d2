"""Primary rules: a number that by itself tells of too few, or of one who holds nearly all of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEWEST_PEOPLE = 11
LEAST_OTHERS = 0.10


def is_few(people: ArrayLike, *, fewest: int = FEWEST_PEOPLE) -> NDArray[np.bool_]:
    """Return which counts of people are 1 to `fewest` − 1, which are never told; nobody is not few.

    people: counts (n). The rule of the US Centers for Medicare and Medicaid Services: fewest = 11.

    >>> is_few([0, 1, 10, 11]).tolist()
    [False, True, True, False]
    """
    number = np.asarray(people)
    return (number > 0) & (number < fewest)


def is_dominated(
    total: ArrayLike, largest: ArrayLike, second: ArrayLike, *, least_others: float = LEAST_OTHERS
) -> NDArray[np.bool_]:
    """Return which sums of amounts let the second largest contributor reckon the largest one's amount.

    total, largest, second: of each sum, its two largest contributions (n each, in money). By the p % rule a
    sum is hidden where what all others give is under `least_others` (p, 0.10) of the largest contribution
    (Hundepool et al., Statistical Disclosure Control, 2012, section 4.2).

    >>> is_dominated([100, 100], [50, 90], [20, 8]).tolist()
    [False, True]
    """
    others = np.asarray(total, float) - np.asarray(largest, float) - np.asarray(second, float)
    return others < least_others * np.asarray(largest, float)
