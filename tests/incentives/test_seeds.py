"""F3: the list by estimate truly reaches more than the one by friends; scenarios, tipping point, words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.incentives.f03_seeds.pass_chances import PassChances, pass_chances
from helpers.incentives.f03_seeds.place_prices import place_prices
from helpers.incentives.f03_seeds.seeds import WORDS, seeds
from helpers.report import Skipped
from market import simulate
from market.settings import AS_OF_UTC
from methods.graphs import FriendGraph
from tests.incentives.coins import END, START, found, orders, people
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

READS = ("customers", "items", "orders", "order_lines", "ties", "shares", "reactions")
QUICK = {"sets": 50_000, "runs": 50}


@pytest.fixture(scope="module")
def market():
    drawn = simulate(customers=3_000, seed=1)
    return {name: drawn.tables[name].to_pandas() for name in READS}, drawn.labels["customers"]


@pytest.fixture
def shop(make_shop, market):
    return make_shop(market[0], as_of=AS_OF_UTC)


def test_the_list_by_estimate_draws_more_in_truth(shop, market):
    """Influence has nothing to do with friends in the market: those with most friends must not win.

    The truth is known of those who have posted: joins to expect on a post of theirs.
    """
    tables, labels = market
    answer = seeds(shop, sets=100_000, runs=50)
    posts = tables["shares"].groupby("customer_id").size()
    ties = answer.chances.ties
    true = (labels.set_index("customer_id")["joins_expected"] / posts).reindex(ties.names).to_numpy()
    estimated = np.where(np.isnan(true), np.nan, answer.chances.chance * ties.degrees)
    lists = answer.judged.seeds
    assert answer.best == "greedy"
    assert np.nansum(true[lists["greedy"]]) > 1.4 * np.nansum(true[lists["degree"]])
    assert np.nansum(true[lists["greedy"]]) > 0.8 * np.nansum(estimated[lists["greedy"]])


def test_it_is_told_as_a_scenario_below_its_bound(shop):
    answer = seeds(shop, **QUICK)
    assert {finding.verdict for finding in answer.findings} == {"scenario"}
    assert len(found(answer)) == len(answer.findings) == 9
    for value in answer.reached.values():
        assert value.estimate <= answer.most
    first = found(answer)["F3.best_list", None]
    assert "wrong guide" in first.reading
    assert "assumed" not in first.reading
    assert answer.draw().alt
    assert len(answer.table()) == 5


def test_the_same_seed_gives_the_same_lists(shop):
    one, other = (seeds(shop, **QUICK) for _ in range(2))
    assert [finding.estimate for finding in one.findings] == [finding.estimate for finding in other.findings]


def test_without_posts_the_chance_is_assumed_and_said_to_be(make_shop, market):
    tables = {name: frame for name, frame in market[0].items() if name not in ("shares", "reactions")}
    answer = seeds(make_shop(tables, as_of=AS_OF_UTC), assumed_percent=4.0, **QUICK)
    assert np.ptp(answer.chances.chance) == 0
    assert answer.chances.onward == 0
    assert "(4.0 %) is assumed" in found(answer)["F3.best_list", None].reading
    assert found(answer)["F3.price_gain", None].estimate == pytest.approx(0, abs=1e-6)


CHAIN = np.column_stack([np.arange(99), np.arange(1, 100)])


def few_tables(pairs, size=400):
    customers = people(size)
    names = customers["customer_id"].to_numpy()
    ties = pd.DataFrame({"customer_a": names[pairs[:, 0]], "customer_b": names[pairs[:, 1]]})
    ties["since_at"] = START
    return {"customers": customers, "ties": ties, **orders(names[:2], 5.0)}


def test_above_the_tipping_point_the_choice_hardly_matters(make_shop):
    rng = np.random.default_rng(1)
    pairs = np.unique(np.sort(rng.integers(0, 400, (8_000, 2)), axis=1), axis=0)
    tables = few_tables(pairs[pairs[:, 0] != pairs[:, 1]])
    names = tables["customers"]["customer_id"]
    made = orders(names, 5.0)
    tables |= made
    tables["shares"] = pd.DataFrame(
        {
            "share_id": "s" + made["orders"]["order_id"],
            "customer_id": made["orders"]["customer_id"],
            "order_id": made["orders"]["order_id"],
            "posted_at": made["orders"]["placed_at"],
        }
    )
    answer = seeds(make_shop(tables, as_of=END), assumed_percent=30.0, sets=2_000, runs=20)
    assert not answer.judged.choice_matters
    assert "hardly matters" in found(answer)["F3.best_list", None].reading
    assert "hardly matters" in answer.draw().figure._suptitle.get_text()


@pytest.mark.parametrize(
    ("tables", "options", "said"),
    [
        ({"customers": people(99), **orders(["c00001"], 5.0)}, {}, "ties, or shares and reactions"),
        (few_tables(np.array([[0, 1], [1, 2]])), {}, "a graph needs 50"),
        (few_tables(CHAIN), {"assumed_percent": 0.0}, "no friend"),
    ],
)
def test_says_why_it_cannot_answer(make_shop, tables, options, said):
    answer = seeds(make_shop(tables, as_of=END), **options)
    assert isinstance(answer, Skipped)
    assert said in answer.reason


class TestChances:
    def test_joins_of_friends_are_counted_by_author(self, shop, market):
        chances = pass_chances(shop, assumed_percent=5.0)
        assert chances.kind == "join"
        shared, bought = market[0]["shares"]["order_id"].nunique(), market[0]["orders"]
        assert chances.onward == pytest.approx(shared / (bought["status"] != "cancelled").sum())
        assert 0.02 < np.median(chances.chance) < 0.15

    def test_who_is_seeded_posts_for_certain_and_who_is_reached_sometimes(self):
        ties = FriendGraph(
            names=np.array(["a", "b"]), ends=np.array([[0, 1]], dtype=np.int32), strength=np.array([np.nan])
        )
        graph = PassChances(ties=ties, chance=np.array([0.8, 0.2]), onward=0.5, kind="join").graph
        tail = np.repeat(np.arange(4), graph.out_degrees)
        passes = {(a, b): c for a, b, c in zip(tail, graph.head, graph.head_chance.round(6), strict=True)}
        assert passes == pytest.approx({(0, 3): 0.8, (1, 2): 0.2, (2, 3): 0.4, (3, 2): 0.1})


def test_whom_friends_follow_gets_the_lower_price():
    ends = np.column_stack([np.zeros(20, dtype=np.int32), np.arange(1, 21, dtype=np.int32)])
    ties = FriendGraph(names=np.arange(21).astype(str), ends=ends, strength=np.full(20, np.nan))
    chance = np.where(np.arange(21) == 0, 0.5, 0.01)
    found_prices = place_prices(PassChances(ties=ties, chance=chance, onward=0.0, kind="join"))
    assert found_prices.prices.prices.argmin() == 0
    assert found_prices.gain_percent > 0.5
    assert found_prices.coupon_percent > 5


SHARES = {"low": (40.0, 30.0, 50.0), "high": (97.0, 92.0, 102.0)}
SOME = {"some": (88.0, 86.0, 90.0)}


def test_the_registry_and_the_words_name_the_same():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize(
    ("id", "intervals", "facts"),
    [
        (
            "F3.best_list",
            SOME,
            {
                "many": [1, 50],
                "best": ["by lot", "whole circles"],
                "share": [0.6],
                "is_degree": [True, False],
                "lot": [20.0],
                "degree": [55.0],
                "by_degree": [True, False],
                "matters": [True, False],
                "measured": [True, False],
                "chance": [0.05],
            },
        ),
        ("F3.list", SOME, {"many": [1, 50], "chosen": ["whole circles"]}),
        ("F3.most_possible", SOME, {"many": [1, 50]}),
        ("F3.circles_against_best", SHARES, {}),
        ("F3.price_gain", {"none": (0.0, 0.0, 0.0), **SOME}, {"gain": [0.0, 3.2], "coupon": [7.0]}),
    ],
)
def test_every_sentence(id, intervals, facts):
    assert_truth_table(WORDS, id, verdicts=("scenario",), intervals=intervals, facts=facts)
