"""What each customer will probably still buy and spend: BG/NBD for orders, Gamma-Gamma for their worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.customers.bg_nbd import Histories, PurchaseModel, fit_purchases, histories
from methods.customers.calendar import DAYS_A_WEEK, Calendar
from methods.customers.gamma_gamma import SpendModel
from methods.customers.lifetime_value import order_worth
from methods.intervals.estimates import Interval
from methods.result import Result

LEAST_LEAVING = 0.01


@dataclass(frozen=True, kw_only=True)
class Forecast(Result):
    """The fitted models and what they predict for the next `horizon_days`.

    purchases, chance: expected purchases, and the chance of any, one a customer. each_cents: expected worth
    of a customer's next purchase; None without prices. purchases_total, money_total_cents: (sum over all
    customers, standard error of predicting it); money None without prices.
    """

    purchases: np.ndarray
    chance: np.ndarray
    each_cents: np.ndarray | None
    purchases_total: tuple[float, float]
    money_total_cents: tuple[float, float] | None
    model: PurchaseModel
    spend: SpendModel | None  # None also where all purchases have cost the same
    known: Histories
    horizon_days: int
    horizon_weeks: float

    @property
    def leaving(self) -> float:
        """Mean chance of leaving after a purchase, 0 to 1."""
        return self.model.a / (self.model.a + self.model.b)

    @property
    def tells_leaving(self) -> bool:
        """Whether a pause can be told from a farewell: LEAST_LEAVING or more of purchases are a last one."""
        return self.leaving >= LEAST_LEAVING


def forecast(
    history: pd.DataFrame,
    *,
    until: int,
    horizon_days: int,
    first: str = "first_day",
    last: str = "last_day",
    purchases: str = "purchases",
    repeat_spend: str | None = "repeat_spend_cents",
    calendar: Calendar | None = None,
) -> Forecast:
    """Fit both models to one row a customer and look `horizon_days` beyond the day `until`.

    first, last: columns of the days (whole numbers) of the first and the last purchase;
    purchases: number of days with one;
    repeat_spend: money of all but the first of them (missing: no prices), None to leave money out.
    history: one row a customer. calendar: of `fit_calendar`; None takes all days for alike.
    Raises NotEstimable when fewer than 10 customers bought on two days. Models: Fader, Hardie and Lee
    2005; Fader and Hardie 2013.

    >>> rng = np.random.default_rng(1)
    >>> made = rng.integers(1, 6, 200)
    >>> rows = pd.DataFrame({"first_day": 0, "last_day": np.where(made > 1, rng.integers(30, 300, 200), 0),
    ...                      "purchases": made})
    >>> ahead = forecast(rows, until=364, horizon_days=90, repeat_spend=None)
    >>> len(ahead.purchases), bool(ahead.chance.max() < 1)
    (200, True)
    """
    repeats = history[purchases].to_numpy(dtype=float) - 1
    began, latest = history[first].to_numpy(dtype=float), history[last].to_numpy(dtype=float)
    if calendar is None:
        known = histories(repeats, (latest - began) / DAYS_A_WEEK, (until - began) / DAYS_A_WEEK)
        horizon = horizon_days / DAYS_A_WEEK
    else:
        start, stop, today = (calendar.clock(day) for day in (began, latest, until))
        known = histories(repeats, stop - start, today - start)
        horizon = calendar.weeks(until, until + horizon_days)
    model = fit_purchases(known)
    worth = order_worth(repeats, history[repeat_spend].to_numpy(dtype=float)) if repeat_spend else None
    return Forecast(
        purchases=model.expected(known, horizon=horizon),
        chance=model.buys(known, horizon=horizon),
        each_cents=worth.each if worth else None,
        purchases_total=model.total(known, horizon=horizon),
        money_total_cents=worth.total(model, known, horizon=horizon) if worth else None,
        model=model,
        spend=worth.model if worth else None,
        known=known,
        horizon_days=horizon_days,
        horizon_weeks=horizon,
    )


def spend_correlation(repeats: np.ndarray, spent: np.ndarray, *, level: float = 0.95) -> Interval | None:
    """Return the correlation of how often and how much customers buy, with Fisher's interval.

    repeats: purchases after the first;
    spent: their money. The Gamma-Gamma model takes it for zero. None with fewer than 10 customers who
        came back or where either does not differ. Fisher 1915.

    >>> rng = np.random.default_rng(1)
    >>> repeats = rng.integers(1, 9, 100)
    >>> spent = repeats * (20 + repeats + rng.normal(size=100))
    >>> spend_correlation(repeats, spent).low > 0.5
    True
    """
    used = (repeats > 0) & (spent > 0)
    x, z = repeats[used], spent[used] / repeats[used]
    if used.sum() < 10 or np.ptp(x) == 0 or np.ptp(z) == 0:
        return None
    found = float(np.corrcoef(x, z)[0, 1])
    half = float(norm.ppf(0.5 + level / 2)) / np.sqrt(len(x) - 3)
    low, high = np.tanh(np.arctanh(found) + np.array([-half, half]))
    return Interval(estimate=found, low=float(low), high=float(high), n=len(x), level=level)
