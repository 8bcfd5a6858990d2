"""How alike are friends? Likeness alone can make friends act alike without anybody moving anybody.

Shalizi & Thomas (2011), "Homophily and contagion are generically confounded in observational social network
studies".
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.segments.graph import FriendGraph
from helpers.segments.rewire import nulls
from methods.intervals.estimates import Interval, ratio_of_sums


def friends_alike(shop: Shop, ties: FriendGraph, *, rewirings: int = 3, seed: int) -> Interval | None:
    """Return the items two friends both bought over those of pairs dealt anew, clustered on customers.

    None where fewer than 20 common items are expected by chance.
    """
    lines = shop["order_lines"].join(purchases(shop).select("order_id", "customer_id"), "order_id")
    pairs = lines.select("customer_id", "item_id").distinct().order_by("customer_id", "item_id").to_pandas()
    place = np.searchsorted(ties.names, pairs["customer_id"].to_numpy(dtype=str)).clip(max=len(ties) - 1)
    known = ties.names[place] == pairs["customer_id"].to_numpy(dtype=str)
    items, names = pairs["item_id"][known].factorize()
    bought = sparse.csr_array(
        (np.ones(len(items), np.float32), (place[known], items)), shape=(len(ties), max(len(names), 1))
    )
    chance = [_common(bought, one) for one in nulls(ties, draws=rewirings, seed=seed)]
    expected = np.mean(chance, axis=0)
    return ratio_of_sums(_common(bought, ties), expected) if expected.sum() >= 20 else None


def _common(bought: sparse.csr_array, ties: FriendGraph) -> np.ndarray:
    """Items in common with friends, summed over the friends of each customer."""
    one, other = ties.ends.T
    common = np.asarray(bought[one].multiply(bought[other]).sum(axis=1)).ravel()
    return np.bincount(ties.ends.T.ravel(), np.concatenate([common, common]), len(ties))
