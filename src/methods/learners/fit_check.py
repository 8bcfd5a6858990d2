"""Does a fitted model know the means at least? Compared with a constant, of all rows and of every level."""

from __future__ import annotations

import numpy as np
from scipy.special import entr

MOST_ERRORS = 3.0
WORSE_SHARE, WORSE_ROWS = 0.10, 5.0
ROWS_AT_ONCE, MOST_CHECKED = 20_000, 200_000


def two_valued(matrix: np.ndarray) -> np.ndarray:
    """Return the places of the columns of matrix (rows, columns) that hold exactly two values."""
    low, high = matrix.min(axis=0), matrix.max(axis=0)
    kept = low < high
    for first in range(0, len(matrix), ROWS_AT_ONCE):
        part = matrix[first : first + ROWS_AT_ONCE]
        kept &= ((part == low) | (part == high)).all(axis=0)
    return np.flatnonzero(kept)


def level_sums(matrix: np.ndarray, places: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return sums of values (rows, kinds) over all rows and each level of the two-valued columns `places`.

    Shape (1 + 2 × places, kinds): everyone first, then the upper levels, then the lower ones.
    """
    everyone, upper = values.sum(axis=0), np.zeros((len(places), values.shape[1]))
    middle = (matrix[:, places].min(axis=0) + matrix[:, places].max(axis=0)) / 2
    for first in range(0, len(matrix), ROWS_AT_ONCE):
        rows = slice(first, first + ROWS_AT_ONCE)
        upper += (matrix[rows][:, places] > middle).T.astype(float) @ values[rows]
    return np.vstack([everyone, upper, everyone - upper])


def fault_of(
    matrix: np.ndarray,
    target: np.ndarray,
    chance: np.ndarray,
    *,
    names: tuple[str, ...] = (),
) -> str:
    """Return what is wrong with predicted chances of a 0/1 target, or nothing.

    matrix: (rows, columns);
    target, chance: (rows,). Over all rows, and within both levels of every two-valued column, the mean
        chance must be the share of ones but for 3 standard errors (more where many levels are asked), and
        the log loss no more than a tenth and as many of its own errors above that of the share itself,
        which a good model may miss by in a small level. Of very many rows 200,000 are asked.
    names: of the columns, for the text.

    >>> flag = np.repeat([0.0, 1.0], [900, 100])
    >>> target = np.where(np.arange(1_000) % 100 < np.where(flag == 1, 40, 2), 1.0, 0.0)
    >>> fault_of(flag[:, None], target, np.where(flag == 1, 0.4, 0.02))
    ''
    >>> fault_of(flag[:, None], target, np.where(flag == 1, 0.0, 0.02), names=("vip",))
    'it predicts 0.000 for rows with vip where the share is 0.400'
    """
    few = slice(None, None, -(-len(target) // MOST_CHECKED))
    matrix, target, chance = matrix[few], target[few], chance[few]
    places = two_valued(matrix)
    bounded = np.clip(chance.astype(float), 1e-6, 1 - 1e-6)
    loss = -np.where(target == 1, np.log(bounded), np.log1p(-bounded))
    values = np.column_stack(
        [np.ones(len(target)), target, chance, bounded * (1 - bounded), loss, target * loss, loss**2]
    )
    rows, ones, predicted, spread, lost, lost_by_ones, squares = level_sums(matrix, places, values).T
    rows = np.maximum(rows, 1)
    share = np.clip(ones / rows, 0, 1)
    errors = np.sqrt(np.maximum(np.maximum(spread, rows * share * (1 - share)), 1))
    allowed = MOST_ERRORS + np.sqrt(2 * np.log(len(rows)))
    off = np.abs(predicted - ones) / errors
    constant = rows * (entr(share) + entr(1 - share))
    # Of each row's loss less that of the share: the sum of squares within every level.
    of_one, of_nil = -np.log(np.maximum(share, 1e-6)), -np.log(np.maximum(1 - share, 1e-6))
    squares = squares - 2 * (of_one * lost_by_ones + of_nil * (lost - lost_by_ones))
    squares = squares + ones * of_one**2 + (rows - ones) * of_nil**2
    above = lost - ((1 + WORSE_SHARE) * constant + WORSE_ROWS + allowed * np.sqrt(np.maximum(squares, 0)))
    labels = _labels(places, names)
    if off.max() > allowed:
        worst = int(off.argmax())
        return (
            f"it predicts {predicted[worst] / rows[worst]:.3f} for {labels[worst]} "
            f"where the share is {share[worst]:.3f}"
        )
    if above.max() > 0:
        worst = int(above.argmax())
        return f"for {labels[worst]} it predicts worse than the share {share[worst]:.3f} alone"
    return ""


def _labels(places: np.ndarray, names: tuple[str, ...]) -> list[str]:
    called = [names[place] if names else f"column {place}" for place in places]
    return [
        "all rows",
        *(f"rows with {name}" for name in called),
        *(f"rows without {name}" for name in called),
    ]
