"""D6 on a planted circle that can be worked out by hand, and on the demo market."""

from __future__ import annotations

import pandas as pd
import pytest

from helpers.data.coupon_shelf import read_shelf
from helpers.recommend import circle_search, shopping_circle
from helpers.recommend.d06_circle_search.shelf_searches import read_searches, what_was_found
from helpers.report import CannotAnswer, Skipped, save_findings
from market.strange import draw_shop
from methods.lists.search_quality import ranked
from tests.by_key import by_id
from tests.conftest import write_shop
from tests.market_runs import market_and_shop

START = pd.Timestamp("2024-03-01")


def at(day: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=day)


def planted(**changes) -> dict[str, pd.DataFrame]:
    """Ann's friends: Bo (close) bought lipstick, Cy (distant) a lipstick set and earphones; Di has none."""
    orders = [
        ("o1", "bo", 0, "completed", 3.0),
        ("o2", "cy", 1, "completed", 2.0),
        ("o3", "cy", 2, "cancelled", None),
        ("o4", "di", 0, "completed", 1.0),
        ("o5", "ann", 12, "completed", 1.0),
        ("o6", "cy", 6, "completed", 1.0),
        ("o7", "ann", 40, "completed", 1.0),
    ]
    lines = {"o1": "lip", "o2": "set", "o3": "ear", "o4": "lip", "o5": "set", "o6": "ear", "o7": "lip"}
    coupons = [
        ("k1", "bo", "circle", 2, 30), ("k2", "cy", "circle", 4, 30), ("k3", "di", "circle", 3, 30),
        ("k4", "cy", "shop", 4, 30), ("k5", "cy", "circle", 8, 30), ("k6", "ann", "circle", 5, 30),
    ]  # fmt: skip
    names = ["ann", "bo", "cy", "di"]
    tables = {
        "customers": pd.DataFrame({"customer_id": names, "joined_at": at(-90)}),
        "items": pd.DataFrame(
            {
                "item_id": ["lip", "set", "ear"],
                "title": ["经典哑光口红", "限定口红礼盒", "蓝牙耳机"],
                "category": ["口红", "口红", "数码"],
            }
        ),
        "orders": pd.DataFrame(
            [(o, c, at(d), s, n) for o, c, d, s, n in orders],
            columns=["order_id", "customer_id", "placed_at", "status", "shipping_days"],
        ),
        "order_lines": pd.DataFrame(
            [(o, 1, i, 1, 1000) for o, i in lines.items()],
            columns=["order_id", "line_number", "item_id", "quantity", "unit_price_cents"],
        ),
        "ties": pd.DataFrame(
            [("ann", "bo", at(-50), None, 0.9), ("ann", "cy", at(-50), None, 0.2)],
            columns=["customer_a", "customer_b", "since_at", "until_at", "strength"],
        ),
        "coupons": pd.DataFrame(
            [(k, c, s, 500, at(d), at(e), None, None) for k, c, s, d, e in coupons],
            columns=[
                "coupon_id", "customer_id", "source", "worth_cents", "issued_at", "expires_at", "share_id",
                "redeemed_order_id",
            ],
        ),
        "reviews": pd.DataFrame(
            [
                ("v1", "bo", "o1", "lip", 2, at(2.5)),
                ("v2", "cy", "o2", "set", 5, at(3.5)),
                ("v3", "bo", "o1", "lip", 5, at(20)),
            ],
            columns=["review_id", "customer_id", "order_id", "item_id", "rating", "posted_at"],
        ),
        "events": pd.DataFrame(
            [
                ("e1", "ann", "search", "口红", at(10)),
                ("e2", "di", "search", "口红", at(10)),
                ("e3", "ann", "view", None, at(10)),
            ],
            columns=["event_id", "customer_id", "kind", "query", "happened_at"],
        ),
    }  # fmt: skip
    return tables | changes


@pytest.fixture
def shop(make_shop):
    return make_shop(planted(), as_of=at(41).to_pydatetime())


def test_only_a_completed_purchase_of_a_friend_puts_a_coupon_on_the_shelf(shop):
    shelf = read_shelf(shop)
    coupons = shelf.coupons.set_index("coupon_id")
    assert sorted(coupons.index) == ["k1", "k2", "k3", "k5"]
    assert shelf.unearned == 1  # Ann's, who had bought nothing
    assert coupons["item_id"].to_dict() == {"k1": "lip", "k2": "set", "k3": "lip", "k5": "ear"}
    assert coupons.loc["k1", "from_at"] == at(3)  # issued on day 2, but the goods came on day 3
    assert coupons["complete_when_issued"].to_dict() == {"k1": False, "k2": True, "k3": True, "k5": True}
    finders = shelf.finders.assign(id=shelf.coupons["coupon_id"].to_numpy()[shelf.finders["coupon"]])
    assert sorted(finders.loc[finders["customer_id"] == "ann", "id"]) == ["k1", "k2", "k5"]
    assert "di" not in set(finders["customer_id"])


def test_ratings_are_the_holders_own_and_none_from_later(shop):
    ratings = read_shelf(shop).coupons.set_index("coupon_id")["rating"]
    assert ratings["k1"] == 2.0
    assert ratings["k2"] == 5.0
    assert 2 < ratings["k5"] < 5  # nobody rated it: the mean of all ratings by then


