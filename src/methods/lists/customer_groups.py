"""Which group a customer belongs to at the cut: stage of life with the shop, segment, circle of friends."""

from __future__ import annotations

import random

import igraph
import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from methods.lists.purchases import Purchases
from methods.lists.split import Split

STAGES = ("new", "active", "silent", "lost")
NEW_DAYS, SILENT_DAYS, LOST_DAYS = 60, 60, 180
RULES = {
    "new": f"first purchase less than {NEW_DAYS} days before the cut",
    "active": f"last purchase less than {SILENT_DAYS} days before",
    "silent": f"last purchase {SILENT_DAYS} to {LOST_DAYS - 1} days before",
    "lost": f"last purchase {LOST_DAYS} days before or longer",
}
FEWEST_IN_CIRCLE = 5


def stages(purchases: Purchases, split: Split) -> np.ndarray:
    """Return each split customer's stage by `RULES`, from purchases of before the cut alone."""
    rows = purchases.rows
    times = rows[rows["placed_at"] < split.cut_at].groupby("customer")["placed_at"].agg(["min", "max"])
    days = (pd.Timestamp(split.cut_at) - times.loc[split.customers]) / pd.Timedelta(days=1)
    first, last = days["min"].to_numpy(), days["max"].to_numpy()
    conditions = [first < NEW_DAYS, last < SILENT_DAYS, last < LOST_DAYS]
    return np.select(conditions, np.array(STAGES[:3], object), STAGES[3])


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
