"""Who takes part in a simulation: habits of each customer, and the ties between them as arrays."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Ties(Result):
    """Ties from both sides: the friends of customer i are friend[start[i]:start[i + 1]].

    start: customers + 1. friend, tie: one entry an end; tie numbers the tie that an end belongs to.
    """

    start: NDArray[np.int64] = field(repr=False)
    friend: NDArray[np.int32] = field(repr=False)
    tie: NDArray[np.int32] = field(repr=False)

    @property
    def count(self) -> int:
        """Number of ties."""
        return len(self.friend) // 2

    @property
    def degrees(self) -> NDArray[np.int64]:
        """Friends of each customer."""
        return np.diff(self.start)


@dataclass(frozen=True, kw_only=True)
class Population(Result):
    """Customers as a simulation starts; one entry a customer.

    shape, pace: of the gamma distribution of orders a week if still there. here: chance of being still
    there. leaving: chance of being gone for good after an order. share_chance: chance of sharing an order.
    likes: mean likes of a share, scattered by a gamma of shape likes_shape and Poisson.
    circle: number of the group that is kept or left out as a whole.
    """

    shape: NDArray[np.float64] = field(repr=False)
    pace: NDArray[np.float64] = field(repr=False)
    here: NDArray[np.float64] = field(repr=False)
    leaving: NDArray[np.float64] = field(repr=False)
    share_chance: NDArray[np.float64] = field(repr=False)
    likes: NDArray[np.float64] = field(repr=False)
    circle: NDArray[np.int64] = field(repr=False)
    ties: Ties
    likes_shape: float = 4.0

    def __len__(self) -> int:
        return len(self.shape)


def as_ties(ends: ArrayLike, customers: int) -> Ties:
    """Return ties from both sides.

    ends: one row a tie, the places of its two customers, int (ties, 2); loops and repeats are for the caller
    to take out. customers: how many there are, friends or not.

    >>> ties = as_ties([[0, 1], [1, 2]], 4)
    >>> ties.degrees.tolist(), sorted(ties.friend[ties.start[1]:ties.start[2]].tolist())
    ([1, 2, 1, 0], [0, 2])
    """
    pairs = np.asarray(ends, dtype=np.int64).reshape(-1, 2)
    if len(pairs) and not 0 <= pairs.min() <= pairs.max() < customers:
        raise ValueError(f"a tie names customer {pairs.max()}; there are {customers}, numbered from 0")
    owner = np.concatenate([pairs[:, 0], pairs[:, 1]])
    friend = np.concatenate([pairs[:, 1], pairs[:, 0]])
    order = np.argsort(owner, kind="stable")
    number = np.concatenate([np.arange(len(pairs))] * 2)
    return Ties(
        start=np.concatenate([[0], np.cumsum(np.bincount(owner, minlength=customers))]),
        friend=friend[order].astype(np.int32),
        tie=number[order].astype(np.int32),
    )
