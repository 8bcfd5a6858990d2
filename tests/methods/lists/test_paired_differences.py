"""Differences with interval and test."""

from __future__ import annotations

import numpy as np
import pytest

from methods.intervals.multiplicity import holm
from methods.intervals.resampling import flip_test
from methods.lists.paired_differences import compare


def draw(size: int, mean: float, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(mean, 1, size)


def test_rows_stand_in_the_order_given_with_holm_over_all_of_them():
    values = {"b": draw(300, 0.5, 1), "a": draw(200, 0.0, 2), "c": draw(300, 0.2, 3)}
    found = compare(values, resamples=400, seed=1)
    assert list(found.index) == ["b", "a", "c"]
    assert found["estimate"].to_numpy() == pytest.approx([one.mean() for one in values.values()])
    assert found["n"].tolist() == [300, 200, 300]
    raw = [flip_test(one[:, None], flips=5_000, seed=1)[0] for one in values.values()]
    assert found["p"].to_numpy() == pytest.approx(holm(raw), abs=0.02)
    assert ((found["low"] < found["estimate"]) & (found["estimate"] < found["high"])).all()


@pytest.mark.slow
def test_without_any_difference_one_family_in_twenty_raises_an_alarm():
    alarms, runs = 0, 400
    for run in range(runs):
        rng = np.random.default_rng(run)
        values = {name: rng.choice([-1.0, 0.0, 1.0], 150, p=[0.1, 0.8, 0.1]) for name in "abcdef"}
        alarms += (compare(values, resamples=50, seed=run)["p"] < 0.05).any()
    assert alarms / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
