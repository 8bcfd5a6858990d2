"""A part of a very large graph in which circles stay whole, to find there at which resolution they are firm.

A random sample of customers or ties would tear every circle apart. So the graph is first cut once, coarsely
(Leiden at resolution 1, where circles are merged but hardly ever split), and some of these large groups are
taken whole, by lot. Such groups were picked for being dense: whether circles are beyond chance must be judged
on the whole graph, never on this part.
"""

from __future__ import annotations

import numpy as np

from methods.graphs.friend_graph import FriendGraph
from methods.graphs.leiden import leiden

COARSE = 1.0


def whole_groups(ties: FriendGraph, *, customers: int, seed: int) -> tuple[FriendGraph, float]:
    """Return the ties among the customers of large groups drawn by lot, and what a resolution is worth there.

    customers: groups are drawn until they hold so many. The number is the resolution of the whole graph
        that cuts as finely as resolution 1 does in the part: modularity expects resolution * degree *
        degree / (2 * ties) ties between two customers, so it is the ratio of degrees, squared, over that
        of ties.
    """
    group = leiden(ties, resolution=COARSE, seed=seed)
    counts = np.bincount(group)
    drawn = np.random.default_rng(seed).permutation(len(counts))
    enough = int(np.searchsorted(np.cumsum(counts[drawn]), customers)) + 1
    inside = np.isin(group, drawn[:enough])
    part = _induced(ties, inside)
    degrees = (2 * len(part.ends) / len(part)) / (2 * len(ties.ends) / len(ties))
    return part, degrees**2 * len(ties.ends) / len(part.ends)


def _induced(ties: FriendGraph, inside: np.ndarray) -> FriendGraph:
    """The ties between customers of `inside` (bool, one a customer); those left without any are left out."""
    kept = inside[ties.ends].all(axis=1)
    befriended = np.zeros(len(ties), dtype=bool)
    befriended[ties.ends[kept].ravel()] = True
    place = np.cumsum(befriended) - 1
    return FriendGraph(
        names=ties.names[befriended],
        ends=place[ties.ends[kept]].astype(np.int32),
        strength=ties.strength[kept],
        source=ties.source,
    )
