"""Groups compared on the same product only: rates with product effects taken out, clustered both ways."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from helpers.statistics.intervals import Interval
from helpers.uplift.inference import normal_interval


@dataclass(frozen=True, kw_only=True)
class WithinGroups:
    """Effects of a label beside a common set of items.

    labels: in order, the first is the yardstick. coefficients: (labels - 1,) differences to it. covariance:
    of these. mean: outcome over all rows. shares: (labels - 1,) of rows. rows, compared: all rows, and
    those of items on which at least two labels are seen.
    """

    labels: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    mean: float
    shares: np.ndarray
    rows: int
    compared: int

    def difference(self, first: str, second: str, *, level: float = 0.95) -> Interval:
        """Return the rate under one label minus that under another, on the same items."""
        contrast = self._unit(first) - self._unit(second)
        error = float(np.sqrt(max(contrast @ self.covariance @ contrast, 0.0)))
        return normal_interval(contrast @ self.coefficients, error, self.compared, level=level)

    def rate(self, label: str) -> float:
        """Return the rate under a label at the mix of items and traits of all rows."""
        return float(self.mean + (self._unit(label) - self.shares) @ self.coefficients)

    def _unit(self, label: str) -> np.ndarray:
        unit = np.zeros(len(self.labels) - 1)
        place = self.labels.index(label)
        if place:
            unit[place - 1] = 1.0
        return unit


def within_groups(
    outcome: np.ndarray,
    label: np.ndarray,
    item: np.ndarray,
    controls: np.ndarray,
    clusters: tuple[np.ndarray, ...],
    *,
    labels: tuple[str, ...],
) -> WithinGroups:
    """Compare labels on the same items by least squares with one free level an item.

    outcome: (rows,). label, item: (rows,). controls: rows x columns. clusters: one or two (rows,) sets of
    groups; with two, rows may depend through either (Cameron, Gelbach and Miller 2011: sum of both one-way
    covariances minus that of their crossing; where that is not positive, the larger one-way one is taken).
    Raises ValueError when a label is never seen on an item together with another.
    """
    _, code = np.unique(item, return_inverse=True)
    dummies = np.stack([label == name for name in labels[1:]], axis=1).astype(float)
    design = _without_means(np.column_stack([dummies, controls]), code)
    y = _without_means(outcome[:, None], code)[:, 0]
    present = np.stack([np.bincount(code, label == name) > 0 for name in labels])
    mixed = present.sum(axis=0) > 1
    lost = [name for name, items in zip(labels, present, strict=True) if not (items & mixed).any()]
    if lost:
        raise ValueError(f"{lost} never meet another group on the same item")
    bread = np.linalg.pinv(design.T @ design)
    beta = bread @ (design.T @ y)
    scores = design * (y - design @ beta)[:, None]
    count = len(labels) - 1
    return WithinGroups(
        labels=labels,
        coefficients=beta[:count],
        covariance=(bread @ _meat(scores, clusters) @ bread)[:count, :count],
        mean=float(outcome.mean()),
        shares=dummies.mean(axis=0),
        rows=len(y),
        compared=int(mixed[code].sum()),
    )


def _without_means(values: np.ndarray, code: np.ndarray) -> np.ndarray:
    size = np.bincount(code)
    means = np.stack([np.bincount(code, column) / size for column in values.T], axis=1)
    return values - means[code]


def _meat(scores: np.ndarray, clusters: tuple[np.ndarray, ...]) -> np.ndarray:
    single = [_one_way(scores, cluster) for cluster in clusters]
    if len(clusters) == 1:
        return single[0]
    codes = [np.unique(cluster, return_inverse=True)[1].astype(np.int64) for cluster in clusters]
    both = single[0] + single[1] - _one_way(scores, codes[0] * (codes[1].max() + 1) + codes[1])
    if (np.diag(both) >= np.maximum(*map(np.diag, single)) * 0.5).all():
        return both
    return max(single, key=np.trace)


def _one_way(scores: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    _, code = np.unique(cluster, return_inverse=True)
    sums = np.stack([np.bincount(code, column) for column in scores.T], axis=1)
    return sums.T @ sums * (len(sums) / (len(sums) - 1))
