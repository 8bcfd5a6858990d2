"""D2 on shops whose friends are alike, or are friends of nobody in particular."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.recommend import accuracy_of_lists, cold_start, value_of_ties
from helpers.recommend.d02_cold_start.cold_start import HISTORIES, first_products
from helpers.recommend.d02_value_of_ties.value_of_ties import COMPARISONS
from helpers.report import Skipped
from tests.by_key import by_id


def with_ties(tables: dict, *, alike: bool, seed: int = 1) -> dict:
    """Give everybody about six friends: of the own favourite category, or anybody."""
    rng = np.random.default_rng(seed)
    lines = tables["order_lines"].merge(tables["orders"], on="order_id").merge(tables["items"], on="item_id")
    favourite = lines.groupby("customer_id")["category"].agg(lambda names: names.mode().iloc[0])
    ids, code = favourite.index.to_numpy(), favourite.astype("category").cat.codes.to_numpy()
    a = rng.integers(0, len(ids), 3 * len(ids))
    if alike:
        members = [np.flatnonzero(code == group) for group in range(code.max() + 1)]
        b = np.array([rng.choice(members[code[one]]) for one in a])
    else:
        b = rng.integers(0, len(ids), len(a))
    kept = a != b
    pairs = np.unique(np.sort(np.column_stack([a[kept], b[kept]]), axis=1), axis=0)
    tables["ties"] = pd.DataFrame(
        {
            "customer_a": ids[pairs[:, 0]],
            "customer_b": ids[pairs[:, 1]],
            "since_at": pd.Timestamp("2023-12-01"),
            "strength": rng.random(len(pairs)),
        }
    )
    return tables


@pytest.fixture(scope="module")
def shops(tmp_path_factory, taste_tables):
    from tests.conftest import write_shop

    return {
        name: write_shop(
            with_ties(taste_tables(seed=2, taste=0.75), alike=name == "alike"), tmp_path_factory.mktemp(name)
        )
        for name in ("alike", "anybody")
    }


@pytest.fixture(scope="module")
def answers(shops):
    return {name: accuracy_of_lists(shop, resamples=200) for name, shop in shops.items()}


@pytest.fixture(scope="module")
def ties(shops, answers):
    return {name: value_of_ties(shop, accuracy=answers[name]) for name, shop in shops.items()}


def test_friends_of_like_taste_beat_random_strangers(ties):
    found = by_id(ties["alike"])["D2.friends_over_strangers"]
    assert found.verdict == "supported"
    assert found.low > 3


def test_friends_who_are_anybody_are_no_better_than_strangers(ties):
    found = by_id(ties["anybody"])
    assert found["D2.friends_over_strangers"].verdict != "supported"
    assert found["D2.friends_over_strangers"].low < 0 < found["D2.friends_over_strangers"].high
    assert found["D2.friends_on_top_of_taste"].verdict != "supported"


def test_every_comparison_is_a_difference_on_the_same_customers(ties):
    answer = ties["alike"]
    for finding in answer.findings:
        first, second = (answer.by_source[key] for key in COMPARISONS[finding.id.removeprefix("D2.")])
        assert np.array_equal(first.customers, second.customers)
        gap = 100 * (first.measures["hit_rate"].mean() - second.measures["hit_rate"].mean())
        assert finding.estimate == pytest.approx(gap)
        assert finding.n == len(first.customers)
    assert "D2.rated_over_all" not in by_id(answer)  # nobody rated anything
    assert len(answer.by_source["strangers"].lists) == 5


def test_newcomers_are_served_by_friends_until_taste_is_known(shops, answers):
    answer = cold_start(shops["alike"], accuracy=answers["alike"])
    found = by_id(answer)
    first = found["D2.newcomer_friends_over_taste", "0 products known"]
    assert first.low > 0
    assert found["D2.newcomer_friends_over_taste", "5 products known"].high < first.low
    rate = answer.frame.set_index(["history", "key"])["hit_rate"]
    assert rate[0, "taste"] == pytest.approx(rate[0, "crowd"])
    assert rate[5, "taste"] > rate[0, "taste"] + 5
    for key in ("crowd", "friends", "strangers"):
        assert len({rate[known, key] for known in HISTORIES}) == 1


def test_the_first_products_are_the_earliest_and_nobody_elses(answers):
    split = answers["alike"].comparison.split
    who = split.judged[:20]
    for known in (0, 1, 3):
        found = first_products(split, who, known, seed=1)
        assert np.diff(found.indptr).sum() == known * len(who)
        for customer in who:
            own = split.days_ago[[customer]]
            oldest = np.sort(own.data)[::-1][:known]
            chosen = own.toarray()[0][found[[customer]].indices]
            assert np.sort(chosen)[::-1] == pytest.approx(oldest)


def test_newcomers_are_not_learned_from(shops, answers, monkeypatch):
    seen = []

    class Watched:
        key, label, personal = "ease", "watched", True

        def fit(self, interactions):
            seen.append(interactions)
            return answers["alike"].comparison.entries[0].model.fit(interactions)

    monkeypatch.setattr(type(answers["alike"].comparison.best_taste), "model", Watched(), raising=False)
    entry = answers["alike"].comparison.best_taste
    monkeypatch.setitem(entry.__dict__, "model", Watched())
    answer = cold_start(shops["alike"], accuracy=answers["alike"])
    assert np.diff(seen[-1].indptr)[answer.customers].sum() == 0


def test_without_ties_or_without_friends_the_question_is_skipped(make_shop, taste_tables):
    tables = taste_tables(seed=1, taste=0.7)
    assert isinstance(value_of_ties(make_shop(tables)), Skipped)
    names = ["customer_a", "customer_b"]
    tables["ties"] = pd.DataFrame([("c00000", "c00001")], columns=names)
    skipped = value_of_ties(make_shop(tables))
    assert "a comparison of friends with strangers needs at least 30" in skipped.reason


@pytest.mark.parametrize("name", ["alike", "anybody"])
def test_answers_draw_and_tabulate(shops, answers, ties, name):
    for answer in (ties[name], cold_start(shops[name], accuracy=answers[name])):
        assert answer.draw().png().startswith(b"\x89PNG")
        assert answer.table().attrs["caption"]
        assert len(answer.table()) >= 4
