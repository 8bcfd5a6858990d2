"""F5 from staged starts: rewards that reached some sellers before others, of a shop of our own making."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.incentives.f05_content.staged_rewards import WORDS, staged_rewards
from helpers.report import Skipped
from tests.incentives.coins import START, found
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table

END, SELLERS, PERIODS = START + pd.Timedelta(days=28 * 10), 24, 10
STARTS = np.tile([np.inf, 5, 7], SELLERS // 3)


def staged_shop(
    make_shop, *, seed=1, times=1.5, drift=0.0, sellers=SELLERS, without=(), rename="review_reward"
):
    """Sellers whose reviews come `times` as often since a reward in their period, and drift before it.

    Rewarded reviews are 12 characters shorter, 0.3 stars kinder, and 20 pp more of them have pictures.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for seller, start in enumerate(STARTS[:sellers]):
        usual = rng.lognormal(3.6, 0.4)
        for period in range(1, PERIODS + 1):
            on = period >= start
            grown = np.exp(drift * period) if np.isfinite(start) else 1.0
            many = rng.poisson(usual * (times if on else 1.0) * grown)
            rows.append(
                pd.DataFrame(
                    {
                        "item_id": f"i{seller}",
                        "posted_at": START + pd.to_timedelta(28 * (period - 1 + rng.random(many)), unit="D"),
                        "rating": rng.choice([3, 4, 5], many, p=[0.2, 0.3, 0.5] if on else [0.3, 0.4, 0.3]),
                        "length_characters": np.round(rng.normal(40 - 12 * on, 10, many)).clip(1),
                        "pictures": (rng.random(many) < 0.3 + 0.2 * on).astype(int),
                    }
                )
            )
    reviews = pd.concat(rows, ignore_index=True)
    name = reviews.index.astype(str)
    reviews = reviews.assign(review_id="r" + name, order_id="o" + name, customer_id="c0")
    sold = [f"i{seller}" for seller in range(sellers)]
    started = [START + pd.Timedelta(days=28 * (one - 1)) if np.isfinite(one) else pd.NaT for one in STARTS]
    tables = {
        "customers": pd.DataFrame({"customer_id": ["c0"], "joined_at": [START]}),
        "items": pd.DataFrame({"item_id": sold, "seller_id": [f"s{one}" for one in range(sellers)]}),
        "orders": pd.DataFrame(
            {"order_id": "o" + name, "customer_id": "c0", "placed_at": START - pd.Timedelta(days=2)}
        ),
        "order_lines": pd.DataFrame(
            {
                "order_id": "o" + name,
                "line_number": 1,
                "item_id": reviews["item_id"],
                "quantity": 1,
                "unit_price_cents": 1_000,
            }
        ),
        "reviews": reviews.drop(columns=list(without)),
        "programmes": pd.DataFrame(
            {
                "programme": rename,
                "unit_kind": "seller",
                "unit_id": [f"s{one}" for one in range(sellers)],
                "started_at": started[:sellers],
            }
        ),
    }
    return make_shop(tables, as_of=END)


def test_what_was_made_is_found(make_shop):
    answer = staged_rewards(staged_shop(make_shop))
    told = {id: one for (id, _), one in found(answer).items()}
    reviews = told["F5.staged_reviews"]
    assert reviews.verdict == "supported"
    assert 0 < reviews.low < 50 < reviews.high
    assert told["F5.staged_reviews_before"].verdict == "supported"
    for id, true in (("F5.staged_pictures", 20), ("F5.staged_length", -12), ("F5.staged_rating", 0.3)):
        one = told[id]
        assert one.low < true < one.high
        assert np.sign(one.low) == np.sign(one.high) == np.sign(true)
    assert "kinder" in told["F5.staged_rating"].reading
    assert "16 of 24 sellers" in reviews.reading
    assert list(answer.table()["periods since"])[:4] == [-4, -3, -2, -1]
    assert "review_reward" in answer.draw().alt


def test_a_reward_that_does_nothing_is_not_settled(make_shop):
    told = {id: one for (id, _), one in found(staged_rewards(staged_shop(make_shop, times=1.0))).items()}
    assert told["F5.staged_reviews"].verdict == "not settled"
    assert told["F5.staged_reviews"].low < 0 < told["F5.staged_reviews"].high


def test_units_that_drifted_apart_before_are_no_evidence(make_shop):
    told = {id: one for (id, _), one in found(staged_rewards(staged_shop(make_shop, drift=0.15))).items()}
    assert told["F5.staged_reviews_before"].verdict == "contradicted"
    assert told["F5.staged_reviews"].verdict == "not settled"
    assert "before the start already" in told["F5.staged_reviews"].reading


def test_what_reviews_do_not_tell_is_skipped_and_nothing_else(make_shop):
    answer = staged_rewards(staged_shop(make_shop, without=("pictures",)))
    told = {id: one for (id, _), one in found(answer).items()}
    assert told["F5.staged_pictures"].status == "skipped"
    assert "tell it nowhere" in told["F5.staged_pictures"].reason
    assert told["F5.staged_length"].status == "answered"


@pytest.mark.parametrize(
    ("change", "asked", "said"),
    [
        ({"rename": "fast_desk"}, "", "no reward for reviews came to some"),
        ({"rename": "stars for all"}, "stars", "no programme “stars”"),
        ({"sellers": 4}, "", "fewer than 6"),
    ],
)
def test_says_why_it_cannot_answer(make_shop, change, asked, said):
    answer = staged_rewards(staged_shop(make_shop, **change), review_programmes=asked)
    assert isinstance(answer, Skipped)
    assert said in answer.reason


def test_a_reward_of_another_name_is_asked_for(make_shop):
    answer = staged_rewards(
        staged_shop(make_shop, rename="stars for all"), review_programmes="stars for all, gold"
    )
    told = found(answer)
    assert told["F5.staged_reviews", "stars for all"].status == "answered"
    assert told["F5.staged_reviews", "gold"].status == "skipped"


def test_the_registry_and_the_words_name_the_same():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize("id", WORDS.registry)
def test_every_sentence(id):
    facts = {
        "reward": ["points"],
        "unit_kind": ["seller", "category"],
        "treated": [1, 16],
        "always": [0, 1, 3],
        "doubt": [""],
        "steady": ["", "0.4 % (−1.0 to 1.8)"],
        "p": [None, 0.3],
    }
    role = WORDS.registry[id].role
    verdicts = ("reported",) if role == "description" else ("supported", "contradicted", "not settled")
    options = {"intervals": INTERVALS} if role == "description" else {}
    assert_truth_table(WORDS, id, facts=facts, verdicts=verdicts, segments=["points"], **options)
    if id == "F5.staged_reviews":
        doubted = {**facts, "doubt": ["unseen", "drifting", "hinted"]}
        assert_truth_table(WORDS, id, facts=doubted, verdicts=["not settled"], segments=["points"])


@pytest.mark.parametrize("settled", [[], ["“a”"], ["“a”", "“b”"]])
def test_titles_follow_what_is_settled(settled):
    title, _ = WORDS.picture("staged", (), settled=settled, told=[("a", 5.0)])
    assert ("No reward" in title) == (not settled)
