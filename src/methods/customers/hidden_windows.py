"""A forecast tried on stretches of days that were hidden from it, and the interval that follows from them.

The model's own standard error knows nothing of seasons, of programmes, or of a pace that changes. What the
same forecast missed when it was made before is what it may miss now: the interval is the spread of all hidden
stretches, which do not overlap, and there is none where fewer than three could be tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import expit, logit
from scipy.stats import chi2, t

from methods.customers.calendar import Calendar
from methods.customers.likelihood_search import NotEstimable
from methods.customers.value_check import ForecastCheck, PredictedTotal, check_forecast
from methods.intervals.estimates import Interval
from methods.result import Result

QUARTER_DAYS, LEAST_DAYS, LEAST_WINDOWS, MOST_WINDOWS = 91, 14, 3, 6
LONGEST_PART = 0.7  # of the days known; the rest is to learn from
_CLEARLY = 0.85  # so much smaller must the misses of "same again" be before it goes before the model
_DAY = pd.Timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class WindowPlan(Result):
    """Which days are hidden. horizon_days: no longer than the longest stretch that can be hidden.

    days: length of the stretches that do not overlap. untils: the last day known before each, oldest first.
    farthest: the last day known before one stretch as long as the horizon; None where `days` are as long.
    """

    horizon_days: int
    days: int
    untils: tuple[int, ...]
    farthest: int | None


def plan_windows(*, first: int, last: int, horizon_days: int, known_days: int = 0) -> WindowPlan | None:
    """Return the stretches to hide of the days `first` to `last`; None where no three are long enough.

    horizon_days: how far the forecast is to look; cut to LONGEST_PART of the days.
    known_days: so many must be known before the first stretch, as for a calendar; never less than a quarter
        of a year and of the days.

    >>> plan_windows(first=1, last=546, horizon_days=90)
    WindowPlan(horizon_days=90, days=90, untils=(186, 276, 366, 456), farthest=None)
    >>> plan_windows(first=1, last=546, horizon_days=365)
    WindowPlan(horizon_days=365, days=136, untils=(138, 274, 410), farthest=181)
    >>> plan_windows(first=1, last=120, horizon_days=90) is None
    True
    """
    span = last - first + 1
    horizon = min(horizon_days, int(LONGEST_PART * span))
    free = span - max(QUARTER_DAYS, span // 4, known_days)
    days = min(horizon, free // LEAST_WINDOWS)
    if days < min(LEAST_DAYS, horizon_days) or days < 1:
        return None
    count = min(MOST_WINDOWS, free // days)
    return WindowPlan(
        horizon_days=horizon,
        days=days,
        untils=tuple(last - days * place for place in range(count, 0, -1)),
        farthest=last - horizon if horizon > days else None,
    )


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How a way of predicting one quantity missed the hidden stretches.

    way: "model", or "again" where as much as just before came clearly closer. misses: log of what came over
    what was predicted (of the odds, for a share), grown to the length of the horizon, the stretches that do
    not overlap first. size: root of their mean square. windows: how many do not overlap. shift: added to the
    log odds that the model predicts, before the misses are taken (0 but for the share of buyers).
    """

    way: str
    misses: np.ndarray
    size: float
    windows: int
    shift: float = 0.0

    def around(self, ahead: PredictedTotal, *, error: float, customers: int, level: float = 0.95) -> Interval:
        """Return the forecast with the interval that the misses give, Student's t of as many windows.

        ahead: what both ways say of the days to come. error: the model's own standard error as a share of its
        estimate; the interval is never narrower than that.
        """
        middle = ahead.said(self.way)
        half = float(t.ppf(0.5 + level / 2, self.windows)) * max(self.size, error)
        place = self.shift + (float(logit(middle)) if ahead.is_share else float(np.log(middle)))
        low, high = (float((expit if ahead.is_share else np.exp)(place + move)) for move in (-half, half))
        estimate = float(expit(place)) if self.shift else middle
        return Interval(estimate=estimate, low=low, high=high, n=customers, level=level)


