"""E3: reviewers weighed by fairness, in shops with liars and without, and where there is nothing to weigh."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.guardrails.e03_reviewers.weighed_reviews import WORDS, weighed_reviews
from helpers.report import Skipped
from tests.truth_tables import assert_every_block_is_declared, assert_truth_table

START, END, SELLERS = pd.Timestamp("2024-01-01"), pd.Timestamp("2024-12-31"), 40


def reviewed_shop(make_shop, *, liars=0.0, given=5, sellers=SELLERS):
    """Sellers of whom 5 to 45 % of sales come back; liars praise the worst and blame the best."""
    rng = np.random.default_rng(3)
    back = np.linspace(0.05, 0.45, sellers)
    customers = [f"c{number:03d}" for number in range(600)]
    lies = rng.random(600) < liars
    who = np.repeat(np.arange(600), given)
    seller = rng.integers(0, sellers, len(who))
    seller = np.where(lies[who], np.where(rng.random(len(who)) < 0.5, 0, sellers - 1) % sellers, seller)
    seller = np.where(lies[who], (seller + rng.integers(-3, 4, len(who))) % sellers, seller)
    honest = (rng.random(len(who)) > 1.5 * back[seller]).astype(int)
    good = np.where(lies[who], back[seller] > back.mean(), honest)
    later = rng.integers(0, sellers, 6_000)
    sold = np.concatenate([seller, later])
    day = np.concatenate([30 + 150 * rng.random(len(who)), 250 + 75 * rng.random(len(later))])
    buyer = np.concatenate([who, rng.integers(0, 600, len(later))])
    order = [f"o{number:05d}" for number in range(len(sold))]
    placed = START + pd.to_timedelta(day, unit="D")
    returned = rng.random(len(sold)) < back[sold]
    orders = {"order_id": order, "customer_id": np.take(customers, buyer), "placed_at": placed}
    lines = {"order_id": order, "line_number": 1, "item_id": [f"i{one}" for one in sold]}
    reviews = {
        "review_id": order[: len(who)],
        "order_id": order[: len(who)],
        "customer_id": np.take(customers, who),
        "item_id": lines["item_id"][: len(who)],
        "rating": 1 + 4 * good,
        "posted_at": placed[: len(who)] + pd.Timedelta(days=4),
    }
    came = np.flatnonzero(returned)
    returns = {
        "return_id": [f"r{one}" for one in came],
        "order_id": np.take(order, came),
        "item_id": np.take(lines["item_id"], came),
        "returned_at": placed[came] + pd.Timedelta(days=5),
    }
    items = [f"i{one}" for one in range(sellers)]
    tables = {
        "customers": pd.DataFrame({"customer_id": customers, "joined_at": START, "city_tier": "1"}),
        "items": pd.DataFrame(
            {"item_id": items, "seller_id": [f"s{one}" for one in range(sellers)], "category": "tea"}
        ),
        "orders": pd.DataFrame(orders),
        "order_lines": pd.DataFrame(lines).assign(quantity=1, unit_price_cents=1_000),
        "reviews": pd.DataFrame(reviews),
        "returns": pd.DataFrame(returns),
    }
    return make_shop(tables, as_of=END)


def test_where_a_tenth_lies_weighing_brings_stars_nearer(make_shop):
    answer = weighed_reviews(reviewed_shop(make_shop, liars=0.1))
    (gain,) = answer.findings
    assert gain.low > 0
    assert "Weigh reviewers." in gain.reading
    assert answer.table()["customers"].sum() == answer.reviews["customer_id"].nunique()
    assert "weighed" in answer.draw().alt


def test_a_crowd_of_liars_looks_fair_and_later_returns_tell(make_shop):
    (gain,) = weighed_reviews(reviewed_shop(make_shop, liars=0.2)).findings
    assert gain.high < 0
    assert "keep them plain" in gain.reading


def test_among_honest_reviewers_it_changes_next_to_nothing(make_shop):
    (gain,) = weighed_reviews(reviewed_shop(make_shop)).findings
    assert gain.low <= 0 <= gain.high
    assert abs(gain.estimate) < 0.05
    assert "keep stars plain" in gain.reading


@pytest.mark.parametrize(
    ("change", "said"),
    [({"given": 2}, "there is nothing to weigh"), ({"sellers": 6}, "fewer than 10 sellers")],
)
def test_where_there_is_nothing_to_weigh_it_says_so(make_shop, change, said):
    answer = weighed_reviews(reviewed_shop(make_shop, **change))
    assert isinstance(answer, Skipped)
    assert said in answer.reason


def test_the_registry_and_the_words_name_the_same():
    assert_every_block_is_declared(WORDS)


def test_every_sentence():
    facts = {"days": [1, 90], "plain": [0.41], "weighed": [0.52]}
    intervals = {"above": (0.11, 0.02, 0.2), "below": (-0.11, -0.2, -0.02), "around": (0.01, -0.08, 0.1)}
    assert_truth_table(WORDS, "E3.reviewers_gain", facts=facts, verdicts=["reported"], intervals=intervals)
