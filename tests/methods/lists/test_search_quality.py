"""How well searches find what is then bought; no order is judged by the searches it was picked for."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from methods.lists.search_quality import METHODS, pick_for_others, quality, random_rank


def test_recall_and_rank_by_hand():
    rows = [
        (1, "a", 0, False, 2.0, 1.0, 5, 3.0),
        (1, "a", 1, True, 1.0, 1.0, 5, 2.0),
        (1, "a", 2, True, 0.0, 1.0, 5, 1.0),
        (2, "b", 3, True, 1.0, 0.1, 5, 1.0),
        (2, "b", 4, False, 1.0, 0.9, 5, 9.0),
        (3, "c", 5, False, 1.0, 0.9, 5, 9.0),
    ]
    names = ["search", "customer_id", "coupon", "relevant", "text", "strength", "rating", "age_days"]
    found = quality(pd.DataFrame(rows, columns=names), length=1).set_index("search")
    assert found.index.tolist() == [1, 2]
    assert found["rank_words"].tolist() == [1 / 2, 1.0]
    assert found["rank_rating"].tolist() == [1 / 2, 1 / 2]
    assert found["rank_newest"].tolist() == [1.0, 1.0]
    assert found["recall_newest"].tolist() == [1 / 2, 1.0]
    assert found["recall_words"].tolist() == [0.0, 1.0]
    assert found["shelf"].tolist() == [3, 2]
    assert found["matched"].tolist() == [True, True]
    assert found["recall_random"].tolist() == [1 / 3, 1 / 2]
    wide = quality(pd.DataFrame(rows, columns=names), length=3).set_index("search")
    assert wide["recall_words"].tolist() == [1 / 2, 1.0]
    assert wide["recall_rest"].tolist() == [1.0, 1.0]


def judged_searches(ranks: np.ndarray) -> pd.DataFrame:
    """One search a customer; columns of ranks: newest, words, rating, rest."""
    frame = pd.DataFrame(ranks, columns=[f"rank_{name}" for name in METHODS])
    recalls = frame.rename(columns=lambda name: name.replace("rank", "recall"))
    return frame.join(recalls).assign(customer_id=np.arange(len(frame)))


def test_no_order_is_judged_by_the_searches_it_was_picked_for():
    """Of three orders that are all luck, the best looks good and the one that others picked does not."""
    rng, best, picked = np.random.default_rng(1), [], []
    for seed in range(300):
        found = pick_for_others(judged_searches(rng.random((40, 4))), seed=seed)
        best.append(max(found[f"rank_{name}"].mean() for name in ("words", "rating", "rest")))
        picked.append(found["rank_box"].mean())
    assert np.mean(best) > 0.53
    assert abs(np.mean(picked) - 0.5) < 4 * np.std(picked) / np.sqrt(len(picked))


def test_an_order_that_is_better_for_everybody_is_picked():
    ranks = np.column_stack([np.ones(40), np.full(40, 0.2), np.full(40, 0.6), np.full(40, 0.4)])
    found = pick_for_others(judged_searches(ranks), seed=1)
    assert set(found["order"]) == {"rating"}
    assert (found["rank_box"] == 0.6).all()
    assert (found["recall_box"] == 0.6).all()


@pytest.mark.parametrize(("shelf", "relevant"), [(1, 1), (5, 1), (5, 2), (6, 4), (4, 4)])
def test_a_random_order_is_the_mean_of_all_orders(shelf, relevant):
    orders = itertools.permutations([True] * relevant + [False] * (shelf - relevant))
    ranks = [1 / (order.index(True) + 1) for order in orders]
    assert random_rank(np.array([shelf]), np.array([relevant]))[0] == pytest.approx(np.mean(ranks))
