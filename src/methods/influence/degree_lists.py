"""Seeds by number of ties, plainly and with a discount for those who know each other."""

from __future__ import annotations

import numpy as np

from methods.influence.cascade_graph import CascadeGraph


def by_degree(graph: CascadeGraph, *, seeds: int) -> np.ndarray:
    """Return the people with most ties that leave them, int; of equals the first.

    >>> from methods.influence import cascade_graph
    >>> graph = cascade_graph(np.array([1, 1, 2]), np.array([0, 2, 0]), 0.1, people=3)
    >>> by_degree(graph, seeds=2).tolist()
    [1, 2]
    """
    return np.argsort(-graph.out_degrees, kind="stable")[:seeds]


def by_degree_discount(graph: CascadeGraph, *, seeds: int, chance: float) -> np.ndarray:
    """Return seeds by degree less what seeds they know take away, int.

    chance: of passing on, one for all ties. Degree d with t seeds among the neighbours counts as
    d − 2t − (d − t)·t·chance (Chen, Wang & Yang 2009, KDD).

    >>> from methods.influence import cascade_graph
    >>> graph = cascade_graph(np.array([0, 0, 1, 1, 2]), np.array([1, 2, 0, 2, 3]), 0.1, people=4)
    >>> by_degree_discount(graph, seeds=2, chance=0.1).tolist()
    [0, 3]
    """
    degree = graph.out_degrees.astype(float)
    known = np.zeros(graph.people)
    worth, chosen = degree.copy(), []
    for _ in range(min(seeds, graph.people)):
        seed = int(worth.argmax())
        chosen.append(seed)
        friends = graph.head[graph.from_start[seed] : graph.from_start[seed + 1]]
        known[friends] += 1
        d, t = degree[friends], known[friends]
        worth[friends] = d - 2 * t - (d - t) * t * chance
        worth[chosen] = -np.inf
    return np.array(chosen)
