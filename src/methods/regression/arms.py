"""The outcome and the 0/1 treatment of a frame as arrays, checked once for every comparison of two arms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from methods.counts import count
from methods.errors import CannotAnswer

FEWEST_IN_GROUP = 25


def cluster_labels(frame: pd.DataFrame, cluster: str | None) -> np.ndarray | None:
    """Return the labels of a column of groups; None where none is named. Raises ValueError on gaps."""
    if cluster is None:
        return None
    _known(frame, cluster)
    return frame[cluster].to_numpy()


def row_weights(frame: pd.DataFrame, weights: str | None) -> np.ndarray | None:
    """Return a column of row weights, averaging 1; None where none is named. Raises ValueError below 0."""
    if weights is None:
        return None
    _known(frame, weights)
    weight = frame[weights].to_numpy(dtype=float)
    if not np.isfinite(weight).all() or weight.min() < 0 or weight.sum() == 0:
        raise ValueError(
            f"column {weights!r} must hold weights of 0 or more, not all 0; it holds {weight.min():g}"
        )
    return weight / weight.mean()


def _known(frame: pd.DataFrame, name: str) -> None:
    if name not in frame.columns:
        raise KeyError(f"no column {name!r}; the frame has {list(frame.columns)}")
    if frame[name].isna().any():
        raise ValueError(
            f"column {name!r} has {count(frame[name].isna().sum(), 'gap')}; drop or fill them first"
        )


def outcome_and_treatment(
    frame: pd.DataFrame, *, outcome: str, treatment: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return outcome and treatment as float arrays; raises on gaps, other values, or too few in a group."""
    for name in (outcome, treatment):
        _known(frame, name)
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
            f"one of the two groups has only {count(smaller, 'customer')}; "
            f"at least {FEWEST_IN_GROUP} are needed"
        )
    return y, t
