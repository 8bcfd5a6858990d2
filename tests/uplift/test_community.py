"""A8: an order shown in the community, on shops whose answer is known."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.report.withholding import released
from helpers.uplift import community_purchases

START = pd.Timestamp("2024-01-01 04:00")
ENDS = START + pd.Timedelta(days=200)


def shop_tables(
    *, persuaded: float, usual: float, seed: int = 1, buyers: int = 600, friends: int = 6
) -> dict:
    """Buyers of one product each, half of whom show it; each friend buys it by chance, more if shown."""
    rng = np.random.default_rng(seed)
    ids = [f"b{number:04}" for number in range(buyers)]
    names = [f"f{number:04}-{place}" for number in range(buyers) for place in range(friends)]
    owner = np.repeat(np.arange(buyers), friends)
    item = np.array([f"i{number:02}" for number in rng.integers(0, 12, buyers)])
    placed = START + pd.to_timedelta(rng.integers(60, 150, buyers), unit="D")
    shown = rng.random(buyers) < 0.5
    takes = rng.random(len(names)) < np.where(shown[owner], persuaded + usual, usual)
    took = np.flatnonzero(takes)
    customers = pd.DataFrame({"customer_id": [*ids, *names], "joined_at": START})
    orders = pd.DataFrame({
        "order_id": [*(f"o-{name}" for name in ids), *(f"o-{names[place]}" for place in took)],
        "customer_id": [*ids, *(names[place] for place in took)],
        "placed_at": [*placed, *(placed[owner[place]] + pd.Timedelta(days=9) for place in took)],
    })  # fmt: skip
    lines = pd.DataFrame({
        "order_id": orders["order_id"], "line_number": 1, "quantity": 1, "unit_price_cents": 5_000,
        "item_id": [*item, *item[owner[took]]],
    })  # fmt: skip
    where = np.flatnonzero(shown)
    shares = pd.DataFrame({
        "share_id": [f"s{place}" for place in where], "customer_id": [ids[place] for place in where],
        "order_id": [f"o-{ids[place]}" for place in where], "item_id": item[where], "audience": "timeline",
        "posted_at": placed[where] + pd.Timedelta(hours=3),
    })  # fmt: skip
    # Of no order: it tells that shares are known to the end.
    late = {"share_id": "late", "customer_id": ids[0], "item_id": item[0], "audience": "timeline"}
    shares = pd.concat([shares, pd.DataFrame([late | {"posted_at": ENDS - pd.Timedelta(hours=1)}])])
    shares = shares.reset_index(drop=True)
    ties = pd.DataFrame(
        {"customer_a": [ids[place] for place in owner], "customer_b": names, "since_at": START}
    )
    items = pd.DataFrame(
        {"item_id": sorted(set(item)), "category": "c", "title": "t", "list_price_cents": 5_000}
    )
    return {"customers": customers, "items": items, "orders": orders, "order_lines": lines, "shares": shares,
            "ties": ties}  # fmt: skip


@pytest.mark.parametrize("persuaded", [0.0, 0.06])
def test_what_showing_adds_is_found(make_shop, persuaded):
    tables = shop_tables(persuaded=persuaded, usual=0.04)
    answer = community_purchases(make_shop(tables, as_of=ENDS))
    (finding,) = answer.findings
    assert finding.low <= 100 * persuaded <= finding.high
    assert finding.verdict == ("supported" if persuaded else "not settled")
    # Six friends of each buyer, and each friend who bought has the buyer as a friend.
    assert finding.n == 5 * 600 + len(tables["orders"])
    assert answer.table()["orders"].sum() == len(tables["orders"])
    assert answer.draw().png().startswith(b"\x89PNG")


def test_posts_to_one_friend_are_left_out(make_shop):
    tables = shop_tables(persuaded=0.06, usual=0.04)
    tables["shares"].loc[::2, "audience"] = "friend"
    answer = community_purchases(make_shop(tables, as_of=ENDS))
    sent = tables["shares"].loc[::2, "order_id"].notna().sum()
    assert answer.findings[0].n == 5 * 600 + len(tables["orders"]) - 6 * sent


def test_without_an_audience_every_post_counts_as_shown(make_shop, tmp_path):
    tables = shop_tables(persuaded=0.06, usual=0.04)
    full = community_purchases(make_shop(tables, as_of=ENDS, folder=tmp_path / "full"))
    tables["shares"] = tables["shares"].drop(columns="audience")
    plain = community_purchases(make_shop(tables, as_of=ENDS, folder=tmp_path / "plain"))
    assert plain.findings[0].estimate == pytest.approx(full.findings[0].estimate)


def test_too_few_cases_end_in_words(make_shop, tmp_path):
    few = shop_tables(persuaded=0.06, usual=0.04, buyers=30)
    answer = community_purchases(make_shop(few, as_of=ENDS, folder=tmp_path / "few"))
    assert isinstance(answer, Skipped)
    assert "are needed" in answer.reason
    alone = {name: frame for name, frame in few.items() if name != "ties"}
    assert "ties" in community_purchases(make_shop(alone, as_of=ENDS, folder=tmp_path / "alone")).reason


def test_few_purchases_are_told_as_few_and_what_is_needed_as_a_number(make_shop):
    answer = community_purchases(make_shop(shop_tables(persuaded=0.0, usual=0.02, buyers=30), as_of=ENDS))
    (told,) = released(answer.findings)
    assert re.search(r"made [1-9] purchases of the product", answer.reason)
    assert "made fewer than 11 purchases of the product" in told.reason
    assert told.reason.endswith("at least 10 purchases are needed.")
