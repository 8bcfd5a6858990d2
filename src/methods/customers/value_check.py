"""The hidden days: did the model predict what customers then bought, and better than plain rules do?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.customers.calendar import Calendar
from methods.customers.likelihood_search import NotEstimable
from methods.customers.value_model import Forecast, forecast
from methods.intervals.calibration import Calibration, calibration, ranking
from methods.intervals.estimates import Interval, ratio_of_sums
from methods.result import Result

NAIVE = {
    "same_again": "as many as in the days just before, as long as the hidden ones",
    "own_pace": "the own pace since the first purchase goes on",
    "all_alike": "everybody buys at the mean pace of all",
}


@dataclass(frozen=True, kw_only=True)
class PredictedTotal:
    """One quantity of all customers together in some days: what two ways of predicting say, and what came.

    model: what the model says. again: as much as in as many days just before, on the calendar's clock (nan
    where these are not known). actual: what came (nan where it is not known yet). is_share: of customers.
    """

    model: float
    again: float
    actual: float
    is_share: bool = False

    def said(self, way: str) -> float:
        """What a way of predicting, "model" or "again", says."""
        return self.model if way == "model" else self.again


@dataclass(frozen=True, kw_only=True)
class ForecastCheck(Result):
    """The `days` after the day `until` hidden from the model, and predicted from the days before them.

    predicted, actual: purchases of all customers in the hidden days; error: standard error of predicting.
    methods: one row a way of predicting (method, predicted, miss in % of actual, mean_miss: mean distance of
    predicted and actual purchases a customer). chances: how the predicted chance of any purchase came true.
    tenths: one row a tenth of the customers by predicted purchases: customers, predicted, actual (a customer)
    and error (standard error of actual). gain: mean_miss of the best plain rule less that of the model.
    sharper: Brier score of giving everybody the mean chance, less that of the model's chances.
    recency_ranking: AUC of the days since the last purchase alone. totals: the quantities of `quantities`.
    """

    predicted: float
    actual: int
    error: float
    until: int
    days: int
    customers: int
    methods: pd.DataFrame
    chances: Calibration
    tenths: pd.DataFrame
    gain: Interval
    sharper: Interval
    recency_ranking: float
    totals: Mapping[str, PredictedTotal]

    @property
    def miss_percent(self) -> float:
        """Predicted less actual purchases, in % of the actual ones."""
        return 100 * (self.predicted / self.actual - 1)

    def miss(self, *, level: float = 0.95) -> Interval:
        """The same with its interval: how far off the model may be by chance when it holds."""
        half = 100 * float(norm.ppf(0.5 + level / 2)) * self.error / self.actual
        middle = self.miss_percent
        low = max(middle - half, -100.0)
        return Interval(estimate=middle, low=low, high=middle + half, n=self.customers, level=level)


def check_forecast(
    history: pd.DataFrame,
    *,
    until: int,
    days: int,
    calendar: Calendar | None = None,
    level: float = 0.95,
) -> ForecastCheck:
    """Predict the purchases of the `days` after the day `until` from what was known then, and compare.

    history: one row a customer known by then: first_day, last_day (whole days), purchases (days with
        one), purchases_later (those of the `days` after it) and, for one of the plain rules,
        purchases_recent; with spend_later_cents, spend_recent_cents and repeat_spend_cents money is
        predicted too.
    calendar: what was known of it by then; None takes all days for alike.
    Raises NotEstimable when fewer than 10 customers had come back by then, or nobody bought in the hidden
    days. Columns and models as `value_model.forecast`.

    >>> rng = np.random.default_rng(1)
    >>> made = rng.integers(1, 6, 200)
    >>> rows = pd.DataFrame({"first_day": 0, "last_day": np.where(made > 1, rng.integers(30, 300, 200), 0),
    ...                      "purchases": made, "purchases_later": rng.poisson(made / 4)})
    >>> found = check_forecast(rows, until=364, days=90)
    >>> found.customers, bool(found.actual == rows["purchases_later"].sum())
    (200, True)
    """
    actual = history["purchases_later"].to_numpy(dtype=float)
    if not actual.any():
        raise NotEstimable("of the customers known by then nobody bought in the hidden days")
    money = "repeat_spend_cents" if "spend_later_cents" in history else None
    ahead = forecast(history, until=until, horizon_days=days, repeat_spend=money, calendar=calendar)
    predicted = {"model": ahead.purchases, **naive_purchases(history, until=until, days=days)}
    misses = {name: np.abs(values - actual) for name, values in predicted.items()}
    methods = pd.DataFrame(
        {
            "method": [*predicted],
            "predicted": [values.sum() for values in predicted.values()],
            "miss": [100 * (values.sum() / actual.sum() - 1) for values in predicted.values()],
            "mean_miss": [values.mean() for values in misses.values()],
        }
    )
    best = methods.loc[methods["mean_miss"].iloc[1:].idxmin(), "method"]
    bought, everyone = actual > 0, np.ones(len(actual))
    plain = (bought.mean() - bought) ** 2 - (ahead.chance - bought) ** 2
    total, error = ahead.purchases_total
    return ForecastCheck(
        predicted=total,
        actual=int(actual.sum()),
        error=error,
        until=until,
        days=days,
        customers=len(history),
        methods=methods,
        chances=calibration(ahead.chance, bought),
        tenths=_tenths(ahead.purchases, actual),
        gain=ratio_of_sums(misses[best] - misses["model"], everyone, level=level),
        sharper=ratio_of_sums(plain, everyone, level=level),
        recency_ranking=ranking(history["last_day"].to_numpy(dtype=float), bought),
        totals=quantities(ahead, history, until=until, calendar=calendar),
    )


def quantities(
    ahead: Forecast, history: pd.DataFrame, *, until: int, calendar: Calendar | None = None
) -> dict[str, PredictedTotal]:
    """Return what is predicted of all customers together: purchases, buyers (share of them), cents.

    ahead: the forecast made on the day `until`. history: as in `check_forecast`, of the same days; without
        the columns of what came later nothing is said of that. calendar: that of the forecast.
    cents are left out where no prices are known.
    """
    days = ahead.horizon_days
    pace = 1.0
    if calendar is not None:
        before = calendar.weeks(max(until - days, calendar.first_day), until)
        pace = ahead.horizon_weeks / before if before > 0 else float("nan")

    def column(name: str) -> np.ndarray:
        return history[name].to_numpy(dtype=float) if name in history else np.full(len(history), np.nan)

    recent, later = column("purchases_recent"), column("purchases_later")
    known = {
        "purchases": PredictedTotal(
            model=ahead.purchases_total[0], again=pace * float(recent.sum()), actual=float(later.sum())
        ),
        "buyers": PredictedTotal(
            model=float(ahead.chance.mean()),
            again=_share(recent),
            actual=_share(later),
            is_share=True,
        ),
    }
    if ahead.money_total_cents is not None:
        spent, came = (float(column(f"spend_{when}_cents").sum()) for when in ("recent", "later"))
        known["cents"] = PredictedTotal(model=ahead.money_total_cents[0], again=pace * spent, actual=came)
    return known


def _share(purchases: np.ndarray) -> float:
    return float("nan") if np.isnan(purchases).any() else float((purchases > 0).mean())


def naive_purchases(history: pd.DataFrame, *, until: int, days: int) -> dict[str, np.ndarray]:
    """Return what the plain rules of NAIVE predict, purchases one a customer.

    history: first_day, purchases, and purchases_recent, without which "same_again" is left out.
    """
    repeats = history["purchases"].to_numpy(dtype=float) - 1
    age = np.maximum(until - history["first_day"].to_numpy(dtype=float), 1.0)
    recent = {}
    if "purchases_recent" in history:
        recent = {"same_again": history["purchases_recent"].to_numpy(dtype=float)}
    return {
        **recent,
        "own_pace": repeats / age * days,
        "all_alike": np.full(len(age), repeats.sum() / age.sum() * days),
    }


def _tenths(predicted: np.ndarray, actual: np.ndarray) -> pd.DataFrame:
    place = np.minimum(pd.Series(predicted).rank(method="first", pct=True) * 10, 9.999).astype(int)
    groups = pd.DataFrame({"predicted": predicted, "actual": actual}).groupby(place.to_numpy())
    return groups.mean().assign(customers=groups.size(), error=groups["actual"].sem()).reset_index(drop=True)
