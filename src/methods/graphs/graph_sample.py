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


def with_cut_ties(ties: FriendGraph, part: FriendGraph, *, seed: int) -> np.ndarray:
    """Return a part's ties, with those that lead out of it joined to each other by lot.

    ties: the whole graph. part: of it, as of `whole_groups`. So everybody in the part keeps about as many
    friends as in the whole, which half would lose otherwise; who they are is right within circles only.
    Returns int (ties, 2) in the part's numbers; loops and repeats are left out.
    """
    place = np.full(len(ties), -1)
    place[np.searchsorted(ties.names, part.names)] = np.arange(len(part))
    inside = place[ties.ends]
    loose = inside[(inside >= 0).sum(axis=1) == 1].max(axis=1)
    drawn = np.random.default_rng(seed).permutation(loose)
    joined = drawn[: len(drawn) // 2 * 2].reshape(-1, 2)
    both = np.sort(np.concatenate([part.ends, joined[joined[:, 0] != joined[:, 1]]]), axis=1)
    return np.unique(both, axis=0)


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
