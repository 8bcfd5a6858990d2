"""Implicit ALS against the dense closed form of its paper."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists.als import ImplicitAls, half_step, loss
from methods.lists.ranking import recommend


@pytest.fixture
def bought() -> np.ndarray:
    rng = np.random.default_rng(5)
    matrix = (rng.random((30, 25)) < rng.uniform(0.02, 0.9, (30, 1))).astype(np.float64)
    matrix[7] = 0
    matrix[8] = 1
    return matrix


def dense_half_step(bought: np.ndarray, others: np.ndarray, alpha: float, l2: float) -> np.ndarray:
    """Hu, Koren & Volinsky 2008, equation 4, with the full diagonal matrix of confidences."""
    rows = []
    for p in bought:
        C = np.diag(1 + alpha * p)
        rows.append(np.linalg.solve(others.T @ C @ others + l2 * np.eye(others.shape[1]), others.T @ C @ p))
    return np.array(rows)


def dense_loss(bought, rows, columns, alpha, l2) -> float:
    squares = (1 + alpha * bought) * (bought - rows @ columns.T) ** 2
    return squares.sum() + l2 * ((rows**2).sum() + (columns**2).sum())


@pytest.mark.parametrize("factors", [2, 6, 20])
@pytest.mark.parametrize(("alpha", "l2"), [(1.0, 0.1), (40.0, 5.0)])
def test_a_half_step_is_the_closed_form(bought, factors, alpha, l2):
    others = np.random.default_rng(1).normal(size=(25, factors))
    found = half_step(csr_array(bought), others, alpha=alpha, l2=l2)
    assert found == pytest.approx(dense_half_step(bought, others, alpha, l2), rel=1e-8, abs=1e-10)
    assert (found[7] == 0).all()


def test_a_half_step_in_batches_is_the_same(bought, monkeypatch):
    others = np.random.default_rng(1).normal(size=(25, 6))
    whole = half_step(csr_array(bought), others, alpha=3.0, l2=1.0)
    monkeypatch.setattr("methods.lists.als._BATCH_CELLS", 100)
    assert half_step(csr_array(bought), others, alpha=3.0, l2=1.0) == pytest.approx(whole, abs=1e-12)


def test_the_loss_equals_its_dense_form_and_never_rises(bought):
    sparse, losses = csr_array(bought), []
    columns = np.random.default_rng(2).normal(size=(25, 5))
    for _ in range(15):
        rows = half_step(sparse, columns, alpha=10.0, l2=2.0)
        losses.append(loss(sparse, rows, columns, alpha=10.0, l2=2.0))
        assert losses[-1] == pytest.approx(dense_loss(bought, rows, columns, 10.0, 2.0))
        columns = half_step(csr_array(sparse.T), rows, alpha=10.0, l2=2.0)
        losses.append(loss(sparse, rows, columns, alpha=10.0, l2=2.0))
    assert (np.diff(losses) <= 1e-9 * losses[0]).all()
    assert losses[-1] < 0.9 * losses[0]


def test_a_fit_is_its_half_steps_and_repeats_with_its_seed(bought):
    model = ImplicitAls(factors=4, alpha=5.0, l2=1.0, sweeps=3, seed=9)
    fitted = model.fit(csr_array(bought))
    expected = dense_half_step(bought, fitted.products, 5.0, 1.0) @ fitted.products.T
    assert fitted.scores(np.arange(30)) == pytest.approx(expected, abs=1e-8)
    assert np.array_equal(model.fit(csr_array(bought)).products, fitted.products)


def test_two_blocks_of_taste_are_told_apart():
    rng = np.random.default_rng(0)
    block = np.kron(np.eye(2), np.ones((40, 15)))
    bought = csr_array(block * (rng.random(block.shape) < 0.4))
    fitted = ImplicitAls(factors=2, alpha=5.0, l2=5.0).fit(bought)
    lists = recommend(fitted, np.arange(80), length=5, hidden=bought)
    assert np.take_along_axis(block, lists, axis=1).all()


def test_tastes_learned_from_a_sample_serve_everybody(monkeypatch):
    rng = np.random.default_rng(0)
    block = np.kron(np.eye(2), np.ones((200, 15)))
    bought = csr_array(block * (rng.random(block.shape) < 0.4))
    monkeypatch.setattr("methods.lists.als.LEARNED_FROM", 60)
    model = ImplicitAls(factors=2, alpha=5.0, l2=5.0)
    fitted = model.fit(bought)
    lists = recommend(fitted, np.arange(400), length=3, hidden=bought)
    assert np.take_along_axis(block, lists, axis=1).all()
    assert np.array_equal(model.fit(bought).products, fitted.products)
