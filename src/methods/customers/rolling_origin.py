"""A forecast checked from several days on (rolling origin): does it miss alike whenever it is made?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from methods.customers.bg_nbd import NotEstimable
from methods.customers.value_check import ForecastCheck, check_forecast

QUARTER_DAYS, WEEK_DAYS = 91, 7
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class RollingOrigin:
    """The same forecast made on several days, each from what was known on that day.

    newest: the last days of the data hidden. earlier: as many days hidden after earlier days, oldest first;
    left_out: why there are none, or fewer than planned. level: of intervals.
    """

    newest: ForecastCheck
    earlier: tuple[ForecastCheck, ...]
    left_out: str
    level: float

    @property
    def windows(self) -> tuple[ForecastCheck, ...]:
        """All of them, oldest first."""
        return (*self.earlier, self.newest)

    def frame(self) -> pd.DataFrame:
        """Return one row a window, oldest first.

        until (last day known), customers, predicted, actual (purchases), miss_percent (of actual), and low,
        high (its interval).
        """
        rows = []
        for one in self.windows:
            miss = one.miss(level=self.level)
            rows.append(
                {
                    "until": pd.Timestamp(0) + one.until * _DAY,
                    "customers": one.customers,
                    "predicted": one.predicted,
                    "actual": one.actual,
                    "miss_percent": miss.estimate,
                    "low": miss.low,
                    "high": miss.high,
                }
            )
        return pd.DataFrame(rows)

    def alike(self) -> float | None:
        """Return the p-value that the model misses every window by the same share; None with one window.

        Cochran's (1954) Q of the logs of predicted over actual purchases, in which twice as many and half as
        many weigh the same. Windows share days and customers and so differ less than Q takes for chance.
        Of customers drawn from the model itself 4 % of 320 shops came below 0.05.
        """
        if not self.earlier:
            return None
        rows = [(one.predicted, one.actual, one.error) for one in self.windows]
        predicted, actual, error = np.array(rows).T
        logs, weight = np.log(predicted / actual), (predicted / error) ** 2
        spread = weight @ (logs - np.average(logs, weights=weight)) ** 2
        return float(chi2.sf(spread, len(self.earlier)))


def rolling_origin(known: Mapping[int, pd.DataFrame], *, days: int, level: float = 0.95) -> RollingOrigin:
    """Hide `days` after each of several days, and compare what the model predicted there.

    known: the last day known (whole days since 1970-01-01, oldest first) to what was known then, one row
        a customer as in `check_forecast`.
    Raises NotEstimable when the newest days cannot be predicted. Method: evaluation on a rolling
    forecasting origin (Hyndman & Athanasopoulos, Forecasting: principles and practice, section on time
    series cross-validation), the history growing from one day to the next.

    >>> rng = np.random.default_rng(1)
    >>> made = rng.integers(1, 6, 200)
    >>> rows = pd.DataFrame({"first_day": 0, "last_day": np.where(made > 1, rng.integers(30, 300, 200), 0),
    ...                      "purchases": made, "purchases_later": rng.poisson(made / 4)})
    >>> rolling_origin({364: rows}, days=90).frame()["customers"].tolist()
    [200]
    """
    *before, last = known
    newest = check_forecast(known[last], until=last, days=days, level=level)
    earlier: list[ForecastCheck] = []
    limits: dict[str, list[str]] = {}
    for until in before:
        try:
            earlier.append(check_forecast(known[until], until=until, days=days, level=level))
        except NotEstimable as limit:
            limits.setdefault(str(limit), []).append(f"{pd.Timestamp(0) + until * _DAY:%Y-%m-%d}")
    left_out = "; ".join(f"{', '.join(dates)} ({limit})" for limit, dates in limits.items())
    if not before:
        left_out = "the data are too short to repeat the check from an earlier day"
    return RollingOrigin(newest=newest, earlier=tuple(earlier), left_out=left_out, level=level)


def origins(*, first: int, last: int, days: int, most: int = 6) -> tuple[int, ...]:
    """Return up to `most` days, evenly spaced and a week apart or more, up to the last that can be checked.

    Before each lie at least a quarter of a year, and half as many days again as are hidden after it: from a
    shorter history the model predicts up to 8 % too many even where it holds (measured on customers drawn
    from it). The last of the days stands even where the data are too short for that.

    >>> origins(first=0, last=372, days=124)
    (185, 198, 210, 223, 235, 248)
    >>> origins(first=0, last=100, days=33)
    (67,)
    """
    newest, oldest = last - days, first + max(QUARTER_DAYS, 3 * days // 2) - 1
    if newest - oldest < WEEK_DAYS:
        return (newest,)
    count = min(most, 1 + (newest - oldest) // WEEK_DAYS)
    return tuple(int(day) for day in np.linspace(newest, oldest, count)[::-1].round())
