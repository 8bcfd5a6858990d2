"""Rows of a kind in which none, or all, were treated: nothing seen says what the other would have been."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

# Over all kinds together, chance alone parts one in fewer than one sample of a thousand.
CHANCE = 0.001
FEWEST_ROWS = 50
STEEPEST, LOOKS = 3.0, 10


def chance_of_one(columns: int) -> float:
    """Return the chance left to each kind of so many columns, of four apiece: two sides of two arms."""
    return CHANCE / (4 * max(columns, 1))


def separated_rows(matrix: np.ndarray, treatment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are of a kind never treated, and which of one always treated; (rows,) bool each.

    matrix: covariates, (rows, columns); each value of a column of two values is a kind, and of any
        column what lies beyond all numbers of an arm, where a rule parts it (`beyond`).
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
    by_chance = chance_of_one(matrix.shape[1])
    share, parted = treated.mean(), np.zeros((2, len(treated)), dtype=bool)
    for kind in _kinds(matrix):
        for place, arm, chance in ((0, ~treated, 1 - share), (1, treated, share)):
            if arm[kind].all() and chance ** kind.sum() < by_chance:
                parted[place] |= kind
    for column in matrix.T:
        for place, arm in enumerate((treated, ~treated)):
            for _, _, kind in beyond(column, arm, by_chance):
                parted[place] |= kind
    return parted[0], parted[1]


def _kinds(matrix: np.ndarray) -> Iterator[np.ndarray]:
    """The rows of each value of each column of two values."""
    for column in matrix.T:
        high = column == column.max()
        if not high.all() and (high | (column == column.min())).all():
            yield from (high, ~high)


def beyond(values: np.ndarray, arm: np.ndarray, chance: float) -> Iterator[tuple[str, float, np.ndarray]]:
    """Yield side, number and rows of the kinds beyond all numbers of an arm, where a rule parts them.

    values: (rows,), nan for a gap.
    arm: (rows,) bool, the treated, or the others.
    A kind holds at least 50 rows and lies "below" the least or "above" the greatest number of the arm. A rule
    parts it where, at a third of the arm's share in as many rows just beyond it, it would be met with
    less than `chance`: what changes smoothly does not fall to a third from one stretch to the next.

    >>> orders = np.repeat(np.arange(6.0), 100)
    >>> arm = (orders > 1) & (np.arange(600) % 3 == 0)
    >>> [(side, number, int(kind.sum())) for side, number, kind in beyond(orders, arm, 1e-4)]
    [('below', 2.0, 200)]
    """
    for side, sign in (("below", 1.0), ("above", -1.0)):
        signed = sign * values
        if not (arm & ~np.isnan(signed)).any():
            continue
        bound = float(np.nanmin(signed[arm]))
        kind = signed < bound
        if kind.sum() >= FEWEST_ROWS and _jumps(signed, arm, bound, chance):
            yield side, sign * bound, kind


def _jumps(values: np.ndarray, arm: np.ndarray, bound: float, chance: float) -> bool:
    """Whether the share of an arm leaps at a number, from none of the rows just below it."""
    below, above = np.sort(values[values < bound]), values[values >= bound]
    order = np.argsort(above, kind="stable")
    above, arm = above[order], arm[values >= bound][order]
    size = FEWEST_ROWS
    while size <= min(len(below), len(above)):
        near = len(below) - np.searchsorted(below, below[-size])
        beyond = int(np.searchsorted(above, above[size - 1], side="right"))
        if (1 - arm[:beyond].mean() / STEEPEST) ** near < chance / LOOKS:
            return True
        size *= 2
    return False
