"""Customers whose circle changed beside stayers who were like them weeks before, followed over the same
weeks.

An event study by exact matching: at a day some weeks before each flag, who is flagged later and who is not
are put into cells by what was known then; both are followed over the same weeks, so nobody is picked by
what came later and no week counts that one had to survive (no immortal time).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import t

from methods.intervals.estimates import Interval

WEEKS_BEFORE, WEEKS_AFTER = 13, 20
_SPAN = WEEKS_BEFORE + WEEKS_AFTER
# Edges of the cells: purchases in the half year before, days since the last one and since the first, friends.
_PURCHASES, _LAST, _FIRST, _FRIENDS = (1, 2, 3, 5, 8), (14, 28, 56, 112), (91, 182), (3, 6, 10)
_HALF_YEAR = 182
_MOST = 0.9  # of all purchases that one customer may make up before the rest says nothing


class NoPurchases(ValueError):
    """Nobody bought in the weeks that were to be compared."""


@dataclass(frozen=True, kw_only=True)
class Followed:
    """Purchases a week of flagged customers and of their stayers.

    flagged: float, matched flagged customers by weeks (WEEKS_BEFORE before the flag, WEEKS_AFTER after it).
    stayers: the mean of their stayers, of the same shape. away: what each stayer adds beyond the means of the
    cells in which it stands, stayers by weeks. unmatched: flagged customers without a stayer like them, or
    without a purchase or friend by which to find one. late: flagged too late to be followed.
    """

    flagged: np.ndarray
    stayers: np.ndarray
    away: np.ndarray
    unmatched: int
    late: int

    @property
    def customers(self) -> int:
        """Matched flagged customers."""
        return len(self.flagged)

    def ratio(self, first: int, last: int, *, against: tuple[int, int] | None = None) -> Interval:
        """Purchases of the flagged as a ratio to their stayers' in weeks first to last (0 begins at the
        flag).

        against: weeks whose ratio it is divided by, so that a lasting difference that the cells do not
            see drops out. The interval is on the log scale, by leaving out one flagged customer at a time
            (jackknife, at least the scatter that purchases had before the flag) and the delta method for
            stayers, of whom one who serves several times counts as one; Student's t with as many degrees
            of freedom as flagged customers bought, less one.
        Raises NoPurchases where one side has none.
        """
        ratio, mine, theirs, buyers = self._parts(first, last)
        least = self._spread(first, last)
        if against is not None:
            base, mine_before, theirs_before, _ = self._parts(*against)
            ratio, mine, theirs = ratio / base, mine - mine_before, theirs - theirs_before
            least += self._spread(*against)
        own = max(float(np.square(mine - mine.mean()).sum()), least)
        error = float(np.sqrt(own + np.square(theirs).sum()))
        half = float(t.ppf(0.975, max(buyers - 1, 1))) * error
        return Interval(
            estimate=ratio,
            low=ratio * np.exp(-half),
            high=ratio * np.exp(half),
            n=self.customers,
            standard_error=ratio * error,
        )

    def _spread(self, first: int, last: int) -> float:
        """The variance of the log that as many purchases have when they scatter as before the flag.

        Where few bought after it, leaving one out at a time sees too little of the spread.
        """
        before = slice(0, WEEKS_BEFORE)
        mine, theirs = self.flagged[:, before].sum(axis=1), self.stayers[:, before].sum(axis=1)
        ratio = mine.sum() / max(theirs.sum(), 1e-9)
        scatter = max(float(np.square(mine - ratio * theirs).sum() / max(mine.sum(), 1.0)), 1.0)
        weeks = slice(first + WEEKS_BEFORE, last + WEEKS_BEFORE)
        return scatter / max(self.flagged[:, weeks].sum(), 1.0)

    def _parts(self, first: int, last: int) -> tuple[float, np.ndarray, np.ndarray, int]:
        """The ratio in these weeks, what each customer and each stayer adds to its log, the buyers."""
        weeks = slice(first + WEEKS_BEFORE, last + WEEKS_BEFORE)
        mine, theirs = self.flagged[:, weeks].sum(axis=1), self.stayers[:, weeks].sum(axis=1)
        if not mine.sum() or not theirs.sum():
            raise NoPurchases(f"no purchase on one side in weeks {first} to {last} from the flag")
        without = np.log1p(-(theirs / theirs.sum()).clip(max=_MOST)) - np.log1p(
            -(mine / mine.sum()).clip(max=_MOST)
        )
        away = self.away[:, weeks].sum(axis=1) / theirs.sum()
        return float(mine.sum() / theirs.sum()), without, away, int((mine > 0).sum())


def follow(
    purchases: pd.DataFrame, flags: pd.DataFrame, ties: pd.DataFrame, *, customers: int, last_day: int
) -> Followed:
    """Match flagged customers with stayers and follow both.

    purchases: customer (whole number from 0), day, one row a day with an order.
    flags: customer, flagged_day.
    ties: customer, since_day, until_day, one row an end of a tie.
    last_day: the last that may be seen; who was flagged too late to be followed WEEKS_AFTER weeks is left
        out. Days count from 1970-01-01.
    """
    late = flags["flagged_day"] + 7 * WEEKS_AFTER > last_day + 1
    chosen = flags[~late]
    flagged_at = np.full(customers, np.iinfo(np.int64).max)
    flagged_at[flags["customer"]] = flags["flagged_day"]
    days = np.unique(chosen["flagged_day"])
    known_days = days - 7 * WEEKS_BEFORE
    friends = friends_on(ties, known_days, customers=customers) if len(days) else np.empty((customers, 0))
    purchases = purchases.sort_values("day")
    parts, away, unmatched = [], np.zeros((customers, _SPAN)), 0
    for place, day in enumerate(days):
        cell = _cells(purchases, friends[:, place], day - 7 * WEEKS_BEFORE, customers=customers)
        weekly = _weekly(purchases, day - 7 * WEEKS_BEFORE, customers=customers)
        mine = np.flatnonzero((flagged_at == day) & (cell >= 0))
        stays = np.flatnonzero((flagged_at > day) & (cell >= 0))
        number = np.bincount(cell[stays], minlength=cell.max() + 1)
        known = number[cell[mine]] > 0
        unmatched += int((flagged_at == day).sum() - known.sum())
        mine = mine[known]
        mean = _cell_means(cell, stays, weekly, number)
        parts.append((weekly[mine], mean[cell[mine]]))
        weight = np.bincount(cell[mine], minlength=len(number)) / np.maximum(number, 1)
        used = stays[weight[cell[stays]] > 0]
        away[used] += weight[cell[used], None] * (weekly[used] - mean[cell[used]])
    empty = [(np.empty((0, _SPAN)), np.empty((0, _SPAN)))]
    mine, theirs = (np.concatenate(side) for side in zip(*(parts or empty), strict=True))
    return Followed(flagged=mine, stayers=theirs, away=away, unmatched=unmatched, late=int(late.sum()))


def _cells(purchases: pd.DataFrame, friends: np.ndarray, day: int, *, customers: int) -> np.ndarray:
    """Put everyone with a purchase before `day` into a cell by what was known then; -1 for the others."""
    past = purchases[purchases["day"] < day]
    who, when = past["customer"].to_numpy(), past["day"].to_numpy()
    count = np.bincount(who[when >= day - _HALF_YEAR], minlength=customers)
    first, last = np.full(customers, day), np.full(customers, -1)
    np.minimum.at(first, who, when)
    np.maximum.at(last, who, when)
    parts = (
        (np.digitize(count, _PURCHASES), len(_PURCHASES)),
        (np.digitize(day - last, _LAST), len(_LAST)),
        (np.digitize(day - first, _FIRST), len(_FIRST)),
        (np.digitize(friends, _FRIENDS), len(_FRIENDS)),
    )
    cell = np.zeros(customers, dtype=np.int64)
    for number, edges in parts:
        cell = cell * (edges + 1) + number
    return np.where((last >= 0) & (friends > 0), cell, -1)


def _weekly(purchases: pd.DataFrame, start: int, *, customers: int) -> np.ndarray:
    """Purchases of each customer in each week from `start` on (float, customers by weeks)."""
    low, high = np.searchsorted(purchases["day"], [start, start + 7 * _SPAN])
    rows = purchases.iloc[low:high]
    key = rows["customer"].to_numpy() * _SPAN + (rows["day"].to_numpy() - start) // 7
    return np.bincount(key, minlength=customers * _SPAN).reshape(customers, _SPAN).astype(float)


def _cell_means(cell: np.ndarray, stays: np.ndarray, weekly: np.ndarray, number: np.ndarray) -> np.ndarray:
    order = stays[np.argsort(cell[stays], kind="stable")]
    total = np.zeros((len(number), weekly.shape[1]))
    if len(order):
        starts = np.flatnonzero(np.diff(cell[order], prepend=-1))
        total[cell[order[starts]]] = np.add.reduceat(weekly[order], starts, axis=0)
    return total / np.maximum(number, 1)[:, None]


def friends_on(ties: pd.DataFrame, days: np.ndarray, *, customers: int) -> np.ndarray:
    """Return how many ties each customer has at the start of each day (int, customers by days).

    ties: customer (whole number from 0), since_day, until_day (float, NaN while it stands), one row an
        end.
    """
    who = ties["customer"].to_numpy()
    since, until = ties["since_day"].fillna(0).to_numpy(), ties["until_day"].fillna(np.inf).to_numpy()
    held = [who[(since < day) & (until >= day)] for day in days]
    return np.column_stack([np.bincount(one, minlength=customers) for one in held])
