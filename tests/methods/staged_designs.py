"""Simulated thresholds, staged programmes and real tables for the tests of A4, A7 and A12."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from helpers.paths import project_folder


def real_table(name: str) -> pd.DataFrame:
    """Read a table of ../shared/data, or skip the test where it is not there."""
    path = project_folder() / "../shared/data" / name
    if not path.exists():
        pytest.skip(f"../shared/data/{name} is not there: the figures need the real table")
    return pd.read_csv(path)


def liked(seed: int, *, rows: int = 6000, effect: float = 0.06, begging: float = 0.0) -> pd.DataFrame:
    """Posts with whole-number likes, some pushed from 15–19 to 20–22, and an outcome that jumps at 20."""
    rng = np.random.default_rng(seed)
    trait = rng.normal(size=rows)
    earned = rng.negative_binomial(2.2, 1.6 / (1 + np.exp(2.0 + 0.25 * trait)))
    begs = (earned >= 15) & (earned < 20) & (rng.random(rows) < begging)
    likes = np.where(begs, rng.integers(20, 23, rows), earned)
    chance = 0.3 + 0.05 * np.tanh(trait) + 0.002 * np.minimum(earned, 60) + effect * (likes >= 20)
    again = (rng.random(rows) < chance).astype(float)
    return pd.DataFrame({"likes": likes, "earned": earned, "again": again, "trait": trait})


def smooth(seed: int, *, rows: int = 1500, effect: float = 0.5) -> pd.DataFrame:
    """A continuous score whose outcome bends on both sides and jumps at nought."""
    rng = np.random.default_rng(seed)
    score = 2 * rng.beta(2, 4, rows) - 0.7
    outcome = np.sin(2 * score) + 0.6 * score**2 + effect * (score >= 0) + rng.normal(0, 0.4, rows)
    return pd.DataFrame({"score": score, "outcome": outcome})


def staged(
    seed: int,
    *,
    units: int = 300,
    periods: int = 8,
    effect: float = 0.0,
    growth: float = 0.0,
    drift: float = 0.0,
) -> pd.DataFrame:
    """Units of three stages and never treated; the effect may grow with time, the treated may drift."""
    rng = np.random.default_rng(seed)
    start = rng.choice([4.0, 6.0, 7.0, np.nan], units)
    unit = np.repeat(np.arange(units), periods)
    period = np.tile(np.arange(1, periods + 1), units)
    began = start[unit]
    since = period - began
    outcome = rng.normal(0, 1, units)[unit] + 0.3 * period + 0.5 * rng.normal(size=len(unit))
    outcome += np.where(since >= 0, effect + growth * np.nan_to_num(since), 0.0)
    outcome += drift * period * ~np.isnan(began)
    return pd.DataFrame({"unit": unit, "period": period, "outcome": outcome, "start": began})
