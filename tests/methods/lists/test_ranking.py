"""Lists and accuracy against plain re-implementations of trec_eval, and pytrec_eval where installed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists.ease import Ease
from methods.lists.item_knn import ItemNeighbours
from methods.lists.lists_for_all import Popular, PopularInGroup
from methods.lists.ranking import ACCURACY, accuracy, best, hits, recommend

TREC = {"hit_rate": "success", "recall": "recall", "ndcg": "ndcg_cut", "map": "map_cut", "mrr": "recip_rank"}
# Means over the case below by pytrec_eval-terrier 0.5.11.
REFERENCE = {
    (5, "hit_rate"): 0.485000000000,
    (5, "recall"): 0.075996420246,
    (5, "ndcg"): 0.140020435841,
    (5, "map"): 0.040989122220,
    (5, "mrr"): 0.274166666667,
    (10, "hit_rate"): 0.705000000000,
    (10, "recall"): 0.177020451770,
    (10, "ndcg"): 0.164966673121,
    (10, "map"): 0.064974366837,
    (10, "mrr"): 0.303898809524,
    (20, "hit_rate"): 0.885000000000,
    (20, "recall"): 0.353753801754,
    (20, "ndcg"): 0.239971174466,
    (20, "map"): 0.096834551824,
    (20, "mrr"): 0.317198240571,
}


def draw_case(seed: int = 7, customers: int = 200, items: int = 60):
    """Return scores without ties and relevant products, 1 to 15 a customer."""
    rng = np.random.default_rng(seed)
    scores = rng.permuted(np.tile(np.arange(items, dtype=float), (customers, 1)), axis=1)
    chosen = np.zeros((customers, items))
    for row in chosen:
        row[rng.choice(items, rng.integers(1, 16), replace=False)] = 1
    return scores, csr_array(chosen)


def slow_measures(ranked: list[int], relevant: set[int], k: int) -> dict[str, float]:
    """trec_eval's definitions, word for word and one product at a time."""
    found, gain, precisions, first = 0, 0.0, 0.0, 0.0
    for place, item in enumerate(ranked[:k], start=1):
        if item in relevant:
            found += 1
            gain += 1 / math.log2(place + 1)
            precisions += found / place
            first = first or 1 / place
    ideal = sum(1 / math.log2(place + 1) for place in range(1, min(k, len(relevant)) + 1))
    return {
        "hit_rate": float(found > 0),
        "recall": found / len(relevant),
        "ndcg": gain / ideal,
        "map": precisions / len(relevant),
        "mrr": first,
    }


@pytest.mark.parametrize("k", [1, 5, 10, 60])
def test_accuracy_equals_a_slow_reimplementation(k):
    scores, relevant = draw_case()
    values = accuracy(best(scores, length=k), relevant)
    for row in range(len(scores)):
        ranked = sorted(range(scores.shape[1]), key=lambda item: -scores[row, item])
        expected = slow_measures(ranked, set(relevant[[row]].indices.tolist()), k)
        for name in ACCURACY:
            assert values[name][row] == pytest.approx(expected[name], abs=1e-12)


@pytest.mark.parametrize(("k", "name"), REFERENCE)
def test_accuracy_equals_the_recorded_values_of_pytrec_eval(k, name):
    scores, relevant = draw_case()
    values = accuracy(best(scores, length=k), relevant)
    assert values[name].mean() == pytest.approx(REFERENCE[k, name], abs=1e-9)


@pytest.mark.parametrize("k", [5, 10, 20])
def test_accuracy_equals_pytrec_eval(k):
    pytrec_eval = pytest.importorskip("pytrec_eval", reason="pytrec_eval-terrier is not installed")
    scores, relevant = draw_case()
    lists = best(scores, length=k)
    truth = {f"{row:04d}": {str(i): 1 for i in relevant[[row]].indices} for row in range(len(lists))}
    run = {
        f"{row:04d}": {str(i): float(k - n) for n, i in enumerate(lists[row])} for row in range(len(lists))
    }
    measures = {f"{name}.{k}" if name != "recip_rank" else name for name in TREC.values()}
    theirs = pytrec_eval.RelevanceEvaluator(truth, measures).evaluate(run)
    ours = accuracy(lists, relevant)
    for name, trec in TREC.items():
        label = trec if trec == "recip_rank" else f"{trec}_{k}"
        expected = [theirs[f"{row:04d}"][label] for row in range(len(lists))]
        assert np.abs(ours[name] - expected).max() < 1e-9


def test_equal_scores_go_to_the_lower_column_and_always_give_the_same_list():
    scores = np.array([[1.0, 2.0, 2.0, 0.0, 2.0], [0.0, -0.0, 0.0, -0.0, 0.0]])
    assert best(scores, length=4).tolist() == [[1, 2, 4, 0], [0, 1, 2, 3]]


