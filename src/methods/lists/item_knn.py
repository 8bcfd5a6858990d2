"""Item-kNN: products bought by the same customers as those you bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np
from scipy.sparse import csr_array, vstack

from methods.lists.matrices import without_zeros

_BATCH_CELLS = 4_000_000


@dataclass(frozen=True)
class ItemSums:
    """Scores are sums over the customer's products. similarity: products x products, sparse."""

    history: csr_array = field(repr=False)
    similarity: csr_array = field(repr=False)

    def scores(self, customers: np.ndarray) -> np.ndarray:
        """Return the summed similarity of every product to what each customer bought."""
        return (self.history[customers] @ self.similarity).toarray()


@dataclass(frozen=True, kw_only=True)
class ItemNeighbours:
    """Item-kNN with shrunken cosine similarity, or with none but the count of common buyers.

    The similarity of products i and j is both / (sqrt(buyers_i * buyers_j) + shrink), where `both` counts
    customers who bought both; `dot` is `both` alone. i is not its own neighbour. Of the products similar to
    a candidate j only the `neighbours` nearest count; a customer's score of j is the sum over the products
    they bought.
    (Sarwar et al., WWW 2001, for data without ratings. Published "item-kNN" figures differ by up to a
    third with the definition, so it is written out here.)

    >>> bought = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [0, 0, 1]], dtype=np.float32))
    >>> ItemNeighbours(similarity="dot").fit(bought).scores(np.array([2])).tolist()
    [[0.0, 2.0, 0.0]]
    """

    key: ClassVar[str] = "neighbours"
    label: ClassVar[str] = "bought together (item-kNN)"
    personal: ClassVar[bool] = True
    neighbours: int = 100
    shrink: float = 0.0
    similarity: Literal["cosine", "dot"] = "cosine"

    def fit(self, interactions: csr_array) -> ItemSums:
        """Find the nearest neighbours of every product, in batches; ValueError on an unknown similarity."""
        if self.similarity not in ("cosine", "dot"):
            raise ValueError(f"similarity {self.similarity!r} is not known; choose 'cosine' or 'dot'")
        interactions = without_zeros(interactions)
        columns = interactions.tocsc()
        buyers = np.diff(columns.indptr).astype(np.float64)
        size = max(1, _BATCH_CELLS // len(buyers))
        parts = [
            self._nearest(columns[:, start : start + size], interactions, buyers, start)
            for start in range(0, len(buyers), size)
        ]
        return ItemSums(interactions, csr_array(vstack(parts).T).astype(np.float32))

    def _nearest(
        self, targets: csr_array, interactions: csr_array, buyers: np.ndarray, start: int
    ) -> csr_array:
        both = csr_array(targets.T @ interactions)
        both.sort_indices()
        rows = np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
        value = both.data.astype(np.float64)
        if self.similarity == "cosine":
            value /= np.sqrt(buyers[start + rows] * buyers[both.indices]) + self.shrink
        value[both.indices == start + rows] = 0
        nearest_first = np.lexsort([-value, rows])
        place = np.arange(len(rows)) - both.indptr[rows]
        kept = nearest_first[(place < self.neighbours) & (value[nearest_first] > 0)]
        return csr_array((value[kept], (rows[kept], both.indices[kept])), shape=both.shape)
