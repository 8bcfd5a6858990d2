"""How alike friends are in what they buy."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from methods.graphs.friend_graph import FriendGraph
from methods.graphs.homophily import items_in_common
from methods.graphs.leiden import MANY_TIES
from methods.intervals.estimates import Interval


def friends_alike(shop: Shop, ties: FriendGraph, *, rewirings: int = 3, seed: int) -> Interval | None:
    """Return the items two friends both bought over those of pairs dealt anew, clustered on customers.

    rewirings: how often pairs are dealt anew; once of `MANY_TIES`, where each deal has so many pairs that
    the next hardly differs. None where fewer than 20 common items are expected by chance.
    """
    rewirings = 1 if ties.ends.shape[0] >= MANY_TIES else rewirings
    lines = shop["order_lines"].join(purchases(shop).select("order_id", "customer_id"), "order_id")
    pairs = lines.select("customer_id", "item_id").distinct().order_by("customer_id", "item_id").to_pandas()
    place = np.searchsorted(ties.names, pairs["customer_id"].to_numpy(dtype=str)).clip(max=len(ties) - 1)
    known = ties.names[place] == pairs["customer_id"].to_numpy(dtype=str)
    items, names = pairs["item_id"][known].factorize()
    bought = sparse.csr_array(
        (np.ones(len(items), np.float32), (place[known], items)), shape=(len(ties), max(len(names), 1))
    )
    return items_in_common(ties, bought, rewirings=rewirings, seed=seed)
