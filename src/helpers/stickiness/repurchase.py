"""B2: do customers buy again, how often, after how many days, and does that gap shorten?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.cohorts import complete_months, month_start
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.stickiness.cycle import change_finding, cycle_finding, gap_curves, purchase_gaps
from helpers.stickiness.levels import level_table, trends_of
from helpers.stickiness.measures import ORDERS, REPURCHASE
from helpers.stickiness.monthly import Series, monthly_series
from helpers.stickiness.pictures import draw_waits
from helpers.stickiness.words import ASSUMPTIONS, finding_of, level_finding, not_known, span
from methods.customers.survival import Survival
from methods.intervals.estimates import ratio_of_sums

_QUESTION = "How many buy again, how often, after how many days, and does the gap shorten?"


@dataclass(frozen=True, kw_only=True)
class Repurchase:
    """Repurchase rate, orders per customer, and the length of the repurchase cycle.

    series: the monthly measures. curves: words to the survival of the gap after a purchase day.
    """

    findings: tuple[Finding, ...]
    series: tuple[Series, ...]
    trends: dict
    curves: dict[str, Survival]
    title: str

    def draw(self) -> Picture:
        """The share who have bought again by the days since a first and since a later purchase."""
        return draw_waits(self.curves, days=180, title=self.title)

    def table(self) -> pd.DataFrame:
        """One row a monthly measure: recent value with interval, trend, customers; caption: definitions."""
        return level_table(self.series, self.trends)


@question("B2", _QUESTION, needs=("orders.placed_at",))
def repurchase(
    shop: Shop, *, months: int = 12, draws: int = 300, seed: int = 1, level: float = 0.95
) -> Repurchase:
    """Return the repurchase rate within 90 days, orders per customer, and the median repurchase cycle.

    draws, seed: of the bootstrap behind the cycle's intervals. Raises (as a skip) when the data cover no
    month with the 90 days after it.
    """
    series, unknown = [], []
    for measure in (REPURCHASE, ORDERS):
        try:
            series.append(monthly_series(shop, measure, months=months, level=level))
        except CannotAnswer as limit:
            unknown.append(not_known(measure.id, str(limit), question=_QUESTION))
    if not series:
        raise CannotAnswer("the data cover no whole month.")
    gaps = purchase_gaps(shop)
    options = {"draws": draws, "seed": seed, "level": level}
    cycle = cycle_finding(gaps, question=_QUESTION, **options)
    return Repurchase(
        findings=(
            *(level_finding(one, question=_QUESTION) for one in series),
            *unknown,
            _orders_finding(shop, months=months, level=level),
            cycle,
            change_finding(gaps, question=_QUESTION, **options),
        ),
        series=tuple(series),
        trends=trends_of(tuple(series), level=level),
        curves=gap_curves(gaps, **options),
        title=_title(series[0], cycle),
    )


def _title(series: Series, cycle: Finding) -> str:
    if cycle.status == "answered":
        return f"Half of all purchases are followed by the next within {cycle.estimate:.0f} days"
    return f"{series.measure.label}: {series.recent.estimate:.2f} {series.unit}"


def _orders_finding(shop: Shop, *, months: int, level: float) -> Finding:
    covered = complete_months(shop)
    first = max(covered.start, covered.stop - months)
    start, stop = month_start(first), month_start(covered.stop)
    orders = purchases(shop)
    local = shop.local(orders.placed_at)
    recent = orders.filter((local >= start) & (local < stop))
    counts = recent.group_by("customer_id").agg(orders=lambda rows: rows.count()).execute()["orders"]
    if len(counts) < 2:
        return not_known(
            "B2.orders_per_customer", "fewer than two customers bought lately.", question=_QUESTION
        )
    found = ratio_of_sums(counts, np.ones(len(counts)), level=level)
    words = f"{start:%Y-%m} to {month_start(covered.stop - 1):%Y-%m}"
    return finding_of(
        found,
        id="B2.orders_per_customer",
        question=_QUESTION,
        unit=f"orders in {covered.stop - first} months",
        method="mean over customers with at least one order, t interval",
        assumptions=ASSUMPTIONS,
        reading=f"The {found.n:,} customers who bought at all from {words} placed {span(found, digits=2)} "
        "orders each.",
    )
