"""Circles by Leiden at one resolution, and how firm they are.

Traag, Waltman & van Eck (2019), "From Louvain to Leiden: guaranteeing well-connected communities", in
igraph's own implementation.
"""

from __future__ import annotations

import numpy as np
from sklearn.metrics import adjusted_rand_score

from methods.counts import count
from methods.graphs.friend_graph import FriendGraph, as_igraph, seeded
from methods.intervals.agreement import rand_indices

LEFT_OUT = 0.1
SEEDS = 4
# Beyond so many ties a partition takes seconds to a minute. One sweep there finds nearly all that three find
# (50,000 customers of the demo market, asked for it: modularity .819 instead of .821) in half the time.
MANY_TIES = 200_000
_SWEEPS, _SWEEPS_OF_MANY = 3, 1


def large(membership: np.ndarray, *, minimum: int) -> int:
    """Return the number of circles with at least `minimum` customers."""
    return int((np.bincount(membership) >= minimum).sum())


def leiden(ties: FriendGraph, *, resolution: float, seed: int) -> np.ndarray:
    """Return circles by Leiden on modularity at a resolution; int per vertex, 0 for the largest circle.

    Ties count by their strength where all have one. Equal seeds give equal memberships. Three sweeps; one in
    graphs of more than 200,000 ties.

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> leiden(ties, resolution=1.0, seed=1).tolist()
    [0, 0, 1, 1]
    """
    seeded(seed)
    sweeps = _SWEEPS_OF_MANY if len(ties.ends) > MANY_TIES else _SWEEPS
    found = ties.graph.community_leiden(
        "modularity", weights=ties.weights, resolution=resolution, n_iterations=sweeps
    )
    return by_size(np.array(found.membership))


def consensus(
    ties: FriendGraph, *, resolution: float, seed: int, runs: int = SEEDS
) -> tuple[np.ndarray, float]:
    """Return the circles that agree most with those of the other seeds, and how well all agree.

    The agreement is the mean adjusted Rand index over pairs. One of the runs is taken whole (the medoid): a
    vote of ties could give circles that fall apart.
    """
    found = [leiden(ties, resolution=resolution, seed=seed + run) for run in range(runs)]
    alike = rand_indices(found)
    apart = ~np.eye(runs, dtype=bool)
    return found[int(alike.sum(axis=1).argmax())], float(alike[apart].mean())


def by_size(membership: np.ndarray) -> np.ndarray:
    """Number circles from the largest down; of equal sizes the one with the first vertex first."""
    labels, first, place, counts = np.unique(
        membership, return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.empty(len(labels), dtype=np.int64)
    rank[np.lexsort((first, -counts))] = np.arange(len(labels))
    return rank[place]


def check_connected(ties: FriendGraph, membership: np.ndarray) -> None:
    """Raise RuntimeError if any circle is not connected within itself."""
    ends = ties.ends
    inside = ends[membership[ends[:, 0]] == membership[ends[:, 1]]]
    parts = as_igraph(inside, len(ties)).connected_components()
    if len(parts) != len(np.unique(membership)):
        raise RuntimeError(
            f"{count(len(np.unique(membership)), 'circle falls', 'circles fall')} into {len(parts)} "
            "unconnected parts"
        )


def thinned(ties: FriendGraph, *, seed: int, left_out: float = LEFT_OUT) -> FriendGraph:
    """Return the graph with a random share of its ties left out; all customers stay."""
    kept = np.random.default_rng(seed).random(len(ties.ends)) >= left_out
    return ties.with_ties(ties.ends[kept], ties.strength[kept])


def stability(
    ties: FriendGraph, membership: np.ndarray, *, resolution: float, draws: int, seed: int
) -> tuple[np.ndarray, tuple[np.ndarray, ...]]:
    """Return the adjusted Rand index of each thinned graph's circles with `membership`, and those circles."""
    others = tuple(
        leiden(thinned(ties, seed=seed + draw), resolution=resolution, seed=seed + draw)
        for draw in range(1, draws + 1)
    )
    return np.array([adjusted_rand_score(membership, other) for other in others]), others


def modularity(ties: FriendGraph, membership: np.ndarray) -> float:
    """Return the modularity at resolution 1, ties counted by strength where all have one.

    membership: int per vertex. Newman 2006 (PNAS 103).

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> round(modularity(ties, np.array([0, 0, 0, 1])), 3)
    -0.031
    """
    return float(ties.graph.modularity(membership, weights=ties.weights))
