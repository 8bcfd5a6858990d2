"""Intervals from what a forecast missed before: coverage, the plan of stretches, leakage, thin data."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from methods.customers.hidden_windows import Spread, plan_windows
from methods.customers.likelihood_search import NotEstimable
from methods.customers.value_check import PredictedTotal, quantities
from methods.customers.value_model import forecast
from tests.methods.customers.cohorts import cohort, known_by, trial_of

FIRST, DAYS, AHEAD = 19_723, 900, 120
HABITS = {
    "steady": {},
    "rising": {"growth": 2.0},
    "season": {"busy": [1, 1, 1, 1, 1, 1.5, 1, 1, 1, 1, 2.5, 1.5]},
    "nobody leaves": {"leaving": None},
}


def told(bought, *, until, level=0.95):
    """The forecast of the days after `until`, and what came."""
    plan = plan_windows(first=FIRST, last=until, horizon_days=AHEAD)
    tried = trial_of(bought, plan, level=level)
    now = known_by(bought, until=until, days=AHEAD)
    ahead = forecast(now, until=until, horizon_days=AHEAD, repeat_spend=None)
    both = quantities(ahead, now, until=until)
    found = {
        name: tried.spread(name).around(both[name], error=0.0, customers=len(now), level=level)
        for name in ("purchases", "buyers")
    }
    return found, both, ahead


def coverage(habit, seeds, level=0.9):
    hits = []
    for seed in seeds:
        bought = cohort(seed, customers=500, days=DAYS, first=FIRST, **HABITS[habit])
        for until in (FIRST + 500, FIRST + DAYS - AHEAD - 1):
            found, both, _ = told(bought, until=until, level=level)
            hits += [found[name].low <= both[name].actual <= found[name].high for name in found]
    return np.mean(hits)


@pytest.mark.parametrize("habit", ["steady", "season"])
def test_intervals_hold_what_comes(habit):
    assert coverage(habit, range(4)) >= 0.75


@pytest.mark.slow
@pytest.mark.parametrize("habit", list(HABITS))
def test_intervals_of_90_percent_hold_85_to_99(habit):
    found = coverage(habit, range(40))
    print(f"\n{habit}: {found:.3f} of 160")
    assert 0.85 <= found <= 0.99


def test_a_customer_base_in_which_nobody_leaves_tells_no_farewell_from_a_pause():
    for habit, tells in (("nobody leaves", False), ("steady", True)):
        bought = cohort(5, customers=800, days=DAYS, first=FIRST, **HABITS[habit])
        assert told(bought, until=FIRST + 600)[2].tells_leaving is tells


@pytest.mark.parametrize("span", [40, 91, 133, 140, 200, 373, 546, 2_191])
@pytest.mark.parametrize("horizon", [7, 90, 365])
def test_stretches_do_not_overlap_and_leave_enough_to_learn_from(span, horizon):
    plan = plan_windows(first=100, last=99 + span, horizon_days=horizon)
    if plan is None:
        assert span < 91 + 3 * min(14, horizon)
        return
    assert 3 <= len(plan.untils) <= 6
    assert plan.untils[-1] + plan.days == 99 + span
    assert (np.diff(plan.untils) == plan.days).all()
    assert plan.untils[0] - 99 >= max(91, span // 4)
    assert plan.horizon_days <= min(horizon, 0.7 * span)
    if plan.farthest is not None:
        assert plan.farthest + plan.horizon_days == 99 + span
        assert plan.days < plan.horizon_days


def test_days_to_know_before_are_kept_free():
    plan = plan_windows(first=0, last=1_499, horizon_days=90, known_days=730)
    assert plan.untils[0] >= 729
    assert plan_windows(first=0, last=760, horizon_days=90, known_days=730) is None


def window(miss, *, again=0.0, share=False):
    actual = 0.5 if share else 100.0
    shift = (lambda by: actual * np.exp(-by)) if not share else (lambda by: 1 / (1 + np.exp(by)))
    return PredictedTotal(model=shift(miss), again=shift(again), actual=actual, is_share=share)


def tried_with(misses, *, again, far=None):
    bought = cohort(6, customers=300, days=DAYS, first=FIRST)
    tried = trial_of(bought, plan_windows(first=FIRST, last=FIRST + DAYS - 1, horizon_days=200))
    windows = [
        replace(tried.newest, totals={"purchases": window(one, again=other)})
        for one, other in zip(misses, again, strict=True)
    ]
    return replace(tried, windows=tuple(windows), farthest=None)


def test_the_spread_by_hand():
    found = tried_with([0.1, -0.1, 0.2], again=[0.5, 0.5, 0.5]).spread("purchases")
    assert (found.way, found.windows) == ("model", 3)
    assert found.size == pytest.approx(np.sqrt(0.06 / 3))
    ahead = PredictedTotal(model=1_000.0, again=9.0, actual=float("nan"))
    interval = found.around(ahead, error=0.0, customers=50)
    assert (interval.estimate, interval.n) == (1_000.0, 50)
    half = 3.182446 * found.size  # Student's t of three degrees of freedom
    assert np.log([interval.low / 1_000, interval.high / 1_000]) == pytest.approx([-half, half], rel=1e-5)
    assert found.around(ahead, error=2.0, customers=50).high > interval.high


@pytest.mark.parametrize(("again", "way"), [(0.05, "again"), (0.09, "model"), (0.3, "model")])
def test_as_much_again_is_taken_where_it_came_clearly_closer(again, way):
    found = tried_with([0.1, -0.1, 0.1], again=[again, -again, again]).spread("purchases")
    assert found.way == way


def test_a_share_keeps_within_its_bounds():
    spread = Spread(way="model", misses=np.array([0.5, -0.5, 0.5]), size=0.5, windows=3)
    ahead = PredictedTotal(model=0.97, again=0.9, actual=float("nan"), is_share=True)
    interval = spread.around(ahead, error=0.0, customers=9)
    assert 0.8 < interval.low < 0.97 < interval.high < 1


@pytest.mark.parametrize(
    ("apart", "shift"),
    [([-0.2, -0.2, -0.2], -0.2), ([-0.3, -0.1, -0.2], -0.2 + 0.01 / 3 / 0.2), ([0.3, -0.3, 0.1], 0.0)],
    ids=["always", "mostly", "by chance"],
)
def test_purchases_in_fewer_hands_than_the_model_says_are_learned(apart, shift):
    """By hand: the mean by which buyers miss beyond purchases, less what chance could have made of it."""
    tried = tried_with([0.0] * 3, again=[1.0] * 3)
    windows = [
        replace(one, totals={"purchases": window(pace), "buyers": window(pace + more, again=2.0, share=True)})
        for one, more, pace in zip(tried.windows, apart, (0.2, -0.2, 0.1), strict=True)
    ]
    found = replace(tried, windows=tuple(windows)).spread("buyers")
    assert (found.way, found.shift) == ("model", pytest.approx(shift))
    ahead = PredictedTotal(model=0.6, again=0.9, actual=float("nan"), is_share=True)
    told = found.around(ahead, error=0.0, customers=9)
    assert np.log(told.estimate / (1 - told.estimate)) == pytest.approx(np.log(1.5) + shift)
    assert told.low < told.estimate < told.high


def test_two_stretches_make_no_interval():
    found = tried_with([0.1, -0.1, 0.2], again=[0.0] * 3)
    assert replace(found, windows=found.windows[:2]).spread("purchases") is None
    assert found.spread("cents") is None


def test_what_comes_after_a_stretch_changes_nothing_in_its_forecast():
    bought = cohort(7, customers=400, days=DAYS, first=FIRST)
    plan = plan_windows(first=FIRST, last=FIRST + DAYS - 1, horizon_days=90)
    until = plan.untils[2]
    fewer = bought[(bought["day"] <= until) | (np.arange(len(bought)) % 2 == 0)]
    before, after = (trial_of(one, plan).windows for one in (bought, fewer))
    for old, new in zip(before[:3], after[:3], strict=True):
        assert (old.predicted, old.error, old.customers) == (new.predicted, new.error, new.customers)
    assert after[2].actual < before[2].actual
    assert after[-1].predicted != before[-1].predicted


def test_a_stretch_that_cannot_be_tried_is_left_out_and_said():
    bought = cohort(8, customers=300, days=DAYS, first=FIRST)
    plan = plan_windows(first=FIRST, last=FIRST + DAYS - 1, horizon_days=90)
    firsts = ~bought.duplicated("customer")
    tried = trial_of(bought[firsts | (bought["day"] > plan.untils[0])], plan)
    assert len(tried.windows) == len(plan.untils) - 1
    assert "second day" in tried.left_out
    with pytest.raises(NotEstimable, match="nobody bought in the hidden days"):
        trial_of(bought[firsts], plan)


def test_a_frame_an_analyst_can_use():
    bought = cohort(9, customers=400, days=DAYS, first=FIRST)
    tried = trial_of(bought, plan_windows(first=FIRST, last=FIRST + DAYS - 1, horizon_days=365))
    frame = tried.frame()
    assert len(frame) == len(tried.windows) + 1
    assert frame["days"].iloc[-1] == 365
    np.testing.assert_allclose(frame["miss_percent"], 100 * (frame["predicted"] / frame["actual"] - 1))
    assert (frame["low"] < frame["miss_percent"]).all()
    logs = np.log(frame["predicted"] / frame["actual"]).iloc[:-1]
    assert tried.bias().estimate == pytest.approx(100 * np.expm1(logs.mean()))
    assert 0 < tried.alike() <= 1
    assert isinstance(frame["until"].iloc[0], pd.Timestamp)
