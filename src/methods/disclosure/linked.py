"""Linked cells: which cells are the sum of which others, over one table or many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_array

Sum = tuple[int, Sequence[int]]
"""The place of a total, and the places of its parts."""


def linked(sums: Iterable[Sum], *, cells: int) -> csr_array:
    """Return the relations of cells that add up: one row a sum, +1 at its parts and −1 at its total.

    sums: places of totals and their parts, 0 to `cells` − 1. relations @ values is 0 (sums by cells).
    Raises ValueError on a place beyond the cells.

    >>> linked([(2, [0, 1])], cells=3).toarray().tolist()
    [[1.0, 1.0, -1.0]]
    """
    rows: list[int] = []
    places: list[int] = []
    signs: list[float] = []
    many = 0
    for many, (total, parts) in enumerate(sums, start=1):
        wrong = [place for place in (total, *parts) if not 0 <= place < cells]
        if wrong:
            raise ValueError(f"sum {many - 1} names cell {wrong[0]}; cells are 0 to {cells - 1}")
        rows += [many - 1] * (len(parts) + 1)
        places += [*parts, total]
        signs += [*[1.0] * len(parts), -1.0]
    return csr_array((signs, (rows, places)), shape=(many, cells))


def table_relations(rows: int, columns: int) -> csr_array:
    """Return the relations of a table whose last row and last column are its totals, cells row by row.

    rows, columns: of the table with its totals, at least 2 each.

    >>> table_relations(2, 2).shape
    (4, 4)
    """
    if min(rows, columns) < 2:
        raise ValueError(f"a table of {rows} by {columns} has no totals beside its parts")
    place = np.arange(rows * columns).reshape(rows, columns)
    across = [(int(line[-1]), line[:-1].tolist()) for line in place]
    down = [(int(line[-1]), line[:-1].tolist()) for line in place.T]
    return linked([*across, *down], cells=rows * columns)
