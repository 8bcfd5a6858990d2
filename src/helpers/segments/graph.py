"""The graph of friends: who stands in it, which ties it has, and the measures of its shape.

Ties are arrays of numbers; graph algorithms are igraph's, whose random draws come from Python's `random`,
seeded here.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from functools import cached_property

import ibis
import igraph
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.shop import Shop
from helpers.report import CannotAnswer

STRONG = 0.5
FEWEST_CUSTOMERS = 50
_TIES_AT_ONCE = 2_500_000
FROM_ANSWERS = "who liked, commented on or joined a post is taken for a friend of its author"
STANDING = "the ties listed as standing at the last day are the friendships there are"


@dataclass(frozen=True, kw_only=True)
class FriendGraph:
    """An undirected graph without loops and double ties.

    names: customer ids in sorted order, the vertices 0, 1, … ends: int32, one row a tie, the lower vertex
    first, rows in order. strength: float per tie, NaN where unknown. source: one sentence that says
    what counts as a tie.
    """

    names: np.ndarray
    ends: np.ndarray
    strength: np.ndarray
    source: str = STANDING

    def __len__(self) -> int:
        return len(self.names)

    @cached_property
    def graph(self) -> igraph.Graph:
        """The same ties for igraph."""
        return as_igraph(self.ends, len(self))

    @cached_property
    def degrees(self) -> np.ndarray:
        """Number of friends of each customer."""
        return np.bincount(self.ends.ravel(), minlength=len(self))

    @property
    def weights(self) -> list[float] | None:
        """Strengths of the ties if every tie has one above 0, else None: all ties then count alike."""
        return self.strength.tolist() if len(self.strength) and (self.strength > 0).all() else None

    def with_ties(self, ends: np.ndarray, strength: np.ndarray) -> FriendGraph:
        """Return the graph of the same customers with other ties (rows need no order)."""
        ends = np.sort(ends, axis=1)
        order = np.argsort(ends[:, 0].astype(np.int64) * len(self) + ends[:, 1], kind="stable")
        return FriendGraph(
            names=self.names,
            ends=ends[order].astype(np.int32),
            strength=strength[order],
            source=self.source,
        )


def as_igraph(ends: np.ndarray, count: int) -> igraph.Graph:
    """Return igraph's graph of these ties; in parts, as ten million at once need three times the memory."""
    graph = igraph.Graph(n=count)
    for part in np.array_split(ends, len(ends) // _TIES_AT_ONCE + 1):
        graph.add_edges(np.ascontiguousarray(part, dtype=np.int64))
    return graph


def active_ties(shop: Shop, *, at: dt.datetime | None = None) -> Table:
    """Return the ties that stand at a moment (naive UTC), by default at `shop.as_of`.

    Columns customer_a, customer_b (text), strength (float or null).
    """
    ties, at = shop["ties"], at or shop.as_of
    if at is not None:
        moment = ibis.literal(at, type="timestamp(6)")
        ties = ties.filter(ties.until_at.isnull() | (ties.until_at >= moment))
        ties = ties.filter(ties.since_at.isnull() | (ties.since_at < moment))
    return ties.select("customer_a", "customer_b", "strength")


def answered_posts(shop: Shop) -> Table:
    """Return who liked, commented on or joined whose post: the ties where none are listed.

    Columns customer_a, customer_b (text), strength (null).
    """
    answers = shop["reactions"].filter(_.kind.isin(["like", "comment", "join"]) & _.customer_id.notnull())
    pairs = answers.select("share_id", customer_b="customer_id").join(
        shop["shares"].select("share_id", customer_a="customer_id"), "share_id"
    )
    pairs = pairs.filter(pairs.customer_a != pairs.customer_b).select("customer_a", "customer_b").distinct()
    return pairs.mutate(strength=ibis.null("float64"))


def standing_graph(shop: Shop) -> FriendGraph:
    """Return the graph of standing ties or, where none are listed, of authors and who answered them.

    Raises CannotAnswer where the shop has neither, or where fewer than 50 customers are in the graph.
    """
    if not shop.missing("ties"):
        found = friend_graph(active_ties(shop))
    elif not shop.missing("shares", "reactions"):
        found = friend_graph(answered_posts(shop), source=FROM_ANSWERS)
    else:
        raise CannotAnswer("this needs ties, or shares and reactions, which the data do not have.")
    if len(found) < FEWEST_CUSTOMERS:
        raise CannotAnswer(f"only {len(found)} customers have a friend in these data; a graph needs 50.")
    return found


def friend_graph(ties: Table | pd.DataFrame, *, source: str = STANDING) -> FriendGraph:
    """Return the graph of all customers with a tie, each pair once and its greatest strength.

    ties: customer_a, customer_b and, if known, strength; lazy, or a frame.
    """
    if isinstance(ties, pd.DataFrame):
        ties = ibis.memtable(ties)
    if "strength" not in ties.columns:
        ties = ties.mutate(strength=ibis.null("float64"))
    ties = ties.filter(ties.customer_a != ties.customer_b)
    people = ties.select(name="customer_a").union(ties.select(name="customer_b"), distinct=True)
    names = people.order_by("name").to_pyarrow()["name"].to_numpy(zero_copy_only=False)
    places = ibis.memtable({"name": names, "place": np.arange(len(names), dtype=np.int32)})
    coded = ties.join(places, ties.customer_a == places.name).select("customer_b", "strength", a="place")
    again = places.view()
    coded = coded.join(again, coded.customer_b == again.name).select("a", "strength", b="place")
    table = coded.to_pyarrow()
    ends = np.column_stack([table["a"].to_numpy(), table["b"].to_numpy()])
    strength = table["strength"].cast("float64").to_numpy()
    ends, strength = _each_once(ends.astype(np.int32), strength, len(names))
    return FriendGraph(names=names, ends=ends, strength=strength, source=source)


def _each_once(ends: np.ndarray, strength: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Sort the ties and keep each pair once, at its greatest strength."""
    ends = np.sort(ends, axis=1)
    key = ends[:, 0].astype(np.int64) * count + ends[:, 1]
    order = np.argsort(key, kind="stable")
    key = key[order]
    first = np.flatnonzero(np.diff(key, prepend=-1))
    if not len(first):
        return ends, strength
    return ends[order[first]], np.fmax.reduceat(strength[order], first)


def seeded(seed: int) -> None:
    """Make igraph's random draws start from `seed`; without this they differ from run to run."""
    igraph.set_random_number_generator(random.Random(seed))


def clustering(ties: FriendGraph) -> np.ndarray:
    """Chance that two friends of one customer are friends, for each customer with two or more friends.

    Watts & Strogatz (1998), "Collective dynamics of small-world networks".
    """
    local = np.array(ties.graph.transitivity_local_undirected(mode="nan"), dtype=float)
    return local[np.isfinite(local)]


def path_lengths(ties: FriendGraph, *, sources: int, seed: int) -> np.ndarray:
    """Return the mean number of steps from sampled customers of the largest part to all others in it."""
    inside = largest_part(ties)
    chosen = np.random.default_rng(seed).permutation(inside)[:sources]
    means = np.empty(len(chosen))
    for row, source in enumerate(chosen):  # one row of distances at a time keeps memory low
        steps = np.array(ties.graph.distances(source=int(source), target=None)[0], dtype=float)
        means[row] = steps[np.isfinite(steps) & (steps > 0)].mean()
    return means


def largest_part(ties: FriendGraph) -> np.ndarray:
    """Return the vertices of the largest connected part."""
    part = np.array(ties.graph.connected_components().membership)
    return np.flatnonzero(part == np.bincount(part).argmax())