def test_negative_infinite_and_huge_scores_are_ordered():
    scores = np.array([[-np.inf, -5.0, 1e30, np.inf, -1e30, 0.0]])
    assert best(scores, length=6).tolist() == [[3, 2, 5, 1, 4, -1]]


def test_hidden_products_are_never_listed_even_when_nothing_else_is_left():
    hidden = csr_array(np.array([[1, 1, 0, 1], [0, 0, 0, 0]], np.float32))
    assert best(np.array([[9.0, 8, -1e30, 7], [1, 2, 3, 4]]), length=3, hidden=hidden).tolist() == [
        [2, -1, -1],
        [3, 2, 1],
    ]


def test_random_scores_agree_with_a_full_sort():
    scores = np.random.default_rng(1).normal(size=(50, 400)).astype(np.float32).round(1)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :20]
    assert np.array_equal(best(scores, length=20), expected)


def test_missing_scores_are_refused():
    with pytest.raises(ValueError, match="NaN"):
        best(np.array([[1.0, np.nan]]), length=1)


def test_a_customer_without_relevant_products_is_refused():
    with pytest.raises(ValueError, match="row 1 has no relevant product"):
        accuracy(np.zeros((2, 1), np.int32), csr_array(np.array([[1.0], [0.0]])))
    with pytest.raises(ValueError, match="3 lists but 2 rows"):
        accuracy(np.zeros((3, 1), np.int32), csr_array(np.ones((2, 1))))


def test_an_empty_place_in_a_list_is_never_a_hit():
    relevant = csr_array(np.array([[1.0, 0, 0], [0, 0, 1.0]]))
    assert hits(np.array([[-1, 0], [2, -1]]), relevant).tolist() == [[False, True], [True, False]]


def test_batches_give_the_lists_of_one_go(monkeypatch):
    _, relevant = draw_case(customers=37)
    fitted = Popular().fit(relevant)
    whole = recommend(fitted, np.arange(37), length=8, hidden=relevant)
    monkeypatch.setattr("methods.lists.ranking._BATCH_SCORES", 300)
    assert np.array_equal(recommend(fitted, np.arange(37), length=8, hidden=relevant), whole)
    assert whole.shape == (37, 8)


def test_lists_longer_than_the_range_of_products_are_filled_up_with_nothing():
    _, relevant = draw_case(customers=5, items=20)
    lists = recommend(Popular().fit(relevant), np.arange(5), length=30)
    assert (lists[:, 20:] == -1).all()
    assert (np.sort(lists[:, :20], axis=1) == np.arange(20)).all()


class TestRefusals:
    def test_a_product_listed_twice_is_no_two_hits(self):
        with pytest.raises(ValueError, match="list 1 holds product 2 twice"):
            accuracy(np.array([[0, 1, -1, -1], [2, 0, 2, 2]]), csr_array(np.array([[1, 0, 0], [0, 0, 1]])))

    def test_a_stored_zero_is_not_relevant(self):
        relevant = csr_array((np.array([1.0, 0.0, 1.0]), ([0, 0, 1], [0, 1, 1])), shape=(2, 3))
        found = accuracy(np.array([[0, 1], [1, 2]]), relevant)
        assert found["recall"].tolist() == [1.0, 1.0]
        with pytest.raises(ValueError, match="row 1 has no relevant product"):
            accuracy(np.array([[0], [1]]), csr_array((np.array([1.0, 0.0]), ([0, 1], [0, 1])), shape=(2, 3)))

    def test_a_stored_zero_hides_nothing_and_was_bought_by_nobody(self):
        stored = csr_array((np.array([1.0, 0.0, 1.0]), ([0, 0, 1], [0, 1, 2])), shape=(2, 3))
        assert best(np.array([[3.0, 2.0, 1.0]] * 2), length=2, hidden=stored).tolist() == [[1, 2], [0, 1]]
        for model in (Popular(), PopularInGroup(groups=np.array([0, 0]), borrowed=0.0), ItemNeighbours()):
            plain = csr_array(stored.toarray())
            both = (model.fit(rows).scores(np.array([0, 1])) for rows in (stored, plain))
            assert np.array_equal(*both)

    def test_what_is_never_to_be_listed_is_not_even_at_the_end(self):
        scores = np.array([[-np.inf, 1.0, -np.inf], [0.5, -np.inf, -1.0]])
        assert best(scores, length=3).tolist() == [[1, -1, -1], [0, 2, -1]]
        bought = csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]], dtype=np.float32))
        lists = recommend(Ease(l2=1.0, most_bought=2).fit(bought), np.arange(3), length=3)
        assert 2 not in lists
