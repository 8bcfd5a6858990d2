"""Time-aware lists: tastes that fade, and the best sellers of late sorted by taste."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from methods.lists.lists_for_all import RecentlyPopular
from methods.lists.ranking import Fitted, Model

FEWEST_PRODUCTS = 3


@dataclass(frozen=True, kw_only=True)
class Faded:
    """A taste model that learns from, and recommends by, purchases that lose half their weight in so many
    days (Ding and Li, CIKM 2005).

    model: of tastes, such as `ItemNeighbours` or `Ease`. days_ago: as in `RecentlyPopular`.

    >>> from methods.lists.item_knn import ItemNeighbours
    >>> days_ago = csr_array(np.array([[1, 400, 0], [1, 0, 1], [0, 400, 0]], dtype=np.float32))
    >>> bought = csr_array((days_ago > 0).astype(np.float32))
    >>> model = Faded(model=ItemNeighbours(), days_ago=days_ago, half_life_days=30)
    >>> scores = model.fit(bought).scores(np.array([0]))
    >>> bool(scores[0, 2] > 0.1), bool(scores[0, 1] < 0.01)
    (True, True)
    """

    model: Model = field(repr=False)
    days_ago: csr_array = field(repr=False)
    half_life_days: float = 90

    @property
    def key(self) -> str:
        """That of the model."""
        return self.model.key

    @property
    def label(self) -> str:
        """That of the model."""
        return self.model.label

    @property
    def personal(self) -> bool:
        """That of the model."""
        return self.model.personal

    def fit(self, interactions: csr_array) -> Fitted:
        """Fit the model to the faded purchases; interactions and days_ago hold the same products."""
        return self.model.fit(faded(interactions, self.days_ago, half_life_days=self.half_life_days))


def dated(model: Model, days_ago: csr_array | None) -> Model:
    """Return the model as it stands for other purchases: with their days, or without any that do not fade.

    model: any; only those that fade change. days_ago: of the purchases that it is to learn from.

    >>> from methods.lists.item_knn import ItemNeighbours
    >>> model = Faded(model=ItemNeighbours(), days_ago=csr_array(np.eye(2)))
    >>> dated(model, None)
    ItemNeighbours(neighbours=100, shrink=0.0, similarity='cosine')
    """
    if not isinstance(model, Faded):
        return model
    return model.model if days_ago is None else replace(model, days_ago=days_ago)


def faded(interactions: csr_array, days_ago: csr_array, *, half_life_days: float) -> csr_array:
    """Return the interactions with 0.5 ** (days / half-life) in place of 1.

    interactions, days_ago: customers x products; what is set in the first has its days in the second.
    half_life_days: above 0.
    Raises ValueError where a purchase has no days.

    >>> bought = csr_array(np.array([[1, 1, 0]], dtype=np.float32))
    >>> faded(bought, csr_array(np.array([[60, 30, 5]])), half_life_days=30).toarray().tolist()
    [[0.25, 0.5, 0.0]]
    """
    kept = csr_array(interactions.multiply(days_ago))
    if kept.nnz != interactions.nnz:
        raise ValueError("days_ago lacks purchases that are to be learned from; both must hold the same")
    kept.data = (0.5 ** (kept.data / half_life_days)).astype(np.float32)
    return kept


@dataclass(frozen=True)
class SortedByTaste:
    """Best sellers of late plus the customer's taste. trend: float32 (products,), 1 for the best seller."""

    history: csr_array = field(repr=False)
    taste: Fitted = field(repr=False)
    trend: np.ndarray = field(repr=False)
    weight: float

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return trend + weight * taste; the trend alone for customers of fewer than three products."""
        taste = np.asarray(self.taste.scores(customers), np.float32)
        highest = np.max(taste, axis=1, keepdims=True, initial=0)
        known = np.diff(self.history.indptr)[customers] >= FEWEST_PRODUCTS
        share = self.weight * known[:, None] / np.where(highest > 0, highest, 1)
        return self.trend + np.where(known[:, None], np.maximum(taste, 0) * share, 0)


@dataclass(frozen=True, kw_only=True)
class TrendAndTaste:
    """The best sellers of late, and of them rather what goes with the customer's own purchases.

    taste: model of tastes. days_ago, window_days: as in `RecentlyPopular`. weight: of the taste, scaled to 1
    for the product that suits best, as the trend is for the best seller; a small one leaves the best sellers
    of late and only reorders them, which loses little where fashion alone decides. Customers of fewer than
    three products get the best sellers of late as they are.

    >>> from methods.lists.item_knn import ItemNeighbours
    >>> days_ago = csr_array(np.array([[9, 9, 9, 0], [9, 9, 9, 9], [0, 2, 0, 2]], dtype=np.float32))
    >>> bought = csr_array((days_ago > 0).astype(np.float32))
    >>> model = TrendAndTaste(taste=ItemNeighbours(), days_ago=days_ago, window_days=5, weight=0.5)
    >>> model.fit(bought).scores(np.array([0, 2])).round(2)[:, 1].tolist()
    [1.45, 1.0]
    """

    key: ClassVar[str] = "trend"
    label: ClassVar[str] = "best sellers lately, by your taste"
    personal: ClassVar[bool] = True
    taste: Model = field(repr=False)
    days_ago: csr_array = field(repr=False)
    window_days: float = 28
    weight: float = 0.3

    def fit(self, interactions: csr_array) -> SortedByTaste:
        """Fit the taste and count the best sellers of late."""
        trend = RecentlyPopular(days_ago=self.days_ago, window_days=self.window_days).fit(interactions).weight
        scaled = (trend / max(float(trend.max(initial=0)), 1.0)).astype(np.float32)
        return SortedByTaste(interactions, self.taste.fit(interactions), scaled, self.weight)
