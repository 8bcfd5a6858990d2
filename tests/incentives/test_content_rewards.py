"""F5: more, better, whose reviews: the market's truth, reviews of a test's own making, words, odd lots."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.incentives.f05_content.content_rewards import WORDS, content_rewards
from helpers.report import Skipped
from market import simulate
from market.settings import AS_OF_UTC
from tests.incentives.coins import END, START, found, lots, orders, people
from tests.truth_tables import INTERVALS, assert_every_block_is_declared, assert_truth_table

READS = ("customers", "items", "orders", "order_lines", "reviews", "activities")


@pytest.fixture(scope="module")
def markets():
    drawn = [simulate(customers=3_000, seed=seed, fraud="none") for seed in range(1, 5)]
    return [({name: one.tables[name].to_pandas() for name in READS}, one.truth) for one in drawn]


def test_markets_are_answered_and_covered(make_shop, tmp_path, markets):
    held = []
    for number, (tables, truth) in enumerate(markets):
        answer = content_rewards(make_shop(tables, folder=tmp_path / str(number), as_of=AS_OF_UTC))
        held += [
            finding.low <= truth[id][segment] <= finding.high
            for (id, segment), finding in found(answer).items()
            if finding.status == "answered"
        ]
        assert set(answer.table()["arm"]) == {"control", "points", "badge"}
        assert answer.draw().alt
    assert len(held) >= 40
    assert np.mean(held) >= 0.85


def review_shop(
    make_shop,
    *,
    change=lambda rows: rows,
    more=0.10,
    words=1.0,
    kinder=0.0,
    earlier=0,
    without=(),
    latest=None,
    stars=None,
):
    """Half are offered points at day 60; 20 % review within 84 days, of those offered `more`."""
    rng = np.random.default_rng(4)
    customers = people(3_000)
    given = rng.random(len(customers)) < 0.5
    writes = rng.random(len(customers)) < 0.2 + more * given
    who = customers["customer_id"][writes].to_numpy()
    rewarded = given[writes]
    day = 60 + 84 * rng.random(len(who))
    made = orders(who, day - 5)
    reviews = pd.DataFrame(
        {
            "review_id": [f"v{number:05d}" for number in range(len(who))],
            "customer_id": who,
            "order_id": made["orders"]["order_id"],
            "item_id": "i1",
            "rating": np.where(rng.random(len(who)) < 0.5 + kinder * rewarded, 5, 4),
            "length_characters": np.round(rng.normal(40, 8, len(who)) * np.where(rewarded, words, 1.0)),
            "pictures": rng.poisson(0.5, len(who)),
            "posted_at": START + pd.to_timedelta(day, unit="D"),
        }
    )
    for number in range(earlier):
        old = reviews.head(900).assign(review_id=f"w{number}" + reviews["review_id"].head(900))
        reviews = pd.concat([reviews, old.assign(posted_at=START + pd.Timedelta(days=58))])
    if stars is not None:
        reviews["rating"] = stars
    if latest is not None:
        reviews.loc[0, "posted_at"] = latest
    reviews = reviews.drop(columns=list(without))
    rows = change(lots(customers, "review_reward", np.where(given, "points", "control")))
    return make_shop({"customers": customers, "reviews": reviews, "activities": rows, **made}, as_of=END)


def test_what_was_made_is_found(make_shop):
    findings = found(content_rewards(review_shop(make_shop, words=0.7, kinder=0.3)))
    reviews, length, stars, first = (
        findings[id, "points"]
        for id in ("F5.added_reviews", "F5.length_change", "F5.rating_change", "F5.first_reviewers")
    )
    assert reviews.verdict == "supported"
    assert reviews.low < 10 < reviews.high
    assert length.low < -12 < length.high < 0
    assert 0 < stars.low < 0.3 < stars.high
    assert first.low < 10 < first.high
    assert "kinder" in stars.reading
    assert "F5.badge_short" not in {id for id, _ in findings}


def test_a_badge_is_told_for_those_short_of_it_and_those_who_had_it(make_shop):
    def badge(rows):
        return rows.assign(arm=rows["arm"].replace("points", "badge"))

    answer = content_rewards(review_shop(make_shop, change=badge, earlier=3))
    findings = found(answer)
    counted = findings["F5.badge_short", "badge"].n + findings["F5.badge_earned", "badge"].n
    assert counted == findings["F5.added_reviews", "badge"].n
    had_three = int(answer.rows["reviews_before"].ge(3).sum())
    assert findings["F5.badge_earned", "badge"].n == had_three > 700
    assert any("had it at once" in name for name, _ in answer.effects)


def test_days_after_the_last_review_that_was_exported_are_not_known(make_shop):
    """Reviews end in spring, lots are drawn in autumn: nobody is seen to write nothing."""
    answer = content_rewards(
        review_shop(make_shop, change=lambda rows: rows.assign(happened_at=END - pd.Timedelta(days=90)))
    )
    assert isinstance(answer, Skipped)
    assert "could be followed for 84 days" in answer.reason


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[rows["arm"] == "points"], "held back from others by a lot"),
        (lambda rows: rows.head(20), "fewer than 25 customers"),
        (lambda rows: rows.assign(happened_at=END - pd.Timedelta(days=5)), "could be followed for 84 days"),
        (
            lambda rows: rows.assign(planned_share=np.where(np.arange(len(rows)) < 900, 0.8, 0.2)),
            "was planned with 20 % for some customers and 80 % for others",
        ),
    ],
)
def test_says_why_it_cannot_answer(make_shop, change, said):
    answer = content_rewards(review_shop(make_shop, change=change))
    assert isinstance(answer, Skipped)
    assert said in answer.reason


def test_nobody_who_wrote_has_no_mean_length(make_shop):
    def late(rows):
        return rows.assign(happened_at=END - pd.Timedelta(days=90))

    findings = found(content_rewards(review_shop(make_shop, change=late, latest=END - pd.Timedelta(days=1))))
    assert findings["F5.length_change", "points"].status == "skipped"
    assert "nobody of an arm wrote" in findings["F5.length_change", "points"].reason


def test_reviews_that_all_have_five_stars_have_no_difference(make_shop):
    skipped = found(content_rewards(review_shop(make_shop, stars=5)))["F5.rating_change", "points"]
    assert skipped.reason == "Not answered: every review has 5 stars, so none can have more."


def test_pictures_that_nobody_recorded_are_not_none(make_shop):
    answer = content_rewards(review_shop(make_shop, without=["pictures"]))
    finding = found(answer)["F5.with_pictures", "points"]
    assert finding.status == "skipped"
    assert "reviews.pictures" in finding.reason
    assert answer.table()["with pictures per 100"].isna().all()


BASES = {"F5.length_change": 32.0, "F5.rating_change": 4.1, "F5.first_reviewers": 0.14}


def test_the_registry_and_the_words_name_the_same():
    assert_every_block_is_declared(WORDS)


@pytest.mark.parametrize("id", WORDS.registry)
def test_every_sentence(id):
    judged = id in ("F5.added_reviews", "F5.with_pictures")
    facts = {
        "reward": ["given", "points"],
        "base": [BASES.get(id, 22.0)],
        "days": [1, 84],
        "badge_at": [3],
        "doubt": [""],
    }
    verdicts = ("supported", "contradicted", "not settled") if judged else ("reported",)
    assert_truth_table(WORDS, id, facts=facts, verdicts=verdicts, intervals=INTERVALS)
    if id == "F5.added_reviews":
        doubted = {**facts, "doubt": ["the arms do not have the planned sizes"]}
        assert_truth_table(WORDS, id, facts=doubted, verdicts=("not settled",))
