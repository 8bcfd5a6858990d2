"""EASE against the regressions it stands for, and its two forms against each other."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists.ease import CustomerKernel, Ease, ItemWeights
from methods.lists.ranking import recommend


def draw(customers: int, items: int) -> np.ndarray:
    return (np.random.default_rng(4).random((customers, items)) < 0.2).astype(np.float64)


def regressions(bought: np.ndarray, l2: float) -> np.ndarray:
    """Regress each product on all others with ridge l2, one at a time."""
    items = bought.shape[1]
    weights = np.zeros((items, items))
    for target in range(items):
        others = [item for item in range(items) if item != target]
        X = bought[:, others]
        weights[others, target] = np.linalg.solve(X.T @ X + l2 * np.eye(items - 1), X.T @ bought[:, target])
    return weights


@pytest.mark.parametrize("l2", [0.5, 30.0])
@pytest.mark.parametrize(("customers", "items", "form"), [(50, 12, ItemWeights), (12, 30, CustomerKernel)])
def test_scores_are_those_of_one_ridge_regression_a_product(customers, items, form, l2):
    bought = draw(customers, items)
    fitted = Ease(l2=l2).fit(csr_array(bought))
    assert isinstance(fitted, form)
    assert fitted.scores(np.arange(customers)) == pytest.approx(bought @ regressions(bought, l2), abs=1e-9)


def test_both_forms_serve_a_history_that_was_not_trained_on():
    bought, newcomer = draw(12, 30), csr_array(draw(40, 30)[-3:])
    fitted = Ease(l2=5.0).fit(csr_array(bought))
    other = CustomerKernel(newcomer, fitted.trained, fitted.kernel, fitted.diagonal, fitted.l2)
    assert other.scores(np.arange(3)) == pytest.approx(newcomer @ regressions(bought, 5.0), abs=1e-9)


def test_single_precision_gives_the_same_lists(monkeypatch):
    bought = csr_array(draw(300, 60))
    expected = recommend(Ease(l2=20.0).fit(bought), np.arange(300), length=5)
    monkeypatch.setattr("methods.lists.ease._DOUBLE_UP_TO", 10)
    single = Ease(l2=20.0).fit(bought)
    assert single.weights.dtype == np.float32
    assert np.mean(recommend(single, np.arange(300), length=5) == expected) > 0.99


def test_only_the_best_sellers_are_modelled_when_asked():
    bought = draw(80, 20)
    kept = np.sort(np.argsort(-bought.sum(axis=0), kind="stable")[:6])
    fitted = Ease(l2=3.0, most_bought=6).fit(csr_array(bought))
    scores = fitted.scores(np.arange(80))
    assert scores[:, kept] == pytest.approx(bought[:, kept] @ regressions(bought[:, kept], 3.0), abs=1e-6)
    assert np.isneginf(np.delete(scores, kept, axis=1)).all()


@pytest.mark.parametrize("l2", [0.0, -1.0, float("nan")])
def test_a_penalty_of_zero_or_less_is_refused(l2):
    with pytest.raises(ValueError, match="must be above 0"):
        Ease(l2=l2).fit(csr_array(draw(5, 4)))
