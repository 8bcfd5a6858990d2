"""The repurchase cycle: days between purchases with open gaps respected, and whether it shortens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.cohorts import seen_until
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.formats import count
from methods.customers.survival import Survival, kaplan_meier, kaplan_meier_band
from methods.intervals.estimates import Interval, bootstrap

LEAST_LASTING = 30


def purchase_gaps(shop: Shop) -> pd.DataFrame:
    """Return one row a purchase day of a customer: how long until the next one, or until the data end.

    Columns: customer (integer code), begun (day number on the shop's clock), days (integer), arrived (bool),
    first (bool: begun by the customer's first purchase). Several orders on one day are one purchase.
    """
    orders = purchases(shop)
    local = shop.local(orders.placed_at)
    days = orders.select("customer_id", day=(local.epoch_seconds() // 86_400).cast("int64")).distinct()
    frame = days.order_by("customer_id", "day").execute()
    end = (seen_until(shop) - pd.Timestamp(0)) // pd.Timedelta(days=1)
    codes, day = pd.factorize(frame["customer_id"])[0], frame["day"].to_numpy()
    same = codes[1:] == codes[:-1]
    arrived = np.append(same, False)
    # The day on which the data end is not seen, so an open gap was watched until the day before.
    until = np.where(arrived, np.append(day[1:], 0), end - 1)
    return pd.DataFrame(
        {
            "customer": codes,
            "begun": day,
            "days": until - day,
            "arrived": arrived,
            "first": np.append(True, ~same)[: len(day)],
        }
    )


def median_gap(gaps: pd.DataFrame, weights: np.ndarray | None = None) -> float:
    """Return the Kaplan-Meier median of gaps in days; weights: one a customer. nan when half never return."""
    own = None if weights is None else weights[gaps["customer"].to_numpy()]
    return kaplan_meier(gaps["days"], gaps["arrived"], weights=own).quantile(0.5)


def lasting_customers(gaps: pd.DataFrame) -> tuple[pd.DataFrame, float]:
    """Return how often lasting customers bought in the second and third quarter of the data's time.

    Lasting: bought in the first and in the last quarter too, so they were customers all the time between.
    Columns: earlier, later (purchase days), one row a customer; and the length of a quarter in days.
    All purchases cannot be compared between two halves: the second has more of those who stayed, who are the
    frequent ones, and its cycle looks shorter although nobody changed. Between two purchases that frame it,
    a customer's unchanged habit fills both quarters alike.
    """
    start, end = gaps["begun"].min(), gaps["begun"].max() + 1
    quarter = (end - start) / 4
    place = ((gaps["begun"] - start) // quarter).astype(int)
    counts = pd.crosstab(gaps["customer"], place).reindex(columns=range(4), fill_value=0)
    lasting = counts[(counts[0] > 0) & (counts[3] > 0)]
    return pd.DataFrame({"earlier": lasting[1], "later": lasting[2]}).reset_index(drop=True), float(quarter)


def gap_curves(
    gaps: pd.DataFrame, *, draws: int = 200, seed: int = 1, level: float = 0.95
) -> dict[str, Survival]:
    """Return the survival of the gap after first and after later purchases, by words, with intervals."""
    named = {"after a first purchase": gaps[gaps["first"]], "after a later purchase": gaps[~gaps["first"]]}
    return {
        name: kaplan_meier_band(
            part["days"], part["arrived"], pd.factorize(part["customer"])[0],
            draws=draws, seed=seed, level=level,
        )
        for name, part in named.items() if len(part)
    }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CycleChange:
    """How the days between purchases of lasting customers changed.

    change: days of the third quarter of the data's time less those of the second. earlier_days, later_days:
    the two means.
    """

    change: Interval
    earlier_days: float
    later_days: float


def median_cycle(gaps: pd.DataFrame, *, draws: int, seed: int, level: float) -> Interval:
    """Return the median gap in days; raises CannotAnswer when half of the purchases are never followed."""

    def median(weights: np.ndarray) -> float:
        return median_gap(gaps, weights)

    try:
        return _resampled(median, gaps["customer"].nunique(), draws, seed, level)
    except ValueError as limit:
        raise CannotAnswer(
            "fewer than half of the purchases are followed by another while the data last, so the median "
            "gap is not known."
        ) from limit


def cycle_change(gaps: pd.DataFrame, *, draws: int, seed: int, level: float) -> CycleChange:
    """Return how the cycle of lasting customers changed; raises CannotAnswer when they are too few."""
    counts, quarter = lasting_customers(gaps)
    if len(counts) < LEAST_LASTING:
        raise CannotAnswer(
            f"only {count(len(counts), 'customer')} bought in the first and in the last quarter of the "
            f"data's time; {LEAST_LASTING} are needed to see whether their gaps shorten."
        )
    earlier, later = counts["earlier"].to_numpy(), counts["later"].to_numpy()

    def change(weights: np.ndarray) -> float:
        before, after = weights @ earlier, weights @ later
        return quarter * weights.sum() * (1 / after - 1 / before) if before and after else float("nan")

    try:
        found = _resampled(change, len(counts), draws, seed, level)
    except ValueError as limit:
        reason = "lasting customers bought too seldom to see whether their gaps shorten."
        raise CannotAnswer(reason) from limit
    mean_days = [quarter * len(counts) / own.sum() for own in (earlier, later)]
    return CycleChange(change=found, earlier_days=mean_days[0], later_days=mean_days[1])


def _resampled(
    statistic: Callable[[np.ndarray], float], customers: int, draws: int, seed: int, level: float
) -> Interval:
    if customers == 0:
        raise ValueError("there are no purchases")
    return bootstrap(statistic, customers=customers, draws=draws, seed=seed, level=level)