def test_a_search_finds_by_words_and_ranks_by_tie_and_rating(shop):
    searches = read_searches(shop, start=at(0).to_pydatetime(), end=at(30).to_pydatetime())
    assert searches["customer_id"].tolist() == ["ann", "di"]
    found = what_was_found(shop, read_shelf(shop), searches, bought_days=7)
    found = found.set_index("item_id")
    assert set(found["customer_id"]) == {"ann"}
    assert found["relevant"].to_dict() == {"lip": False, "set": True, "ear": False}
    assert found.loc["ear", "text"] == 0 < found.loc["set", "text"]
    score = {name: dict(zip(found.index, values, strict=True)) for name, values in ranked(found).items()}
    assert score["newest"]["ear"] > score["newest"]["set"]
    assert score["rest"]["ear"] < min(score["rest"]["lip"], score["rest"]["set"])


def test_a_friendship_that_ended_and_a_coupon_that_was_used_show_nothing(make_shop):
    tables = planted()
    tables["ties"].loc[0, "until_at"] = at(5)
    tables["coupons"].loc[1, "redeemed_order_id"] = "o6"
    shop = make_shop(tables, as_of=at(41).to_pydatetime())
    shelf = read_shelf(shop)
    ends = shelf.finders.assign(id=shelf.coupons["coupon_id"].to_numpy()[shelf.finders["coupon"]])
    assert ends.set_index("id")["to_at"].to_dict() == {"k1": at(5), "k2": at(6), "k5": at(30)}


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("coupons", lambda t: t[t["source"] == "shop"], "no coupon of the circle"),
        ("ties", lambda t: t.assign(customer_a="di", customer_b="ann"), "nobody can find any"),
    ],
)
def test_an_empty_shelf_is_told(make_shop, name, change, words):
    tables = planted()
    tables[name] = change(tables[name]).head(1)
    if name == "ties":
        tables["coupons"] = tables["coupons"][tables["coupons"]["customer_id"] == "bo"]
    with pytest.raises(CannotAnswer, match=words):
        read_shelf(make_shop(tables, as_of=at(41).to_pydatetime()))


class TestMarket:
    @pytest.fixture(scope="class")
    @classmethod
    def lived(cls, tmp_path_factory):
        return market_and_shop(tmp_path_factory.mktemp("market"), customers=4_000, seed=2)

    @pytest.fixture(scope="class")
    @classmethod
    def reached(cls, lived):
        return shopping_circle(lived[1])

    def test_every_circle_coupon_follows_a_purchase_that_was_not_cancelled(self, lived):
        shelf = read_shelf(lived[1])
        coupons = lived[0].tables["coupons"].to_pandas().query("source == 'circle'")
        orders = lived[0].tables["orders"].to_pandas().query("status != 'cancelled'")
        pairs = coupons.merge(orders[["customer_id", "placed_at"]], on="customer_id")
        followed = pairs[pairs["placed_at"] < pairs["issued_at"]]["coupon_id"].nunique()
        assert followed == len(coupons) == len(shelf.coupons) + shelf.unearned
        assert shelf.unearned <= 0.005 * len(coupons)

    def test_reach_grows_with_the_circle_and_with_the_coupons(self, reached):
        assert reached.sizes["reached_if_all"].is_monotonic_increasing
        assert (reached.sizes["reached_if_all"] > reached.sizes["reached"]).all()

    def test_answers_draw_tabulate_and_are_saved(self, lived, reached, tmp_path):
        searched = circle_search(lived[1])
        assert {"D6.earned_share", "D6.reachable_share", "D6.reachable_share_if_all"} == set(by_id(reached))
        assert {"D6.recall", "D6.mean_reciprocal_rank", "D6.search_box_gain"} <= set(by_id(searched))
        assert ("D6.search_box_gain", "if every purchase earned one") in by_id(searched)
        for answer in (reached, searched):
            assert answer.draw().png().startswith(b"\x89PNG")
        assert reached.table().attrs["people"] == "customers"
        assert searched.table().shape == (6, 1 + 2 * len(searched.searches))
        save_findings("05_recommendation", reached, searched, out=tmp_path)


def test_without_coupons_the_questions_are_skipped(make_shop):
    tables = planted()
    del tables["coupons"]
    shop = make_shop(tables, as_of=at(41).to_pydatetime())
    for answer in (shopping_circle(shop), circle_search(shop)):
        assert isinstance(answer, Skipped)
        assert "coupons" in answer.reason


def test_a_shop_of_few_searches_says_how_many_are_needed(shop):
    skip = circle_search(shop)
    assert isinstance(skip, Skipped)
    assert "needs at least 30" in skip.reason


def test_queries_in_other_scripts_are_found_and_a_random_order_stands_beside(tmp_path):
    world = draw_shop("mixed_script_queries")
    answer = circle_search(write_shop(world.tables, tmp_path))
    frame = answer.searches["as they are"]
    assert len(frame) == world.truth["searches"]
    assert frame["matched"].all()
    assert frame["recall_box"].mean() == 1.0
    assert frame["recall_random"].mean() == pytest.approx(world.truth["random_recall"])
    found = by_id(answer)
    assert "by a random order 0.50" in found["D6.recall", "as they are"].reading
    assert "0 % of the queries match none" in found["D6.search_box_gain", "as they are"].reading


def test_synonyms_that_cannot_be_read_are_told(shop):
    assert "name one thing once" in circle_search(shop, synonyms="口红").reason
