"""Circles of friends."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from methods.lists.customer_groups import circles


def test_planted_circles_are_found_and_loners_belong_to_none():
    rng = np.random.default_rng(1)
    size, count = 12, 15
    block = np.kron(np.eye(count), np.ones((size, size))) * (rng.random((size * count,) * 2) < 0.7)
    edges = np.triu(block, 1)
    edges[rng.integers(0, size * count, 20), rng.integers(0, size * count, 20)] = 0.2
    edges = np.pad(edges, (0, 4))
    found = circles(csr_array(np.triu(edges, 1) + np.triu(edges, 1).T), seed=1)
    assert found[-4:].tolist() == [None] * 4
    planted = np.repeat(np.arange(count), size)
    same = found[:-4, None] == found[None, :-4]
    truly = planted[:, None] == planted[None, :]
    assert (same == truly).mean() > 0.98
