"""How alike are friends? Likeness alone can make friends act alike without anybody moving anybody.

Shalizi & Thomas (2011), "Homophily and contagion are generically confounded in observational social network
studies".
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from methods.graphs.friend_graph import FriendGraph
from methods.graphs.rewire import nulls
from methods.intervals.estimates import Interval, ratio_of_sums

FEWEST_COMMON = 20


def items_in_common(
    ties: FriendGraph, bought: sparse.csr_array, *, rewirings: int = 3, seed: int
) -> Interval | None:
    """Return the items two friends both have over those of pairs dealt anew, clustered on vertices.

    ties: the graph of friends.
    bought: float, vertices by items, 1 where the vertex has the item.
    rewirings: degree-preserving ones. None where fewer than 20 common items are expected by chance.

    >>> rng = np.random.default_rng(1)
    >>> ends = np.column_stack([np.arange(199), np.arange(1, 200)]).astype(np.int32)
    >>> ties = FriendGraph(names=np.arange(200).astype(str), ends=ends, strength=np.full(199, np.nan))
    >>> taste = np.repeat(rng.random((100, 12)) < 0.4, 2, axis=0)
    >>> found = items_in_common(ties, sparse.csr_array(taste.astype(float)), seed=1)
    >>> found.low > 1
    True
    """
    chance = [_common(bought, one) for one in nulls(ties, draws=rewirings, seed=seed)]
    expected = np.mean(chance, axis=0)
    return ratio_of_sums(_common(bought, ties), expected) if expected.sum() >= FEWEST_COMMON else None


def _common(bought: sparse.csr_array, ties: FriendGraph) -> np.ndarray:
    """Items in common with friends, summed over the friends of each customer."""
    one, other = ties.ends.T
    common = np.asarray(bought[one].multiply(bought[other]).sum(axis=1)).ravel()
    return np.bincount(ties.ends.T.ravel(), np.concatenate([common, common]), len(ties))
