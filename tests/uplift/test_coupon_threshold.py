"""A4 as it is asked of a shop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.uplift.a04_coupon_threshold.coupon_threshold import coupon_threshold
from helpers.uplift.a04_coupon_threshold.liked_posts import liked_posts
from tests.methods.staged_designs import liked

REQUIRED = ("customers", "items", "orders", "order_lines")
START = pd.Timestamp("2024-01-01")


def posted_shop(
    seed: int = 1, *, rows: int = 4000, effect: float = 0.3, begging: float = 0.4
) -> dict[str, pd.DataFrame]:
    """One order and post a customer, whole-number likes, and a return that jumps at 20 likes."""
    drawn = liked(seed, rows=rows, effect=effect, begging=begging)
    names = np.array([f"c{number:05d}" for number in range(rows)])
    placed = START + pd.to_timedelta(np.arange(rows) % 200, unit="D")
    first = pd.DataFrame({"order_id": "a" + names, "customer_id": names, "placed_at": placed})
    again = first.assign(order_id="b" + names, placed_at=placed + pd.Timedelta(days=30))[drawn["again"] == 1]
    shares = pd.DataFrame({"share_id": "s" + names, "customer_id": names, "order_id": "a" + names,
                           "posted_at": placed + pd.Timedelta(hours=1)})  # fmt: skip
    row = np.repeat(np.arange(rows), drawn["likes"])
    reactions = pd.DataFrame({
        "reaction_id": [f"r{number}" for number in range(len(row))], "kind": "like",
        "share_id": shares["share_id"].to_numpy()[row],
        "posted_at": shares["posted_at"].to_numpy()[row] + np.timedelta64(5, "h"),
    })  # fmt: skip
    late = {"reaction_id": "late", "kind": "comment", "share_id": "s" + names[0]}
    until = {"posted_at": START + pd.Timedelta(days=319)}  # reactions are known to the end
    reactions = pd.concat([reactions, pd.DataFrame([late | until])], ignore_index=True)
    earned = shares[drawn["likes"] >= 20]
    coupons = pd.DataFrame({
        "coupon_id": "k" + earned["share_id"], "customer_id": earned["customer_id"], "source": "threshold",
        "worth_cents": 2000, "share_id": earned["share_id"],
        "issued_at": earned["posted_at"] + pd.Timedelta(days=2),
    })  # fmt: skip
    orders = pd.concat([first, again]).assign(status="completed")
    lines = pd.DataFrame({"order_id": orders["order_id"], "line_number": 1, "item_id": "i1", "quantity": 1,
                          "unit_price_cents": 1000})  # fmt: skip
    return {
        "customers": pd.DataFrame({"customer_id": names, "joined_at": START - pd.Timedelta(days=5)}),
        "items": pd.DataFrame({"item_id": ["i1"], "category": ["口红"]}),
        "orders": orders, "order_lines": lines, "shares": shares, "reactions": reactions, "coupons": coupons,
    }  # fmt: skip


AS_OF = (START + pd.Timedelta(days=320)).to_pydatetime()


def test_posts_carry_likes_and_returns_as_drawn(make_shop):
    drawn = liked(1, rows=4000, effect=0.3, begging=0.4)
    posts = liked_posts(make_shop(posted_shop(), as_of=AS_OF))
    assert posts["likes"].to_numpy() == pytest.approx(drawn["likes"].to_numpy())
    assert posts["again"].to_numpy() == pytest.approx(drawn["again"].to_numpy())
    assert (posts["coupon"] == (drawn["likes"] >= 20)).all()
    assert (posts["orders_before"] == 1).all()


def test_late_likes_and_unripe_posts_do_not_count(make_shop):
    tables = posted_shop(rows=400)
    tables["reactions"] = tables["reactions"].assign(
        posted_at=tables["reactions"]["posted_at"] + pd.Timedelta(days=3)
    )
    posts = liked_posts(make_shop(tables, as_of=(START + pd.Timedelta(days=150)).to_pydatetime()))
    assert posts["likes"].sum() == 0
    assert (posts["posted_at"] + pd.Timedelta(days=92) <= START + pd.Timedelta(days=150)).all()
    assert 0 < len(posts) < 400


def test_the_coupon_is_judged_and_begging_is_seen(make_shop):
    answer = coupon_threshold(make_shop(posted_shop(), as_of=AS_OF))
    found = {finding.id: finding for finding in answer.findings}
    assert set(found) == {"A4.coupon_at_threshold", "A4.bunching", "A4.must_not_jump"}
    assert not found["A4.must_not_jump"].facts["fails"]
    jump = found["A4.coupon_at_threshold"]
    assert jump.low <= 30 <= jump.high
    assert "posts of 15 to 22 likes" in jump.method
    assert jump.estimate == pytest.approx(100 * answer.donut.corrected)
    assert "posts of 15 to 22 likes lower it by" in jump.reading
    assert answer.received == (1.0, 0.0)
    pile = found["A4.bunching"]
    drawn = liked(1, rows=4000, effect=0.3, begging=0.4)
    honest = drawn["earned"].between(20, 22).sum()
    assert pile.low <= 100 * (drawn["likes"].between(20, 22).sum() / honest - 1) <= pile.high
    assert pile.verdict == "supported"


def test_without_begging_all_posts_are_used(make_shop):
    answer = coupon_threshold(make_shop(posted_shop(2, begging=0.0), as_of=AS_OF))
    jump, pile, _ = answer.findings
    assert jump.estimate == pytest.approx(100 * answer.jump.corrected)
    assert jump.verdict == "supported"
    assert pile.verdict == "not settled"


def test_without_coupons_or_likes_the_question_still_ends_in_words(make_shop, tmp_path):
    tables = posted_shop()
    del tables["coupons"]
    answer = coupon_threshold(make_shop(tables, as_of=AS_OF, folder=tmp_path / "a"))
    assert answer.received is None
    assert answer.table()["jump"].notna().all()
    few = coupon_threshold(make_shop(tables, as_of=AS_OF, folder=tmp_path / "b"), threshold=200)
    assert isinstance(few, Skipped)
    assert "30 on each side" in few.reason


def test_required_tables_alone_end_in_one_sentence(make_shop, random_tables):
    tables = {name: frame for name, frame in random_tables(seed=3).items() if name in REQUIRED}
    assert isinstance(coupon_threshold(make_shop(tables)), Skipped)


def test_the_answer_draws_tabulates_and_repeats_itself(make_shop, tmp_path):
    first, second = (
        coupon_threshold(make_shop(posted_shop(), as_of=AS_OF, folder=tmp_path / name)) for name in "ab"
    )
    assert first.findings == second.findings
    assert len(first.table())
    assert first.draw().png().startswith(b"\x89PNG")
    assert len(first.table().attrs["caption"]) > 5
