"""The outcome and the 0/1 treatment of a frame as arrays, checked once for every comparison of two arms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from methods.errors import CannotAnswer

FEWEST_IN_GROUP = 25


def outcome_and_treatment(
    frame: pd.DataFrame, *, outcome: str, treatment: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return outcome and treatment as float arrays; raises on gaps, other values, or too few in a group."""
    for name in (outcome, treatment):
        if name not in frame.columns:
            raise KeyError(f"no column {name!r}; the frame has {list(frame.columns)}")
        if frame[name].isna().any():
            raise ValueError(f"column {name!r} has {frame[name].isna().sum()} gaps; drop or fill them first")
        if not pd.api.types.is_numeric_dtype(frame[name]):
            raise ValueError(
                f"column {name!r} holds {frame[name].dtype}; numbers are needed, such as 0 and 1"
            )
    y, t = frame[outcome].to_numpy(dtype=float), frame[treatment].to_numpy(dtype=float)
    if not np.isin(t, (0, 1)).all():
        raise ValueError(f"column {treatment!r} must be 0 or 1 (or false, true); it holds {np.unique(t)[:5]}")
    smaller = int(min(t.sum(), (1 - t).sum()))
    if smaller < FEWEST_IN_GROUP:
        raise CannotAnswer(
            f"one of the two groups has only {smaller} customers; at least {FEWEST_IN_GROUP} are needed"
        )
    return y, t
