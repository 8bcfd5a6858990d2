"""The shape of a graph: how clustered it is, how many steps apart its vertices are, its largest part."""

from __future__ import annotations

import numpy as np

from methods.graphs.friend_graph import FriendGraph


def clustering(ties: FriendGraph) -> np.ndarray:
    """Chance that two friends of one customer are friends, for each customer with two or more friends.

    Watts & Strogatz (1998), "Collective dynamics of small-world networks".

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> clustering(ties).round(2).tolist()
    [1.0, 1.0, 0.33]
    """
    local = np.array(ties.graph.transitivity_local_undirected(mode="nan"), dtype=float)
    return local[np.isfinite(local)]


def path_lengths(ties: FriendGraph, *, sources: int, seed: int) -> np.ndarray:
    """Return the mean number of steps from sampled customers of the largest part to all others in it.

    sources: how many are sampled. Watts and Strogatz 1998 (Nature 393).

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> sorted(path_lengths(ties, sources=4, seed=1).round(2).tolist())
    [1.0, 1.33, 1.33, 1.67]
    """
    inside = largest_part(ties)
    chosen = np.random.default_rng(seed).permutation(inside)[:sources]
    means = np.empty(len(chosen))
    for row, source in enumerate(chosen):  # one row of distances at a time keeps memory low
        steps = np.array(ties.graph.distances(source=int(source), target=None)[0], dtype=float)
        means[row] = steps[np.isfinite(steps) & (steps > 0)].mean()
    return means


def largest_part(ties: FriendGraph) -> np.ndarray:
    """Return the vertices of the largest connected part.

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> largest_part(ties).tolist()
    [0, 1, 2, 3]
    """
    part = np.array(ties.graph.connected_components().membership)
    return np.flatnonzero(part == np.bincount(part).argmax())
