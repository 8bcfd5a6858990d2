"""The hidden days: did the model predict what customers then bought, and better than plain rules do?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.customers.bg_nbd import NotEstimable
from methods.customers.value_model import forecast
from methods.intervals.calibration import Calibration, calibration, ranking
from methods.intervals.estimates import Interval, ratio_of_sums
from methods.result import Result

NAIVE = {
    "same_again": "as many as in the days just before, as long as the hidden ones",
    "own_pace": "the own pace since the first purchase goes on",
    "all_alike": "everybody buys at the mean pace of all",
}


@dataclass(frozen=True, kw_only=True)
class ForecastCheck(Result):
    """The `days` after the day `until` hidden from the model, and predicted from the days before them.

    predicted, actual: purchases of all customers in the hidden days; error: standard error of predicting.
    methods: one row a way of predicting (method, predicted, miss in % of actual, mean_miss: mean distance of
    predicted and actual purchases a customer). chances: how the predicted chance of any purchase came true.
    tenths: one row a tenth of the customers by predicted purchases: customers, predicted, actual (a customer)
    and error (standard error of actual). gain: mean_miss of the best plain rule less that of the model.
    sharper: Brier score of giving everybody the mean chance, less that of the model's chances.
    recency_ranking: AUC of the days since the last purchase alone.
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

    @property
    def unexplained(self) -> float:
        """The part of the miss, as a share of actual, that the standard error does not explain."""
        return float(np.sqrt(max((self.predicted - self.actual) ** 2 - self.error**2, 0.0))) / self.actual


def check_forecast(history: pd.DataFrame, *, until: int, days: int, level: float = 0.95) -> ForecastCheck:
    """Predict the purchases of the `days` after the day `until` from what was known then, and compare.

    history: one row a customer known by then: first_day, last_day (whole days), purchases (days with
        one), purchases_later (those of the `days` after it) and, for one of the plain rules,
        purchases_recent.
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
    ahead = forecast(history, until=until, horizon_days=days, repeat_spend=None)
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
    )


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
