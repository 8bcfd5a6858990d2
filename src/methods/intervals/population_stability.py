"""Has a population changed between two dates? The population stability index."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from methods.counts import count
from methods.intervals.estimates import Interval

STEADY, SHIFTED = 0.1, 0.25  # the usual reading: below 0.1 no change, above 0.25 a large one


def stability_index(earlier: ArrayLike, later: ArrayLike, *, bins: int = 10, level: float = 0.95) -> Interval:
    """Return the population stability index of a feature between two samples, less what chance gives.

    The sum over bins of (later share - earlier share) times the logarithm of their ratio; bins are the
    earlier sample's quantiles, equal values staying together. Two equal samples of n and m give about
    (bins - 1)(1/n + 1/m), which is taken off (Yurdakul 2018); the interval is by the delta method for
    independent samples, so it is too wide where both hold the same customers. NaN are left out. Raises
    ValueError with fewer than 10 values on a side.

    >>> rng = np.random.default_rng(1)
    >>> found = stability_index(rng.normal(size=500), rng.normal(1, 1, 500))
    >>> bool(found.low > 0.1)
    True
    """
    one, two = (np.asarray(side, dtype=float) for side in (earlier, later))
    one, two = one[np.isfinite(one)], two[np.isfinite(two)]
    if min(len(one), len(two)) < 10:
        raise ValueError(f"{len(one)} and {count(len(two), 'value')}; each side needs 10")
    edges = np.unique(np.quantile(one, np.arange(1, bins) / bins))
    counts = [
        np.bincount(np.searchsorted(edges, side, side="left"), minlength=len(edges) + 1)
        for side in (one, two)
    ]
    kept = counts[0] + counts[1] > 0
    # Half a case a bin keeps the logarithm finite where one side has none.
    p, q = ((count[kept] + 0.5) / (count[kept] + 0.5).sum() for count in counts)
    index = float(((q - p) * np.log(q / p)).sum())
    slope_p, slope_q = -np.log(q / p) - (q - p) / p, np.log(q / p) + (q - p) / q
    variance = _multinomial(p, slope_p) / len(one) + _multinomial(q, slope_q) / len(two)
    noise = (kept.sum() - 1) * (1 / len(one) + 1 / len(two))
    # Where nothing changed the slopes vanish, and the spread is that of a chi-square.
    error = float(np.sqrt(variance + 2 * (1 / len(one) + 1 / len(two)) * noise))
    half = float(norm.ppf(0.5 + level / 2)) * error
    estimate = max(index - noise, 0.0)
    return Interval(
        estimate=estimate, low=max(index - noise - half, 0.0), high=max(index - noise + half, 0.0),
        n=min(len(one), len(two)), level=level, standard_error=error,
    )  # fmt: skip


def _multinomial(share: np.ndarray, slope: np.ndarray) -> float:
    return float((slope**2) @ share - (slope @ share) ** 2)
