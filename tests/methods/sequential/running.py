"""Frames of tests that run, and a plain effect of theirs, for the tests of the looks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval

AS_KNOWN = {"outcome": "bought", "treated": "arm", "known_at": "at"}
AT_ONCE = {"outcome": "bought", "treated": "arm", "days_to_event": "days", "outcome_days": 56}


def gap(known: pd.DataFrame) -> Interval:
    """Difference of means of `bought` by `arm`, with its unpooled normal interval."""
    y, arm = known["bought"].to_numpy(float), known["arm"].to_numpy(bool)
    error = np.sqrt(y[arm].var() / arm.sum() + y[~arm].var() / (~arm).sum())
    return normal_interval(y[arm].mean() - y[~arm].mean(), error, len(y))


def coming_in(seed: int, *, rows: int, share=0.4, treated=0.5, effect=0.0, weeks=12) -> pd.DataFrame:
    """A test whose rows become known one after the other."""
    rng = np.random.default_rng(seed)
    arm = rng.random(rows) < treated
    hours = np.sort(rng.integers(0, 24 * 7 * weeks, rows))
    bought = (rng.random(rows) < share + effect * arm).astype(float)
    return pd.DataFrame(
        {"arm": arm, "bought": bought, "at": pd.Timestamp("2024-03-01") + pd.to_timedelta(hours, unit="h")}
    )


def at_once(seed: int, *, rows: int, mean_days=60.0, faster=1.0, treated=0.5) -> pd.DataFrame:
    """A test drawn on one day whose events come in; in the treated arm `faster` times as fast."""
    rng = np.random.default_rng(seed)
    arm = rng.random(rows) < treated
    return pd.DataFrame({"arm": arm, "days": rng.exponential(mean_days, rows) / np.where(arm, faster, 1.0)})
