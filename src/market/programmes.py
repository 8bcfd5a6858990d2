"""Randomised tests and staged programmes: who is under what, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from market.network import NEVER, Network
from market.people import People
from market.settings import (
    CASHBACK_WEEK,
    CATEGORIES,
    DESK_WEEKS,
    FATIGUE_WEEKS,
    FORCED_WEEK,
    MEMBERSHIP_WEEKS,
    QUALITY_WEEKS,
    TEST_WEEKS,
    Effects,
    pick,
    stream,
)

ASKS = (0, 1, 3, 6)
DRIFT_FALL, _FALL_WEEKS = -0.7, 10  # of the log rate after a change of circle, and how long it lasts
FORCED_ARMS = ("control", "ask_1", "ask_3", "ask_6")


@dataclass(frozen=True, kw_only=True)
class Programmes:
    """Assignments drawn at random, one entry a customer unless said otherwise.

    cashback: the circle's arm. try_first: the own arm. asks: share asks a week in the forced-share test.
    member_week: when membership begins, NEVER for the rest. quality_week: one entry a category.
    desk_week: one entry a seller. moved_week: week of a change of circle, NEVER for the rest.
    """

    cashback: np.ndarray
    try_first: np.ndarray
    asks: np.ndarray
    member_week: np.ndarray
    quality_week: np.ndarray
    desk_week: np.ndarray
    moved_week: np.ndarray

    def shift(self, week: int, effects: Effects, taste: np.ndarray) -> np.ndarray:
        """Return what programmes, asks and changes of circle add to each customer's log rate this week."""
        total = membership_effect(week - self.member_week.astype(np.int64), effects)
        total += effects.quality * (taste @ (self.quality_week <= week).astype(np.float32))
        total += DRIFT_FALL * self.fallen(week)
        if CASHBACK_WEEK <= week < CASHBACK_WEEK + TEST_WEEKS:
            total += effects.cashback * self.cashback
        if FORCED_WEEK <= week < FORCED_WEEK + FATIGUE_WEEKS:
            total -= effects.fatigue * np.maximum(self.asks - 3, 0)
        return total + season(week)

    def fallen(self, week: int) -> np.ndarray:
        """Say whose rate is down this week because of a change of circle."""
        return (self.moved_week <= week) & (week < self.moved_week + _FALL_WEEKS)


def membership_effect(weeks_since: np.ndarray, effects: Effects) -> np.ndarray:
    """Return the log-rate effect of membership: nothing before, then rising towards its full strength."""
    return effects.membership * np.where(
        weeks_since >= 0, 1.0 - 0.7 * np.exp(-weeks_since.clip(0) / 6.0), 0.0
    )


def season(week: int) -> float:
    """Return the season on the log rate: double eleven, the June sale, the spring festival lull."""
    peaks = {24: 0.25, 44: 0.25, 45: 0.35, 49: 0.15, 57: -0.20, 58: -0.15, 76: 0.25}
    return peaks.get(week, 0.0)


def make_programmes(people: People, network: Network, sellers: int, seed: int) -> Programmes:
    """Draw every assignment."""
    rng = stream(seed, "programmes")
    customers, circles = len(people), int(network.circle.max()) + 1
    arm = rng.permutation(np.arange(circles) % 2 == 0)
    stage = pick(rng.random(customers), [0.16, 0.16, 0.16, 0.16, 0.36])
    starts = np.array([*MEMBERSHIP_WEEKS, NEVER])[stage]
    desk = np.array([*DESK_WEEKS, NEVER])[rng.integers(0, 3, sellers)]
    asks = np.array(ASKS)[rng.integers(0, 4, customers)]
    return Programmes(
        cashback=arm[network.circle],
        try_first=rng.random(customers) < 0.5,
        asks=np.where(people.joined_week < FORCED_WEEK, asks, 0).astype(np.int8),
        member_week=np.where(people.joined_week < 26, starts, NEVER).astype(np.int16),
        quality_week=np.array([QUALITY_WEEKS.get(name, NEVER) for name in CATEGORIES], dtype=np.int16),
        desk_week=desk.astype(np.int16),
        moved_week=network.moved_week,
    )
