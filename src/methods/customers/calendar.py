"""The calendar of a trade: which months, or which declared season, are busier than the customers' own pace.

A calendar is used as a clock. On it a busy week is longer than a quiet one, so that customers who buy at a
steady pace on this clock buy with the season, and a model of steady buyers may be fitted as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from methods.counts import count
from methods.customers.bg_nbd import (
    NotEstimable,
    PurchaseModel,
    expected,
    fit_purchases,
    histories,
)
from methods.result import Result
from methods.season import Season

DAYS_A_WEEK, YEAR_DAYS = 7, 365
_ROUNDS, _FITS = 50, 2


@dataclass(frozen=True, kw_only=True)
class Calendar(Result):
    """How busy each kind of day is, 1 on average.

    first_day: from which the clock runs (whole days since 1970-01-01). factors: float, one a month of the
    year (12), or one outside and one inside the season (2). season: None where months are told apart.
    """

    first_day: int
    factors: np.ndarray
    season: Season | None = None

    def kinds(self, days: np.ndarray) -> np.ndarray:
        """Return the place in `factors` of each day."""
        if self.season is not None:
            return self.season.holds(days).astype(int)
        return pd.to_datetime(np.asarray(days), unit="D").month.to_numpy() - 1

    def clock(self, days: np.ndarray | int) -> np.ndarray:
        """Return the weeks from the first day to each day on the clock of the trade, float."""
        past = np.atleast_1d(np.asarray(days, dtype=int)) - self.first_day
        every = self.first_day + 1 + np.arange(max(int(past.max()), 0))
        passed = np.concatenate([[0.0], np.cumsum(self.factors[self.kinds(every)])]) / DAYS_A_WEEK
        return passed[past].reshape(np.shape(days))

    def weeks(self, start: int, stop: int) -> float:
        """Return the weeks after the day `start` up to the day `stop` on the clock of the trade."""
        return float(self.clock(stop) - self.clock(start))


def known_days_needed(season: Season | None) -> int:
    """Return how many days must be known to tell busy from quiet: two years, or one of a declared season."""
    return YEAR_DAYS if season is not None else 2 * YEAR_DAYS


def fit_calendar(
    history: pd.DataFrame, daily: pd.DataFrame, *, until: int, season: Season | None = None
) -> Calendar:
    """Find how much busier each month, or the declared season, is than the customers' own pace explains.

    history: one row a customer known by the day `until`: first_day, last_day, purchases.
    daily: one row a day: day, purchases (customers who bought), newcomers (of these, for the first time).
    season: declared; None tells the twelve months apart, which takes two years.
    Purchases after the first are set beside those that the BG/NBD model expects of newcomers at a steady
    pace; years and kinds of day then explain what is left (iterative proportional fitting, Deming and Stephan
    1940), and the months are drawn to 1 as far as chance could have made them differ (empirical Bayes).
    Raises NotEstimable where too few days are known, or one kind of day has no purchase.

    >>> day = np.arange(19_723, 19_723 + 800)
    >>> daily = pd.DataFrame({"day": day, "purchases": 5, "newcomers": np.where(day < 19_800, 5, 0)})
    >>> rows = pd.DataFrame({"first_day": np.repeat(day[:77], 5), "last_day": day[-1], "purchases": 10})
    >>> fit_calendar(rows, daily, until=day[-1]).factors.round(1).tolist() == [1.0] * 12
    True
    """
    first = int(history["first_day"].min())
    known = until - first + 1
    if known < known_days_needed(season):
        raise NotEstimable(f"{count(known, 'day')} known; a calendar needs {known_days_needed(season)}")
    days = np.arange(first, until + 1)
    counts = daily.set_index("day").reindex(days, fill_value=0)
    again = (counts["purchases"] - counts["newcomers"]).to_numpy(dtype=float)
    found = Calendar(first_day=first, factors=np.ones(12 if season is None else 2), season=season)
    kinds, years = found.kinds(days), _years(len(days))
    for _ in range(_FITS):
        steady = _expected_again(_fit_on(history, found, until=until), counts["newcomers"].to_numpy(float))
        factors = _factors(again, steady, kinds, years, draw_in=season is None)
        found = replace(found, factors=factors)
    return found


def _years(days: int) -> np.ndarray:
    """The year of each day from the first; a short one at the end belongs to the year before."""
    years = np.arange(days) // YEAR_DAYS
    last = years == years[-1]
    return years - (last & (last.sum() < YEAR_DAYS // 2) & (years > 0))


def _fit_on(history: pd.DataFrame, calendar: Calendar, *, until: int) -> PurchaseModel:
    first, last = (calendar.clock(history[name].to_numpy()) for name in ("first_day", "last_day"))
    return fit_purchases(
        histories(history["purchases"].to_numpy() - 1.0, last - first, float(calendar.clock(until)) - first)
    )


def _expected_again(model: PurchaseModel, newcomers: np.ndarray) -> np.ndarray:
    """Purchases after the first to expect on each day, of customers who are new on the days before."""
    fresh = histories(np.zeros(1), np.zeros(1), np.zeros(1))
    ages = np.arange(0, len(newcomers) + DAYS_A_WEEK, DAYS_A_WEEK)
    so_far = [0.0] + [
        float(expected(model.parameters, fresh, horizon=age / DAYS_A_WEEK)[0]) for age in ages[1:]
    ]
    a_day = np.diff(np.interp(np.arange(len(newcomers)), ages, so_far))
    return np.append(0.0, np.convolve(newcomers, a_day)[: len(newcomers) - 1])


def _factors(
    again: np.ndarray, steady: np.ndarray, kinds: np.ndarray, years: np.ndarray, *, draw_in: bool
) -> np.ndarray:
    seen = np.bincount(kinds, again)
    if not (seen > 0).all():
        raise NotEstimable("a month or season has no purchase after a first one, so it has no factor")
    factors = np.ones(len(seen))
    for _ in range(_ROUNDS):
        level = np.bincount(years, again) / np.bincount(years, steady * factors[kinds])
        factors = seen / np.bincount(kinds, steady * level[years])
    logs = np.log(factors) - np.log(factors).mean()
    if draw_in:
        logs = logs * _belief(again, steady * level[years] * factors[kinds], kinds, years, logs)
    factors = np.exp(logs)
    return factors / factors[kinds].mean()


def _belief(
    again: np.ndarray, fitted: np.ndarray, kinds: np.ndarray, years: np.ndarray, logs: np.ndarray
) -> np.ndarray:
    """How far each month's factor is believed: the part of its variance that chance does not make."""
    cell = years * len(logs) + kinds
    came, said = np.bincount(cell, again), np.bincount(cell, fitted)
    told = said > 0
    freedom = max(int(told.sum()) - len(logs) - int(years.max()), 1)
    spread = max(float((np.square(came - said)[told] / said[told]).sum()) / freedom, 1.0)
    chance = spread / np.bincount(kinds, again)
    true = max(float(logs.var(ddof=1)) - float(chance.mean()), 0.0)
    return true / (true + chance)
