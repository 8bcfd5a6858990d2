"""Arms counted against their plan: lost arms are caught, fair draws are left alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest, chisquare

from methods.trials.sample_ratio import ALARM, sample_ratio


@pytest.mark.parametrize(("counts", "alarm"), [((5_000, 5_010), False), ((5_000, 5_600), True)])
def test_a_lost_arm_raises_the_alarm(counts, alarm):
    arms = pd.Series(np.repeat(["control", "prompt"], counts))
    assert sample_ratio(arms).alarm is alarm


def test_planned_shares_must_match_the_arms():
    arms = pd.Series(["a"] * 50 + ["b"] * 50)
    assert sample_ratio(arms, planned={"a": 0.9, "b": 0.1}).alarm
    with pytest.raises(ValueError, match="sum to 1"):
        sample_ratio(arms, planned={"a": 0.9, "c": 0.1})
    with pytest.raises(ValueError, match="two"):
        sample_ratio(pd.Series(["a"] * 10))


def drawn(seed: int, *, shares: tuple[float, ...] = (0.5, 0.5), days: int = 28, rows: int = 1_500):
    """A fair draw of customers who came on days of uneven size."""
    rng = np.random.default_rng(seed)
    busy = rng.dirichlet(np.full(days, 2.0))
    arms = rng.choice(list("abc")[: len(shares)], rows, p=shares)
    return pd.Series(arms), pd.Series(rng.choice(days, rows, p=busy))


@pytest.mark.parametrize("rows", [60, 1_500])
@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.75, 0.25), (0.6, 0.3, 0.1)])
def test_fair_draws_raise_no_more_than_one_alarm_in_a_thousand(shares, rows):
    """500 fair draws: at a rate of 1 in 1000 three or more alarms of a rule come once in 70 times."""
    overall = by_day = 0
    for seed in range(500):
        arms, days = drawn(seed, shares=shares, rows=rows)
        if arms.nunique() < len(shares):
            continue
        ratio = sample_ratio(arms, planned=dict(zip("abc", shares, strict=False)), days=days)
        overall += ratio.p_value < ALARM
        by_day += bool(ratio.lost_day)
    assert overall <= 2
    assert by_day <= 2


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.75, 0.25), (0.5, 0.25, 0.25)])
def test_an_arm_lost_on_one_day_is_caught_and_the_day_named(shares):
    found = []
    for seed in range(40):
        arms, days = drawn(seed, shares=shares, rows=3_000)
        day = days.value_counts().index[3]
        kept = (arms != "a") | (days != day)
        plan = dict(zip("abc", shares, strict=False))
        found.append(sample_ratio(arms[kept], planned=plan, days=days[kept]).lost_day == str(day))
    assert all(found)


@pytest.mark.parametrize("shares", [(0.6, 0.4), (0.4, 0.3, 0.3)])
def test_no_day_is_named_where_the_whole_test_misses_its_plan(shares):
    ratios = []
    for seed in range(20):
        arms, days = drawn(seed, shares=shares, rows=20_000)
        ratios.append(sample_ratio(arms, days=days))
    assert sum(ratio.by_day.min() < ALARM for ratio in ratios) > 10
    assert [(ratio.alarm, ratio.lost_day) for ratio in ratios] == [(True, "")] * 20


def test_a_plan_of_three_to_one_alarms_only_where_it_was_not_planned():
    arms, days = drawn(1, shares=(0.75, 0.25))
    assert not sample_ratio(arms, planned={"a": 0.75, "b": 0.25}, days=days).alarm
    assert sample_ratio(arms, days=days).alarm


@pytest.mark.parametrize("counts", [(4_000, 4_100), (300, 360), (40, 75), (12, 3)])
def test_chances_agree_with_scipy(counts):
    arms = pd.Series(np.repeat(["a", "b"], counts))
    enough = sum(counts) / 2 >= 100
    oracle = chisquare(counts).pvalue if enough else binomtest(counts[0], sum(counts)).pvalue
    assert sample_ratio(arms).p_value == pytest.approx(oracle)
    one_day = sample_ratio(arms, days=pd.Series("Mon", index=arms.index)).by_day
    assert one_day["Mon"] == pytest.approx(binomtest(counts[0], sum(counts)).pvalue)


def test_days_that_are_unknown_are_counted_in_no_day():
    arms = pd.Series(["a", "b"] * 40)
    assert sample_ratio(arms, days=pd.Series([None] * 80)).by_day.empty
    assert len(sample_ratio(arms, days=pd.Series(["Mon", "Mon"] + [None] * 78)).by_day) == 1
    assert not sample_ratio(arms).alarm
