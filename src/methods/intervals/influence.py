"""From influence values to intervals: one row's share in an estimate, summed by customer or by cluster."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from methods.intervals.estimates import Interval, normal_reach
from methods.regression.codes import codes_of


def normal_interval(
    estimate: float, standard_error: float, n: int, *, level: float = 0.95, freedom: float = np.inf
) -> Interval:
    """Return the estimate with its normal interval; raises ValueError unless 0 < level < 1.

    standard_error: of the estimate;
    n: units behind it.
    freedom: degrees of freedom of the standard error; finite ones take Student's t.

    >>> round(normal_interval(0.5, 0.1, 90).low, 3)
    0.304
    """
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie between 0 and 1, such as 0.95")
    quantile = norm.ppf(0.5 + level / 2) if np.isinf(freedom) else student.ppf(0.5 + level / 2, freedom)
    reach = quantile * standard_error
    return Interval(
        estimate=float(estimate),
        low=float(estimate - reach),
        high=float(estimate + reach),
        n=n,
        level=level,
        standard_error=float(standard_error),
    )


def log_interval(estimate: float, log_error: float, n: int, *, level: float = 0.95) -> Interval:
    """Return a number above 0 with the interval that is normal on the scale of its logarithm.

    log_error: standard error of the logarithm. n: units behind it.

    >>> found = log_interval(2.0, 0.1, 90)
    >>> round(found.low, 2), round(found.high, 2)
    (1.64, 2.43)
    """
    with np.errstate(over="ignore"):  # so large an error leaves no bound: from 0 to infinity
        reach = float(np.exp(normal_reach(level) * log_error))
    return Interval(
        estimate=estimate,
        low=estimate / reach,
        high=estimate * reach,
        n=n,
        level=level,
        standard_error=estimate * log_error,
    )


def excludes(interval: Interval, number: float) -> bool:
    """Say whether the interval leaves this number out.

    >>> excludes(normal_interval(0.5, 0.1, 90), 0.0)
    True
    """
    return not interval.low <= number <= interval.high


def standard_error(influence: np.ndarray, cluster: np.ndarray | None = None) -> float:
    """Return the standard error of a mean from its influence values, shape (rows,).

    cluster: (rows,) labels of groups whose members may depend on each other; their values are summed
        first and the variance is raised by groups / (groups − 1).
    Raises ValueError below two groups. Sums by cluster: Liang and Zeger 1986 (Biometrika 73).

    >>> rows = np.array([1.0, 1.0, -1.0, -1.0])
    >>> round(standard_error(rows), 3), round(standard_error(rows, np.array([1, 1, 2, 2])), 3)
    (0.577, 1.0)
    """
    if cluster is None:
        return float(np.std(influence, ddof=1) / np.sqrt(len(influence)))
    code, _ = codes_of(cluster)
    sums = np.bincount(code, weights=influence - influence.mean())
    if len(sums) < 2:
        raise ValueError("a cluster-robust interval needs at least two clusters")
    return float(np.sqrt(len(sums) / (len(sums) - 1) * np.sum(sums**2)) / len(influence))


def crossed_error(parts: np.ndarray, first: np.ndarray, second: np.ndarray) -> float:
    """Return the standard error of a sum whose parts hang together by two crossing groupings.

    parts: (rows,), centred shares in the estimate. first, second: (rows,) labels, such as customer and
    product. Variances by either grouping less that by both; at least the larger of the two. Source: Cameron,
    Gelbach and Miller 2011 (Journal of Business & Economic Statistics 29).

    >>> parts = np.array([1.0, 1.0, -1.0, -1.0])
    >>> round(crossed_error(parts, np.array([1, 2, 3, 4]), np.array([1, 1, 2, 2])), 3)
    2.828
    """
    one, other = (codes_of(labels)[0] for labels in (first, second))
    both = np.unique(one * (other.max() + 1) + other, return_inverse=True)[1]
    by_first, by_second, by_both = (
        float((np.bincount(each, parts) ** 2).sum()) for each in (one, other, both)
    )
    return float(np.sqrt(max(by_first + by_second - by_both, by_first, by_second)))


def relative_lift(
    new: float, base: float, n: int, *, log_error: float, level: float = 0.95, freedom: float = np.inf
) -> Interval | None:
    """Return new / base − 1 with the interval of its logarithm (delta method), which keeps it above −100 %.

    freedom: degrees of freedom of the error.
    new, base: two means over n rows.
    log_error: standard error of log(new / base). None where a mean is not positive or may as well be nil
        (log_error above 1): then a ratio says nothing. Katz, Baptista, Azen and Pike 1978 (Biometrics
        34).

    >>> found = relative_lift(0.12, 0.10, 4_000, log_error=0.05)
    >>> round(found.estimate, 3), round(found.low, 3), round(found.high, 3)
    (0.2, 0.088, 0.324)
    """
    if new <= 0 or base <= 0 or log_error > 1:
        return None
    log = normal_interval(np.log(new / base), log_error, n, level=level, freedom=freedom)
    return Interval(
        estimate=float(new / base - 1),
        low=float(np.exp(log.low) - 1),
        high=float(np.exp(log.high) - 1),
        n=n,
        level=level,
        standard_error=float(log_error * new / base),
    )
