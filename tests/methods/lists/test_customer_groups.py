"""Stages and circles by their rules."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csr_array

from methods.lists.customer_groups import circles, stages
from methods.lists.split import Split
from tests.taste_shops import purchases_of


@pytest.mark.parametrize(
    ("days_before", "stage"),
    [
        ([5], "new"),
        ([59], "new"),
        ([61, 10], "active"),
        ([300, 59], "active"),
        ([300, 61], "silent"),
        ([179.5], "silent"),
        ([181], "lost"),
        ([300, 181], "lost"),
    ],
)
def test_stages_follow_their_rules_and_never_look_beyond_the_cut(days_before, stage):
    cut = pd.Timestamp("2024-06-01")
    placed = [cut - pd.Timedelta(days=days) for days in days_before] + [cut + pd.Timedelta(days=1)]
    rows = pd.DataFrame({"customer": 0, "item": range(len(placed)), "placed_at": placed})
    split = Split(
        train=None, days_ago=None, test=None, judged=None, customers=np.array([0]), items=None,
        exclusions=None, cut_at=cut.to_pydatetime(), repeats=False,
    )  # fmt: skip
    assert stages(purchases_of(rows), split).tolist() == [stage]


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
