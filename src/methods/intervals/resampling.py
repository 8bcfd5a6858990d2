"""How sure: customers drawn again, signs flipped, groups left out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.stats import t as student

_FLIPS_AT_ONCE = 64


def bootstrap_means(values: np.ndarray, *, resamples: int, seed: int) -> np.ndarray:
    """Return the means of each column over customers drawn again with replacement.

    values: (customers, columns), finite. All columns share the draws, so differences of columns are
        paired.
    Returns float64 (resamples, columns). The ordinary bootstrap, by multinomial weights.
    Raises ValueError on a value that is missing or infinite. Efron and Tibshirani 1993, chapter 6.

    >>> bootstrap_means(np.array([[1.0], [3.0]]), resamples=200, seed=1).shape
    (200, 1)
    """
    values = np.ascontiguousarray(values, float)
    if not np.isfinite(values).all():
        raise ValueError("values hold missing or infinite numbers; every judged customer needs every value")
    rng = np.random.default_rng(seed)
    size = len(values)
    means = np.empty((resamples, values.shape[1]))
    for draw in range(resamples):
        times = np.bincount(rng.integers(0, size, size, dtype=np.int32), minlength=size)
        means[draw] = times @ values
    return means / size


def percentile_interval(draws: np.ndarray, *, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the low and high end that leave out equal tails of the draws (rows), a value a column.

    draws: (draws, columns). Efron and Tibshirani 1993, chapter 13.

    >>> low, high = percentile_interval(np.arange(101.0)[:, None])
    >>> low.round(1).tolist(), high.round(1).tolist()
    ([2.5], [97.5])
    """
    tail = 100 * (1 - level) / 2
    low, high = np.percentile(draws, [tail, 100 - tail], axis=0)
    return low, high


def flip_test(differences: np.ndarray, *, flips: int, seed: int) -> np.ndarray:
    """Return two-sided p-values of no difference, by flipping the sign of each customer's difference.

    differences: (customers, comparisons). The randomisation test that suits recommendation data; Wilcoxon
        and sign tests raise too many false alarms there (Ihemelandu & Ekstrand, SIGIR 2023). The smallest
        possible value is 1 / (flips + 1).

    >>> flip_test(np.array([[1.0, 1.0], [1.0, -1.0]] * 5), flips=999, seed=1).round(1).tolist()
    [0.0, 1.0]
    """
    rng = np.random.default_rng(seed)
    size, total = len(differences), differences.sum(axis=0)
    as_large = np.zeros(differences.shape[1])
    for start in range(0, flips, _FLIPS_AT_ONCE):
        number = min(_FLIPS_AT_ONCE, flips - start)
        bits = np.frombuffer(rng.bytes(number * -(-size // 8)), np.uint8).reshape(number, -1)
        kept = np.unpackbits(bits, axis=1, count=size).astype(float) @ differences
        as_large += (np.abs(2 * kept - total) >= np.abs(total) * (1 - 1e-12)).sum(axis=0)
    return (1 + as_large) / (flips + 1)


def leave_out_groups(
    statistic: Callable[[np.ndarray], np.ndarray], parts: np.ndarray, *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return estimate, low and high of statistics that are no means, such as coverage, by the jackknife.

    parts: (groups, ...) totals of each random group of customers; statistic turns their sum into numbers.
        Each group is left out once (Efron & Tibshirani 1993, chapter 11); a bootstrap would repeat
        customers and so understate how many different products their lists hold.

    >>> estimate, low, high = leave_out_groups(lambda sums: sums[:1] / sums[1:], np.array([[1.0, 2.0]] * 4))
    >>> estimate.tolist(), low.tolist(), high.tolist()
    ([0.5], [0.5], [0.5])
    """
    groups, whole = len(parts), parts.sum(axis=0)
    estimate = statistic(whole)
    without = np.array([statistic(whole - part) for part in parts])
    spread = np.sqrt((groups - 1) / groups * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    reach = student.ppf((1 + level) / 2, groups - 1) * spread
    return estimate, estimate - reach, estimate + reach
