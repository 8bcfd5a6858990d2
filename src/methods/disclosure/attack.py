"""The attacker: how far each hidden cell can be narrowed by what is told and by what adds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array

from methods.disclosure.programme import NEARLY, checked, groups
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Reach(Result):
    """What an attacker can say of each cell.

    cell_low, cell_high: the smallest and largest value that fits everything told (n cells, in their unit); a
    told cell's are its value, and a hidden one without bound has no upper end (inf).
    """

    cell_low: NDArray[np.float64]
    cell_high: NDArray[np.float64]

    @property
    def is_exact(self) -> NDArray[np.bool_]:
        """Which cells are known to the last unit (n cells), the told ones among them."""
        return self.cell_high - self.cell_low <= NEARLY * np.maximum(1.0, self.cell_low)


def attack(
    values: ArrayLike, relations: csr_array, hidden: ArrayLike, *, wanted: ArrayLike | None = None
) -> Reach:
    """Return how far linear programmes narrow hidden cells: two a cell, smallest and largest that fits.

    values: all cells, at least 0 (n). relations: which add up (sums by n; see `linked`). hidden: which are
    not told (n). wanted: which of those he asks for (n; all of them); the ends of others stay their value.
    The attacker knows every told cell, every sum, and that no cell is below 0; he may round counts inwards.
    Raises ValueError where values do not add up. Source: Fischetti and Salazar (2000), Models and algorithms
    for optimizing cell suppression in tabular data with linear constraints, JASA 95.

    >>> from methods.disclosure import linked
    >>> found = attack([3, 4, 300, 307], linked([(3, [0, 1, 2])], cells=4), [True, True, False, False])
    >>> found.cell_low.tolist(), found.cell_high.tolist()
    ([0.0, 0.0, 300.0, 307.0], [7.0, 7.0, 300.0, 307.0])
    """
    told_not = np.asarray(hidden, dtype=bool)
    asked = told_not if wanted is None else told_not & np.asarray(wanted, dtype=bool)
    numbers = checked(np.asarray(values, dtype=float), relations, hidden=told_not, wanted=asked)
    low, high = numbers.copy(), numbers.copy()
    for places, own in groups(relations, asked):
        mine = told_not[places]
        # An empty matrix is no matrix to HiGHS: cells that no sum ties are free upwards.
        if not own.shape[0]:
            low[places[asked[places]]], high[places[asked[places]]] = 0.0, np.inf
            continue
        unknown = own[:, np.flatnonzero(mine)]
        rest = -(own[:, np.flatnonzero(~mine)] @ numbers[places[~mine]])
        for position, place in enumerate(places[mine]):
            if not asked[place]:
                continue
            low[place] = _end(position, unknown, rest, sign=1.0)
            high[place] = _end(position, unknown, rest, sign=-1.0)
    return Reach(cell_low=low, cell_high=high)


def _end(position: int, unknown: csr_array, rest: NDArray[np.float64], *, sign: float) -> float:
    """Return the smallest (sign 1) or largest (sign −1) value of an unknown that fits the sums."""
    cost = np.zeros(unknown.shape[1])
    cost[position] = sign
    found = linprog(cost, A_eq=unknown, b_eq=rest, bounds=(0, None), method="highs")
    if found.status == 3:
        return np.inf
    if found.status != 0:
        raise RuntimeError(f"the programme of cell {position} did not end: {found.message}")
    return float(sign * found.fun)
