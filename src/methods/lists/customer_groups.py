"""Which circle of friends a customer belongs to at the cut."""

from __future__ import annotations

import random

import igraph
import numpy as np
from scipy.sparse import csr_array

FEWEST_IN_CIRCLE = 5


def circles(ties: csr_array, *, seed: int) -> np.ndarray:
    """Return a name for the circle of friends of each customer, None outside of circles of 5 and more.

    Circles by the Leiden method on modularity (Traag, Waltman & van Eck 2019), each tie weighing its
    strength: as many ties as possible inside the circles, beyond those that chance would put there.
    """
    upper = ties.tocoo()
    a, b = upper.coords
    kept = a < b
    graph = igraph.Graph(n=ties.shape[0], edges=np.column_stack([a[kept], b[kept]]))
    igraph.set_random_number_generator(random.Random(seed))
    weights = upper.data[kept].tolist()
    parts = graph.community_leiden(objective_function="modularity", weights=weights, n_iterations=5)
    code = np.asarray(parts.membership)
    large = np.bincount(code)[code] >= FEWEST_IN_CIRCLE
    named = np.array([f"circle {number + 1}" for number in code], object)
    named[~large] = None
    return named
