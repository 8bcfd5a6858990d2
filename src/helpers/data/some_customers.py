"""A random sample of the customers, for what would need more memory than it adds in certainty."""

from __future__ import annotations

import ibis
import numpy as np
from ibis.expr.types import Table

from helpers.data.shop import Shop


def some_customers(shop: Shop, *, most: int, seed: int) -> Table | None:
    """Return the ids of `most` customers drawn at random, column customer_id; None where there are no more.

    The same seed draws the same customers, whoever asks.
    """
    customers = shop["customers"]
    if int(customers.count().execute()) <= most:
        return None
    ids = customers.select("customer_id").order_by("customer_id").execute()
    drawn = np.sort(np.random.default_rng(seed).choice(len(ids), most, replace=False))
    return ibis.memtable(ids.iloc[drawn].reset_index(drop=True))


def only_of(rows: Table, drawn: Table | None, *, column: str = "customer_id") -> Table:
    """Return the rows of the customers who were drawn, whom the column names; all where nobody was."""
    return rows if drawn is None else rows.semi_join(drawn, rows[column] == drawn["customer_id"])
