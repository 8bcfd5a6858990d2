"""Covariates as bending curves: the value itself and waves over its rank, with heavy tails tamed."""

from __future__ import annotations

import numpy as np

WAVES = 6
QUANTILES = 201


class Curves:
    """One block of columns a covariate: its scaled value, then cosines of its rank, quicker ones smaller.

    Cosines over the rank (0 to 1 from the smallest to the largest value) are uncorrelated and ignore tails;
    dividing the k-th by k makes one ridge penalty ask for smoothness, as that of a smoothing spline does.
    Values beyond the 0.5 % and 99.5 % quantiles are pulled to those. A covariate of two values is one column.
    """

    def __init__(self, values: np.ndarray, *, waves: int = WAVES) -> None:
        """Learn quantiles and scales from values of shape (rows, covariates)."""
        self.waves = waves
        self.ladders = _ladders(values)
        low, high = (
            np.array([ladder[0][place] if len(ladder[0]) > 2 else ladder[0][end] for ladder in self.ladders])
            for place, end in ((1, 0), (-2, -1))
        )
        self.low, self.high = low, high
        clipped = np.clip(values, low, high)
        self.middle, self.spread = clipped.mean(axis=0), clipped.std(axis=0)
        self.spread[self.spread == 0] = 1.0
        self.bends = np.array([len(ladder[0]) > 2 for ladder in self.ladders])
        self.sizes = np.where(self.bends, 1 + waves, 1)
        self.starts = np.concatenate([[0], np.cumsum(self.sizes)[:-1]])

    def ranks(self, values: np.ndarray) -> np.ndarray:
        """Return each value's rank in [0, 1] among those learned from, shape (rows, covariates) float32."""
        return np.column_stack(
            [np.interp(column, *ladder) for column, ladder in zip(values.T, self.ladders, strict=True)]
        ).astype(np.float32)

    def columns(self, values: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """Return the columns of all curves, shape (rows, sum of sizes) float32."""
        made = np.empty((len(values), int(self.sizes.sum())), dtype=np.float32)
        made[:, self.starts] = (np.clip(values, self.low, self.high) - self.middle) / self.spread
        bent = np.flatnonzero(self.bends)
        first = np.cos(np.pi * ranks[:, bent])
        before, wave = np.ones_like(first), first
        for number in range(1, self.waves + 1):
            made[:, self.starts[bent] + number] = np.sqrt(2) / number * wave
            before, wave = wave, 2 * first * wave - before  # cos((k + 1)u) = 2 cos u cos ku − cos((k − 1)u)
        return made


def _ladders(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """For each column its distinct quantiles and the middle rank of each, so that ties share one rank."""
    grid = np.linspace(0, 1, QUANTILES)
    place = grid * (len(values) - 1)
    below = place.astype(int)
    above, part = np.minimum(below + 1, len(values) - 1), place - below
    ladders = []
    for ordered in np.sort(values.T, axis=1):
        quantiles = ordered[below] + part * (ordered[above] - ordered[below])
        if ordered[0] < ordered[-1] and ((ordered == ordered[0]) | (ordered == ordered[-1])).all():
            quantiles = np.where(quantiles < ordered[-1], ordered[0], ordered[-1])  # nothing lies between
        fresh = np.concatenate([[True], quantiles[1:] > quantiles[:-1]])
        shared = np.cumsum(fresh) - 1
        ladders.append((quantiles[fresh], np.bincount(shared, weights=grid) / np.bincount(shared)))
    return ladders
