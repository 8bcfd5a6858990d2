"""Graphs to compare with: the same number of friends each and nothing else in common, or a ring.

Rewiring swaps the ends of two ties (Maslov & Sneppen 2002), many pairs of ties at once in NumPy: igraph would
draw every random number through Python.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.graphs.friend_graph import FriendGraph
from methods.result import Result

SWAPS_A_TIE = 10


@dataclass(frozen=True, kw_only=True)
class Beside(Result):
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


def rewired(ties: FriendGraph, *, seed: int) -> FriendGraph:
    """Return a random graph where everyone has as many friends as before; strengths are dealt anew.

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> (rewired(ties, seed=1).degrees == ties.degrees).all().item()
    True
    """
    rng = np.random.default_rng(seed)
    ends = ties.ends.astype(np.int64)
    for _ in range(SWAPS_A_TIE):
        _swap(ends, rng, width=len(ties))
    return ties.with_ties(ends, rng.permutation(ties.strength))


def _swap(ends: np.ndarray, rng: np.random.Generator, *, width: int) -> None:
    """Put every tie to one swap, in place: a-b, c-d become a-d, c-b unless that makes a loop or a double."""
    half = len(ends) // 2
    order = rng.permutation(len(ends))
    first, second = order[:half], order[half : 2 * half]
    turned = rng.random(half) < 0.5
    a, b = ends[first].T
    c, d = np.where(turned[:, None], ends[second][:, ::-1], ends[second]).T
    new = np.concatenate([_key(a, d, width), _key(c, b, width)])
    # The ties that stand are all different, so what is there twice is new and would make a double.
    every = np.sort(np.concatenate([_key(ends[:, 0], ends[:, 1], width), new]))
    twice = every[1:][every[1:] == every[:-1]]
    double = np.searchsorted(twice, new, "left") < np.searchsorted(twice, new, "right")
    bad = double.reshape(2, half).any(axis=0) | (a == d) | (c == b)
    good = ~bad
    ends[first[good]] = np.column_stack([a, d])[good]
    ends[second[good]] = np.column_stack([c, b])[good]


def _key(a: np.ndarray, b: np.ndarray, width: int) -> np.ndarray:
    return np.minimum(a, b) * width + np.maximum(a, b)


def nulls(ties: FriendGraph, *, draws: int, seed: int) -> list[FriendGraph]:
    """Return `draws` rewired copies."""
    return [rewired(ties, seed=seed + draw) for draw in range(draws)]


def ring(ties: FriendGraph) -> FriendGraph:
    """Return a ring lattice with nearly the same numbers of friends: the most clustered to compare with.

    Customers stand in a circle by their number of friends and know those who stand next to them.

    >>> ties = FriendGraph(names=np.array(list("abcd")), ends=np.array([[0, 1], [0, 2], [1, 2], [2, 3]]),
    ...                    strength=np.full(4, np.nan))
    >>> ring(ties).degrees.sum().item()
    6
    """
    place = np.argsort(ties.degrees, kind="stable")
    degrees = ties.degrees[place]
    ahead = (degrees + np.arange(len(degrees)) % 2) // 2  # odd numbers are rounded up and down in turn
    ahead = np.minimum(ahead, (len(degrees) - 1) // 2)
    start = np.repeat(np.arange(len(degrees)), ahead)
    step = np.arange(len(start)) - np.repeat(np.cumsum(ahead) - ahead, ahead) + 1
    ends = np.column_stack([place[start], place[(start + step) % len(degrees)]])
    return ties.with_ties(ends, np.full(len(ends), np.nan))
