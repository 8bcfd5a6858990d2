"""Staged effects as they are told: few units, dips, drifts and panels that show neither."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.intervals.estimates import Interval
from methods.staged.group_time_att import group_time_att
from methods.staged.staged_summary import StagedSummary, staged_summary

NAMES = {"unit": "unit", "period": "period", "outcome": "outcome", "start": "start"}


def panel(seed: int, *, treated: int, units: int, before: int = 3, after: int = 5) -> pd.DataFrame:
    """Units whose outcomes linger; the first so many are treated after `before` periods, without effect."""
    rng = np.random.default_rng(seed)
    values = [rng.normal(size=units)]
    for _ in range(before + after - 1):
        values.append(0.5 * values[-1] + np.sqrt(0.75) * rng.normal(size=units))
    frame = pd.DataFrame(np.column_stack(values), columns=range(1, before + after + 1))
    rows = frame.rename_axis("unit").reset_index().melt("unit", var_name="period", value_name="outcome")
    return rows.assign(
        period=rows["period"].astype(int), start=np.where(rows["unit"] < treated, before + 1.0, 0.0)
    )


def summed(rows: pd.DataFrame, **options) -> StagedSummary:
    return staged_summary(group_time_att(rows, **NAMES, draws=9, **options))


@pytest.mark.parametrize(("treated", "units"), [(2, 60), (57, 60), (5, 200)])
def test_few_treated_or_few_controls_cover_though_units_are_many(treated, units):
    """By clustered errors these covered 62, 80 and 72 of 100."""
    found = [summed(panel(seed, treated=treated, units=units)) for seed in range(12)]
    assert all(one.few for one in found)
    assert sum(one.overall.low <= 0 <= one.overall.high for one in found) >= 10


@pytest.mark.parametrize("controls", ["not_yet", "never"])
def test_starts_are_dealt_out_among_the_controls_of_the_effects(controls):
    rows = panel(1, treated=6, units=24)
    rows.loc[rows["unit"] < 3, "start"] += 2
    effects = group_time_att(rows, **NAMES, draws=9, controls=controls)
    found = staged_summary(effects)
    assert found.few
    assert found.overall.estimate == pytest.approx(effects.overall("simple").estimate)


def test_as_many_units_move_an_effect_as_carry_it():
    rows = panel(1, treated=30, units=60)
    assert group_time_att(rows, **NAMES, draws=9).moving_units() == pytest.approx(60)
    assert not summed(rows).few
    heavy = rows.assign(weight=np.where(rows["unit"] % 30 == 0, 1000.0, 1.0))
    assert group_time_att(heavy, **NAMES, weight="weight", draws=9).moving_units() == pytest.approx(
        2, abs=0.3
    )


def test_a_steady_drift_is_taken_out_of_the_average():
    rows = panel(2, treated=40, units=80)
    drifting = rows.assign(outcome=rows["outcome"] + 3.0 * rows["period"] * (rows["start"] > 0))
    for few in (False, True):
        kept = rows["unit"].between(28, 51) if few else rows["unit"] >= 0
        plain, found = summed(rows[kept]), summed(drifting[kept])
        assert found.few == few
        assert found.without_drift.estimate == pytest.approx(plain.without_drift.estimate)
        assert found.overall.estimate == pytest.approx(plain.overall.estimate + 9.0)


def test_an_effect_that_a_drift_unseen_could_make_leans_on_there_being_none():
    wrong = told = 0
    for seed in range(20):
        rows = panel(seed, treated=40, units=130, after=6)
        found = summed(rows.assign(outcome=rows["outcome"] + 0.1 * rows["period"] * (rows["start"] > 0)))
        missed = not found.overall.low <= 0 <= found.overall.high
        wrong += missed
        told += missed and bool(found.doubt or found.leans)
    assert wrong >= 5
    assert told >= 0.75 * wrong


def test_a_large_effect_does_not_lean():
    rows = panel(3, treated=40, units=130)
    found = summed(rows.assign(outcome=rows["outcome"] + 3.0 * ((rows["start"] > 0) & (rows["period"] > 3))))
    assert (found.doubt, found.leans) == ("", False)


def test_a_panel_with_one_period_before_the_start_is_doubted():
    found = summed(panel(4, treated=30, units=90, before=1))
    assert (found.before, found.without_drift, found.doubt) == (None, None, "unseen")


@pytest.mark.parametrize(
    ("before_p", "before", "low", "doubt"),
    [
        (0.04, 1.0, 5.0, "drifting"),
        (0.051, 6.0, 5.0, "hinted"),
        (0.051, 4.0, 5.0, ""),
        (0.2, 6.0, 5.0, ""),
        (np.nan, 6.0, 5.0, ""),
    ],
)
@pytest.mark.parametrize("sign", [1, -1])
def test_what_nearly_drifted_must_be_outlasted_by_the_effect(before_p, before, low, doubt, sign):
    effect = between(sign * 10, sign * low, sign * 15)
    seen = between(-before, -before - 5, -before + 5)
    assert told(effect, before_p=before_p, before=seen, without_drift=effect).doubt == doubt


def between(estimate: float, one: float, other: float) -> Interval:
    return Interval(estimate=estimate, low=min(one, other), high=max(one, other), n=60)


def told(effect: Interval, **facts) -> StagedSummary:
    return StagedSummary(
        overall=effect, p_value=0.01, just_before=None, few=False, events=pd.DataFrame(), **facts
    )
