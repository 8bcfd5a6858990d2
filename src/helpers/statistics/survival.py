"""Time until something happens when it has not yet happened to everybody: Kaplan and Meier (1958)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, kw_only=True)
class Survival:
    """The share that still waits after each whole day.

    days: 0, 1, 2, … waiting: share not yet arrived by the end of that day. at_risk: those still watched
    at its start (sum of weights).
    """

    days: np.ndarray
    waiting: np.ndarray
    at_risk: np.ndarray

    def quantile(self, share: float = 0.5) -> float:
        """Return the first day by which `share` have arrived; nan when the data do not reach so far."""
        reached = self.waiting <= 1 - share + 1e-12
        return float(self.days[np.argmax(reached)]) if reached.any() else float("nan")


def kaplan_meier(days: ArrayLike, arrived: ArrayLike, *, weights: ArrayLike | None = None) -> Survival:
    """Return the survival of waits in whole days, some of them cut off before the arrival.

    days: length of each wait as watched (integer, 0 or more). arrived: whether it ended by an arrival; else
    it was still open. weights: of each wait (default 1). Raises ValueError on an empty or negative input.
    """
    lengths = np.asarray(days)
    if lengths.size == 0 or (lengths < 0).any():
        raise ValueError("waits must be one or more whole numbers of days, none negative")
    lengths = lengths.astype(np.int64)
    weight = np.ones(lengths.size) if weights is None else np.asarray(weights, dtype=float)
    ended = np.bincount(lengths, weights=weight)
    events = np.bincount(lengths, weights=weight * np.asarray(arrived, dtype=float), minlength=len(ended))
    at_risk = np.cumsum(ended[::-1])[::-1]
    hazard = np.divide(events, at_risk, out=np.zeros_like(events), where=at_risk > 0)
    return Survival(days=np.arange(len(ended)), waiting=np.cumprod(1 - hazard), at_risk=at_risk)
