"""Monthly measures as a question shows them: their findings, their table and their picture."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import matplotlib.dates as mdates
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.monthly.activity import recorded_deeds
from helpers.data.monthly.measures import Measure
from helpers.data.monthly.series import Series, monthly_series, series_trend
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, Words, band_curve, canvas, words_beside
from helpers.report.release import FEWEST_PEOPLE, share_of, shares_leave
from methods.intervals.trend import Trend

WORDS = words_beside(__file__)


def month_assumptions() -> tuple[str, ...]:
    """Return what levels and trends by month take for given."""
    return WORDS.text("assumption independent"), WORDS.text("assumption whole months")


@dataclass(frozen=True, kw_only=True)
class Levels:
    """Measures over the recent months with their monthly course and trend.

    trends: measure id to its trend, or to the sentence that says why there is none. words: of its question,
    with a title and an alt text named `levels`.
    """

    findings: tuple[Finding, ...]
    series: tuple[Series, ...]
    trends: dict[str, Trend | str]
    words: Words

    def draw(self) -> Picture:
        """One panel a measure: each month's value with its interval."""
        title, alt = self.words.picture("levels", self.findings, courses=courses(self.series))
        return draw_series(self.series, title=title, alt=alt)

    def table(self) -> pd.DataFrame:
        """One row a measure: recent value, interval, trend a month, customers."""
        return level_table(self.series, self.trends)


def levels(
    shop: Shop, *measures: Measure, words: Words, months: int = 12, level: float = 0.95, **facts: Any
) -> Levels:
    """Return measures over the last `months` complete months; raises CannotAnswer where one has none.

    words: the question's own, with a block a measure. facts: what its blocks name beside deeds and months.
    """
    series = tuple(monthly_series(shop, one, months=months, level=level) for one in measures)
    return levels_of(shop, series, words=words, level=level, **facts)


def levels_of(shop: Shop, series: tuple[Series, ...], *, words: Words, level: float, **facts: Any) -> Levels:
    """Return the levels of series that are known already."""
    deeds = recorded_deeds(shop)
    facts = {"active": deeds.active, "interacted": deeds.interacted, "shopped": deeds.shopped, **facts}
    return Levels(
        findings=tuple(level_finding(words, one, **facts) for one in series),
        series=series,
        trends=trends_of(series, level=level),
        words=words,
    )


def level_finding(words: Words, series: Series, **facts: Any) -> Finding:
    """Return the finding of a measure over its recent months."""
    return words.finding(
        series.measure.id,
        series.recent,
        unit=series.unit,
        method=WORDS.text("method", is_share=series.measure.is_share),
        assumptions=month_assumptions(),
        months=series.recent_months,
        **facts,
    )


_SIDES = ("with", "without")


def level_table(series: tuple[Series, ...], trends: dict[str, Trend | str]) -> pd.DataFrame:
    """Return the table of `Levels.table`: `trend ±` is half its interval, in the measure's unit a month."""
    rows = []
    for one in series:
        known = trends[one.measure.id]
        found = known if isinstance(known, Trend) else None
        rows.append(
            {
                "measure": f"{one.measure.label}, {one.unit}",
                "value": one.recent.estimate,
                "low": one.recent.low,
                "high": one.recent.high,
                "trend a month": found.slope if found else None,
                "trend ±": (found.high - found.low) / 2 if found else None,
                "customers": one.recent.n,
                **dict(zip(_SIDES, _sides(one), strict=True)),
            }
        )
    frame = pd.DataFrame(rows)
    numbers = dict.fromkeys(("value", "low", "high"), ",.2f")
    frame.attrs = {
        "caption": WORDS.text("caption"),
        "formats": numbers | {"trend a month": "+,.3f", "trend ±": ",.3f"},
        "people": "customers",
        "unseen": _SIDES,
    }
    return frame


def _sides(series: Series) -> tuple[int, int]:
    """Customers on either side of a share; of another measure all of them."""
    n = series.recent.n
    if not series.measure.is_share:
        return n, n
    return share_of(series.measure.id, series.recent.estimate / series.measure.scale, n).sides or (n, n)


def trends_of(series: tuple[Series, ...], *, level: float) -> dict[str, Trend | str]:
    """Return each measure's trend, or the sentence that says why there is none."""
    found: dict[str, Trend | str] = {}
    for one in series:
        try:
            found[one.measure.id] = series_trend(one, level=level)
        except CannotAnswer as limit:
            found[one.measure.id] = str(limit)
    return found


def courses(series: tuple[Series, ...]) -> list[dict[str, object]]:
    """Return what an alt text says of each series: label, unit, first and last month and their values."""
    return [
        {
            "label": one.measure.label,
            "unit": _short(one.unit),
            "first": f"{months['start'].iloc[0]:%Y-%m}",
            "last": f"{months['start'].iloc[-1]:%Y-%m}",
            "begins": months["value"].iloc[0],
            "ends": months["value"].iloc[-1],
        }
        for one in series
        for months in [released_months(one)]
        if len(months)
    ]


def draw_series(series: tuple[Series, ...], *, title: str, alt: str) -> Picture:
    """Draw one panel a measure: months along, value with its interval as a band."""
    columns = min(2, len(series))
    rows = math.ceil(len(series) / columns)
    figure, axes = canvas(
        title, rows=rows, columns=columns, width_inches=4.2 * columns + 0.8, height_inches=2.3 * rows + 0.7
    )
    panels = np.atleast_1d(axes).ravel()
    for panel, one in zip(panels, series, strict=False):
        shown = released_months(one)
        band_curve(panel, shown["start"], shown["value"], low=shown["low"], high=shown["high"])
        panel.set_title(one.measure.label[:1].upper() + one.measure.label[1:])
        panel.set_ylabel(_short(one.unit), fontsize=8)
        label_months(panel)
    for panel in panels[len(series) :]:
        panel.set_axis_off()
    return Picture(figure, alt)


def released_months(series: Series) -> pd.DataFrame:
    """Return the months of a series whose value may leave, as `Series.frame`."""
    months = series.frame[series.frame["customers"] >= FEWEST_PEOPLE]
    if not series.measure.is_share:
        return months
    shares = zip(months["value"] / series.measure.scale, months["customers"], strict=True)
    return months[shares_leave(shares)]


def label_months(panel: Axes) -> None:
    """Label a time axis with few, short dates."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=6)
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))


def _short(unit: str) -> str:
    return WORDS.label("short unit", unit=unit)
