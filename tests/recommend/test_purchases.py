"""What is read from a shop as purchases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.recommend import read_purchases


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    order = ["o1", "o2", "o3", "o4"]
    return {
        "customers": pd.DataFrame({"customer_id": ["b", "a"]}),
        "items": pd.DataFrame(
            {"item_id": ["y", "x", "z"], "seller_id": ["s", None, "s"], "category": "口红"}
        ),
        "orders": pd.DataFrame(
            {
                "order_id": order,
                "customer_id": ["b", "a", "a", "b"],
                "placed_at": pd.to_datetime(["2024-01-03", "2024-01-01", "2024-01-02", "2024-01-04"]),
                "status": ["paid", "completed", "cancelled", None],
            }
        ),
        "order_lines": pd.DataFrame(
            {
                "order_id": ["o1", "o1", "o2", "o3", "o4"],
                "line_number": [1, 2, 1, 1, 1],
                "item_id": ["y", "y", "x", "z", "y"],
                "quantity": 1,
            }
        ),
    }


def test_cancelled_orders_and_doubled_lines_do_not_count(make_shop, tables):
    found = read_purchases(make_shop(tables))
    names = [
        (found.customers[c], found.items[i], str(at)[:10])
        for c, i, at in found.rows.itertuples(index=False, name=None)
    ]
    assert names == [("a", "x", "2024-01-01"), ("b", "y", "2024-01-03"), ("b", "y", "2024-01-04")]
    assert found.sellers.tolist() == [None, "s"]
    assert found.categories.tolist() == ["口红", "口红"]


def test_without_times_every_pair_is_read_once(make_shop, tables):
    tables["orders"] = tables["orders"].drop(columns="placed_at")
    found = read_purchases(make_shop(tables))
    assert not found.dated
    assert found.rows.to_numpy().tolist() == [[0, 0], [1, 1]]


def test_the_order_of_the_files_does_not_matter(make_shop, tables, tmp_path):
    first = read_purchases(make_shop(tables, folder=tmp_path / "a"))
    turned = {name: frame.iloc[::-1] for name, frame in tables.items()}
    second = read_purchases(make_shop(turned, folder=tmp_path / "b"))
    pd.testing.assert_frame_equal(first.rows, second.rows)
    assert np.array_equal(first.items, second.items)
