"""Prompts of known chance: the effect beside statsmodels, recovery under confounding by what came before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from methods.errors import CannotAnswer
from methods.trials import centred_least_squares

NAMES = {"outcome": "shared", "prompted": "sent", "chance": "chance", "person": "who"}


def moments(seed: int, *, persons: int = 150, slots: int = 20, effect: float = 0.2, tiring: float = 0.05):
    """People differ in habit; who was prompted at the last moment is prompted less, and gains less."""
    rng = np.random.default_rng(seed)
    habit, before = rng.beta(2, 8, persons), np.zeros(persons)
    parts = []
    for _ in range(slots):
        chance = np.where(before > 0, 0.3, 0.6)
        sent = rng.random(persons) < chance
        gain = effect - tiring * before
        shared = rng.random(persons) < habit - 0.05 * before + sent * gain
        parts.append(
            pd.DataFrame(
                {
                    "who": np.arange(persons),
                    "chance": chance,
                    "sent": sent,
                    "before": before,
                    "shared": shared,
                }
            )
        )
        before = sent.astype(float)
    return pd.concat(parts, ignore_index=True)


def test_it_is_weighted_least_squares_on_the_centred_prompt():
    rows = moments(1)
    found = centred_least_squares(rows, **NAMES, moderator="before")
    a, common = rows["sent"].astype(float), rows["sent"].mean()
    weight = np.where(a == 1, common / rows["chance"], (1 - common) / (1 - rows["chance"]))
    moved = rows["before"] - rows["before"].mean()
    design = np.column_stack([a - common, (a - common) * moved, np.ones(len(rows)), moved])
    fit = sm.WLS(rows["shared"].astype(float), design, weights=weight)
    oracle = fit.fit(cov_type="cluster", cov_kwds={"groups": rows["who"]})
    assert found.effect.estimate == pytest.approx(oracle.params.iloc[0])
    assert found.slope.estimate == pytest.approx(oracle.params.iloc[1])
    # CR2 against CR1: alike with 150 persons.
    assert found.effect.standard_error == pytest.approx(oracle.bse.iloc[0], rel=0.02)


def test_gee_with_independence_gives_the_same_effect():
    rows = moments(2).assign(chance=0.5)
    rows["sent"] = np.random.default_rng(2).random(len(rows)) < 0.5
    found = centred_least_squares(rows, **NAMES)
    a = rows["sent"].astype(float)
    weight = np.where(a == 1, a.mean() / 0.5, (1 - a.mean()) / 0.5)
    design = np.column_stack([np.ones(len(rows)), a - a.mean()])
    oracle = sm.GEE(rows["shared"].astype(float), design, groups=rows["who"], weights=weight).fit()
    assert found.effect.estimate == pytest.approx(oracle.params.iloc[1], abs=1e-8)
    assert found.effect.standard_error == pytest.approx(oracle.bse.iloc[1], rel=0.02)


def test_effect_and_slope_are_covered_where_the_chance_follows_what_came_before():
    trials, effects, slopes, naive = 150, 0, 0, []
    for seed in range(trials):
        rows = moments(seed, persons=80)
        true = (0.2 - 0.05 * rows["before"]).mean()
        found = centred_least_squares(rows, **NAMES, moderator="before")
        effects += found.effect.low <= true <= found.effect.high
        slopes += found.slope.low <= -0.05 <= found.slope.high
        by_sent = rows.groupby("sent")["shared"].mean()
        naive.append(by_sent[True] - by_sent[False] - true)
    assert 0.9 * trials <= effects <= trials
    assert 0.9 * trials <= slopes <= trials
    assert np.mean(naive) > 0.005


def test_moments_without_chance_are_left_out_and_counted():
    rows = moments(3)
    certain = rows.head(40).assign(chance=1.0, sent=True, shared=True)
    found = centred_least_squares(pd.concat([rows, certain]), **NAMES)
    assert found == centred_least_squares(rows, **NAMES).__class__(
        **{**vars(centred_least_squares(rows, **NAMES)), "left_out": 40}
    )


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        (lambda rows: rows.assign(chance=1.0), CannotAnswer, "no prompt was left to chance"),
        (lambda rows: rows[rows["who"] < 5], CannotAnswer, "5 customers"),
        (lambda rows: rows.assign(sent=1), CannotAnswer, "all of the prompts"),
        (lambda rows: rows.assign(sent=2), ValueError, "0 or 1"),
        (lambda rows: rows.assign(chance=np.nan), ValueError, "gaps"),
    ],
)
def test_what_was_not_drawn_is_refused(change, error, words):
    with pytest.raises(error, match=words):
        centred_least_squares(change(moments(4)), **NAMES)
