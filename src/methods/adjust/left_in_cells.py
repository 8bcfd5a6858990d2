"""What confounding is left within cells of one covariate or two, from pairs of rows of one cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from methods.result import Result

CELLS = 8
MOST_ROWS = 40_000
FALSE_ALARMS = 0.05
FEWEST_ROWS, FEWEST_IN_CELL = 200, 10


@dataclass(frozen=True, kw_only=True)
class LeftInCells(Result):
    """Where most is left that drives treatment and outcome alike.

    columns: the one or two covariates whose cells show it; empty where nothing could be looked at.
    evidence: how clearly, in standard errors: where nothing is left, about the farthest of `looks` standard
    normal draws. bias: how far this alone moves the effect on everyone, in the unit of the outcome.
    """

    columns: tuple[int, ...] = ()
    evidence: float = 0.0
    looks: int = 0
    bias: float = 0.0

    @property
    def found(self) -> bool:
        """Whether more is left than chance shows in so many looks."""
        return bool(self.looks > 0 and self.evidence > norm.isf(FALSE_ALARMS / (2 * self.looks)))


def left_in_cells(
    matrix: np.ndarray, left_treatment: np.ndarray, left_outcome: np.ndarray, *, cells: int = CELLS
) -> LeftInCells:
    """Return the cells of one covariate or two in which rows alike depart alike from what was expected.

    matrix: covariates, (rows, columns).
    left_treatment, left_outcome: (rows,), what models that have not seen a row leave of its treatment and
        outcome.
    cells: ranges of as many rows each into which a covariate of more values is cut. Where the models know
        all that the covariates say, unlike rows of a cell have nothing in common, so the products of what
        is left of one row's treatment and another's outcome are 0 in the mean; where both miss a pattern,
        they are not, and the doubly robust estimate is off by their size (Robins, Li, Tchetgen Tchetgen
        and van der Vaart 2008). Each covariate and each pair is looked at; a hidden cause stays hidden.

    >>> rng = np.random.default_rng(1)
    >>> x = rng.uniform(size=(2_000, 2))
    >>> board = 0.3 * np.sign(np.sin(6 * np.pi * x[:, 0]) * np.sin(6 * np.pi * x[:, 1]))
    >>> noise = rng.normal(size=(2, 2_000))
    >>> left_in_cells(x, board + noise[0], board + noise[1]).found, left_in_cells(x, *noise).found
    (True, False)
    """
    rows = slice(None, None, -(-len(matrix) // MOST_ROWS))
    a, b = (values[rows] - values[rows].mean() for values in (left_treatment, left_outcome))
    codes = [_cells(column, cells) for column in matrix[rows].T if np.ptp(column) > 0]
    if not codes or len(a) < FEWEST_ROWS:
        return LeftInCells()
    sizes = np.array([code.max() + 1 for code in codes])
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    member = (np.column_stack(codes)[:, owner] == np.arange(len(owner)) - starts[owner]).astype(np.float32)
    cells_met = _of_pairs(member, a, b)
    blocks, given_a, given_b = (
        np.add.reduceat(np.add.reduceat(each, starts, axis=0), starts, axis=1) for each in cells_met
    )
    # What drives one of the two alone makes the sum no larger, but the less certain.
    variance = np.maximum(given_a, given_b)
    looked = np.triu(variance > 0)
    score = np.where(looked, np.abs(blocks) / np.sqrt(np.where(looked, variance, 1.0)), 0.0)
    one, two = np.unravel_index(int(score.argmax()), score.shape)
    varying = np.flatnonzero(np.ptp(matrix[rows], axis=0) > 0)
    return LeftInCells(
        columns=tuple(int(varying[place]) for place in dict.fromkeys((one, two))),
        evidence=float(score[one, two]),
        looks=int(looked.sum()),
        bias=float(blocks[one, two] / len(a) / np.mean(a**2)),
    )


def _of_pairs(member: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, ...]:
    """By two cells that meet: the sum over rows of a times the others' mean b, and its variance.

    The variance is that of b with each row's mean a of the others given, and the other way round.
    """

    def summed(values: np.ndarray) -> np.ndarray:
        return ((member * values.astype(np.float32)[:, None]).T @ member).astype(float)

    rows, of_a, of_b = summed(np.ones_like(a)), summed(a), summed(b)
    square = summed((a * b) ** 2)
    given_a = of_a**2 * summed(b**2) - 2 * of_a * summed(a * b**2) + square
    given_b = of_b**2 * summed(a**2) - 2 * of_b * summed(b * a**2) + square
    enough, others = rows >= FEWEST_IN_CELL, np.maximum(rows - 1, 1)
    sums = (of_a * of_b - summed(a * b)) / others
    found = (sums, np.maximum(given_a, 0.0) / others**2, np.maximum(given_b, 0.0) / others**2)
    return tuple(np.where(enough, each, 0.0) for each in found)


def _cells(column: np.ndarray, most: int) -> np.ndarray:
    """Number of each row's cell: its value where these are few, else ranges of as many rows."""
    values, code = np.unique(column, return_inverse=True)
    if len(values) <= most:
        return code
    ranks = rankdata(column) / (len(column) + 1)
    return np.unique((ranks * most).astype(int), return_inverse=True)[1]