@dataclass(frozen=True, kw_only=True)
class HiddenWindows(Result):
    """The same forecast made before several stretches of days, each from what was known by then.

    windows: stretches of `days` that do not overlap, oldest first. farthest: one as long as the horizon, or
    None. left_out: which could not be tried, and why; empty if all were. level: of intervals.
    """

    windows: tuple[ForecastCheck, ...]
    farthest: ForecastCheck | None
    left_out: str
    level: float

    @property
    def newest(self) -> ForecastCheck:
        """The last days of the data hidden."""
        return self.windows[-1]

    @property
    def enough(self) -> bool:
        """Whether so many stretches were tried that their spread makes an interval."""
        return len(self.windows) >= LEAST_WINDOWS

    @property
    def tried(self) -> tuple[ForecastCheck, ...]:
        """All stretches, the one as long as the horizon last."""
        return (*self.windows, *([self.farthest] if self.farthest else []))

    def spread(self, quantity: str) -> Spread | None:
        """Return how the better way of predicting a quantity missed; None where it is not in all windows."""
        told = [one.totals[quantity] for one in self.tried if quantity in one.totals]
        if not self.enough or len(told) < len(self.tried) or not all(_told(one, "model") for one in told):
            return None
        ways = [way for way in ("model", "again") if all(_told(one, way) for one in told)]
        # A pace that drifts has drifted further after more days: misses grow with the root of these.
        grow = np.sqrt([self.tried[-1].days / one.days for one in self.tried])
        misses = {way: grow * np.array([_miss(one, way) for one in told]) for way in ways}
        size = {way: float(np.sqrt(np.mean(np.square(missed)))) for way, missed in misses.items()}
        way = "again" if size.get("again", np.inf) < _CLEARLY * size["model"] else "model"
        shift = self._fewer_hands() if told[0].is_share and way == "model" else 0.0
        left = misses[way] - shift
        return Spread(
            way=way,
            misses=left,
            size=float(np.sqrt(np.mean(np.square(left)))),
            windows=len(self.windows),
            shift=shift,
        )

    def _fewer_hands(self) -> float:
        """How far the log odds of buying miss beyond what purchases miss, for these lie in other hands.

        How purchases are spread over customers changes less than their pace, so that a few stretches tell it.
        The mean of the stretches is drawn to 0 as far as chance could have made it (James and Stein 1961).
        """
        totals = [one.totals for one in self.tried]
        apart = np.array([_miss(one["buyers"], "model") - _miss(one["purchases"], "model") for one in totals])
        mean, noise = float(apart.mean()), float(apart.var(ddof=1)) / len(apart)
        return mean * max(0.0, 1 - noise / mean**2) if mean else 0.0

    def bias(self) -> Interval:
        """Return by how many % too many purchases the model predicted on average over the windows.

        The mean of the logarithms of predicted over actual purchases with Student's t interval.
        """
        logs = np.array([np.log(one.predicted / one.actual) for one in self.windows])
        middle, error = float(logs.mean()), float(logs.std(ddof=1) / np.sqrt(len(logs)))
        half = float(t.ppf(0.5 + self.level / 2, len(logs) - 1)) * error
        low, estimate, high = (100 * float(np.expm1(middle + move)) for move in (-half, 0.0, half))
        people = self.newest.customers
        return Interval(estimate=estimate, low=low, high=high, n=people, level=self.level)

    def frame(self) -> pd.DataFrame:
        """Return one row a window, oldest first, that as long as the horizon last.

        until (last day known), days, customers, predicted, actual (purchases), miss_percent (of actual), and
        low, high (by the model's own error).
        """
        rows = []
        for one in self.tried:
            miss = one.miss(level=self.level)
            rows.append(
                {
                    "until": pd.Timestamp(0) + one.until * _DAY,
                    "days": one.days,
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
        many weigh the same.
        """
        if len(self.windows) < 2:
            return None
        rows = [(one.predicted, one.actual, one.error) for one in self.windows]
        predicted, actual, error = np.array(rows).T
        logs, weight = np.log(predicted / actual), (predicted / error) ** 2
        spread = weight @ (logs - np.average(logs, weights=weight)) ** 2
        return float(chi2.sf(spread, len(self.windows) - 1))


def _told(one: PredictedTotal, way: str) -> bool:
    return _inside(one.said(way), one) and _inside(one.actual, one)


def _inside(number: float, one: PredictedTotal) -> bool:
    return bool(np.isfinite(number) and number > 0 and (number < 1 or not one.is_share))


def _miss(one: PredictedTotal, way: str) -> float:
    if one.is_share:
        return float(logit(one.actual) - logit(one.said(way)))
    return float(np.log(one.actual / one.said(way)))


def try_windows(
    known: Mapping[tuple[int, int], pd.DataFrame],
    *,
    plan: WindowPlan,
    calendars: Mapping[int, Calendar] | None = None,
    level: float = 0.95,
) -> HiddenWindows:
    """Hide the stretches of a plan, and compare what the model predicted of each with what came.

    known: (last day known, days hidden after it) to what was known then, one row a customer as in
        `check_forecast`. calendars: what was known of the calendar on each of those days.
    Raises NotEstimable when the newest days cannot be predicted. Method: evaluation on a rolling
    forecasting origin (Hyndman & Athanasopoulos, Forecasting: principles and practice, section on time
    series cross-validation), the history growing from one stretch to the next.

    >>> rng = np.random.default_rng(1)
    >>> made = rng.integers(1, 6, 200)
    >>> rows = pd.DataFrame({"first_day": 0, "last_day": np.where(made > 1, rng.integers(30, 180, 200), 0),
    ...                      "purchases": made, "purchases_later": rng.poisson(made / 4)})
    >>> plan = plan_windows(first=0, last=459, horizon_days=90)
    >>> tried = try_windows({(until, 90): rows for until in plan.untils}, plan=plan)
    >>> len(tried.windows), tried.spread("purchases").way
    (3, 'model')
    """
    found: dict[int, ForecastCheck] = {}
    limits: dict[str, list[str]] = {}
    stretches = [(until, plan.days) for until in plan.untils]
    if plan.farthest is not None:
        stretches.append((plan.farthest, plan.horizon_days))
    for until, days in stretches:
        calendar = (calendars or {}).get(until)
        try:
            found[until] = check_forecast(
                known[until, days], until=until, days=days, calendar=calendar, level=level
            )
        except NotEstimable as limit:
            if until == plan.untils[-1]:
                raise
            limits.setdefault(str(limit), []).append(f"{pd.Timestamp(0) + until * _DAY:%Y-%m-%d}")
    return HiddenWindows(
        windows=tuple(found[until] for until in plan.untils if until in found),
        farthest=None if plan.farthest is None else found.get(plan.farthest),
        left_out="; ".join(f"{', '.join(dates)} ({limit})" for limit, dates in limits.items()),
        level=level,
    )
