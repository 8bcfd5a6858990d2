"""The bootstrap of t: the usual interval where nothing leans, the better one where a few carry most."""

from __future__ import annotations

import numpy as np
import pytest

from methods.intervals.clustered_means import Mean, clustered_means
from methods.intervals.studentised_means import studentised_means


def mean(value: np.ndarray, who: np.ndarray | None = None) -> Mean:
    return Mean(top=value, bottom=np.ones(len(value)), cluster=np.arange(len(value)) if who is None else who)


def test_estimate_and_error_are_those_of_clustered_means():
    rng = np.random.default_rng(1)
    who = rng.integers(0, 90, 400)
    means = {"a": mean(rng.normal(2, 1, 400), who), "b": mean(rng.normal(1, 1, 300), who[:300])}
    found = studentised_means(means, {"gap": {"a": 1.0, "b": -1.0}}, draws=2_000)["gap"]
    usual = clustered_means(means).combined(a=1.0, b=-1.0)
    assert (found.estimate, found.standard_error) == pytest.approx((usual.estimate, usual.standard_error))
    assert (found.low, found.high) == pytest.approx((usual.low, usual.high), rel=0.1)


def test_a_long_tail_is_held_more_often():
    rng, held, usual = np.random.default_rng(2), [], []
    for seed in range(200):
        means = {"a": mean(rng.lognormal(0, 1.3, 60))}
        truth = np.exp(1.3**2 / 2)
        leaning = studentised_means(means, {"a": {"a": 1.0}}, draws=300, seed=seed)["a"]
        plain = clustered_means(means).combined(a=1.0)
        held.append(leaning.low <= truth <= leaning.high)
        usual.append(plain.low <= truth <= plain.high)
    assert np.mean(held) >= 0.90
    assert np.mean(held) > np.mean(usual) + 0.04


def test_customers_drawn_in_groups_lean_as_they_do_alone(monkeypatch):
    rng = np.random.default_rng(3)
    who, value = np.arange(12_000).repeat(2), rng.lognormal(0, 1.3, 24_000)
    alone = studentised_means({"a": mean(value, who)}, {"a": {"a": 1.0}}, draws=1_000)["a"]
    monkeypatch.setitem(studentised_means.__globals__, "MOST_GROUPS", 3_000)
    grouped = studentised_means({"a": mean(value, who)}, {"a": {"a": 1.0}}, draws=1_000)["a"]
    assert (grouped.estimate, grouped.n) == (pytest.approx(alone.estimate), 12_000)
    assert grouped.standard_error == pytest.approx(alone.standard_error, rel=0.05)
    ends = [(one.low - one.estimate, one.high - one.estimate) for one in (grouped, alone)]
    assert ends[0] == pytest.approx(ends[1], rel=0.1)


def test_what_does_not_vary_has_no_width():
    found = studentised_means({"a": mean(np.ones(9))}, {"a": {"a": 2.0}})["a"]
    assert (found.low, found.estimate, found.high) == (2.0, 2.0, 2.0)


def test_one_customer_and_nothing_below_the_line_are_errors():
    with pytest.raises(ValueError, match="at least two"):
        studentised_means({"a": mean(np.ones(3), np.zeros(3))}, {"a": {"a": 1.0}})
    empty = Mean(top=np.ones(3), bottom=np.zeros(3), cluster=np.arange(3))
    with pytest.raises(ValueError, match="nothing below"):
        studentised_means({"a": empty}, {"a": {"a": 1.0}})
