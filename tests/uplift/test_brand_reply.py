"""A6: does an answer of the brand bring the commenter back; counts by hand, known truth, gaps."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.uplift import brand_reply
from helpers.uplift.a06_brand_reply.answered_comments import answered_comments
from tests.market_runs import line, market_shop

JUDGED = "A6.reply_uplift"


def small_shop(make_shop, *, later_days: int = 0, **options):
    """One post of Wednesday 5 June 2024 with three comments, and what their authors bought."""

    def at(moment):
        return pd.Timestamp(moment) + pd.Timedelta(days=later_days)

    people = [f"c{number}" for number in range(5)]
    orders = {
        "o0": ("c0", "2024-06-05 04:00"),  # the order shown
        "o1": ("c1", "2024-06-01 00:00"),  # before the comment
        "o2": ("c1", "2024-06-07 00:00"),  # after it, but in the week of the order
        "o3": ("c2", "2024-07-20 00:00"),  # within six weeks of Monday 10 June (UTC: 9 June 16:00)
        "o4": ("c3", "2024-07-21 17:00"),  # an hour after they end
        "o5": ("c4", "2025-01-01 00:00"),
    }
    orders = pd.DataFrame(
        [(name, who, at(moment), "completed") for name, (who, moment) in orders.items()],
        columns=["order_id", "customer_id", "placed_at", "status"],
    )
    shares = pd.DataFrame(
        {"share_id": ["s0"], "customer_id": ["c0"], "order_id": ["o0"], "posted_at": [at("2024-06-05 06:00")]}
    )
    reactions = [
        ("r1", "c1", "comment", None, 2, "2024-06-05 08:00"),
        ("r2", "c2", "comment", None, 0, "2024-06-06 08:00"),
        ("r3", "c3", "comment", None, 5, "2024-06-10 08:00"),
        ("r4", None, "reply", "r1", None, "2024-06-05 20:00"),
        ("r5", None, "reply", "r2", None, "2024-06-08 20:00"),  # too late to count
        ("r6", None, "reply", "r3", None, "2024-06-11 08:00"),
        ("r7", "c4", "like", None, None, "2024-06-05 08:00"),
    ]
    reactions = pd.DataFrame(
        [("s0", *row[:5], at(row[5])) for row in reactions],
        columns=["share_id", "reaction_id", "customer_id", "kind", "parent_id", "likes", "posted_at"],
    )
    tables = {
        "customers": pd.DataFrame({"customer_id": people, "joined_at": at("2024-01-01"), "gender": "female"}),
        "items": pd.DataFrame({"item_id": ["i0"], "category": ["口红"]}),
        "orders": orders,
        "order_lines": orders[["order_id"]].assign(
            line_number=1, item_id="i0", quantity=1, unit_price_cents=100
        ),
        "shares": shares,
        "reactions": reactions,
    }
    return make_shop(tables, as_of=at("2024-07-28 16:00").to_pydatetime(), **options)


def test_comments_are_counted_as_by_hand(make_shop):
    frame = answered_comments(small_shop(make_shop)).set_index("comment_id")
    assert frame.index.tolist() == ["r1", "r2", "r3"]
    assert frame["answered"].tolist() == [1, 0, 1]
    assert frame["bought"].tolist() == [0, 1, 0]
    assert frame["orders_before"].tolist() == [1, 0, 0]
    # The outcome opens on Monday in shop time, or when the day for an answer is over.
    opens = [str(moment)[:16] for moment in frame["opens_at"]]
    assert opens == ["2024-06-09 16:00", "2024-06-09 16:00", "2024-06-11 08:00"]
    assert set(frame["closes_at"].astype(str)) == {"2024-07-21 16:00:00"}
    assert frame["answers_before"].tolist() == [0, 0, 0]


def test_weeks_are_whole_by_the_clock_where_it_is_put_back(make_shop):
    """Summer time ends on 27 October: the six weeks from Monday 14 October have an hour more."""
    frame = answered_comments(small_shop(make_shop, later_days=126, timezone="Europe/Paris"))
    assert [str(moment) for moment in frame["opens_at"]][:2] == ["2024-10-13 22:00:00"] * 2
    assert set(frame["closes_at"].astype(str)) == {"2024-11-24 23:00:00"}


def test_weeks_that_cannot_be_followed_are_left_out(make_shop):
    assert answered_comments(small_shop(make_shop), outcome_weeks=8).empty
    answer = brand_reply(small_shop(make_shop))
    assert "at least 200 are needed" in answer.reason


@pytest.fixture(scope="module")
def market(tmp_path_factory):
    return market_shop(tmp_path_factory.mktemp("a6"), customers=4_000, seed=3)


def test_the_known_effect_lies_near_and_the_plain_gap_far(market):
    shop, truth = market
    answer = brand_reply(shop)
    found = {finding.id: line(finding, truth, 3) for finding in answer.findings}
    row = found[JUDGED]
    assert abs(row["estimate"] - row["truth"]) < 2 * (row["high"] - row["low"])
    assert found["A6.raw_gap"]["estimate"] > row["estimate"]
    assert answer.draw().png().startswith(b"\x89PNG")
    assert answer.by_likes["comments"].sum() == len(answer.comments)
    assert set(answer.table()["likes of the comment"]) <= set(answer.by_likes["likes"])
    assert answer.findings == brand_reply(shop).findings
    gaps = answer.comments["opens_at"] - answer.comments["commented_at"]
    assert gaps.min() >= pd.Timedelta(hours=24)


@pytest.mark.parametrize("lost", ["shares", "reactions"])
def test_a_shop_without_posts_or_comments_is_one_sentence(make_shop, random_tables, lost):
    tables = random_tables(seed=1, customers=60)
    del tables[lost]
    answer = brand_reply(make_shop(tables))
    assert isinstance(answer, Skipped)
    assert lost in answer.reason
