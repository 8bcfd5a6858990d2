"""A measure month by month, over the recent months, and as a trend, with customers as the unit."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis.expr.types import Table

from helpers.data.cohorts import complete_months, month_start, seen_until
from helpers.data.monthly.measures import Measure
from helpers.data.recent_spend import months_in_words
from helpers.data.shop import Shop
from helpers.report import CannotAnswer
from helpers.report.phrases import said
from helpers.report.words import words_beside
from methods.intervals.estimates import Interval, above_zero, ratio_from_sums, share_within_bounds
from methods.intervals.trend import (
    MINIMUM_MONTHS,
    MINIMUM_PAIRS,
    YEAR_MONTHS,
    Trend,
    slope_weights,
    trend,
    year_on_year,
    year_pairs,
    year_weights,
)

WORDS = words_beside(__file__)

LEAST_CUSTOMERS = 2
_SUMS = ("customers", "x", "y", "xx", "xy", "yy")


@dataclass(frozen=True, kw_only=True)
class Series:
    """One measure of one shop.

    unit: the measure's, with the currency of this shop.
    frame: one row a month, in time: month (integer), start (timestamp), value, low, high (in `unit`),
    customers, and the raw ratio and y it was made of. recent: over the last months together; first_recent:
    the first of them; recent_months: their words, such as "2024-07 to 2025-06". cells: the lazy rows.
    """

    measure: Measure
    unit: str
    frame: pd.DataFrame
    recent: Interval
    first_recent: int
    recent_months: str
    cells: Table


def monthly_series(shop: Shop, measure: Measure, *, months: int = 12, level: float = 0.95) -> Series:
    """Return a measure by complete month and over the last `months` of them.

    Intervals take a customer's months together (delta method clustered on customers); shares stay within
    0 and 100, a net score within -100 and 100. A series is worked out once a shop, for the verdict looks at
    those of other questions again.
    Raises CannotAnswer when tables are missing or no month was watched long enough.
    """
    asked = ("series", measure.id, months, level)
    return shop.once(asked, lambda: _monthly_series(shop, measure, months=months, level=level))


def _monthly_series(shop: Shop, measure: Measure, *, months: int, level: float) -> Series:
    lacking = shop.missing(*measure.needs)
    if lacking:
        raise CannotAnswer(WORDS.text("lacking", label=measure.label, lacking=lacking))
    if measure.needs_one_of and len(shop.missing(*measure.needs_one_of)) == len(measure.needs_one_of):
        raise CannotAnswer(
            WORDS.text("lacking one of", label=measure.label, needs_one_of=measure.needs_one_of)
        )
    covered = watched_months(shop, measure)
    if len(covered) == 0:
        raise CannotAnswer(WORDS.text("too short", label=measure.label))
    cells = measure.cells(shop)
    # Kept by the engine, for levels, months and trend each ask for them again.
    cells = cells.filter((cells.month >= covered.start) & (cells.month < covered.stop)).cache()
    by_month = _sums(cells, "month").order_by("month").execute()
    by_month = by_month[(by_month["customers"] >= LEAST_CUSTOMERS) & (by_month["y"] > 0)]
    if by_month.empty:
        raise CannotAnswer(WORDS.text("no month of two", label=measure.label))
    first = max(covered.start, covered.stop - months)
    window = cells.filter(cells.month >= first)
    own = window.group_by("customer_id").agg(x=window.x.sum(), y=window.y.sum())
    sums = _sums(own).execute().iloc[0]
    if sums["customers"] < LEAST_CUSTOMERS or not sums["y"] > 0:
        raise CannotAnswer(WORDS.text("few lately", months=months, label=measure.label))
    return Series(
        measure=measure,
        unit=said(measure.unit).format(currency=shop.currency),
        frame=_frame(by_month, measure, level=level),
        recent=_interval(sums, measure, level=level),
        first_recent=first,
        recent_months=months_in_words(range(first, covered.stop)),
        cells=cells,
    )


def watched_months(shop: Shop, measure: Measure) -> range:
    """Return the complete months that were also watched as long afterwards as the measure asks."""
    whole, end = complete_months(shop), seen_until(shop)
    end = min(end, shop.clock.local(shop.known_until(*measure.counts)))
    stop = whole.stop - measure.follow_months
    while stop > whole.start and month_start(stop) + dt.timedelta(days=measure.follow_days) > end:
        stop -= 1
    return range(whole.start, max(stop, whole.start))


def series_trend(series: Series, *, level: float = 0.95) -> Trend:
    """Return the trend a month over the recent months, in the series' unit; months without data are skipped.

    Where at least MINIMUM_PAIRS recent months were seen a year before too, it compares these (year on year),
    which no season moves. Raises CannotAnswer when fewer than six recent months are known, or all are zero.
    """
    recent = series.frame[series.frame["month"] >= series.first_recent]
    if len(recent) < MINIMUM_MONTHS:
        raise CannotAnswer(
            WORDS.text(
                "few months known",
                label=series.measure.label,
                found=len(recent),
                minimum_months=MINIMUM_MONTHS,
            )
        )
    if not recent["value"].any():
        raise CannotAnswer(WORDS.text("always zero", label=series.measure.label))
    frame = comparable(series.frame, first=series.first_recent)
    paired = len(frame) > len(recent)
    weights = (year_weights if paired else slope_weights)(frame["month"])
    variance = customer_variance([_weights(series, frame, weights, scale=series.measure.scale)])
    work_out = year_on_year if paired else trend
    return work_out(frame["value"], months=frame["month"], customer_variance=variance, level=level)


def comparable(frame: pd.DataFrame, *, first: int) -> pd.DataFrame:
    """Return the rows from the month `first` on, with those of a year before where enough are known."""
    longer = frame[frame["month"] >= first - YEAR_MONTHS]
    enough = len(year_pairs(longer["month"])[1]) >= MINIMUM_PAIRS
    return longer if enough else frame[frame["month"] >= first]


def index_trend(
    family: list[Series], *, months: int = 12, level: float = 0.95
) -> tuple[Trend, pd.Series, list[Series]]:
    """Return the trend of the mean of several measures, each in % of its own mean; the index; its measures.

    The months are the last ones that all measures have, and those of a year before where enough are known
    (see `series_trend`); a measure not known in every month stays out. One counted in points enters as 100
    plus its points. A customer's part in all measures is taken together.
    Raises CannotAnswer below six common months.
    """
    kept = [one for one in family if one.frame["month"].diff().dropna().eq(1).all()]
    common = sorted(set.intersection(*(set(one.frame["month"]) for one in kept))) if kept else []
    if len(common) < MINIMUM_MONTHS:
        raise CannotAnswer(
            WORDS.text("few months in common", found=len(common), minimum_months=MINIMUM_MONTHS)
        )
    shared = comparable(pd.DataFrame({"month": common}), first=common[-months:][0])["month"]
    paired = len(shared) > len(common[-months:])
    weights = (year_weights if paired else slope_weights)(shared)
    parts, levels = [], []
    for one in kept:
        frame = one.frame[one.frame["month"].isin(shared)]
        points = one.measure.in_points
        unit = 1.0 if points else 100.0 / frame["value"].mean()
        levels.append((frame["value"] * unit + (100.0 if points else 0.0)).to_numpy())
        parts.append(_weights(one, frame, weights, scale=one.measure.scale * unit / len(kept)))
    index = pd.Series(sum(levels) / len(kept), index=frame["start"].to_numpy(), name="index")
    work_out = year_on_year if paired else trend
    found = work_out(index, months=shared, customer_variance=customer_variance(parts), level=level)
    return found, index, kept


def customer_variance(parts: list[tuple[Table, pd.DataFrame]]) -> float:
    """Return the variance of a sum of monthly ratios, each times a factor, with customers as the clusters.

    parts: cells (customer_id, month, x, y) with a frame of month, ratio, factor (weight over the month's y).
    """
    rows = []
    for cells, frame in parts:
        joined = cells.join(ibis.memtable(frame), "month")
        rows.append(joined.select("customer_id", part=(joined.x - joined.ratio * joined.y) * joined.factor))
    together = functools.reduce(lambda one, other: one.union(other), rows)
    own = together.group_by("customer_id").agg(part=together.part.sum())
    result = own.agg(customers=own.count(), squares=(own.part * own.part).sum()).execute().iloc[0]
    customers = int(result["customers"])
    return float(result["squares"]) * customers / (customers - 1) if customers > 1 else 0.0


def _weights(
    series: Series, frame: pd.DataFrame, weights: np.ndarray, *, scale: float
) -> tuple[Table, pd.DataFrame]:
    factor = weights * scale / frame["y"].to_numpy()
    return series.cells, pd.DataFrame({"month": frame["month"], "ratio": frame["ratio"], "factor": factor})


def _sums(rows: Table, *keys: str) -> Table:
    x, y = rows.x.cast("float64"), rows.y.cast("float64")
    sums = {"x": x.sum(), "y": y.sum(), "xx": (x * x).sum(), "xy": (x * y).sum(), "yy": (y * y).sum()}
    return (rows.group_by(*keys) if keys else rows).agg(customers=rows.count(), **sums)


def _interval(sums: pd.Series, measure: Measure, *, level: float) -> Interval:
    numbers = {name: float(sums[name]) for name in _SUMS[1:]}
    found = ratio_from_sums(customers=int(sums["customers"]), level=level, **numbers)
    if measure.in_points:  # from -1 to 1, and half of the way up there is a share
        return share_within_bounds(found.beyond(-1).scaled(0.5)).scaled(2).beyond(1).scaled(measure.scale)
    return (share_within_bounds(found) if measure.is_share else above_zero(found)).scaled(measure.scale)


def _frame(by_month: pd.DataFrame, measure: Measure, *, level: float) -> pd.DataFrame:
    intervals = [_interval(row, measure, level=level) for _, row in by_month.iterrows()]
    return pd.DataFrame(
        {
            "month": by_month["month"].to_numpy(dtype="int64"),
            "start": pd.to_datetime([month_start(int(month)) for month in by_month["month"]]),
            "value": [one.estimate for one in intervals],
            "low": [one.low for one in intervals],
            "high": [one.high for one in intervals],
            "customers": by_month["customers"].to_numpy(dtype="int64"),
            "ratio": (by_month["x"] / by_month["y"]).to_numpy(),
            "y": by_month["y"].to_numpy(),
        }
    )
