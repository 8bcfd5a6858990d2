"""What friends bought: ties as they stood at the cut, strangers in their place, and lists through either."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from helpers.recommend.purchases import Purchases
from helpers.recommend.split import Split, audit_features
from methods.lists.ranking import best

LIKED_FROM = 4  # stars
STRONG_FROM = 0.5
_BATCH_CELLS = 4_000_000
_SHRINK = 5.0
_MOST_STRANGERS = 20_000


@dataclass(frozen=True)
class ThroughTies:
    """Scores are sums over tied customers. ties: customers x customers; bought: customers x products."""

    history: csr_array = field(repr=False)
    ties: csr_array = field(repr=False)
    bought: csr_array = field(repr=False)

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return how many tied customers bought each product; without ties all 0, so best sellers lead."""
        return (self.ties[customers] @ self.bought).toarray()


@dataclass(frozen=True, kw_only=True)
class FriendsBought:
    """What the customers tied to you bought, the product of most of them first, then the best seller.

    ties: customers x customers, set where tied (friends, or strangers put in their place). liked: customers
    x products, set where rated highly; given, only such purchases count.
    """

    key: ClassVar[str] = "friends"
    label: ClassVar[str] = "what friends bought"
    personal: ClassVar[bool] = True
    ties: csr_array = field(repr=False)
    liked: csr_array | None = field(default=None, repr=False)

    def fit(self, interactions: csr_array) -> ThroughTies:
        """Keep the purchases that count."""
        counted = interactions if self.liked is None else csr_array(interactions.multiply(self.liked))
        return ThroughTies(interactions, self.ties, counted)


def read_ties(shop, purchases: Purchases, split: Split) -> csr_array:
    """Return the ties that stood at the cut between the customers of a split, with their strength.

    Float32, symmetric, customers x customers; 1 where the strength is unknown. Without a cut, all ties.
    Raises LeakageError should a tie of after the cut slip in.
    """
    rows = shop["ties"]
    if split.cut_at is not None:
        moment = ibis.literal(split.cut_at, type="timestamp(6)")
        rows = rows.filter(rows.since_at.isnull() | (rows.since_at < moment))
        rows = rows.filter(rows.until_at.isnull() | (rows.until_at >= moment))
    log = rows.select("customer_a", "customer_b", "since_at", "strength").to_pyarrow()
    audit_features({"ties": pc.max(log["since_at"]).as_py()}, split.cut_at)
    names = purchases.customers[split.customers]
    a, b = places(log["customer_a"], names), places(log["customer_b"], names)
    strength = pc.fill_null(log["strength"], 1.0).to_numpy().clip(1e-6)
    kept = (a >= 0) & (b >= 0) & (a != b)
    a, b, strength = a[kept], b[kept], strength[kept]
    key, first = np.unique(
        np.minimum(a, b) * np.int64(len(split.customers)) + np.maximum(a, b), return_index=True
    )
    ends = np.divmod(key, len(split.customers))
    size = (len(split.customers),) * 2
    half = csr_array((strength[first].astype(np.float32), ends), shape=size)
    return csr_array(half + half.T)


def read_liked(shop, purchases: Purchases, split: Split) -> csr_array | None:
    """Return where customers had rated a product 4 or 5 of 5 before the cut; None without ratings."""
    needed = ("reviews.rating", "reviews.item_id", *(() if split.cut_at is None else ("reviews.posted_at",)))
    if shop.missing(*needed):
        return None
    rows = shop["reviews"].filter(lambda row: row.rating >= LIKED_FROM)
    if split.cut_at is not None:
        rows = rows.filter(rows.posted_at < ibis.literal(split.cut_at, type="timestamp(6)"))
    log = rows.select("customer_id", "item_id", "posted_at").to_pyarrow()
    audit_features({"ratings": pc.max(log["posted_at"]).as_py()}, split.cut_at)
    who = places(log["customer_id"], purchases.customers[split.customers])
    names = purchases.items[split.items]
    order = np.argsort(names)
    spot = places(log["item_id"], names[order])
    kept = (who >= 0) & (spot >= 0)
    liked = csr_array(
        (np.ones(kept.sum(), np.float32), (who[kept], order[spot[kept]])), shape=split.train.shape
    )
    liked.sum_duplicates()
    liked.data[:] = 1
    return liked


def places(ids: pa.ChunkedArray, names: np.ndarray) -> np.ndarray:
    """Return the position of each id among the names, -1 for one that is not among them."""
    found = pc.index_in(ids, value_set=pa.array(names, ids.type))
    return pc.fill_null(found, -1).to_numpy()


