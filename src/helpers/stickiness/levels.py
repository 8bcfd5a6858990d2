"""B3, B4 and B5: interaction, money and recommendation, month by month with their trends."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.stickiness.measures import (
    AOV,
    ARPU,
    COMMENTS,
    INTERACTION,
    JOINS,
    NPS,
    REACTIONS,
    REVIEWS,
    SHARES,
    Measure,
)
from helpers.stickiness.monthly import Series, monthly_series, series_trend
from helpers.stickiness.net_promoters import nps_interval
from helpers.stickiness.pictures import draw_series
from helpers.stickiness.words import level_finding
from methods.intervals.trend import Trend

_INTERACTION_QUESTION = "How often do active customers share, react and review?"
_MONEY_QUESTION = "How much is an order worth, and how much an active customer a month?"
_NPS_QUESTION = "Would customers recommend the shop?"


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Measures over the recent months with their monthly course and trend.

    trends: measure id to its trend, or to the sentence that says why there is none.
    """

    findings: tuple[Finding, ...]
    series: tuple[Series, ...]
    trends: dict[str, Trend | str]
    title: str

    def draw(self) -> Picture:
        """One panel a measure: each month's value with its interval."""
        return draw_series(self.series, title=self.title)

    def table(self) -> pd.DataFrame:
        """One row a measure: recent value, interval, trend a month, customers; caption: the definitions."""
        return level_table(self.series, self.trends)


@question("B3", _INTERACTION_QUESTION, needs=("orders.placed_at",))
def interaction(shop: Shop, *, months: int = 12, level: float = 0.95) -> Levels:
    """Return how many active customers interact, and how often they share, react, join events and review.

    months: how many recent complete months the levels and trends rest on. Raises (as a skip) when the shop
    records neither shares, reactions nor reviews.
    """
    kept = [one for one in (SHARES, REACTIONS, COMMENTS, JOINS, REVIEWS) if not shop.missing(*one.needs)]
    return _levels(
        shop, (INTERACTION, *kept), question=_INTERACTION_QUESTION, months=months, level=level,
        title=lambda series: f"{series[0].recent.estimate:.0f} % of active customers interact in a month",
    )  # fmt: skip


@question("B4", _MONEY_QUESTION, needs=("orders.placed_at", "order_lines.unit_price_cents"))
def order_value(shop: Shop, *, months: int = 12, level: float = 0.95) -> Levels:
    """Return the average order value and the revenue per active customer and month (AOV, ARPU)."""
    return _levels(
        shop, (AOV, ARPU), question=_MONEY_QUESTION, months=months, level=level,
        title=lambda series: f"An order is worth {series[0].recent.estimate:,.0f} {shop.currency}, "
        f"an active customer {series[1].recent.estimate:,.0f} {shop.currency} a month",
    )  # fmt: skip


@question("B5", _NPS_QUESTION, needs=NPS.needs)
def recommendation(shop: Shop, *, months: int = 12, level: float = 0.95) -> Levels:
    """Return the net promoter score with its multinomial interval, wider where customers repeat."""
    series = monthly_series(shop, NPS, months=months, level=level)
    series = nps_interval(series, level=level)
    return Levels(
        findings=(level_finding(series, question=_NPS_QUESTION),),
        series=(series,),
        trends=trends_of((series,), level=level),
        title=f"Net promoter score: {series.recent.estimate:+.0f} points",
    )


def level_table(series: tuple[Series, ...], trends: dict[str, Trend | str]) -> pd.DataFrame:
    """Return the table of `Levels.table`: `trend ±` is half its interval, in the measure's unit a month.

    The definitions and months stand in the caption: as columns they make the table wider than a page.
    """
    rows = []
    for one in series:
        found = trends[one.measure.id]
        known = isinstance(found, Trend)
        rows.append(
            {
                "measure": f"{one.measure.label}, {one.unit}",
                "value": one.recent.estimate,
                "low": one.recent.low,
                "high": one.recent.high,
                "trend a month": found.slope if known else None,
                "trend ±": (found.high - found.low) / 2 if known else None,
                "customers": one.recent.n,
            }
        )
    frame = pd.DataFrame(rows)
    numbers = dict.fromkeys(("value", "low", "high"), ",.2f")
    frame.attrs = {
        "caption": "Levels over the recent complete months, with 95 % intervals, and trends a month. "
        + " ".join(f"{one.measure.label} ({one.recent_months}): {one.definition}." for one in series),
        "formats": numbers | {"trend a month": "+,.3f", "trend ±": ",.3f"},
        "people": "customers",
    }
    return frame


def _levels(
    shop: Shop, measures: tuple[Measure, ...], *, question: str, months: int, level: float, title
) -> Levels:
    series = tuple(monthly_series(shop, one, months=months, level=level) for one in measures)
    return Levels(
        findings=tuple(level_finding(one, question=question) for one in series),
        series=series,
        trends=trends_of(series, level=level),
        title=title(series),
    )


def trends_of(series: tuple[Series, ...], *, level: float) -> dict[str, Trend | str]:
    """Return each measure's trend, or the sentence that says why there is none."""
    found: dict[str, Trend | str] = {}
    for one in series:
        try:
            found[one.measure.id] = series_trend(one, level=level)
        except CannotAnswer as limit:
            found[one.measure.id] = str(limit)
    return found
