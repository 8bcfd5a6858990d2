"""A graph of friends as arrays: who stands in it and which ties it has.

Ties are arrays of numbers; graph algorithms are igraph's, whose random draws come from Python's `random`,
seeded here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cached_property

import igraph
import numpy as np

from methods.result import Result

_TIES_AT_ONCE = 2_500_000


@dataclass(frozen=True, kw_only=True)
class FriendGraph(Result):
    """An undirected graph without loops and double ties.

    names: customer ids in sorted order, the vertices 0, 1, … ends: int32, one row a tie, the lower vertex
    first, rows in order. strength: float per tie, NaN where unknown. source: one sentence that says
    what counts as a tie.

    >>> ends, strength = np.array([[0, 1], [1, 2]]), np.array([1.0, 0.5])
    >>> ties = FriendGraph(names=np.array(["ann", "bo", "cy"]), ends=ends, strength=strength)
    >>> ties.degrees.tolist()
    [1, 2, 1]
    """

    names: np.ndarray
    ends: np.ndarray
    strength: np.ndarray
    source: str = ""

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def graph(self) -> igraph.Graph:
        """The same ties for igraph."""
        return as_igraph(self.ends, len(self))

    @cached_property
    def degrees(self) -> np.ndarray:
        """Number of friends of each customer."""
        return np.bincount(self.ends.ravel(), minlength=len(self))

    @property
    def weights(self) -> list[float] | None:
        """Strengths of the ties if every tie has one above 0, else None: all ties then count alike."""
        return self.strength.tolist() if len(self.strength) and (self.strength > 0).all() else None

    def with_ties(self, ends: np.ndarray, strength: np.ndarray) -> FriendGraph:
        """Return the graph of the same customers with other ties (rows need no order)."""
        ends = np.sort(ends, axis=1)
        order = np.argsort(ends[:, 0].astype(np.int64) * len(self) + ends[:, 1], kind="stable")
        return FriendGraph(
            names=self.names,
            ends=ends[order].astype(np.int32),
            strength=strength[order],
            source=self.source,
        )


def as_igraph(ends: np.ndarray, count: int) -> igraph.Graph:
    """Return igraph's graph of these ties; in parts, as ten million at once need three times the memory."""
    graph = igraph.Graph(n=count)
    for part in np.array_split(ends, len(ends) // _TIES_AT_ONCE + 1):
        graph.add_edges(np.ascontiguousarray(part, dtype=np.int64))
    return graph


def each_once(ends: np.ndarray, strength: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Sort the ties and keep each pair once, at its greatest strength."""
    ends = np.sort(ends, axis=1)
    key = ends[:, 0].astype(np.int64) * count + ends[:, 1]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if not len(first):
        return ends, strength
    return ends[order[first]], np.fmax.reduceat(strength[order], first)


def seeded(seed: int) -> None:
    """Make igraph's random draws start from `seed`; without this they differ from run to run."""
    igraph.set_random_number_generator(random.Random(seed))
