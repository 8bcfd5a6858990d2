"""Rows of a kind in which none, or all, were treated: nothing seen says what the other would have been."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Over all kinds together, chance alone parts one in fewer than one sample of a thousand.
CHANCE = 0.001


def separated_rows(matrix: np.ndarray, treatment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are of a kind never treated, and which of one always treated; (rows,) bool each.

    matrix: covariates, (rows, columns); each value of a column of two values is a kind.
    treatment: (rows,) of 0 and 1. Where a kind parts treated from untreated, the chance that agrees best
        with the data is 0 or 1 (Albert and Anderson 1984, Biometrika); a learner that is held back puts
        it between, as if there were somebody to compare with. Kinds so small that chance may have done it
        are left alone.

    >>> city = np.repeat([0.0, 1.0], 200)
    >>> never, always = separated_rows(city[:, None], city * np.tile([0, 1], 200))
    >>> int(never.sum()), int(always.sum())
    (200, 0)
    """
    treated = treatment == 1
    share, parted = treated.mean(), np.zeros((2, len(treated)), dtype=bool)
    for kind in _kinds(matrix):
        for place, arm, chance in ((0, ~treated, 1 - share), (1, treated, share)):
            if arm[kind].all() and chance ** kind.sum() < CHANCE / (4 * matrix.shape[1]):
                parted[place] |= kind
    return parted[0], parted[1]


def _kinds(matrix: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of each value of each column of two values."""
    for column in matrix.T:
        high = column == column.max()
        if not high.all() and (high | (column == column.min())).all():
            yield from (high, ~high)
