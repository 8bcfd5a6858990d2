"""Circles of friends, found once a shop: the units of intervals of what runs from friend to friend."""

from __future__ import annotations

import random

import igraph
import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from methods.regression.codes import codes_of


def friend_circles(shop: Shop, customers: pd.Series | pd.Index, *, seed: int) -> np.ndarray:
    """Return the circle of each of these customers, (customers,) codes; who never had a tie is one alone.

    customers: ids, also repeated. Louvain's method (Blondel and others 2008) on every tie that ever stood:
    many ties inside, few across. The circles serve as units of the intervals, for which somewhat too large
    ones do no harm.
    """
    circles = shop.once(("friend circles", seed), lambda: _circles(shop, seed))
    place = circles.index.get_indexer(customers)
    found, alone = circles.to_numpy()[place], place < 0
    found[alone] = len(circles) + pd.factorize(np.asarray(customers)[alone])[0]
    return found


def _circles(shop: Shop, seed: int) -> pd.Series:
    """The circle of everybody with a tie, whatever the order of the table's rows."""
    ties = shop["ties"].select("customer_a", "customer_b").execute()
    code, customers = codes_of(pd.concat([ties["customer_a"], ties["customer_b"]]).to_numpy())
    ends = np.sort(code.reshape(2, -1), axis=0)
    edges = ends[:, np.lexsort(ends[::-1])].T
    igraph.set_random_number_generator(random.Random(seed))
    graph = igraph.Graph(n=len(customers), edges=edges)
    return pd.Series(graph.community_multilevel().membership, index=customers)