def random_strangers(ties: csr_array, *, seed: int) -> csr_array:
    """Return a placebo graph: everybody has as many tied customers as before, and none of them a friend.

    The ends of the ties are dealt anew, so everybody also stays as popular a friend. Own names, friends and
    repeats are dealt again among random others, ten times at most; the few that are left then are dropped.
    """
    rng = np.random.default_rng(seed)
    size = ties.shape[0]
    owner = np.repeat(np.arange(size, dtype=np.int64), np.diff(ties.indptr))
    friends = np.sort(owner * size + ties.indices)
    ends = ties.indices[rng.permutation(ties.nnz)].astype(np.int64)
    wrong = _wrong(owner, ends, friends, size)
    for _ in range(10):
        if not wrong.any():
            break
        pool = wrong.copy()
        pool[rng.integers(0, len(ends), wrong.sum())] = True
        ends[pool] = rng.permutation(ends[pool])
        wrong = _wrong(owner, ends, friends, size)
    dealt = owner[~wrong], ends[~wrong]
    return csr_array((np.ones(len(dealt[0]), np.float32), dealt), shape=ties.shape)


def _wrong(owner: np.ndarray, ends: np.ndarray, friends: np.ndarray, size: int) -> np.ndarray:
    """Say which dealt ties are no strangers': to oneself, to a friend, or dealt twice."""
    key = owner * size + ends
    known = friends[np.minimum(np.searchsorted(friends, key), len(friends) - 1)] == key
    order = np.argsort(key, kind="stable")
    twice = np.zeros(len(key), bool)
    twice[order[1:]] = key[order[1:]] == key[order[:-1]]
    return known | twice | (owner == ends)


def like_minded(train: csr_array, ties: csr_array, customers: np.ndarray, *, seed: int) -> csr_array:
    """Return for each of these customers as many strangers as they have friends: those of most similar taste.

    Similarity is common products / (sqrt(own number * their number) + 5), so that somebody with one product
    is not the twin of everybody. Sought among at most 20,000 random customers. Other rows are empty.
    """
    rng = np.random.default_rng(seed)
    pool = np.sort(rng.permutation(train.shape[0])[:_MOST_STRANGERS])
    number, friends = np.diff(train.indptr), np.diff(ties.indptr)
    own = csr_array((np.ones(len(customers), np.float32), (customers, customers)), shape=ties.shape)
    blocked = csr_array((ties + own)[customers][:, pool])
    others = train[pool].T
    rows, columns = [], []
    size = max(1, _BATCH_CELLS // len(pool))
    for start in range(0, len(customers), size):
        part = customers[start : start + size]
        common = (train[part] @ others).toarray()
        common /= np.sqrt(np.outer(number[part], number[pool])) + _SHRINK
        hidden = blocked[start : start + size]
        nearest = best(common, length=int(max(friends[part].max(), 1)), hidden=hidden)
        row, place = np.nonzero((np.arange(nearest.shape[1]) < friends[part, None]) & (nearest >= 0))
        rows.append(part[row])
        columns.append(pool[nearest[row, place]])
    ends = np.concatenate(rows), np.concatenate(columns)
    return csr_array((np.ones(len(ends[0]), np.float32), ends), shape=ties.shape)


def strong_and_weak(
    ties: csr_array, customers: np.ndarray, *, seed: int
) -> tuple[np.ndarray, csr_array, csr_array]:
    """Return the customers who have strong and weak ties, and as many of either kind for each of them.

    Strong: of strength 0.5 or more. Of the kind that a customer has more of, random ones are kept.
    """
    rng = np.random.default_rng(seed)
    rows = ties[customers].tocoo()
    owner, friend, strong = customers[rows.coords[0]], rows.coords[1], rows.data >= STRONG_FROM
    size = ties.shape[0]
    fewer = np.minimum(*(np.bincount(owner[kind], minlength=size) for kind in (strong, ~strong)))
    graphs = []
    for kind in (strong, ~strong):
        order = np.flatnonzero(kind)
        order = order[np.lexsort([rng.random(len(order)), owner[order]])]
        mine = owner[order]
        place = np.arange(len(order)) - np.searchsorted(mine, mine)
        chosen = order[place < fewer[mine]]
        ends = owner[chosen], friend[chosen]
        graphs.append(csr_array((np.ones(len(chosen), np.float32), ends), shape=ties.shape))
    return customers[fewer[customers] > 0], *graphs
