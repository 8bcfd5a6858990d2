"""The linear programmes behind attack and protection, one group of linked cells at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import block_array, csr_array
from scipy.sparse.csgraph import connected_components

from methods.counts import count

NEARLY = 1e-6


def checked(
    values: NDArray[np.float64], relations: csr_array, **marks: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the values; raises ValueError where they do not add up or anything is not of their number."""
    if relations.shape[1] != len(values):
        raise ValueError(
            f"relations tell of {count(relations.shape[1], 'cell')}; there are {count(len(values), 'value')}"
        )
    for name, mark in marks.items():
        if len(mark) != len(values):
            raise ValueError(
                f"{name} marks {count(len(mark), 'cell')}; there are {count(len(values), 'value')}"
            )
    wrong = np.flatnonzero(~np.isfinite(values) | (values < 0))
    if len(wrong):
        raise ValueError(
            f"cell {wrong[0]} is {values[wrong[0]]:g}; cells are counts or amounts of at least 0"
        )
    rest = np.abs(relations @ values)
    if len(rest) and rest.max() > NEARLY * max(1.0, float(values.max(initial=0.0))):
        row = int(rest.argmax())
        raise ValueError(f"sum {row} is off by {rest[row]:g}; its parts must add up to its total")
    return values


def groups(relations: csr_array, wanted: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.int64], csr_array]]:
    """Yield the places of the cells of each connected group that holds a wanted cell, and its relations."""
    of = together(relations)
    for group in np.unique(of[wanted]):
        places = np.flatnonzero(of == group)
        own = relations[:, places]
        yield places, csr_array(own[np.flatnonzero(np.diff(csr_array(own).indptr))])


def together(relations: csr_array) -> NDArray[np.int64]:
    """Return the number of the connected group of each cell: those that sums tie, however far."""
    touching = abs(relations)
    _, of = connected_components(block_array([[None, touching.T], [touching, None]]), directed=False)
    return of[: relations.shape[1]]
