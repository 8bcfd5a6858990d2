"""Two recommenders in one: the scores of both, on a common scale, added."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from scipy.sparse import csr_array

from methods.lists.ranking import Fitted, Learner


@dataclass(frozen=True)
class Blended:
    """Scores of both, each divided by the customer's highest. weight: of the second."""

    history: csr_array = field(repr=False)
    first: Fitted = field(repr=False)
    second: Fitted = field(repr=False)
    weight: float

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return first + weight * second; what either can never list stays out."""
        return _scaled(self.first, customers) + self.weight * _scaled(self.second, customers)


@dataclass(frozen=True, kw_only=True)
class Blend:
    """The scores of `first` plus `weight` times those of `second`, each scaled to 1 for the best product.

    first, second: models with `fit`. Where a customer has no friends, say, the second adds nothing.

    >>> from methods.lists.friends import FriendsBought
    >>> from methods.lists.lists_for_all import Popular
    >>> ties = csr_array(np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=np.float32))
    >>> bought = csr_array(np.array([[1, 0, 0], [1, 1, 0], [1, 0, 1]], dtype=np.float32))
    >>> both = Blend(first=Popular(), second=FriendsBought(ties=ties)).fit(bought).scores(np.array([0]))
    >>> bool(both[0, 1] > both[0, 2])
    True
    """

    key: ClassVar[str] = "blend"
    label: ClassVar[str] = "both together"
    personal: ClassVar[bool] = True
    first: Learner = field(repr=False)
    second: Learner = field(repr=False)
    weight: float = 0.2

    def fit(self, interactions: csr_array) -> Blended:
        """Fit both."""
        return Blended(interactions, self.first.fit(interactions), self.second.fit(interactions), self.weight)


def _scaled(fitted: Fitted, customers: np.ndarray) -> np.ndarray:
    scores = np.asarray(fitted.scores(customers), np.float32)
    highest = np.max(scores, axis=1, keepdims=True, initial=0)
    return scores / np.where(highest > 0, highest, 1)
