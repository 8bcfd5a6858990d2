"""Differences of shares on the same customers, down to few of them and to none that differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from methods.counts import count
from methods.intervals.estimates import Interval, ratio_of_sums

FEWEST_DIFFERENT = 5


def paired_share_difference(plus: int, minus: int, n: int, *, level: float = 0.95) -> Interval:
    """Return the difference of two shares of the same n customers with Tango's (1998) score interval.

    plus: customers with the first and not the second.
    minus: with the second and not the first. Where none differ the interval is as wide as so few customers
        leave open, and never nil. Raises ValueError where the numbers are impossible.

    >>> found = paired_share_difference(0, 0, 40)
    >>> found.estimate, round(found.low, 3), round(found.high, 3)
    (0.0, -0.088, 0.088)
    """
    if n <= 0 or min(plus, minus) < 0 or plus + minus > n:
        raise ValueError(f"{plus} and {minus} of {count(n, 'customer')} are impossible")
    z, estimate, edge = float(norm.ppf(0.5 + level / 2)), (plus - minus) / n, 1e-12

    def score(difference: float) -> float:
        slope = (2 * n - plus + minus) * difference - plus - minus
        root = np.sqrt(max(slope**2 + 8 * n * minus * difference * (1 - difference), 0.0))
        variance = n * ((root - slope) / (2 * n) + difference * (1 - difference))
        away = plus - minus - n * difference
        return float(away / np.sqrt(variance)) if variance > edge else float(np.sign(away)) * 1e9

    low = brentq(lambda d: score(d) - z, -1 + edge, estimate - edge) if score(-1 + edge) > z else -1.0
    high = brentq(lambda d: score(d) + z, estimate + edge, 1 - edge) if score(1 - edge) < -z else 1.0
    error = np.sqrt(max(plus + minus - (plus - minus) ** 2 / n, 0.0)) / n
    return Interval(
        estimate=estimate, low=float(low), high=float(high), n=n, level=level, standard_error=float(error)
    )


def differing_few(values: np.ndarray, *, largest: float, level: float = 0.95) -> Interval | None:
    """Return the mean of differences of which a share, or hardly any, is not nil; None for all others.

    values: one difference a customer, between −largest and largest. Where each is −s, 0 or s it is a
    difference of shares, s times `paired_share_difference`. Where fewer than 5 differ otherwise, each is
    counted as if it were the largest, which is wide but holds.

    >>> differing_few(np.zeros(40), largest=100.0).high > 8
    True
    >>> differing_few(np.linspace(-1, 1, 40), largest=1.0) is None
    True
    """
    values = np.asarray(values, float)
    sizes = np.abs(values[values != 0])
    many = len(sizes) >= FEWEST_DIFFERENT
    alike = many and np.allclose(sizes, sizes[0])
    if many and not alike:
        return None
    size = float(sizes[0]) if alike else largest
    shares = paired_share_difference(
        int((values > 0).sum()), int((values < 0).sum()), len(values), level=level
    )
    found = shares.scaled(size)
    mean = float(values.mean())
    return Interval(
        estimate=mean,
        low=min(found.low, mean),
        high=max(found.high, mean),
        n=len(values),
        level=level,
        standard_error=found.standard_error,
    )


def ratio_of_few(
    numerator: np.ndarray, denominator: np.ndarray, *, largest: float, level: float = 0.95
) -> Interval:
    """Return `ratio_of_sums`, or as `differing_few` where under 5 customers have anything above the line.

    numerator, denominator: one sum a customer, the numerator between −largest and largest times the other.

    >>> ratio_of_few(np.zeros(40), np.ones(40), largest=1.0).high > 0.08
    True
    """
    found = ratio_of_sums(numerator, denominator, level=level)
    if np.count_nonzero(numerator) >= FEWEST_DIFFERENT:
        return found
    signs = np.sign(np.asarray(numerator, float)) * largest
    few = differing_few(signs, largest=largest, level=level)
    if few is None:
        return found
    return replace(found, low=min(few.low, found.low), high=max(few.high, found.high))
