"""What is read from a shop for lists: purchases, and ties and ratings as they stood at the cut."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from helpers.data.list_study import read_liked, read_purchases, read_ties
from tests.taste_shops import draw_taste

CUT = dt.datetime(2024, 3, 1)


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


@pytest.fixture
def shop_with_ties(make_shop):
    tables = draw_taste(seed=1, taste=0.5, customers=6, orders=3)
    before, at, after = CUT - dt.timedelta(1), CUT, CUT + dt.timedelta(1)
    rows = [
        ("c00000", "c00001", before, None, 0.9),  # stands
        ("c00002", "c00000", None, after, 0.3),  # began nobody knows when, ends later
        ("c00003", "c00000", before, before, 0.5),  # was over
        ("c00004", "c00000", at, None, 0.5),  # begins at the cut
        ("c00005", "c00000", before, at, None),  # still stands just before the cut; strength unknown
        ("c00001", "c00000", before, None, 0.9),  # the first one from the other side
        ("c00002", "c00002", before, None, 0.9),  # nobody's own friend
    ]
    names = ["customer_a", "customer_b", "since_at", "until_at", "strength"]
    tables["ties"] = pd.DataFrame(rows, columns=names)
    return make_shop(tables)


def test_only_ties_that_stood_at_the_cut_are_read(shop_with_ties):
    purchases = SimpleNamespace(customers=np.array([f"c{n:05d}" for n in range(6)], object))
    split = SimpleNamespace(customers=np.arange(6), cut_at=CUT)
    found = read_ties(shop_with_ties, purchases, split)
    row = found[[0]].toarray()[0]
    assert row == pytest.approx([0, 0.9, 0.3, 0, 0, 1.0])
    assert (abs(found - found.T)).nnz == 0
    assert found.diagonal().sum() == 0
    split.cut_at = None
    assert read_ties(shop_with_ties, purchases, split)[[0]].nnz == 5


def test_only_high_ratings_of_before_the_cut_are_read(make_shop):
    tables = draw_taste(seed=1, taste=0.5, customers=4, orders=3)
    early, late = CUT - dt.timedelta(1), CUT
    rows = [("c00000", "i003", 5, early), ("c00001", "i003", 3, early), ("c00002", "i003", 5, late)]
    frame = pd.DataFrame(rows, columns=["customer_id", "item_id", "rating", "posted_at"])
    tables["reviews"] = frame.assign(review_id=["a", "b", "c"])
    items = np.array([f"i{n:03d}" for n in range(10)], object)
    purchases = SimpleNamespace(customers=np.array([f"c{n:05d}" for n in range(4)], object), items=items)
    train = csr_array((4, 10), dtype=np.float32)
    split = SimpleNamespace(customers=np.arange(4), items=np.arange(10)[::-1], cut_at=CUT, train=train)
    liked = read_liked(make_shop(tables), purchases, split)
    assert liked.nnz == 1
    assert liked[0, 6] == 1  # i003 is the seventh column of this split
