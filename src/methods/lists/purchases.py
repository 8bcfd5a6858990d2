"""Who bought what and when: the only thing that every recommender here learns from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Purchases(Result):
    """The purchases of a shop, with customers and products as whole numbers.

    rows: customer, item (int32 positions in `customers` and `items`) and, where the shop has times,
    placed_at (datetime64, UTC); one row a customer, product and time. customers, items: sorted ids.
    sellers, categories: for each product its seller's and category's name (object, None where unknown).
    segments: for each customer age band and gender as words (object), None where the shop knows neither.

    >>> rows = pd.DataFrame({"customer": [0, 1], "item": [0, 0]})
    >>> shop = Purchases(rows=rows, customers=np.array(["a", "b"]), items=np.array(["x"]),
    ...                  sellers=np.array([None]), categories=np.array([None]))
    >>> shop.dated
    False
    """

    rows: pd.DataFrame = field(repr=False)
    customers: np.ndarray = field(repr=False)
    items: np.ndarray = field(repr=False)
    sellers: np.ndarray = field(repr=False)
    categories: np.ndarray = field(repr=False)
    segments: np.ndarray | None = field(default=None, repr=False)

    @property
    def dated(self) -> bool:
        """Whether it is known when each purchase was made."""
        return "placed_at" in self.rows
