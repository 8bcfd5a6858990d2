"""B2: do customers buy again, how often, after how many days, and does that gap shorten?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.cohorts import complete_months, month_start
from helpers.data.monthly.levels import level_finding, level_table, month_assumptions, trends_of
from helpers.data.monthly.measures import ORDERS, REPURCHASE
from helpers.data.monthly.series import Series, monthly_series
from helpers.data.purchase_gaps import purchase_gaps
from helpers.data.purchases import purchases
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    band_curve,
    canvas,
    effect_verdict,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import count
from helpers.report.release import FEWEST_PEOPLE
from helpers.stickiness.b02_repurchase.cycle import cycle_change, gap_curves, median_cycle
from methods.customers.survival import Survival
from methods.intervals.estimates import ratio_of_sums
from methods.intervals.trend import Trend

DRAWN_DAYS = 180
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Repurchase:
    """Repurchase rate, orders per customer, and the length of the repurchase cycle.

    series: the monthly measures. curves: words to the survival of the gap after a purchase day.
    """

    findings: tuple[Finding, ...]
    series: tuple[Series, ...]
    trends: dict[str, Trend | str]
    curves: dict[str, Survival]

    def draw(self) -> Picture:
        """The share who have bought again by the days since a first and since a later purchase."""
        medians = {label: curve.quantile(0.5) for label, curve in self.curves.items()}
        halves = [(label, half if np.isfinite(half) else None) for label, half in medians.items()]
        title, alt = WORDS.picture("waits", self.findings, halves=halves)
        figure, panel = canvas(title, x="days since a purchase", y="% who have bought again")
        for colour, (label, curve) in zip(PALETTE, self.curves.items(), strict=False):
            kept = (curve.days <= DRAWN_DAYS) & (curve.at_risk >= FEWEST_PEOPLE)
            low, high = (
                None if waiting is None else 100 * (1 - waiting[kept]) for waiting in (curve.high, curve.low)
            )
            days, again = curve.days[kept], 100 * (1 - curve.waiting[kept])
            band_curve(panel, days, again, low=low, high=high, label=label, colour=colour, marker="")
        reference_line(panel, 50, upright=False)
        panel.set_ylim(0, 100)
        panel.legend(loc="lower right")
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a monthly measure: recent value with interval, trend, customers."""
        return level_table(self.series, self.trends)


@question(WORDS, needs=("orders.placed_at",))
def repurchase(
    shop: Shop, *, months: int = 12, draws: int = 300, seed: int = 1, level: float = 0.95
) -> Repurchase:
    """Return the repurchase rate within 90 days, orders per customer, and the median repurchase cycle.

    draws, seed: of the bootstrap behind the cycle's intervals. Raises CannotAnswer when the data cover no
    whole month in which two customers bought.
    """
    series, unknown = [], []
    for measure in (REPURCHASE, ORDERS):
        try:
            series.append(monthly_series(shop, measure, months=months, level=level))
        except CannotAnswer as limit:
            unknown.append(WORDS.skip(measure.id, str(limit)))
    if not series:
        raise CannotAnswer(WORDS.text("no whole month"))
    gaps = purchase_gaps(shop)
    options: dict[str, Any] = {"draws": draws, "seed": seed, "level": level}
    return Repurchase(
        findings=(
            *(level_finding(WORDS, one) for one in series),
            *unknown,
            _orders_finding(shop, months=months, level=level),
            _cycle_finding(gaps, **options),
            _change_finding(gaps, **options),
        ),
        series=tuple(series),
        trends=trends_of(tuple(series), level=level),
        curves=gap_curves(gaps, **options),
    )


def _orders_finding(shop: Shop, *, months: int, level: float) -> Finding:
    covered = complete_months(shop)
    first = max(covered.start, covered.stop - months)
    start, stop = month_start(first), month_start(covered.stop)
    orders = purchases(shop)
    local = shop.local(orders.placed_at)
    recent = orders.filter((local >= start) & (local < stop))
    counts = recent.group_by("customer_id").agg(orders=lambda rows: rows.count()).execute()["orders"]
    if len(counts) < 2:
        return WORDS.skip("B2.orders_per_customer", WORDS.text("few of a role"))
    return WORDS.finding(
        "B2.orders_per_customer",
        ratio_of_sums(counts, np.ones(len(counts)), level=level),
        unit=WORDS.label("orders in", count=count(covered.stop - first, "month")),
        method=WORDS.text("method mean"),
        assumptions=month_assumptions(),
        first=f"{start:%Y-%m}",
        last=f"{month_start(covered.stop - 1):%Y-%m}",
    )


def _cycle_finding(gaps: pd.DataFrame, *, draws: int, seed: int, level: float) -> Finding:
    """Return the finding of the median gap, skipped when half of the purchases are never followed."""
    try:
        found = median_cycle(gaps, draws=draws, seed=seed, level=level)
    except CannotAnswer as limit:
        return WORDS.skip("B2.cycle_days_median", str(limit))
    return WORDS.finding(
        "B2.cycle_days_median",
        found,
        method=WORDS.text("method cycle"),
        assumptions=(WORDS.text("assumption waiting"),),
    )


def _change_finding(gaps: pd.DataFrame, *, draws: int, seed: int, level: float) -> Finding:
    """Return the finding of how the cycle of lasting customers changed, skipped when they are too few."""
    try:
        found = cycle_change(gaps, draws=draws, seed=seed, level=level)
    except CannotAnswer as limit:
        return WORDS.skip("B2.cycle_change_days", str(limit))
    doubt = "" if found.over.months else WORDS.text("season")
    first, second = found.over.words
    return WORDS.finding(
        "B2.cycle_change_days",
        found.change,
        method=WORDS.text("method of change", paired=bool(found.over.months)),
        assumptions=(WORDS.text("assumption lasting"),),
        verdict=effect_verdict(found.change, doubt=doubt),
        earlier=found.earlier_days,
        later=found.later_days,
        first=first,
        second=second,
        doubt=doubt,
    )
