"""Whether false accounts pay under a lottery by levels: as many shares and orders over more accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from methods.result import Result

MOST_ACCOUNTS, MOST_SHARES = 20, 60


@dataclass(frozen=True, kw_only=True)
class SelfDealing(Result):
    """What false accounts earn. times: at worst, expected wins of several accounts over those of one.

    accounts, shares: with how many accounts and shares that is. safe_friend_counts: the most that a friend's
    order may count so that no number of accounts earns more than one; NaN where even 0 does not help.
    """

    times: float
    accounts: int
    shares: int
    safe_friend_counts: float


def self_dealing(
    odds: Sequence[float], steps: Sequence[float], *, friend_counts: float = 0.0, slack: float = 1e-9
) -> SelfDealing:
    """Return the most that up to 20 accounts of one person earn of what one account earns.

    odds: chance that a share wins, by level. steps: experience from which the next level begins, one fewer
    than odds. friend_counts: what a friend's order counts, a share counting 1. slack: what counts as no more.
    The person makes up to 60 orders and shares each. With several accounts they ask each other in a ring, so
    that each order also counts as a friend's. Raises ValueError on steps that do not fit the odds.

    >>> self_dealing([0.1, 0.0], [1.0]).accounts > 1
    True
    >>> self_dealing([0.0, 0.1], [3.0]).times
    1.0
    """
    if len(steps) != len(odds) - 1 or any(np.diff(steps) < 0):
        raise ValueError(
            f"{len(odds)} odds need {len(odds) - 1} rising steps between them, not {list(steps)}"
        )
    wins, level = np.asarray(odds, dtype=float), np.asarray(steps, dtype=float)
    times, accounts, shares = _worst(wins, level, friend_counts)
    safe = _largest_safe(wins, level, slack)
    return SelfDealing(
        times=times if times > 1 + slack else 1.0,
        accounts=accounts,
        shares=shares,
        safe_friend_counts=safe,
    )


def _earned(wins: NDArray[np.float64], steps: NDArray[np.float64], counts: float) -> NDArray[np.float64]:
    """Expected wins of one account after 0, 1, … shares, each counting so much experience."""
    experience = counts * np.arange(MOST_SHARES)
    level = (experience[:, None] >= steps[None, :]).sum(axis=1)
    return np.concatenate([[0.0], np.cumsum(wins[level])])


def _worst(
    wins: NDArray[np.float64], steps: NDArray[np.float64], friend_counts: float
) -> tuple[float, int, int]:
    one, each = _earned(wins, steps, 1.0), _earned(wins, steps, 1.0 + friend_counts)
    found = (1.0, 1, 1)
    for accounts in range(2, MOST_ACCOUNTS + 1):
        shares = np.arange(accounts, MOST_SHARES + 1)
        whole, rest = np.divmod(shares, accounts)
        several = (accounts - rest) * each[whole] + rest * each[whole + (rest > 0)]
        with np.errstate(divide="ignore", invalid="ignore"):
            times = np.where(several > 0, several / one[shares], 1.0)
        best = int(np.argmax(times))
        if times[best] > found[0] + 1e-12:
            found = (float(times[best]), accounts, int(shares[best]))
    return found


def _largest_safe(wins: NDArray[np.float64], steps: NDArray[np.float64], slack: float) -> float:
    """The most that a friend's order may count, by halving between 0 and 2."""

    def is_safe(counts: float) -> bool:
        return _worst(wins, steps, counts)[0] <= 1 + slack

    if not is_safe(0.0):
        return float("nan")
    low, high = 0.0, 2.0
    if is_safe(high):
        return high
    for _ in range(20):
        middle = (low + high) / 2
        low, high = (middle, high) if is_safe(middle) else (low, middle)
    return low
