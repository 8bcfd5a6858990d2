"""What friends bought: ties as they stood at the cut, strangers in their place, and lists through either."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from methods.lists.ranking import best

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

    >>> ties = csr_array(np.array([[0, 1, 1], [1, 0, 0], [1, 0, 0]], dtype=np.float32))
    >>> bought = csr_array(np.array([[1, 0, 0], [0, 1, 0], [0, 1, 1]], dtype=np.float32))
    >>> FriendsBought(ties=ties).fit(bought).scores(np.array([0])).argmax().item()
    1
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


def random_strangers(ties: csr_array, *, seed: int) -> csr_array:
    """Return a placebo graph: everybody has as many tied customers as before, and none of them a friend.

    The ends of the ties are dealt anew, so everybody also stays as popular a friend. Own names, friends and
    repeats are dealt again among random others, ten times at most; the few that are left then are dropped.

    >>> ties = csr_array(np.roll(np.eye(40), 1, axis=1) + np.roll(np.eye(40), -1, axis=1))
    >>> dealt = random_strangers(ties, seed=1)
    >>> dealt.multiply(ties).nnz
    0
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

    train: customers x products.
    ties: customers x customers.
    customers: row numbers. Similarity is common products / (sqrt(own number * their number) + 5), so that
        somebody with one product is not the twin of everybody. Sought among at most 20,000 random
        customers. Other rows are empty.

    >>> bought = csr_array(np.array([[1, 1, 0], [0, 0, 1], [1, 1, 0], [0, 1, 0]], dtype=np.float32))
    >>> ties = csr_array((np.ones(2), ([0, 1], [1, 0])), shape=(4, 4))
    >>> like_minded(bought, ties, np.array([0]), seed=1).indices.tolist()
    [2]
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

    ties: customers x customers, values are strengths. Strong: of strength 0.5 or more. Of the kind that a
        customer has more of, random ones are kept.

    >>> ties = csr_array(np.array([[0, 0.9, 0.1], [0.9, 0, 0], [0.1, 0, 0]]))
    >>> who, strong, weak = strong_and_weak(ties, np.arange(3), seed=1)
    >>> who.tolist(), strong.nnz, weak.nnz
    ([0], 1, 1)
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
