"""How likely a friend joins each customer's post, and how likely who joins posts it too."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from ibis import _

from helpers.data.friend_graph import standing_graph
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from methods.graphs import FriendGraph
from methods.graphs.author_influence import author_influence
from methods.influence import CascadeGraph, cascade_graph

ANSWERS = ("join", "click")  # the costlier one that the data hold
FEWEST_ANSWERS = 200


@dataclass(frozen=True, kw_only=True)
class PassChances:
    """chance: of a friend's joining a post, float a customer of `ties`. onward: that who joined posts it too.

    kind: the answer it was measured by; empty where it is assumed, the same for all.
    """

    ties: FriendGraph = field(repr=False)
    chance: np.ndarray = field(repr=False)
    onward: float
    kind: str

    @property
    def graph(self) -> CascadeGraph:
        """Customers twice: as one who is seeded (0 … n − 1) and as one who is reached (n … 2n − 1).

        Whoever is seeded posts for certain, whoever is reached only sometimes.
        """
        people, ends = len(self.ties), self.ties.ends.astype(np.int64)
        tail, head = np.concatenate([ends, ends[:, ::-1]]).T
        chance = self.chance[tail]
        return cascade_graph(
            np.concatenate([tail, people + tail]),
            np.concatenate([people + head, people + head]),
            np.concatenate([chance, self.onward * chance]),
            people=2 * people,
        )


def pass_chances(shop: Shop, *, assumed_percent: float) -> PassChances:
    """Measure the chances on the posts and answers there are, else assume one for all.

    assumed_percent: chance that a friend joins a post, where fewer than 200 joins or clicks of friends are
    known. Each author's chance is pulled towards that of all as far as few posts leave it uncertain. Raises
    CannotAnswer where the shop has no graph of 50 customers.
    """
    ties = standing_graph(shop)
    shop = shop.while_known("shares", "reactions")
    onward = _onward(shop)
    for kind in ANSWERS:
        seen = _exposures(shop, ties, kind)
        if seen is not None and seen["answered"].sum() >= FEWEST_ANSWERS:
            found = author_influence(seen).set_index("author")
            rate = float(seen["answered"].mean())
            factor = found["influence"].reindex(range(len(ties))).fillna(1.0).to_numpy()
            return PassChances(ties=ties, chance=np.minimum(rate * factor, 1.0), onward=onward, kind=kind)
    chance = np.full(len(ties), assumed_percent / 100)
    return PassChances(ties=ties, chance=chance, onward=onward, kind="")


def _onward(shop: Shop) -> float:
    """Share of orders that were shared; nobody posts on where the data hold no shares."""
    if shop.missing("shares.order_id"):
        return 0.0
    shared = shop["shares"].order_id.nunique().execute()
    return min(float(shared / max(purchases(shop).count().execute(), 1)), 1.0)


def _exposures(shop: Shop, ties: FriendGraph, kind: str) -> pd.DataFrame | None:
    """One row a post and friend: author (place), answered, taste (none); None without posts or answers."""
    if shop.missing("shares", "reactions"):
        return None
    posts = shop["shares"].select("share_id", author="customer_id").order_by("share_id").to_pandas()
    given = shop["reactions"].filter((_.kind == kind) & _.customer_id.notnull())
    answers = given.select("share_id", "customer_id").distinct().to_pandas()
    if posts.empty or answers.empty:
        return None
    names = pd.Index(ties.names)
    author = names.get_indexer(posts["author"])
    posts, author = posts[author >= 0], author[author >= 0]
    start, friend = _neighbours(ties)
    many = start[author + 1] - start[author]
    row = np.repeat(np.arange(len(posts)), many)
    slot = np.arange(len(row)) + np.repeat(start[author] - np.cumsum(many) + many, many)
    post = pd.Index(posts["share_id"]).get_indexer(answers["share_id"])
    who = names.get_indexer(answers["customer_id"])
    known = (post >= 0) & (who >= 0)
    key = np.unique(post[known].astype(np.int64) * len(ties) + who[known])
    answered = np.isin(row.astype(np.int64) * len(ties) + friend[slot], key)
    return pd.DataFrame({"author": author[row], "answered": answered, "taste": 1.0})


def _neighbours(ties: FriendGraph) -> tuple[np.ndarray, np.ndarray]:
    """The friends of customer i are friend[start[i]:start[i + 1]]."""
    owner = np.concatenate([ties.ends[:, 0], ties.ends[:, 1]])
    friend = np.concatenate([ties.ends[:, 1], ties.ends[:, 0]])
    start = np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=len(ties)))])
    return start, friend[np.argsort(owner, kind="stable")]
