"""Outcomes that were settled before a moment, so that nothing done at it can have moved them."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop

# Columns of the panel that count the same things as the outcomes.
TWINS = ("categories_before", "returns_before")
TICKETS, REVIEWS, RETURNS = (
    "asked the service desk before",
    "wrote a review before",
    "sent something back before",
)


def past_outcomes(shop: Shop, index: Table, customers: Sequence[str]) -> pd.DataFrame:
    """Return what each customer had done strictly before the own index moment, as 0 and 1.

    index: customer_id (each once), index_at (naive UTC). customers: ids in the order of the rows returned.
    One column a category bought from, and one each for returns, service contacts and reviews, where the
    shop has them with times; a column nobody or everybody fills is there too.
    """
    facts = list(_facts(shop, index.select("customer_id", "index_at")))
    rows = pd.DataFrame({"customer_id": pd.Index(customers, dtype="str")})
    if not facts:
        return pd.DataFrame(index=rows.index)
    seen = functools.reduce(lambda one, other: one.union(other), facts).execute()
    place = pd.Index(rows["customer_id"]).get_indexer(seen["customer_id"].astype("str"))
    known = seen[place >= 0]
    names = sorted(known["outcome"].unique())
    found = np.zeros((len(rows), len(names)))
    found[place[place >= 0], pd.Index(names).get_indexer(known["outcome"])] = 1.0
    return pd.DataFrame(found, columns=names)


def _facts(shop: Shop, moments: Table) -> Iterator[Table]:
    """Tables of customer_id and outcome, one row each, that can be joined end to end."""
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at").join(moments, "customer_id")
    orders = orders.filter(orders.placed_at < orders.index_at)
    if not shop.missing("items.category"):
        lines = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id")
        bought = lines.join(shop["items"].select("item_id", "category"), "item_id")
        bought = bought.filter(bought.category.notnull())
        yield bought.select("customer_id", outcome=ibis.literal("bought ") + bought.category).distinct()
    if not shop.missing("returns.returned_at"):
        back = shop["returns"].select("order_id", "returned_at").join(orders, "order_id")
        yield _named(back.filter(back.returned_at < back.index_at), RETURNS)
    for table, moment, name in (("tickets", "opened_at", TICKETS), ("reviews", "posted_at", REVIEWS)):
        if not shop.missing(f"{table}.{moment}"):
            own = (
                shop[table]
                .select("customer_id", happened_at=shop[table][moment])
                .join(moments, "customer_id")
            )
            yield _named(own.filter(own.happened_at < own.index_at), name)


def _named(rows: Table, name: str) -> Table:
    return rows.select("customer_id", outcome=ibis.literal(name)).distinct()
