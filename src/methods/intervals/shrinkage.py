"""Shares of many groups, small ones among them: each borrows from all as far as the groups are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import betaln

from methods.result import Result

_MEANS = np.linspace(0.0025, 0.9975, 200)
_STRENGTHS = np.geomspace(0.5, 20_000, 60)


@dataclass(frozen=True, kw_only=True)
class Pooled(Result):
    """Partially pooled shares, 0 to 1. shares: estimate, low, high, a row a group.

    spread: estimate, low, high of the standard deviation between the groups' shares, chance taken out.
    """

    shares: pd.DataFrame
    spread: tuple[float, float, float]


def pooled_shares(
    successes: np.ndarray, cases: np.ndarray, *, draws: int = 4_000, level: float = 0.95, seed: int
) -> Pooled:
    """Return each group's share, partially pooled, and how much the groups differ.

    draws: from the posterior.
    successes, cases: whole numbers, one entry a group, cases 1 or more. The shares of the groups are
        taken to come from one beta distribution whose mean and strength are unknown: a hierarchical model
        (Gelman et al., Bayesian Data Analysis, section 5.3, with its prior, on a grid), so that what is
        not known of the distribution widens the intervals. A large group keeps its own share; a group of
        five moves most of the way to the mean of all. Intervals are of equal tails.
    Raises ValueError on counts that cannot be.

    >>> bool(pooled_shares([0, 30], [3, 100], seed=1).shares["estimate"].iloc[0] > 0.05)
    True
    """
    y, n = np.asarray(successes, float), np.asarray(cases, float)
    if not len(n) or (n < 1).any() or (y < 0).any() or (y > n).any():
        raise ValueError("every group needs at least one case and from 0 to all of them as successes")
    mean, strength = (part.ravel() for part in np.meshgrid(_MEANS, _STRENGTHS))
    a, b = mean * strength, (1 - mean) * strength
    pairs, times = np.unique(np.column_stack([y, n]), axis=0, return_counts=True)
    log_posterior = -0.5 * np.log(strength)
    for (one, all_), count in zip(pairs, times, strict=True):
        log_posterior += count * (betaln(a + one, b + all_ - one) - betaln(a, b))
    rng = np.random.default_rng(seed)
    weight = np.exp(log_posterior - log_posterior.max())
    drawn = rng.choice(len(weight), draws, p=weight / weight.sum())
    shares = rng.beta(a[drawn, None] + y, b[drawn, None] + n - y)
    tail = 50 * (1 - level)
    low, high = np.percentile(shares, [tail, 100 - tail], axis=0)
    between = np.sqrt(mean * (1 - mean) / (strength + 1))[drawn]
    return Pooled(
        shares=pd.DataFrame({"estimate": shares.mean(axis=0), "low": low, "high": high}),
        spread=(float(np.median(between)), *np.percentile(between, [tail, 100 - tail]).tolist()),
    )
