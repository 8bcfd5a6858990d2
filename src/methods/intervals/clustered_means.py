"""Several means of the same customers with what they share: any sum of them gets an honest interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.stats import t

from methods.intervals.estimates import Interval
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Mean(Result):
    """A ratio of sums over rows: of `top` over `bottom`, float64; cluster: who each row belongs to."""

    top: np.ndarray = field(repr=False)
    bottom: np.ndarray = field(repr=False)
    cluster: np.ndarray = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ClusteredMeans(Result):
    """Means by name with their joint covariance over clusters (customers).

    steps: by how much one more cluster of its largest top would raise each mean (of the largest top that any
    mean holds, where it counts nothing itself).
    """

    values: pd.Series
    covariance: pd.DataFrame = field(repr=False)
    clusters: int
    steps: pd.Series = field(repr=False)

    def combined(self, level: float = 0.95, **weights: float) -> Interval:
        """Return the weighted sum of means with its t interval, such as `combined(shown=1, withheld=-1)`."""
        names = list(weights)
        weight = np.array([weights[name] for name in names])
        value = float(weight @ self.values[names].to_numpy())
        variance = float(weight @ self.covariance.loc[names, names].to_numpy() @ weight)
        error = float(np.sqrt(max(variance, 0.0)))
        reach = float(t.ppf(0.5 + level / 2, self.clusters - 1)) * error
        return Interval(
            estimate=value,
            low=value - reach,
            high=value + reach,
            n=self.clusters,
            level=level,
            standard_error=error,
        )


def clustered_means(means: Mapping[str, Mean]) -> ClusteredMeans:
    """Return ratios of sums with their covariance by the delta method, rows of one cluster taken together.

    means: name to mean, all of the same customers.
    Raises ValueError below two clusters or where the sum below a line is not positive. Cochran 1977,
    section 6.3.

    >>> clicked, who = np.array([1.0, 0.0, 1.0, 0.0]), np.array([1, 1, 2, 3])
    >>> found = clustered_means({"clicks": Mean(top=clicked, bottom=np.ones(4), cluster=who)})
    >>> found.combined(clicks=1).estimate
    0.5
    """
    labels = np.concatenate([mean.cluster for mean in means.values()])
    code = pd.factorize(labels)[0]
    groups, start = int(code.max()) + 1 if len(code) else 0, 0
    if groups < 2:
        raise ValueError(f"an interval over customers needs at least two of them; there are {groups}")
    values, bottoms, largest, influence = [], [], [], np.empty((groups, len(means)))
    for column, (name, mean) in enumerate(means.items()):
        bottom = float(np.sum(mean.bottom))
        if not bottom > 0:
            raise ValueError(f"mean {name!r} has nothing below the line")
        here = code[start : start + len(mean.cluster)]
        start += len(mean.cluster)
        value = float(np.sum(mean.top)) / bottom
        values.append(value)
        bottoms.append(bottom)
        largest.append(float(np.bincount(here, weights=mean.top).max()))
        residual = mean.top - value * mean.bottom
        influence[:, column] = np.bincount(here, weights=residual, minlength=groups) / bottom
    names = list(means)
    covariance = influence.T @ influence * groups / (groups - 1)
    own = np.array(largest)
    return ClusteredMeans(
        values=pd.Series(values, index=names),
        covariance=pd.DataFrame(covariance, index=names, columns=names),
        clusters=groups,
        steps=pd.Series(np.where(own > 0, own, own.max()) / np.array(bottoms), index=names),
    )
