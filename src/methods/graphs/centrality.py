"""Scores of standing in a graph: PageRank, k-shell and H-index, on arrays of ties."""

from __future__ import annotations

import igraph
import numpy as np
from scipy import sparse

_TOLERANCE = 1e-12


def links(ends: np.ndarray, count: int, *, weight: np.ndarray | None = None) -> sparse.csr_array:
    """Return the adjacency matrix of directed links (rows: from, columns: to); doubles are added."""
    weight = np.ones(len(ends)) if weight is None else weight
    return sparse.csr_array((weight, (ends[:, 0], ends[:, 1])), shape=(count, count))


def both_ways(ends: np.ndarray, count: int, *, weight: np.ndarray | None = None) -> sparse.csr_array:
    """Return the adjacency matrix of undirected ties."""
    forward = links(ends, count, weight=weight)
    return (forward + forward.T).tocsr()


def pagerank(matrix: sparse.csr_array, *, damping: float = 0.85, most_rounds: int = 200) -> np.ndarray:
    """Return the PageRank of each vertex, adding to 1, by power iteration.

    matrix: weight of each link, rows: from. Brin & Page (1998); a vertex without a link out jumps anywhere.
    Raises RuntimeError when it has not settled to 1e-12 after `most_rounds`.
    """
    count = matrix.shape[0]
    out = np.asarray(matrix.sum(axis=1)).ravel()
    share = np.divide(1.0, out, out=np.zeros(count), where=out > 0)
    inward = matrix.T.tocsr()
    rank = np.full(count, 1.0 / count)
    for _ in range(most_rounds):
        loose = rank[out == 0].sum()
        new = damping * (inward @ (rank * share) + loose / count) + (1.0 - damping) / count
        moved = np.abs(new - rank).sum()
        rank = new
        if moved < _TOLERANCE:
            return rank
    raise RuntimeError(f"PageRank has not settled after {most_rounds} rounds")


def k_shell(graph: igraph.Graph) -> np.ndarray:
    """Return the largest k such that the vertex lies in a part where all have k ties (Kitsak et al. 2010)."""
    return np.array(graph.coreness())


def h_index(ends: np.ndarray, count: int) -> np.ndarray:
    """Return the largest h such that h friends of the vertex have h friends or more (Lü et al. 2016)."""
    owner = np.concatenate([ends[:, 0], ends[:, 1]])
    other = np.concatenate([ends[:, 1], ends[:, 0]])
    degrees = np.bincount(owner, minlength=count)
    order = np.lexsort((-degrees[other], owner))
    owner, theirs = owner[order], degrees[other][order]
    rank = np.arange(len(owner)) - (np.cumsum(degrees) - degrees)[owner] + 1
    return np.bincount(owner[theirs >= rank], minlength=count)
