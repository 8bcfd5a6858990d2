"""The repurchase cycle: days between purchases with open gaps respected, and whether it shortens."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.data.cohorts import seen_until
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import Finding
from helpers.stickiness.words import finding_of, not_known, span
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


def cycle_finding(gaps: pd.DataFrame, *, question: str, draws: int, seed: int, level: float) -> Finding:
    """Return the finding of the median gap, skipped when half of the purchases are never followed."""
    try:
        found = _resampled(
            lambda weights: median_gap(gaps, weights), gaps["customer"].nunique(), draws, seed, level
        )
    except ValueError:
        return not_known(
            "B2.cycle_days_median",
            "fewer than half of the purchases are followed by another while the data last, so the median "
            "gap is not known.",
            question=question,
        )
    return finding_of(
        found,
        id="B2.cycle_days_median",
        question=question,
        unit="days",
        method="Kaplan-Meier median of the days between purchase days, open gaps censored at the end of the "
        "data; bootstrap over customers",
        assumptions=("Customers still waiting at the end of the data will behave like those before them.",),
        reading=f"Half of all purchases are followed by the next within {span(found, digits=0)} days; "
        "customers who have not come back yet are counted as still waiting, not left out.",
    )


def change_finding(gaps: pd.DataFrame, *, question: str, draws: int, seed: int, level: float) -> Finding:
    """Return the finding of how the cycle of lasting customers changed, skipped when they are too few."""
    counts, quarter = lasting_customers(gaps)
    if len(counts) < LEAST_LASTING:
        return not_known(
            "B2.cycle_change_days",
            f"only {len(counts)} customers bought in the first and in the last quarter of the data's time; "
            f"{LEAST_LASTING} are needed to see whether their gaps shorten.",
            question=question,
        )
    earlier, later = counts["earlier"].to_numpy(), counts["later"].to_numpy()

    def change(weights: np.ndarray) -> float:
        before, after = weights @ earlier, weights @ later
        return quarter * weights.sum() * (1 / after - 1 / before) if before and after else float("nan")

    try:
        found = _resampled(change, len(counts), draws, seed, level)
    except ValueError:
        reason = "lasting customers bought too seldom to see whether their gaps shorten."
        return not_known("B2.cycle_change_days", reason, question=question)
    settled = found.high < 0 or found.low > 0
    words = "shorter" if found.estimate < 0 else "longer"
    if not settled:
        words += ", which chance can explain"
    return finding_of(
        found,
        id="B2.cycle_change_days",
        question=question,
        unit="days",
        method="mean days between purchases of the customers who bought in the first and the last quarter of "
        "the time: third quarter less second; bootstrap over customers",
        assumptions=("It speaks of lasting customers only.", "A season moves it as a change of habit would."),
        verdict="reported" if settled else "not settled",
        reading=f"Lasting customers (bought early and late in the data, {found.n:,} of them) bought every "
        f"{quarter * len(counts) / earlier.sum():.1f} days in the second quarter of the time and every "
        f"{quarter * len(counts) / later.sum():.1f} in the third: {abs(found.estimate):.1f} days {words} "
        f"(interval {found.low:+.1f} to {found.high:+.1f}).",
    )


def _resampled(
    statistic: Callable[[np.ndarray], float], customers: int, draws: int, seed: int, level: float
) -> Interval:
    if customers == 0:
        raise ValueError("there are no purchases")
    return bootstrap(statistic, customers=customers, draws=draws, seed=seed, level=level)
