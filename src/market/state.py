"""What the market remembers of each customer from week to week, and the log of what happened."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from market.settings import LIPSTICK, SPILL_WEEKS


@dataclass(kw_only=True)
class State:
    """One entry a customer; changed in place by the weekly loop.

    last_day: day of the last purchase. boost, boost_until: what the running share adds to the log rate and
    its last week; the latest share replaces the one before. coupon_until, reply_until: last weeks of theirs.
    friends: ties that hold. shares_seen: friends' shares by week, weighted by influence, newest last.
    """

    alive: np.ndarray
    last_day: np.ndarray
    orders: np.ndarray
    shares: np.ndarray
    friends: np.ndarray
    boost: np.ndarray
    boost_until: np.ndarray
    coupon_until: np.ndarray
    reply_until: np.ndarray
    last_category: np.ndarray
    lipstick_bought: np.ndarray
    had_index: np.ndarray
    shared_item: np.ndarray
    shared_number: np.ndarray
    try_first: np.ndarray
    shares_seen: np.ndarray

    @classmethod
    def empty(cls, customers: int) -> State:
        """Return the state before the first week."""

        def full(value: float, kind: type) -> np.ndarray:
            return np.full(customers, value, dtype=kind)

        return cls(
            alive=full(1, bool),
            last_day=full(-100.0, float),
            orders=full(0, np.int32),
            shares=full(0, np.int32),
            friends=full(0, np.int32),
            boost=full(0.0, np.float32),
            boost_until=full(-1, np.int16),
            coupon_until=full(-1, np.int16),
            reply_until=full(-1, np.int16),
            last_category=full(-1, np.int8),
            lipstick_bought=full(0, bool),
            had_index=full(0, bool),
            shared_item=full(-1, np.int32),
            shared_number=full(-1, np.int64),
            try_first=full(0.0, np.float32),
            shares_seen=np.zeros((SPILL_WEEKS, customers), np.float32),
        )

    def own_boost(self, week: int, coupon: float) -> np.ndarray:
        """Return what the own running share and coupon add to the log rate in this week."""
        return self.boost * (week <= self.boost_until) + coupon * (week <= self.coupon_until)

    def snapshot(self) -> dict[str, np.ndarray]:
        """Copy what decides the chance of the next purchase."""
        names = (
            "alive",
            "last_day",
            "boost",
            "boost_until",
            "coupon_until",
            "orders",
            "shares",
            "lipstick_bought",
        )
        return {name: getattr(self, name).copy() for name in names}

    def bought(self, who: np.ndarray, day: np.ndarray, category: np.ndarray, stays: np.ndarray) -> None:
        """Enter purchases; those who do not stay never come back."""
        self.last_day[who] = day
        self.orders[who] += 1
        self.last_category[who] = category
        self.lipstick_bought[who] |= category == LIPSTICK
        self.alive[who] = stays


@dataclass
class Log:
    """Columns of what happened, added week by week: `log.add("orders", customer=…, day=…)`."""

    _parts: dict[str, dict[str, list[np.ndarray]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(list))
    )
    _rows: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, name: str, **columns: np.ndarray) -> None:
        """Add rows; all columns are as long as the first."""
        self._rows[name] += len(next(iter(columns.values())))
        for column, values in columns.items():
            self._parts[name][column].append(values)

    def rows(self, name: str) -> int:
        """Return how many rows were added to this table."""
        return self._rows[name]

    def finish(self) -> dict[str, dict[str, np.ndarray]]:
        """Return each table as whole columns and forget the parts."""
        whole: dict[str, dict[str, np.ndarray]] = {}
        for name, columns in self._parts.items():
            whole[name] = {}
            for column in list(columns):
                whole[name][column] = np.concatenate(columns.pop(column))
        return whole
