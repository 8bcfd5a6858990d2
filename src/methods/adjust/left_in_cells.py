"""What confounding is left within cells of one covariate or two, from pairs of rows of one cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm, rankdata

from methods.result import Result

CELLS = 8
MOST_ROWS, WORKED_OUT = 40_000, 30
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
    rows = looked_at(np.arange(len(matrix)))
    a, b = (values[rows] - values[rows].mean() for values in (left_treatment, left_outcome))
    codes = [_cells(column, cells) for column in matrix[rows].T if np.ptp(column) > 0]
    if not codes or len(a) < FEWEST_ROWS:
        return LeftInCells()
    sizes = np.array([code.max() + 1 for code in codes])
    starts = np.cumsum(sizes) - sizes
    owner = np.repeat(np.arange(len(sizes)), sizes)
    member = (np.column_stack(codes)[:, owner] == np.arange(len(owner)) - starts[owner]).astype(np.float32)
    rough = np.triu(_rough_scores(member, a, b, starts))
    looks = int((rough > 0).sum())
    best = [np.unravel_index(place, rough.shape) for place in np.argsort(-rough, axis=None)[:WORKED_OUT]]
    met = [codes[one] * sizes[two] + codes[two] for one, two in best]
    found = [_of_pairs(code, a, b) for code in met]  # in full for the best only: it costs as much again
    top = int(np.argmax([abs(total) / error for total, error in found]))
    total, error = found[top]
    varying = np.flatnonzero(np.ptp(matrix[rows], axis=0) > 0)
    return LeftInCells(
        columns=tuple(int(varying[place]) for place in dict.fromkeys(best[top])),
        evidence=float(abs(total) / error),
        looks=looks,
        bias=float(total / len(a) / np.mean(a**2)),
    )


def looked_at(rows: np.ndarray) -> np.ndarray:
    """Return the rows, or at most 40,000 of them, evenly spaced."""
    return rows[:: max(-(-len(rows) // MOST_ROWS), 1)]


def _rough_scores(member: np.ndarray, a: np.ndarray, b: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Scores of all pairs, (covariates, covariates), as if every row's variance were the mean one."""

    def summed(values: np.ndarray) -> np.ndarray:
        return ((member * values.astype(np.float32)[:, None]).T @ member).astype(float)

    def of_blocks(cells: np.ndarray) -> np.ndarray:
        return np.add.reduceat(np.add.reduceat(cells * enough, starts, axis=0), starts, axis=1)

    rows, of_a, of_b = summed(np.ones_like(a)), summed(a), summed(b)
    enough, others = rows >= FEWEST_IN_CELL, np.maximum(rows - 1, 1)
    sums = of_blocks((of_a * of_b - summed(a * b)) / others)
    spread = (
        of_blocks(own.var() * ((rows - 2) * of_other**2 + rows * other.var()) / others**2)
        for own, other, of_other in ((b, a, of_a), (a, b, of_b))
    )
    variance = np.maximum(*spread)
    return np.where(variance > 0, np.abs(sums) / np.sqrt(np.where(variance > 0, variance, 1.0)), 0.0)


def _of_pairs(code: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """Sum over rows of a times the mean b of the others of its cell, and its standard error.

    The variance is that of b with each row's mean a of the others given, or the other way round, whichever is
    larger: what drives one of the two alone makes the sum no larger, but the less certain.
    """
    rows = np.bincount(code)
    inside = rows[code] >= FEWEST_IN_CELL
    code, a, b = code[inside], a[inside], b[inside]
    others = np.maximum(np.bincount(code) - 1, 1)[code]
    of_a, of_b = ((np.bincount(code, own)[code] - own) / others for own in (a, b))
    variance = max(float(((b * of_a) ** 2).sum()), float(((a * of_b) ** 2).sum()))
    return float((a * of_b).sum()), float(np.sqrt(variance)) or 1.0


def _cells(column: np.ndarray, most: int) -> np.ndarray:
    """Number of each row's cell: its value where these are few, else ranges of as many rows."""
    values, code = np.unique(column, return_inverse=True)
    if len(values) <= most:
        return code
    ranks = rankdata(column) / (len(column) + 1)
    return np.unique((ranks * most).astype(int), return_inverse=True)[1]
