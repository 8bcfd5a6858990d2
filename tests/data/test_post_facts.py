"""What posts around an order were, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data.panel import index_orders
from helpers.data.post_facts import COLUMNS, post_facts

DAY = pd.Timestamp("2025-01-10")
# Each customer orders at DAY; posts as (hours after it, audience, receiver, of the index order), reactions.
POSTS = {
    "silent": ([], [], ()),
    "unseen": ([(1, "timeline", None, True)], [], ("posted", "within")),
    "liked": ([(1, "timeline", None, True)], [("like", None)], ("posted", "reacted", "within")),
    "self": ([(1, "timeline", None, True)], [("like", "self"), ("reply", None)], ("posted", "within")),
    "sent": ([(1, None, "liked", True)], [], ("posted", "named", "within")),
    "to_a_friend": ([(1, "friend", None, True)], [], ("posted", "named", "within")),
    "other_order": ([(1, "timeline", None, False)], [], ("posted",)),
    "within": ([(60, "timeline", None, True)], [("like", None)], ("within",)),
    "late": ([(24 * 40, "timeline", None, True)], [("like", None)], ("after",)),
    "both": ([(60, "timeline", None, True), (24 * 40, "timeline", None, True)], [], ("within", "after")),
    "late_other": ([(24 * 40, "timeline", None, False)], [], ()),
    "before": ([(-5, "timeline", None, False)], [("click", "late")], ()),
}


@pytest.fixture
def tables():
    names = list(POSTS)
    shares, reactions = [], []
    for name, (posts, done, _) in POSTS.items():
        for hours, audience, receiver, of_index in posts:
            order = name if of_index else f"{name} earlier"
            posted = DAY + pd.Timedelta(hours=hours)
            shares.append((f"s{len(shares)}", name, order, audience, receiver, posted))
            for kind, who in done:
                reactions.append((f"r{len(reactions)}", shares[-1][0], who, kind, posted))
    early = [f"{name} earlier" for name in names]
    placed = [DAY] * len(names) + [DAY - pd.Timedelta(days=30)] * len(names)
    orders = pd.DataFrame({"order_id": names + early, "customer_id": names * 2, "placed_at": placed})
    columns = ["share_id", "customer_id", "order_id", "audience", "receiver_id", "posted_at"]
    return {
        "customers": pd.DataFrame({"customer_id": names}),
        "items": pd.DataFrame({"item_id": ["i"]}),
        "orders": orders.assign(status="completed"),
        "order_lines": pd.DataFrame(
            {"order_id": orders["order_id"], "line_number": 1, "item_id": "i", "quantity": 1}
        ),
        "shares": pd.DataFrame(shares, columns=columns),
        "reactions": pd.DataFrame(
            reactions, columns=["reaction_id", "share_id", "customer_id", "kind", "posted_at"]
        ),
    }


def facts(shop):
    index = index_orders(shop, start=DAY.to_pydatetime(), end=(DAY + pd.Timedelta(days=1)).to_pydatetime())
    names = list(POSTS)[::-1]
    found = post_facts(shop, index, names, landmark_hours=48, outcome_days=30)
    return {name: tuple(found.columns[row]) for name, row in zip(names, found.to_numpy(), strict=True)}


def test_each_fact_is_as_counted_by_hand(make_shop, tables):
    assert facts(make_shop(tables)) == {
        name: tuple(sorted(held, key=COLUMNS.index)) for name, (_, _, held) in POSTS.items()
    }


def test_without_reactions_no_post_is_known_to_be_seen(make_shop, tables):
    del tables["reactions"]
    assert not any("reacted" in held for held in facts(make_shop(tables)).values())
