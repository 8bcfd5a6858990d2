"""Sums of rates of which some count few events, or none: no end of an interval at nil for want of events."""

from __future__ import annotations

import numpy as np
from scipy.stats import gamma

from methods.intervals.clustered_means import ClusteredMeans
from methods.intervals.estimates import Interval

ENOUGH_EVENTS = 25


def combined_rates(means: ClusteredMeans, *, level: float = 0.95, **weights: float) -> Interval:
    """Return a weighted sum of rates, such as `combined_rates(means, shown=1, withheld=-1)`.

    means: none of them below 0.
    weights: of each mean by its name.

    Each rate has the gamma interval of Fay and Feuer (1997), which for plain counts is
    the exact one of Poisson's law: with its standard error over customers below, and above as if one event
    more of the largest size had happened. Their distances are joined by the square-and-add rule of Zou and
    Donner (2008), as Newcombe's for shares, with the correlations of the means. Where every rate is known
    as well as by 25 events or more it is the interval of `ClusteredMeans.combined`.
    Raises ValueError on a rate below 0, and where no rate counts any event.

    >>> from methods.intervals.clustered_means import Mean, clustered_means
    >>> bought, one = np.zeros(80), np.ones(40)
    >>> bought[:2] = 1.0
    >>> arms = {"shown": Mean(top=bought[:40], bottom=one, cluster=np.arange(40))}
    >>> arms["withheld"] = Mean(top=bought[40:], bottom=one, cluster=np.arange(40, 80))
    >>> found = combined_rates(clustered_means(arms), shown=1.0, withheld=-1.0)
    >>> found.estimate, found.low < -0.05, found.high > 0.1
    (0.05, True, True)
    """
    names = list(weights)
    value, step = means.values[names].to_numpy(float), means.steps[names].to_numpy(float)
    variance = np.diag(means.covariance.loc[names, names].to_numpy(float))
    if (variance > 0).all() and (value**2 >= ENOUGH_EVENTS * variance).all():
        return means.combined(level=level, **weights)
    if (value < 0).any():
        raise ValueError(f"a rate cannot be below 0, as {value.min():g} is")
    if not (means.values > 0).any():
        raise ValueError("no rate counts any event, so nothing says how large an event is")
    covariance = means.covariance.loc[names, names].to_numpy(float)
    low, high = _ends(value, variance, step, level=level)
    weight = np.array([weights[name] for name in names])
    down = np.where(weight > 0, value - low, high - value) * np.abs(weight)
    up = np.where(weight > 0, high - value, value - low) * np.abs(weight)
    scale = np.sqrt(np.where(variance > 0, variance, 1.0))
    alike = covariance / np.outer(scale, scale)
    np.fill_diagonal(alike, 1.0)
    alike *= np.outer(np.sign(weight), np.sign(weight))
    estimate = float(weight @ value)
    return Interval(
        estimate=estimate,
        low=estimate - float(np.sqrt(max(down @ alike @ down, 0.0))),
        high=estimate + float(np.sqrt(max(up @ alike @ up, 0.0))),
        n=means.clusters,
        level=level,
        standard_error=float(np.sqrt(max(weight @ covariance @ weight, 0.0))),
    )


def _ends(
    value: np.ndarray, variance: np.ndarray, step: np.ndarray, *, level: float
) -> tuple[np.ndarray, np.ndarray]:
    tail = (1 - level) / 2
    seen = (value > 0) & (variance > 0)
    spread = np.where(seen, variance, 1.0)
    low = np.where(
        seen, gamma.ppf(tail, np.where(seen, value**2 / spread, 1.0)) * spread / np.where(seen, value, 1), 0
    )
    more, wider = value + step, np.where(seen, variance, 0.0) + step**2
    high = gamma.ppf(1 - tail, more**2 / wider) * wider / more
    constant = (value > 0) & (variance == 0)
    return np.where(constant, value, low), np.where(constant, value, high)
