"""Products that nobody has bought: what they are like, lists of them, and chance by hand."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from scipy.sparse import csr_array

from methods.lists.new_products import list_new_products, product_features


def shop(seed: int, *, taste: float, customers: int = 400):
    """Customers of one of five categories, 50 products known, 50 new; taste: chance to keep to one's own."""
    rng = np.random.default_rng(seed)
    kind = np.arange(100) % 5
    own = rng.integers(0, 5, customers)
    likes = np.where(kind == own[:, None], taste + (1 - taste) / 5, (1 - taste) / 5)
    bought = rng.random((customers, 100)) < 0.2 * likes
    bought[np.arange(customers), 50 + 5 * rng.integers(0, 10, customers) + own] |= taste > 0.5
    bought[np.arange(customers), 50 + rng.integers(0, 50, customers)] |= ~bought[:, 50:].any(axis=1)
    features = product_features([f"类{n}" for n in kind], [None] * 100)
    before, later = (csr_array(part.astype(float)) for part in (bought[:, :50], bought[:, 50:]))
    return before, features[:50], features[50:], later


def test_taste_for_a_category_finds_new_products_and_no_taste_none():
    keen, none = (list_new_products(*shop(1, taste=taste)) for taste in (0.9, 0.0))
    assert keen.served.mean() > keen.by_chance.mean() + 0.3
    assert abs(none.served.mean() - none.by_chance.mean()) < 0.06


def test_chance_is_the_share_of_all_draws():
    before, known, new, later = shop(2, taste=0.5)
    found = list_new_products(before, known, new, later, length=7)
    wanted = np.diff(later.indptr)
    assert found.by_chance == pytest.approx([1 - comb(50 - r, 7) / comb(50, 7) for r in wanted])
    assert (list_new_products(before, known, new, later, length=50).by_chance == 1).all()


def test_rare_words_of_a_title_tell_products_of_a_category_apart():
    features = product_features(["口红"] * 3, ["matte red", "matte pink", "gift box"])
    alike = (features @ features.T).toarray()
    assert alike[0, 1] > 1
    assert np.diag(alike) == pytest.approx([1.25] * 3)


def test_products_of_which_nothing_is_known_are_like_none():
    assert product_features([None, None], [None, ""]).shape == (2, 0)
