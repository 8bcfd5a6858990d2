"""A4, A7 and A12 as they are asked of a shop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.report import Skipped
from helpers.uplift.a04_coupon_threshold.coupon_threshold import coupon_threshold
from helpers.uplift.a04_coupon_threshold.liked_posts import liked_posts
from helpers.uplift.a07_programmes.programme_effect import programme_effect
from helpers.uplift.a07_programmes.programme_panel import programme_panel
from helpers.uplift.a12_next_test.next_test import next_test
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


@pytest.fixture(scope="module")
def steady(random_tables) -> dict[str, pd.DataFrame]:
    return random_tables(seed=5, customers=1200)


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
    assert set(found) == {"A4.coupon_at_threshold", "A4.bunching"}
    jump = found["A4.coupon_at_threshold"]
    assert jump.low <= 30 <= jump.high
    assert "posts of 15 to 22 likes" in jump.method
    assert jump.estimate == pytest.approx(100 * answer.donut.corrected)
    assert "posts of 15 to 22 likes, which begging may reach, lower it by" in jump.reading
    assert answer.received == (1.0, 0.0)
    pile = found["A4.bunching"]
    drawn = liked(1, rows=4000, effect=0.3, begging=0.4)
    honest = drawn["earned"].between(20, 22).sum()
    assert pile.low <= 100 * (drawn["likes"].between(20, 22).sum() / honest - 1) <= pile.high
    assert pile.verdict == "supported"


def test_without_begging_all_posts_are_used(make_shop):
    answer = coupon_threshold(make_shop(posted_shop(2, begging=0.0), as_of=AS_OF))
    jump, pile = answer.findings
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


def staged_shop(seed: int = 1, *, kind: str = "customer", effect: float = 0.0) -> dict[str, pd.DataFrame]:
    """Customers who order at a steady rate, or in categories, some under a programme from week 20 or 28."""
    rng = np.random.default_rng(seed)
    customers, weeks = 900, 48
    names = np.array([f"c{number:04d}" for number in range(customers)])
    categories = np.array([f"g{number:02d}" for number in range(14)])
    units = names if kind == "customer" else categories
    stage = rng.choice([20, 28, 999], len(units), p=[0.3, 0.3, 0.4])
    own = np.arange(customers) if kind == "customer" else None
    week = np.repeat(np.arange(weeks), customers)
    who = np.tile(np.arange(customers), weeks)
    group = rng.integers(0, len(categories), len(week))
    begun = week >= stage[who if own is not None else group]
    chosen = rng.random(len(week)) < 0.15 * (1 + effect * begun)
    at = START + pd.to_timedelta(week * 7 * 24 + rng.integers(0, 168, len(week)), unit="h")
    orders = pd.DataFrame({"customer_id": names[who], "placed_at": at, "group": categories[group]})[chosen]
    orders = orders.reset_index(drop=True).assign(status="completed")
    orders.insert(0, "order_id", [f"o{number:06d}" for number in range(len(orders))])
    started = pd.Series(START + pd.to_timedelta(stage * 7.0, unit="D")).where(stage < 999)
    return {
        "customers": pd.DataFrame({"customer_id": names, "joined_at": START - pd.Timedelta(days=1)}),
        "items": pd.DataFrame({"item_id": "i" + categories, "category": categories}),
        "orders": orders.drop(columns="group"),
        "order_lines": pd.DataFrame({"order_id": orders["order_id"], "line_number": 1, "quantity": 1,
                                     "item_id": "i" + orders["group"], "unit_price_cents": 1000}),
        "programmes": pd.DataFrame({"programme": "club", "unit_kind": kind, "unit_id": units,
                                    "started_at": started}),
    }  # fmt: skip


ENDS = (START + pd.Timedelta(weeks=48)).to_pydatetime()


def test_the_panel_counts_every_order_once(make_shop):
    tables = staged_shop()
    panel = programme_panel(make_shop(tables, as_of=ENDS), programme="club", periods_before=9)
    assert panel.frame["outcome"].sum() == pytest.approx(25 * len(tables["orders"]))
    assert panel.frame.groupby("unit_id").size().unique().tolist() == [12]
    starts = panel.frame.drop_duplicates("unit_id")["start"].dropna().unique()
    assert sorted(starts) == [6, 8]


def test_a_programme_by_customer_is_recovered(make_shop):
    answer = programme_effect(make_shop(staged_shop(effect=0.5), as_of=ENDS), programme="club")
    found = {finding.id: finding for finding in answer.findings}
    effect, before = found["A7.customer_orders"], found["A7.customer_orders_pretrend"]
    assert effect.segment == before.segment == "club"
    # A weekly chance of 15 % is half as much again under the programme.
    assert effect.low <= 7.5 <= effect.high
    assert effect.verdict == "supported"
    assert effect.n == 900
    assert before.low <= 0 <= before.high


@pytest.mark.parametrize("early", [0, 20])
def test_units_reached_before_the_data_are_left_out_and_counted(make_shop, early):
    """Early members would leave no period before the first start to anybody."""
    tables = staged_shop(effect=0.5)
    programmes = tables["programmes"]
    reached = programmes.index[programmes["started_at"].notna()][:early]
    programmes.loc[reached, "started_at"] = START - pd.Timedelta(days=30)
    answer = programme_effect(make_shop(tables, as_of=ENDS), programme="club")
    effect = answer.findings[0]
    assert answer.panel.always == early
    assert effect.n == 900 - early
    assert effect.low <= 7.5 <= effect.high
    assert ("20 customers that it had reached when the data begin are left out" in effect.reading) == (
        early > 0
    )


def test_where_all_units_move_alike_nothing_is_invented(make_shop):
    tables = staged_shop()
    weekly = tables["orders"].drop_duplicates("customer_id")
    again = [
        weekly.assign(order_id=f"w{week}-" + weekly["order_id"], placed_at=START + pd.Timedelta(weeks=week))
        for week in range(48)
    ]
    tables["orders"] = pd.concat(again, ignore_index=True)
    tables["order_lines"] = pd.DataFrame({"order_id": tables["orders"]["order_id"], "line_number": 1,
                                          "item_id": tables["items"]["item_id"].iloc[0], "quantity": 1,
                                          "unit_price_cents": 1000})  # fmt: skip
    everybody = tables["programmes"]["unit_id"].isin(weekly["customer_id"])
    tables["programmes"] = tables["programmes"][everybody]
    answer = programme_effect(make_shop(tables, as_of=ENDS), programme="club")
    assert isinstance(answer, Skipped)
    assert "moved alike" in answer.reason


def test_a_programme_by_category_uses_dealt_out_starts(make_shop):
    answer = programme_effect(
        make_shop(staged_shop(2, kind="category", effect=0.6), as_of=ENDS), programme="club"
    )
    effect = answer.findings[0]
    assert effect.unit == "% of orders"
    assert effect.low <= 60 <= effect.high
    assert "dealing the starts" in effect.method


def test_returns_are_measured_where_there_are_any(make_shop, tmp_path):
    tables = staged_shop(3, kind="category")
    shop = make_shop(tables, as_of=ENDS, folder=tmp_path / "a")
    assert "returns" in programme_effect(shop, programme="club", outcome="returns").reason
    sent = tables["orders"].iloc[::10]
    tables["returns"] = pd.DataFrame({"return_id": "b" + sent["order_id"], "order_id": sent["order_id"],
                                      "returned_at": sent["placed_at"] + pd.Timedelta(days=3)})  # fmt: skip
    shop = make_shop(tables, as_of=ENDS, folder=tmp_path / "b")
    answer = programme_effect(shop, programme="club", outcome="returns")
    assert answer.findings[0].key == ("A7.returns", "club")
    assert answer.panel.frame["outcome"].mean() == pytest.approx(10, abs=1)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"programme": "nothing"}, "there is no programme 'nothing'"),
        ({"programme": "club", "outcome": "returns"}, "returns"),
    ],
)
def test_what_a_programme_lacks_is_said(make_shop, options, words):
    answer = programme_effect(make_shop(staged_shop(), as_of=ENDS), **options)
    assert isinstance(answer, Skipped)
    assert words in answer.reason


def test_a_programme_that_reaches_all_at_once_or_too_early_is_skipped(make_shop, tmp_path):
    tables = staged_shop()
    tables["programmes"]["started_at"] = START + pd.Timedelta(weeks=20)
    answer = programme_effect(make_shop(tables, as_of=ENDS, folder=tmp_path / "a"), programme="club")
    assert "not treated at the same time" in answer.reason
    tables["programmes"]["started_at"] = START
    answer = programme_effect(make_shop(tables, as_of=ENDS, folder=tmp_path / "b"), programme="club")
    assert "before the first start" in answer.reason


def test_the_plan_follows_from_the_shops_own_rate(make_shop, steady):
    shop = make_shop(steady)
    plan = next_test(shop, uplift_pp=4.0)
    size, weeks, peeking = plan.findings
    middle = plan.base.estimate + 0.02
    rough = 2 * 7.849 * middle * (1 - middle) / 0.04**2
    assert size.estimate == pytest.approx(rough, rel=0.01)
    assert size.low <= size.estimate <= size.high
    assert weeks.estimate > plan.follow_days / 7
    assert 5 < peeking.estimate < 40
    assert plan.groups is None
    smaller = next_test(shop, uplift_pp=4.0, first_stage=0.5).findings[0]
    assert smaller.estimate == pytest.approx(4 * size.estimate, rel=0.1)
    assert "4 times as many" in smaller.reading
    assert isinstance(next_test(shop, uplift_pp=80.0), Skipped)
    assert plan.draw().png().startswith(b"\x89PNG")


def test_groups_of_an_earlier_test_enter_the_plan(make_shop, steady):
    ids = steady["customers"]["customer_id"]
    drawn = pd.DataFrame({
        "experiment": "cashback", "customer_id": ids, "arm": "control", "assigned_at": START,
        "cluster": [f"k{number % 60}" for number in range(len(ids))],
    })  # fmt: skip
    plan = next_test(make_shop({**steady, "experiments": drawn}), uplift_pp=4.0)
    assert plan.groups.groups == 60
    assert 1 <= plan.group_factor[0] <= plan.group_factor[1]
    assert "whole groups" in plan.findings[0].reading
    assert plan.table().shape == (5, 4)


@pytest.mark.parametrize("ask", [coupon_threshold, programme_effect, next_test])
def test_required_tables_alone_end_in_one_sentence(make_shop, random_tables, ask):
    tables = {name: frame for name, frame in random_tables(seed=3).items() if name in REQUIRED}
    options = {"programme": "club"} if ask is programme_effect else {}
    answer = ask(make_shop(tables), **options)
    assert len(answer.findings) >= 1
    assert ask is next_test or isinstance(answer, Skipped)


def test_every_answer_draws_and_tabulates_itself(make_shop, tmp_path):
    answers = [
        coupon_threshold(make_shop(posted_shop(), as_of=AS_OF, folder=tmp_path / "a")),
        programme_effect(
            make_shop(staged_shop(effect=0.5), as_of=ENDS, folder=tmp_path / "b"), programme="club"
        ),
    ]
    for answer in answers:
        assert len(answer.table())
        assert answer.draw().png().startswith(b"\x89PNG")
        assert len(answer.table().attrs["caption"]) > 5


def test_the_same_seed_gives_the_same_findings(make_shop, tmp_path):
    first, second = (
        coupon_threshold(make_shop(posted_shop(), as_of=AS_OF, folder=tmp_path / name)).findings
        for name in "ab"
    )
    assert first == second
