"""The graph of friends: its size and shape, beside graphs with the same degrees and nothing else in common.

A count of triangles or a modularity means little alone: a graph of the same degrees that was rewired at
random has some of both. All graph work is on igraph; its random numbers come from Python's
`random`, seeded here.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

import ibis
import igraph
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.shop import Shop

REWIRINGS_A_TIE = 10
STRONG = 0.5


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A measure of the graph beside the same measure of its degree-preserving rewirings.

    observed: of the graph. null: float per rewiring.
    """

    observed: float
    null: np.ndarray

    @property
    def excess(self) -> float:
        """Observed minus the mean of the rewirings."""
        return self.observed - float(self.null.mean())

    @property
    def beyond_chance(self) -> float:
        """Excess as a share of the most possible, for a measure that cannot pass 1 (as Cohen's kappa)."""
        return self.excess / max(1 - float(self.null.mean()), 1e-12)

    @property
    def z(self) -> float:
        """Excess in standard deviations of the rewirings."""
        spread = float(self.null.std(ddof=1))
        return self.excess / max(spread, 1e-12)


def active_ties(shop: Shop) -> Table:
    """Return the ties that stand at `shop.as_of`: customer_a, customer_b (text), strength (float or null)."""
    ties = shop["ties"].filter(lambda row: row.customer_a != row.customer_b)
    if shop.as_of is not None:
        ties = ties.filter(ties.until_at.isnull() | (ties.until_at >= ibis.literal(shop.as_of)))
    return ties.select("customer_a", "customer_b", "strength")


def friend_graph(ties: pd.DataFrame) -> igraph.Graph:
    """Return the undirected graph of all customers with a tie, each pair once.

    ties: customer_a, customer_b and, if known, strength. Vertices carry `name` (customer_id) in sorted order,
    edges `strength` (NaN where unknown).
    """
    names, codes = np.unique(ties[["customer_a", "customer_b"]].to_numpy(dtype=str), return_inverse=True)
    ends = np.sort(codes.reshape(-1, 2), axis=1)
    strength = ties["strength"] if "strength" in ties else pd.Series(np.nan, index=ties.index)
    pairs = pd.DataFrame({"a": ends[:, 0], "b": ends[:, 1], "strength": strength.to_numpy(dtype=float)})
    pairs = pairs.groupby(["a", "b"], as_index=False)["strength"].max()
    graph = igraph.Graph(n=len(names), edges=pairs[["a", "b"]].to_numpy())
    graph.vs["name"] = names.tolist()
    graph.es["strength"] = pairs["strength"].tolist()
    return graph


def seeded(seed: int) -> None:
    """Make igraph's random draws start from `seed`; without this they differ from run to run."""
    igraph.set_random_number_generator(random.Random(seed))


def rewired(graph: igraph.Graph, *, seed: int) -> igraph.Graph:
    """Return a random simple graph where everyone has as many friends as before; strengths are dealt anew."""
    seeded(seed)
    copy = igraph.Graph(n=graph.vcount(), edges=graph.get_edgelist())
    copy.rewire(n=REWIRINGS_A_TIE * graph.ecount())
    if "strength" in graph.es.attributes():
        order = np.random.default_rng(seed).permutation(graph.ecount())
        copy.es["strength"] = np.array(graph.es["strength"], dtype=float)[order].tolist()
    return copy


def weights(graph: igraph.Graph) -> list[float] | None:
    """Return the strengths of the ties if every tie has one above 0, else None: all ties then count alike."""
    if "strength" not in graph.es.attributes():
        return None
    strength = np.array(graph.es["strength"], dtype=float)
    return strength.tolist() if (strength > 0).all() else None


def nulls(graph: igraph.Graph, *, draws: int, seed: int) -> list[igraph.Graph]:
    """Return `draws` rewired copies."""
    return [rewired(graph, seed=seed + draw) for draw in range(draws)]


def clustering(graph: igraph.Graph) -> np.ndarray:
    """Chance that two friends of one customer are friends, for each customer with two or more friends.

    Watts & Strogatz (1998), "Collective dynamics of small-world networks".
    """
    local = np.array(graph.transitivity_local_undirected(mode="nan"), dtype=float)
    return local[np.isfinite(local)]


def path_lengths(graph: igraph.Graph, *, sources: int, seed: int) -> np.ndarray:
    """Return the mean number of steps from each sampled customer to all others that can be reached."""
    chosen = np.random.default_rng(seed).permutation(graph.vcount())[:sources]
    steps = np.array(graph.distances(source=chosen.tolist()), dtype=float)
    steps[~np.isfinite(steps) | (steps == 0)] = np.nan
    return np.nanmean(steps, axis=1)


def largest_part(graph: igraph.Graph) -> igraph.Graph:
    """Return the largest connected part."""
    return graph.connected_components().giant()
