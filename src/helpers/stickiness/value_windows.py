"""The check of B9 repeated from earlier days: is the newest miss the rule, or were those days unlike?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.purchase_history import back_test_histories
from helpers.data.shop import Shop
from helpers.statistics.customer_base import NotEstimable
from helpers.statistics.intervals import Interval
from helpers.stickiness.value_check import HoldOut, hold_out

QUARTER_DAYS, WEEK_DAYS = 91, 7
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class BackTest:
    """The same forecast made on several days, each from what was known on that day.

    newest: the last days of the data hidden. earlier: as many days hidden after earlier days, oldest first;
    not_tried: why there are none, or fewer than planned.
    """

    newest: HoldOut
    earlier: tuple[HoldOut, ...]
    not_tried: str

    def frame(self, *, level: float = 0.95) -> pd.DataFrame:
        """Return one row a window, oldest first.

        until (last day known), customers, foretold, actual (purchases), miss_percent (of actual), and low,
        high (its interval).
        """
        rows = []
        for one in (*self.earlier, self.newest):
            miss = one.miss(level=level)
            rows.append(
                {
                    "until": pd.Timestamp(0) + one.until * _DAY,
                    "customers": one.customers,
                    "foretold": one.foretold,
                    "actual": one.actual,
                    "miss_percent": miss.estimate,
                    "low": miss.low,
                    "high": miss.high,
                }
            )
        return pd.DataFrame(rows)

    def turn(self, *, level: float = 0.95) -> Interval | None:
        """Return the newest miss less the mean of the earlier ones, in points; None without earlier ones.

        The earlier windows share days and customers, so their errors are averaged as if they were one and the
        same, and those of the newest joined as if it shared nothing with them. Both widen the interval.
        """
        if not self.earlier:
            return None
        change = self.newest.miss_percent - float(np.mean([one.miss_percent for one in self.earlier]))
        before = float(np.mean([one.error / one.actual for one in self.earlier]))
        error = 100 * float(np.hypot(before, self.newest.error / self.newest.actual))
        half = float(norm.ppf(0.5 + level / 2)) * error
        return Interval(
            estimate=change, low=change - half, high=change + half, n=self.newest.customers, level=level
        )


def back_test(
    shop: Shop, *, first: int, last: int, days: int, most: int = 6, level: float = 0.95
) -> BackTest:
    """Hide `days` after each of up to `most` days, and compare what the model foretold there.

    first, last: first and last day of the data. Raises NotEstimable when the last days cannot be hidden.
    Method: evaluation on a rolling forecasting origin (Hyndman & Athanasopoulos, Forecasting: principles and
    practice, section on time series cross-validation), the history growing from one day to the next.
    """
    untils = origins(first=first, last=last, days=days, most=most)
    known = back_test_histories(shop, untils=untils, days=days)
    newest = hold_out(known[untils[-1]], until=untils[-1], days=days, level=level)
    earlier, limits = [], []
    for until in untils[:-1]:
        try:
            earlier.append(hold_out(known[until], until=until, days=days, level=level))
        except NotEstimable as limit:
            limits.append(f"by {pd.Timestamp(0) + until * _DAY:%Y-%m-%d}, {limit}")
    if len(untils) == 1:
        limits = ["the data are too short to repeat the check from an earlier day"]
    return BackTest(newest=newest, earlier=tuple(earlier), not_tried="; ".join(limits))


def origins(*, first: int, last: int, days: int, most: int = 6) -> tuple[int, ...]:
    """Return up to `most` days, evenly spaced and a week apart or more, up to the last that can be checked.

    Before each lie at least a quarter of a year and as many days as are hidden after it: nobody should look
    further ahead than back. The last of the days stands even where the data are too short for that.

    >>> origins(first=0, last=372, days=124)
    (123, 148, 173, 198, 223, 248)
    >>> origins(first=0, last=100, days=33)
    (67,)
    """
    newest, oldest = last - days, first + max(QUARTER_DAYS, days) - 1
    if newest - oldest < WEEK_DAYS:
        return (newest,)
    count = min(most, 1 + (newest - oldest) // WEEK_DAYS)
    return tuple(int(day) for day in np.linspace(oldest, newest, count).round())
