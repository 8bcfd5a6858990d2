"""Confidence sequences: an interval and a p-value that hold at all looks together, however many."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike


def sequence_reach(
    standard_error: ArrayLike, n: ArrayLike, *, planned_n: float, level: float = 0.95
) -> np.ndarray:
    """Return half the width of a confidence sequence: it holds at all looks together, however many.

    standard_error: of the estimate at each look.
    n: rows behind it, or any other measure of information in the unit of planned_n.
    planned_n: rows at which it is to be narrowest. Valid as n grows (asymptotic); give it a start of some
        hundred rows and ten events in each arm. Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
        (2024), Annals of Statistics 52, Theorem 2.2 and the choice of rho in section 2.3.
    Returns float, one a look.
    Raises ValueError unless planned_n is above 0 and level between 0 and 1.

    >>> reach = sequence_reach([0.05, 0.02], [500, 4_000], planned_n=4_000)
    >>> (reach / [0.05, 0.02]).round(1).tolist()
    [3.7, 3.0]
    """
    rows = _information(n, planned_n, level)
    return np.asarray(standard_error, dtype=float) * np.sqrt(
        2 * (rows + 1) / rows * (np.log(np.sqrt(rows + 1)) - math.log(1 - level))
    )


def sequence_p(
    estimate: ArrayLike, standard_error: ArrayLike, n: ArrayLike, *, planned_n: float, level: float = 0.95
) -> np.ndarray:
    """Return the always-valid p-value of no effect at each look, given all looks up to it.

    estimate, standard_error, n: one a look, in their order; planned_n, level: as of `sequence_reach`, whose
        intervals leave out 0 just where this is below 1 − level. It never rises again: the smallest so far.
    Source: Johari, Koomen, Pekelis and Walsh (2022), Operations Research 70, for the same mixture.
    Returns float, one a look.
    Raises ValueError as `sequence_reach`.

    >>> sequence_p([0.05, 0.06, 0.01], [0.02, 0.015, 0.01], [500, 1_000, 2_000], planned_n=2_000).round(3)
    array([0.216, 0.004, 0.004])
    """
    rows = _information(n, planned_n, level)
    square = (np.asarray(estimate, dtype=float) / np.asarray(standard_error, dtype=float)) ** 2
    alone = np.sqrt(rows + 1) * np.exp(-square * rows / (2 * (rows + 1)))
    return np.minimum.accumulate(np.minimum(alone, 1.0))


def _information(n: ArrayLike, planned_n: float, level: float) -> np.ndarray:
    """Rows times the square of the paper's rho, which makes the sequence narrowest at the plan."""
    if not planned_n > 0 or not 0 < level < 1:
        raise ValueError(f"planned_n {planned_n!r} must be above 0 and level {level!r} between 0 and 1")
    alpha = 1 - level
    rho_square = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / planned_n
    return np.asarray(n, dtype=float) * rho_square
