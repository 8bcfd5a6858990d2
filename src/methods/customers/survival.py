"""Time until something happens when it has not yet happened to everybody: Kaplan and Meier (1958)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.stats import chi2

from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Survival(Result):
    """The share that still waits after each whole day.

    days: 0, 1, 2, … waiting: share not yet arrived by the end of that day. at_risk: those still watched
    at its start (sum of weights). low, high: interval of waiting where one was worked out, else None.
    """

    days: np.ndarray
    waiting: np.ndarray
    at_risk: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None

    def quantile(self, share: float = 0.5) -> float:
        """Return the first day by which `share` have arrived; nan when the data do not reach so far."""
        reached = self.waiting <= 1 - share + 1e-12
        return float(self.days[np.argmax(reached)]) if reached.any() else float("nan")


def kaplan_meier(days: ArrayLike, arrived: ArrayLike, *, weights: ArrayLike | None = None) -> Survival:
    """Return the survival of waits in whole days, some of them cut off before the arrival.

    days: length of each wait as watched (integer, 0 or more).
    arrived: whether it ended by an arrival; else it was still open.
    weights: of each wait (default 1).
    Raises ValueError on an empty or negative input. Kaplan and Meier 1958 (JASA 53).

    >>> kaplan_meier([2, 2, 3, 3], [True, False, True, True]).waiting.round(2).tolist()
    [1.0, 1.0, 0.75, 0.0]
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


def repurchase_cycle(days: ArrayLike, arrived: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    """Return the repurchase cycle in days: half of all purchases are followed by the next within so many.

    days, arrived, weights: of the gaps after each purchase, as `kaplan_meier`. nan when fewer than half are
    followed by another while they are watched.

    >>> repurchase_cycle([10, 20, 30, 5], [True, True, False, False])
    20.0
    """
    return kaplan_meier(days, arrived, weights=weights).quantile(0.5)


def kaplan_meier_band(
    days: ArrayLike,
    arrived: ArrayLike,
    owner: ArrayLike,
    *,
    draws: int = 200,
    seed: int = 1,
    level: float = 0.95,
) -> Survival:
    """Return the survival with a pointwise percentile interval over owners drawn with replacement.

    days, arrived: one entry a wait.
    draws: of owners.
    owner: whose wait each is (whole numbers from 0); all waits of one are drawn together, for they
        resemble one another. Else as `kaplan_meier`.

    >>> days, arrived = np.tile([3, 9, 20], 20), np.tile([True, True, False], 20)
    >>> found = kaplan_meier_band(days, arrived, np.arange(60), draws=50)
    >>> bool((found.low <= found.waiting).all() and (found.waiting <= found.high).all())
    True
    """
    found, codes = kaplan_meier(days, arrived), np.asarray(owner)
    rng, people = np.random.default_rng(seed), int(codes.max()) + 1
    drawn = np.empty((draws, len(found.days)))
    for row in drawn:
        weights = np.bincount(rng.integers(0, people, people), minlength=people)[codes]
        row[:] = kaplan_meier(days, arrived, weights=weights).waiting
    low, high = np.quantile(drawn, [0.5 - level / 2, 0.5 + level / 2], axis=0)
    return replace(found, low=low, high=high)


def groups_differ(days: ArrayLike, arrived: ArrayLike, group: ArrayLike) -> float:
    """Return the p-value of the log-rank test that all groups wait alike.

    days, arrived: of each wait, as `kaplan_meier`.
    group: of which group each is. 1 where there is one group or nothing arrives. Mantel 1966 (Cancer
        Chemotherapy Reports 50).

    >>> days, arrived = [1, 2, 3, 4, 9, 9, 9, 9], [True] * 4 + [False] * 4
    >>> groups_differ(days, arrived, list("aaaabbbb")) < 0.01
    True
    """
    lengths, came = np.asarray(days, dtype=np.int64), np.asarray(arrived, dtype=bool)
    codes, names = pd.factorize(np.asarray(group))
    if len(names) < 2 or not came.any():
        return 1.0
    shape = (int(lengths.max()) + 1, len(names))
    ended, events = np.zeros(shape), np.zeros(shape)
    np.add.at(ended, (lengths, codes), 1.0)
    np.add.at(events, (lengths, codes), came.astype(float))
    at_risk = np.cumsum(ended[::-1], axis=0)[::-1]
    happened = events.sum(axis=1) > 0
    at_risk, events = at_risk[happened], events[happened]
    everybody, died = at_risk.sum(axis=1), events.sum(axis=1)
    share = at_risk / everybody[:, None]
    scale = died * (everybody - died) / np.maximum(everybody - 1, 1)
    gap = (events - died[:, None] * share).sum(axis=0)
    covariance = np.diag(scale @ share) - (share * scale[:, None]).T @ share
    freedom = int(np.linalg.matrix_rank(covariance))
    if not freedom:
        return 1.0
    return float(chi2.sf(gap @ np.linalg.pinv(covariance) @ gap, freedom))
