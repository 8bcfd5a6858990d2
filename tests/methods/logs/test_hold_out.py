"""What a coin can say of lists: known potential outcomes, unequal chances, and coins that were none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from methods.logs.hold_out import arm_means, uplift_weights


def draw(seed: int, *, customers: int = 1_500) -> pd.DataFrame:
    """Places whose coin shows eager buyers more often: only its known chances undo that."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(customers), 4)
    eager = (rng.random(customers) < 0.5)[who]
    policy = np.where(rng.random(len(who)) < 0.5, "bestseller", "nudge")
    withheld = np.where(policy == "nudge", 0.02, 0.20) + 0.2 * eager
    gain = np.where(policy == "nudge", 0.08, 0.01)
    chance = np.where(eager, 0.8, 0.3)
    shown = rng.random(len(who)) < chance
    bought = rng.random(len(who)) < withheld + gain * shown
    rows = {"customer_id": who, "policy": policy, "shown": shown, "shown_chance": chance}
    return pd.DataFrame({**rows, "bought": bought.astype(float), "eager": eager})


def test_the_known_effects_are_covered_and_the_naive_ones_are_not():
    covered, naive = [], []
    for seed in range(120):
        rows = draw(seed)
        means = arm_means(rows, outcome="bought")
        for name, truth in (("nudge", 0.08), ("bestseller", 0.01)):
            gain = means.combined(**uplift_weights(name))
            covered.append(gain.low <= truth <= gain.high)
            plain = rows[rows["policy"] == name].groupby("shown")["bought"].mean()
            naive.append(gain.low <= plain[True] - plain[False] <= gain.high)
    assert 0.90 <= np.mean(covered) <= 0.99
    assert np.mean(naive) < 0.4


def test_the_list_that_is_bought_most_is_not_the_one_that_causes_most():
    means = arm_means(draw(1, customers=4_000), outcome="bought")
    assert means.values["bestseller|shown"] > means.values["nudge|shown"] + 0.05
    assert means.combined(**uplift_weights("nudge"), **uplift_weights("bestseller", times=-1)).low > 0


def test_a_list_of_ones_own_is_judged_on_the_same_rows():
    rows = draw(2)
    own = arm_means(rows, outcome="bought", by=("policy", "eager"))
    assert own.values["nudge|True|shown"] > own.values["nudge|False|shown"]
    some = rows[rows["eager"] & (rows["policy"] == "nudge")]
    plain = some.groupby("shown")["bought"].mean()
    assert own.combined(**uplift_weights("nudge|True")).estimate == pytest.approx(plain[True] - plain[False])
