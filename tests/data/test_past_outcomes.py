"""What was settled before a moment agrees with a customer-by-customer count, at every edge."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.data.panel import index_orders
from helpers.data.past_outcomes import RETURNS, REVIEWS, TICKETS, past_outcomes


def _by_hand(tables, index):
    orders = tables["orders"][tables["orders"]["status"] != "cancelled"]
    lines = tables["order_lines"].merge(tables["items"], on="item_id")
    rows = []
    for entry in index.itertuples():
        own = orders[orders["customer_id"].eq(entry.customer_id) & orders["placed_at"].lt(entry.index_at)]
        bought = lines[lines["order_id"].isin(own["order_id"])]["category"].dropna().unique()
        row = dict.fromkeys([f"bought {category}" for category in bought], 1.0)
        back = tables["returns"][tables["returns"]["order_id"].isin(own["order_id"])]
        row[RETURNS] = float((back["returned_at"] < entry.index_at).any())
        for table, column, name in (("tickets", "opened_at", TICKETS), ("reviews", "posted_at", REVIEWS)):
            if table in tables:
                mine = tables[table][tables[table]["customer_id"] == entry.customer_id]
                row[name] = float((mine[column] < entry.index_at).any())
        rows.append(row)
    return pd.DataFrame(rows).fillna(0.0)


def test_it_agrees_with_a_count_by_hand(make_shop, random_tables):
    tables = random_tables(seed=3)
    shop = make_shop(tables)
    start, end = (tables["orders"]["placed_at"].quantile(part).to_pydatetime() for part in (0.4, 0.8))
    index = index_orders(shop, start=start, end=end)
    moments = index.order_by("customer_id").execute()
    found = past_outcomes(shop, index, moments["customer_id"].tolist())
    by_hand = _by_hand(tables, moments)
    filled = [name for name in by_hand if by_hand[name].any()]
    assert sorted(found.columns) == sorted(filled)
    assert len(filled) >= 5
    np.testing.assert_array_equal(found[filled].to_numpy(), by_hand[filled].to_numpy())


@pytest.mark.parametrize("gone", ["returns", "tickets", "reviews"])
def test_a_table_that_is_missing_gives_no_column(make_shop, random_tables, gone):
    tables = {name: table for name, table in random_tables(seed=3).items() if name != gone}
    shop = make_shop(tables)
    index = index_orders(
        shop, start=tables["orders"]["placed_at"].min(), end=tables["orders"]["placed_at"].max()
    )
    found = past_outcomes(shop, index, index.execute()["customer_id"].tolist())
    names = {"returns": RETURNS, "tickets": TICKETS, "reviews": REVIEWS}
    assert names[gone] not in found.columns


def test_customers_in_any_order_keep_their_own_rows(make_shop, random_tables):
    tables = random_tables(seed=4)
    shop = make_shop(tables)
    index = index_orders(
        shop, start=tables["orders"]["placed_at"].median(), end=tables["orders"]["placed_at"].max()
    )
    ids = sorted(index.execute()["customer_id"])
    forward, back = past_outcomes(shop, index, ids), past_outcomes(shop, index, ids[::-1])
    np.testing.assert_array_equal(forward.to_numpy(), back.to_numpy()[::-1])
