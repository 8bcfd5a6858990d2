"""A share pooled over groups whose own shares differ, such as monthly cohorts: groups are what repeats."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm, t

from methods.intervals.estimates import Interval, ratio_of_sums, wilson

LEAST_GROUPS = 4  # below, how groups differ is not known


def share_over_groups(successes: ArrayLike, cases: ArrayLike, *, level: float = 0.95) -> Interval:
    """Return the share of all cases, with an interval for groups drawn from more like them.

    successes, cases: one a group, 0 <= successes <= cases. The error is the larger of two: that of as many
        independent cases (Wilson 1927), and that of a ratio of sums with whole groups as clusters and
        Student's t of as many less one, put into Wilson's interval as fewer cases. With fewer than
        LEAST_GROUPS groups it is Wilson's alone.
    Raises ValueError without any case. Cochran 1977, section 6.3.

    >>> apart = share_over_groups([10, 30, 10, 30], [100, 100, 100, 100])
    >>> alike = share_over_groups([20, 20, 20, 20], [100, 100, 100, 100])
    >>> apart.high - apart.low > 2 * (alike.high - alike.low), apart.estimate
    (True, 0.2)
    """
    came, all_cases = np.asarray(successes, dtype=float), np.asarray(cases, dtype=float)
    alone = wilson(float(came.sum()), float(all_cases.sum()), level=level)
    groups, share = len(all_cases), alone.estimate
    if groups < LEAST_GROUPS or not 0 < share < 1:
        return alone
    clustered = ratio_of_sums(came, all_cases, level=level).standard_error
    error = clustered * float(t.ppf(0.5 + level / 2, groups - 1) / norm.ppf(0.5 + level / 2))
    if error <= alone.standard_error:
        return alone
    like = share * (1 - share) / error**2
    wide = wilson(share * like, like, level=level)
    return Interval(
        estimate=share, low=wide.low, high=wide.high, n=alone.n, level=level, standard_error=clustered
    )
