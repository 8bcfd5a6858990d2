"""Scores of standing in a graph: PageRank, k-shell and H-index, on arrays of ties."""

from __future__ import annotations

import igraph
import numpy as np


def pagerank(
    ends: np.ndarray, count: int, *, weight: np.ndarray | None = None, damping: float = 0.85
) -> np.ndarray:
    """Return the PageRank of each vertex, adding to 1 (Brin & Page 1998), as igraph works it out.

    ends: int, one row a directed link: from, to; links given twice count twice.
    count: number of vertices.
    weight: float above 0, one a link; all alike where None.
    damping: chance of following a link.

    >>> pagerank(np.array([[0, 2], [1, 2]]), 3).round(2).tolist()
    [0.21, 0.21, 0.57]
    """
    graph = igraph.Graph(n=count, edges=np.ascontiguousarray(ends, dtype=np.int64), directed=True)
    return np.array(graph.pagerank(damping=damping, weights=None if weight is None else weight.tolist()))


def k_shell(graph: igraph.Graph) -> np.ndarray:
    """Return the largest k such that the vertex lies in a part where all have k ties (Kitsak et al. 2010).

    >>> k_shell(igraph.Graph(n=4, edges=[(0, 1), (0, 2), (1, 2), (2, 3)])).tolist()
    [2, 2, 2, 1]
    """
    return np.array(graph.coreness())


def h_index(ends: np.ndarray, count: int) -> np.ndarray:
    """Return the largest h such that h friends of the vertex have h friends or more (Lü et al. 2016).

    ends: int, one row a tie.
    count: of vertices.
    Returns int, one a vertex.

    >>> h_index(np.array([[0, 1], [0, 2], [1, 2], [2, 3]]), 4).tolist()
    [2, 2, 2, 1]
    """
    owner = np.concatenate([ends[:, 0], ends[:, 1]])
    other = np.concatenate([ends[:, 1], ends[:, 0]])
    degrees = np.bincount(owner, minlength=count)
    order = np.lexsort((-degrees[other], owner))
    owner, theirs = owner[order], degrees[other][order]
    rank = np.arange(len(owner)) - (np.cumsum(degrees) - degrees)[owner] + 1
    return np.bincount(owner[theirs >= rank], minlength=count)
