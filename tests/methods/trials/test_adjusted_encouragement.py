"""The effect on those whom an offer moved, where who got the offer goes by traits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.report import CannotAnswer
from methods.trials.adjusted_encouragement import adjusted_complier_effect
from methods.trials.encouragement import complier_effect
from tests.methods.uplift_designs import logistic

NAMES = {"outcome": "y", "treatment": "t", "instrument": "z"}
QUICK = {"covariates": ["wealth", "kind"], "learners": ("penalised regression",), "repeats": 1}


def offers(seed: int, rows: int = 2_000, *, always: float = 0.15) -> tuple[pd.DataFrame, float]:
    """Offers go to the wealthy, who have more anyway; returns the sample and its true complier effect."""
    rng = np.random.default_rng(seed)
    wealth, kind = rng.standard_normal(rows), rng.choice(["a", "b", "c"], rows)
    z = rng.random(rows) < logistic(0.8 * wealth + 0.5 * (kind == "a"))
    draw = rng.random(rows)
    takes_anyway = draw < always
    moved = ~takes_anyway & (draw < always + 0.3 + 0.3 * logistic(wealth))
    t = takes_anyway | (moved & z)
    gain = 1.0 + 0.5 * wealth
    y = 2.0 * wealth + 1.0 * (kind == "a") + gain * t + 0.8 * takes_anyway + rng.standard_normal(rows)
    frame = pd.DataFrame({"wealth": wealth, "kind": kind, "z": z, "t": t, "y": y})
    return frame, float(gain[moved].mean())


@pytest.mark.parametrize("always", [0.15, 0.0])
def test_the_effect_is_found_where_the_plain_ratio_is_far_off(always):
    held, far = 0, 0
    for seed in range(20):
        frame, truth = offers(seed, always=always)
        found = adjusted_complier_effect(frame, **NAMES, **QUICK)
        held += found.low <= truth <= found.high
        far += complier_effect(frame, **NAMES).low > truth
    assert held >= 16  # 15 or fewer of 20 at 95 % happen in 0.3 % of such series
    assert far == 20


def test_mixed_columns_clusters_and_seeds():
    frame, _ = offers(1, rows=1_000)
    frame = frame.assign(village=np.arange(1_000) // 10, wealth=frame["wealth"].where(frame.index % 50 > 0))
    one, two = (adjusted_complier_effect(frame, cluster="village", **NAMES, **QUICK) for _ in range(2))
    assert one == two
    doubled = pd.concat([frame, frame], ignore_index=True)
    plain = adjusted_complier_effect(doubled, **NAMES, **QUICK)
    grouped = adjusted_complier_effect(doubled.assign(pair=np.tile(np.arange(1_000), 2)), cluster="pair",
                                       **NAMES, **QUICK)  # fmt: skip
    ratio = grouped.effect.standard_error / plain.effect.standard_error
    assert ratio == pytest.approx(np.sqrt(2), rel=0.01)


def test_hostile_input_is_refused_in_words():
    frame, _ = offers(1, rows=400)
    with pytest.raises(ValueError, match="'t' must be 0 or 1"):
        adjusted_complier_effect(frame.assign(t=frame["t"] * 2), **NAMES, **QUICK)
    with pytest.raises(ValueError, match="'y' has 1 gap;"):
        adjusted_complier_effect(frame.assign(y=frame["y"].where(frame.index > 0)), **NAMES, **QUICK)
    with pytest.raises(CannotAnswer, match="moves nobody"):
        adjusted_complier_effect(frame.assign(t=0), **NAMES, **QUICK)
    with pytest.raises(CannotAnswer, match="at least 25"):
        adjusted_complier_effect(frame.assign(z=(frame.index < 5) * 1), **NAMES, **QUICK)
    apart = frame.assign(z=(frame["wealth"] > 0) * 1)
    with pytest.raises(CannotAnswer, match="no counterpart"):
        adjusted_complier_effect(apart, **NAMES, **{**QUICK, "covariates": ["wealth"]}, trim=0.4)
