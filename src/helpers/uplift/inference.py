"""From influence values to intervals: one row's share in an estimate, summed by customer or by cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number with its standard error and interval, all in the outcome's own unit (shares, not percent)."""

    value: float
    standard_error: float
    low: float
    high: float
    level: float = 0.95

    def percent(self) -> tuple[float, float, float]:
        """Return (value, low, high) times 100: shares as percent, differences of shares as points."""
        return 100 * self.value, 100 * self.low, 100 * self.high

    def excludes(self, number: float) -> bool:
        """Say whether the interval leaves this number out."""
        return not self.low <= number <= self.high


def normal_estimate(value: float, standard_error: float, *, level: float = 0.95) -> Estimate:
    """Return the estimate with its normal interval; raises ValueError unless 0 < level < 1."""
    if not 0 < level < 1:
        raise ValueError(f"level {level} must lie between 0 and 1, such as 0.95")
    reach = norm.ppf(0.5 + level / 2) * standard_error
    return Estimate(
        value=float(value),
        standard_error=float(standard_error),
        low=float(value - reach),
        high=float(value + reach),
        level=level,
    )


def standard_error(influence: np.ndarray, cluster: np.ndarray | None = None) -> float:
    """Return the standard error of a mean from its influence values, shape (rows,).

    cluster: (rows,) labels of groups whose members may depend on each other; their values are summed
    first and the variance is raised by groups / (groups − 1). Raises ValueError below two groups.
    """
    if cluster is None:
        return float(np.std(influence, ddof=1) / np.sqrt(len(influence)))
    _, code = np.unique(cluster, return_inverse=True)
    sums = np.bincount(code, weights=influence - influence.mean())
    if len(sums) < 2:
        raise ValueError("a cluster-robust interval needs at least two clusters")
    return float(np.sqrt(len(sums) / (len(sums) - 1) * np.sum(sums**2)) / len(influence))


def relative_lift(new: float, base: float, *, log_error: float, level: float = 0.95) -> Estimate:
    """Return new / base − 1 with the interval of its logarithm (delta method), which keeps it above −100 %.

    new, base: two positive means. log_error: standard error of log(new / base).
    Raises ValueError when a mean is not positive.
    """
    if new <= 0 or base <= 0:
        raise ValueError(f"a relative lift needs two positive means; they are {new:.4g} and {base:.4g}")
    log = normal_estimate(np.log(new / base), log_error, level=level)
    return Estimate(
        value=float(new / base - 1),
        standard_error=float(log_error * new / base),
        low=float(np.exp(log.low) - 1),
        high=float(np.exp(log.high) - 1),
        level=level,
    )
