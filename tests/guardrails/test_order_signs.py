"""E1: signs of faked orders in tables made by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.guardrails.e01_manipulation.order_signs import order_signs

START = pd.Timestamp("2024-03-04")
WRITTEN = {
    "copies but for case, signs and blanks": [
        "Lovely lip stick!",
        "lovely lipstick",
        "LOVELY lip-stick",
        "dry",
    ],
    "copies in Chinese": ["颜色很好看，下次还来", "颜色很好看 下次还来", "颜色很好看！下次还来", "好"],
    "short words that all write": ["good", "good", "Good!", "good"],
    "unlike words as long as each other": ["abcdefghijkl", "bcdefghijklm", "cdefghijklmn", "defghijklmno"],
}


def signs_of(make_shop, **columns) -> pd.DataFrame:
    """Four reviews of one seller in one week, with what was written."""
    order = [f"o{number}" for number in range(4)]
    placed = START + pd.to_timedelta(range(4), unit="h")
    customers = [f"c{number}" for number in range(4)]
    tables = {
        "customers": pd.DataFrame({"customer_id": customers, "joined_at": START}),
        "items": pd.DataFrame({"item_id": ["i"], "seller_id": ["s"]}),
        "orders": pd.DataFrame({"order_id": order, "customer_id": customers, "placed_at": placed}),
        "order_lines": pd.DataFrame(
            {"order_id": order, "line_number": 1, "item_id": "i", "quantity": 1, "unit_price_cents": 900}
        ),
        "reviews": pd.DataFrame(
            {"review_id": order, "order_id": order, "customer_id": customers, "item_id": "i", "rating": 4}
        ).assign(posted_at=placed + pd.Timedelta(days=1), **columns),
    }
    return order_signs(make_shop(tables))[0]


@pytest.mark.parametrize("written", list(WRITTEN))
def test_copies_are_told_by_their_words(make_shop, written):
    signs = signs_of(make_shop, text=WRITTEN[written], length_characters=12)
    assert signs["copied review"].tolist() == [written.startswith("copies")] * 3 + [False]


@pytest.mark.parametrize(
    ("lengths", "copied"), [([12, 12, 12, 31], [1, 1, 1, 0]), ([12, 12, 13, 31], [0] * 4)]
)
def test_copies_are_told_by_length_where_nothing_else_is_kept(make_shop, lengths, copied):
    assert signs_of(make_shop, length_characters=lengths)["copied review"].tolist() == [*map(bool, copied)]
