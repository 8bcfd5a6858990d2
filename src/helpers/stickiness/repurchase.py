"""B2: do customers buy again, how often, after how many days, and does that gap shorten?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.cohorts import complete_months, month_start, seen_until
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.statistics.intervals import Interval, bootstrap, ratio_of_sums
from helpers.statistics.survival import Survival, kaplan_meier
from helpers.stickiness.levels import level_table, trends_of
from helpers.stickiness.measures import ORDERS, REPURCHASE
from helpers.stickiness.monthly import Series, monthly_series
from helpers.stickiness.pictures import draw_waits
from helpers.stickiness.words import ASSUMPTIONS, finding_of, level_finding, not_known, span

_QUESTION = "How many buy again, how often, after how many days, and does the gap shorten?"
_GAP_METHOD = (
    "Kaplan-Meier median of the days between purchase days, open gaps censored at the end of the data; "
    "bootstrap over customers"
)


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
        """The share who have bought again by the days since a purchase, early and late months apart."""
        return draw_waits(self.curves, days=180, title=self.title)

    def table(self) -> pd.DataFrame:
        """One row a monthly measure: recent value with interval, trend, customers, definition."""
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
    cycle = _cycle_finding(gaps, **options)
    return Repurchase(
        findings=(
            *(level_finding(one, question=_QUESTION) for one in series),
            *unknown,
            _orders_finding(shop, months=months, level=level),
            cycle,
            _change_finding(gaps, **options),
        ),
        series=tuple(series),
        trends=trends_of(tuple(series), level=level),
        curves=_curves(gaps),
        title=_title(series[0], cycle),
    )


def _title(series: Series, cycle: Finding) -> str:
    if cycle.status == "answered":
        return f"Half of all purchases are followed by the next within {cycle.estimate:.0f} days"
    return f"{series.measure.label}: {series.recent.estimate:.2f} {series.unit}"


def purchase_gaps(shop: Shop) -> pd.DataFrame:
    """Return one row a purchase day of a customer: how long until the next one, or until the data end.

    Columns: customer (integer code), begun (day number on the shop's clock), days (integer), arrived (bool),
    late (bool: begun in the second half of the data). Several orders on one day are one purchase.
    """
    orders = purchases(shop)
    local = shop.local(orders.placed_at)
    days = orders.select("customer_id", day=(local.epoch_seconds() // 86_400).cast("int64")).distinct()
    frame = days.order_by("customer_id", "day").execute()
    end = pd.Timestamp(seen_until(shop)).value // 86_400_000_000_000
    codes, day = pd.factorize(frame["customer_id"])[0], frame["day"].to_numpy()
    same = np.append(codes[1:] == codes[:-1], False)
    following = np.append(day[1:], end)
    gaps = pd.DataFrame(
        {"customer": codes, "begun": day, "days": np.where(same, following, end) - day, "arrived": same}
    )
    # The day after the last is not seen, so a gap that ends on it was watched until the day before.
    gaps.loc[~gaps["arrived"], "days"] -= 1
    middle = (gaps["begun"].min() + end) / 2 if len(gaps) else 0
    return gaps.assign(late=gaps["begun"] >= middle)


def median_gap(gaps: pd.DataFrame, weights: np.ndarray | None = None) -> float:
    """Return the Kaplan-Meier median of gaps in days; weights: one a customer. nan when half never return."""
    own = None if weights is None else weights[gaps["customer"].to_numpy()]
    return kaplan_meier(gaps["days"], gaps["arrived"], weights=own).quantile(0.5)


def halves(gaps: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the gaps begun in the first and in the second half, both watched for the second half's length.

    Longer gaps of the first half count as open at that length, so that both halves can show the same gaps.
    """
    early, late = gaps[~gaps["late"]], gaps[gaps["late"]]
    limit = int(late["days"].max()) if len(late) else 0
    cut = early["days"] > limit
    return early.assign(days=early["days"].clip(upper=limit), arrived=early["arrived"] & ~cut), late


def _curves(gaps: pd.DataFrame) -> dict[str, Survival]:
    early, late = halves(gaps)
    named = {"after purchases of the first half": early, "after purchases of the second half": late}
    return {name: kaplan_meier(part["days"], part["arrived"]) for name, part in named.items() if len(part)}


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


def _cycle_finding(gaps: pd.DataFrame, **options: float) -> Finding:
    try:
        found = _bootstrapped(gaps, lambda weights: median_gap(gaps, weights), **options)
    except ValueError:
        return not_known(
            "B2.cycle_days_median",
            "fewer than half of the purchases are followed by another while the data last, so the median "
            "gap is not known.",
            question=_QUESTION,
        )
    return finding_of(
        found,
        id="B2.cycle_days_median",
        question=_QUESTION,
        unit="days",
        method=_GAP_METHOD,
        assumptions=("Customers still waiting at the end of the data will behave like those before them.",),
        reading=f"Half of all purchases are followed by the next within {span(found, digits=0)} days; "
        "customers who have not come back yet are counted as still waiting, not left out.",
    )


def _change_finding(gaps: pd.DataFrame, **options: float) -> Finding:
    early, late = halves(gaps)
    try:
        found = _bootstrapped(
            gaps, lambda weights: median_gap(late, weights) - median_gap(early, weights), **options
        )
    except ValueError:
        return not_known(
            "B2.cycle_change_days",
            "in one half of the data fewer than half of the purchases are followed by another, so the change "
            "of the median gap is not known.",
            question=_QUESTION,
        )
    settled = found.high < 0 or found.low > 0
    words = "shorter" if found.estimate < 0 else "longer"
    reading = f"The median gap is {abs(found.estimate):.0f} days {words} after purchases of the second half"
    if not settled:
        reading = "Whether the gap shortens is not settled: the median changes by"
        reading += f" {found.estimate:+.0f} days from the first half of the data to the second"
    return finding_of(
        found,
        id="B2.cycle_change_days",
        question=_QUESTION,
        unit="days",
        method=_GAP_METHOD + "; second half of the data less first, watched equally long",
        assumptions=("Who buys in the two halves may differ; this is a description, not an effect.",),
        verdict="reported" if settled else "not settled",
        reading=f"{reading} (interval {found.low:+.0f} to {found.high:+.0f}). This compares "
        "purchases, not the same customers.",
    )


def _bootstrapped(gaps: pd.DataFrame, statistic, *, draws: int, seed: int, level: float) -> Interval:
    if gaps.empty:
        raise ValueError("there are no purchases")
    customers = int(gaps["customer"].max()) + 1
    return bootstrap(statistic, customers=customers, draws=draws, seed=seed, level=level)
