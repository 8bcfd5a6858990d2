"""Lists that need no taste: best sellers, lately or ever, and what the customer bought before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from methods.lists.matrices import without_zeros


@dataclass(frozen=True)
class OneList:
    """Everybody gets the same scores. weight: float64 score of each product."""

    history: csr_array = field(repr=False)
    weight: np.ndarray = field(repr=False)

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return the same row for every customer."""
        return np.broadcast_to(self.weight, (len(customers), len(self.weight)))


@dataclass(frozen=True, kw_only=True)
class Popular:
    """Best sellers: the number of customers who bought a product.

    >>> bought = csr_array(np.array([[1, 1, 0], [1, 0, 0], [1, 0, 1]], dtype=np.float32))
    >>> Popular().fit(bought).scores(np.array([0])).tolist()
    [[3.0, 1.0, 1.0]]
    """

    key: ClassVar[str] = "popular"
    label: ClassVar[str] = "best sellers, for all"
    personal: ClassVar[bool] = False

    def fit(self, interactions: csr_array) -> OneList:
        """Count the buyers of each product."""
        interactions = without_zeros(interactions)
        return OneList(interactions, np.bincount(interactions.indices, minlength=interactions.shape[1]) * 1.0)


@dataclass(frozen=True, kw_only=True)
class RecentlyPopular:
    """Best sellers lately: customers whose last purchase of a product is at most `window_days` old.

    days_ago: like the interactions, with the days since the last purchase as values.

    >>> days_ago = csr_array(np.array([[90, 3, 0], [60, 0, 0], [40, 0, 5]], dtype=np.float32))
    >>> bought = csr_array((days_ago > 0).astype(np.float32))
    >>> RecentlyPopular(days_ago=days_ago).fit(bought).scores(np.array([0])).tolist()
    [[0.0, 1.0, 1.0]]
    """

    key: ClassVar[str] = "recent"
    label: ClassVar[str] = "best sellers lately, for all"
    personal: ClassVar[bool] = False
    days_ago: csr_array = field(repr=False)
    window_days: float = 28

    def fit(self, interactions: csr_array) -> OneList:
        """Count the recent buyers of each product."""
        recent = self.days_ago.indices[self.days_ago.data <= self.window_days]
        return OneList(interactions, np.bincount(recent, minlength=interactions.shape[1]) * 1.0)


@dataclass(frozen=True)
class ListOfGroup:
    """Everybody of a group gets the same scores. weight: float64 (groups, products)."""

    history: csr_array = field(repr=False)
    groups: np.ndarray = field(repr=False)
    weight: np.ndarray = field(repr=False)

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return the row of each customer's group."""
        return self.weight[self.groups[customers]]


@dataclass(frozen=True, kw_only=True)
class PopularInGroup:
    """Best sellers of the customer's group, drawn towards those of all where the group is small.

    groups: whole number of each customer's group, 0 and up. A product's weight is its buyers in the group
    plus `borrowed` purchases that are spread over the products as those of all customers are.

    >>> bought = csr_array(np.array([[1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32))
    >>> fitted = PopularInGroup(groups=np.array([0, 0, 1]), borrowed=0.0).fit(bought)
    >>> fitted.scores(np.array([0, 2])).tolist()
    [[2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    key: ClassVar[str] = "group"
    label: ClassVar[str] = "best sellers of your age and gender"
    personal: ClassVar[bool] = True
    groups: np.ndarray = field(repr=False)
    borrowed: float = 500.0

    def fit(self, interactions: csr_array) -> ListOfGroup:
        """Count the buyers of each product in each group."""
        interactions = without_zeros(interactions)
        members = csr_array((np.ones(len(self.groups)), (self.groups, np.arange(len(self.groups)))))
        everybody = np.bincount(interactions.indices, minlength=interactions.shape[1])
        counts = (members @ interactions).toarray()
        return ListOfGroup(interactions, self.groups, counts + self.borrowed * everybody / everybody.sum())


@dataclass(frozen=True)
class OwnPurchases:
    """Scores of the customer's own earlier products. freshness: customers x products."""

    history: csr_array = field(repr=False)
    freshness: csr_array = field(repr=False)

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return the freshness of what was bought, 0 for everything else."""
        return self.freshness[customers].toarray()


@dataclass(frozen=True, kw_only=True)
class BuyAgain:
    """What the customer bought before, the latest first; sensible only where repeats count as hits.

    days_ago: as in `RecentlyPopular`. A purchase loses half its score every `half_life_days`.

    >>> days_ago = csr_array(np.array([[90, 3, 0]], dtype=np.float32))
    >>> bought = csr_array((days_ago > 0).astype(np.float32))
    >>> BuyAgain(days_ago=days_ago).fit(bought).scores(np.array([0])).argmax().item()
    1
    """

    key: ClassVar[str] = "buy_again"
    label: ClassVar[str] = "what you bought before"
    personal: ClassVar[bool] = True
    days_ago: csr_array = field(repr=False)
    half_life_days: float = 90

    def fit(self, interactions: csr_array) -> OwnPurchases:
        """Turn days into freshness."""
        freshness = self.days_ago.copy()
        freshness.data = 0.5 ** (freshness.data / self.half_life_days)
        return OwnPurchases(interactions, freshness)
