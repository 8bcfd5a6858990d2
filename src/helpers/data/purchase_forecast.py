"""What customers will buy: one forecast, tried on hidden days, for every question that looks ahead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import expit, logit

from helpers.data.purchase_history import (
    back_test_histories,
    daily_purchases,
    last_seen_day,
    purchase_history,
)
from helpers.data.shop import Shop
from helpers.report.words import words_beside
from methods.customers.calendar import Calendar, fit_calendar, known_days_needed
from methods.customers.hidden_windows import (
    LEAST_WINDOWS,
    HiddenWindows,
    WindowPlan,
    plan_windows,
    try_windows,
)
from methods.customers.likelihood_search import NotEstimable
from methods.customers.value_check import PredictedTotal, quantities
from methods.customers.value_model import LEAST_LEAVING, Forecast, forecast
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.season import Season, season_of

Known = dict[tuple[int, int], pd.DataFrame]
MOST_SPAN = 10.0  # high over low end of what is foretold
_SMALLEST, _FARTHEST = 1e-12, 60.0  # a chance, and the most that log odds are moved
_SEASON_DAYS = 61  # windows shorter than that are too dear a price for a calendar


WORDS = words_beside(__file__, "reasons")


@dataclass(frozen=True, kw_only=True)
class PurchaseForecast:
    """The forecast of a shop's known customers and its trial.

    history: rows of `purchase_history` on the last day, `until`. horizon_days: how far it looks, no further
    than the longest stretch hidden. ahead: the fitted models. hidden: None where no stretch could be tried,
    then no_trial says why. calendar: None where all days count alike; declared: whether a season was given.
    withheld: why nothing is foretold; empty where it is. totals: quantity to its interval for all customers
    together (purchases, share of buyers, cents), empty where it is withheld. ways: quantity to the way taken.
    """

    history: pd.DataFrame
    until: int
    horizon_days: int
    ahead: Forecast
    hidden: HiddenWindows | None
    no_trial: str
    calendar: Calendar | None
    declared: bool
    withheld: str
    totals: dict[str, Interval]
    ways: dict[str, str]

    @property
    def purchases(self) -> np.ndarray:
        """Purchases to come, one a row of `history`; they add up to the total. NaN where it is withheld."""
        return self.ahead.purchases * self._scale("purchases", self.ahead.purchases.sum())

    @property
    def chance(self) -> np.ndarray:
        """The chance that each customer buys at all; their mean is the share foretold. NaN where withheld."""
        if "buyers" not in self.totals:
            return np.full(len(self.history), np.nan)
        return _with_mean(self.ahead.chance, self.totals["buyers"].estimate)

    @property
    def cents(self) -> np.ndarray:
        """Money to come, one a row of `history`; NaN where it is withheld or no prices are known."""
        if self.ahead.each_cents is None:
            return np.full(len(self.history), np.nan)
        own = self.ahead.purchases * self.ahead.each_cents
        return own * self._scale("cents", own.sum())

    def spans_too_far(self, quantity: str) -> bool:
        """Whether the interval of a quantity spans more than a factor of MOST_SPAN: it then tells nothing."""
        total = self.totals[quantity]
        return total.high > MOST_SPAN * total.low

    @property
    def why_too_far(self) -> str:
        """Why a quantity that spans too far is not told, in words."""
        assert self.hidden is not None  # totals are made of hidden stretches alone
        return WORDS.text("spans too far", most=MOST_SPAN, days=self.hidden.newest.days)

    def _scale(self, quantity: str, total: float) -> float:
        return self.totals[quantity].estimate / total if quantity in self.totals else float("nan")


def forecast_purchases(
    shop: Shop, *, horizon_days: int, high_season: str = "", level: float = 0.95
) -> PurchaseForecast:
    """Foretell what known customers buy, with intervals from what the same forecast missed before.

    high_season: spans of the year such as "11-01..11-12"; empty: those declared for the shop, and without any
    two years of data tell the months.
    Raises CannotAnswer where fewer than 10 customers bought on two days, or a span cannot be read.
    """
    until = last_seen_day(shop)
    history = purchase_history(shop, until=until)
    season = _season(high_season or shop.high_season)
    plan, known, calendars = _planned(shop, history, until=until, horizon_days=horizon_days, season=season)
    days, calendar = (plan.horizon_days if plan else horizon_days), calendars.get(until)
    try:
        ahead = forecast(history, until=until, horizon_days=days, calendar=calendar)
    except NotEstimable as limit:
        raise CannotAnswer(f"{limit}.") from limit
    hidden, no_trial = _trial(known, plan, calendars, level=level)
    now = quantities(ahead, known[until, days], until=until, calendar=calendar)
    withheld = _withheld(ahead, hidden, no_trial)
    totals, ways = ({}, {}) if withheld or hidden is None else _totals(ahead, now, hidden, level=level)
    return PurchaseForecast(
        history=history,
        until=until,
        horizon_days=days,
        ahead=ahead,
        hidden=hidden,
        no_trial=no_trial,
        calendar=calendar,
        declared=season is not None,
        withheld=withheld,
        totals=totals,
        ways=ways,
    )


def _season(text: str) -> Season | None:
    try:
        return season_of(text)
    except ValueError as limit:
        raise CannotAnswer(f"{limit}.") from limit


def _planned(
    shop: Shop, history: pd.DataFrame, *, until: int, horizon_days: int, season: Season | None
) -> tuple[WindowPlan | None, Known, dict[int, Calendar]]:
    """The stretches to hide, what was known before each, and the calendars of those days, if any."""
    first = int(history["first_day"].min()) if len(history) else until
    options = {"first": first, "last": until, "horizon_days": horizon_days}
    plan = plan_windows(**options)
    seasonal = plan_windows(**options, known_days=known_days_needed(season))
    days = plan.horizon_days if plan else horizon_days
    use = seasonal is not None and seasonal.days >= min(days, _SEASON_DAYS)
    stretches = {(until, days), *_stretches(plan), *(_stretches(seasonal) if use else ())}
    known = back_test_histories(shop, stretches=stretches)
    if seasonal is None or not use:
        return plan, known, {}
    try:
        return seasonal, known, _calendars(shop, known, until=until, plan=seasonal, season=season)
    except NotEstimable:
        return plan, known, {}  # a month without a purchase has no factor, so all days count alike


def _stretches(plan: WindowPlan | None) -> list[tuple[int, int]]:
    if plan is None:
        return []
    farthest = [] if plan.farthest is None else [(plan.farthest, plan.horizon_days)]
    return [*((until, plan.days) for until in plan.untils), *farthest]


def _calendars(
    shop: Shop, known: Known, *, until: int, plan: WindowPlan, season: Season | None
) -> dict[int, Calendar]:
    """What was known of the calendar on each day from which one is used; the farthest may be too early."""
    daily = daily_purchases(shop)
    least = known_days_needed(season)
    found = {}
    for day, days in {(until, plan.horizon_days), *_stretches(plan)}:
        rows = known[day, days]
        if day - rows["first_day"].min() + 1 >= least:
            found[day] = fit_calendar(rows, daily, until=day, season=season)
    return found


def _trial(
    known: Known, plan: WindowPlan | None, calendars: dict[int, Calendar], *, level: float
) -> tuple[HiddenWindows | None, str]:
    if plan is None:
        return None, WORDS.text("no stretches")
    try:
        return try_windows(known, plan=plan, calendars=calendars, level=level), ""
    except NotEstimable as limit:
        return None, WORDS.text("unchecked", limit=limit)


def _withheld(ahead: Forecast, hidden: HiddenWindows | None, no_trial: str) -> str:
    if hidden is None:
        return no_trial
    if not hidden.enough:
        tried = len(hidden.windows)
        return WORDS.text("few stretches", tried=tried, fewest=LEAST_WINDOWS, why=hidden.left_out)
    if not ahead.tells_leaving:
        return WORDS.text("few farewells", leaving=ahead.leaving, least=LEAST_LEAVING)
    return ""


def _totals(
    ahead: Forecast, now: dict[str, PredictedTotal], hidden: HiddenWindows, *, level: float
) -> tuple[dict[str, Interval], dict[str, str]]:
    """Each quantity with the interval that its hidden stretches give, and the way of predicting taken."""
    spreads = {quantity: hidden.spread(quantity) for quantity in now}
    error = {"purchases": _relative(ahead.purchases_total), "cents": _relative(ahead.money_total_cents)}
    people = len(ahead.purchases)
    totals = {
        quantity: spread.around(now[quantity], error=error.get(quantity, 0.0), customers=people, level=level)
        for quantity, spread in spreads.items()
        if spread is not None
    }
    return totals, {quantity: spread.way for quantity, spread in spreads.items() if spread is not None}


def _with_mean(chance: np.ndarray, mean: float) -> np.ndarray:
    """The chances, their log odds moved by one number so that they have this mean, between 0 and 1."""
    odds = logit(np.clip(chance, _SMALLEST, 1 - _SMALLEST))
    moved = brentq(lambda move: float(expit(odds + move).mean()) - mean, -_FARTHEST, _FARTHEST)
    return expit(odds + moved)


def _relative(total: tuple[float, float] | None) -> float:
    """The standard error of predicting as a share of what is predicted."""
    return total[1] / total[0] if total and total[0] > 0 else 0.0
