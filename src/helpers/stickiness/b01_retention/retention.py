"""B1: do customers come back after their first order, and do buyers come back month after month?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from helpers.data.cohorts import ROLLING_DAYS, complete_months, month_start, monthly_cohorts
from helpers.data.monthly.levels import level_finding
from helpers.data.monthly.measures import NEXT_MONTH, THIRD_MONTH, Measure
from helpers.data.monthly.series import monthly_series
from helpers.data.newcomers import EARLY_COHORTS, newness
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    band_curve,
    canvas,
    heat_map,
    question,
    words_beside,
)
from helpers.report.release import FEWEST_PEOPLE, shares_leave
from methods.intervals.estimates import Interval
from methods.intervals.group_shares import share_over_groups

CALENDAR, ROLLING = "calendar months", f"windows of {ROLLING_DAYS} days"
MOST_LABELS = 18
RETENTION = {1: "B1.next_month_retention", 3: "B1.third_month_retention"}
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Retention by cohort and for all cohorts together.

    cells: one row a cohort and month since (cohort_month, months_since, customers, active). newness: who
    counts as new, in a sentence; known: whether they are new as far as can be told. curves: per definition,
    one row a month since (months_since, customers, value, low, high in %).
    """

    findings: tuple[Finding, ...]
    cells: pd.DataFrame
    curves: dict[str, pd.DataFrame]
    newness: str
    known: bool

    def draw(self) -> Picture:
        """The cohort heat map, cells not yet seen left blank, and the pooled curves."""
        curves = {label: _told(curve) for label, curve in self.curves.items()}
        first = next(iter(curves.values())).head(6)
        points = list(zip(first["months_since"], first["value"], strict=True))
        cohorts = self.cells["cohort_month"].nunique()
        title, alt = WORDS.picture("cohorts", self.findings, known=self.known, cohorts=cohorts, points=points)
        figure, axes = canvas(title, columns=2, width_inches=11.5, height_inches=5.2)
        _draw_cohorts(axes[0, 0], self.cells)
        panel = axes[0, 1]
        for colour, (label, curve) in zip(PALETTE, curves.items(), strict=False):
            band_curve(panel, **_in_place(curve), label=label, colour=colour)
        panel.set_title("All cohorts together")
        panel.set_xlabel("months since the first order")
        panel.set_ylabel("% of the customers who bought")
        panel.set_ylim(bottom=0)
        panel.xaxis.set_major_locator(MaxNLocator(integer=True))
        panel.legend()
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a way of counting and month since: customers, share who bought, interval.

        The definitions stand in the caption: as a column they make the table wider than a page.
        """
        parts = [curve.assign(counted=label) for label, curve in self.curves.items()]
        frame = pd.concat(parts, ignore_index=True)
        frame = frame[frame["months_since"].isin([1, 2, 3, 6, 12])]
        order = ["counted", "months_since", "customers", "value", "low", "high"]
        frame = frame[order].rename(columns={"months_since": "months since", "value": "% who bought"})
        frame.attrs = {
            "caption": " ".join([WORDS.text("caption"), *map(WORDS.text, self.curves), self.newness]),
            "formats": {"% who bought": ".1f", "low": ".1f", "high": ".1f"},
            "people": "customers",
            "shares": {"% who bought": 100},
            "within": "counted",
        }
        return frame


def _told(curve: pd.DataFrame) -> pd.DataFrame:
    """The months of a curve whose share may leave."""
    return curve[shares_leave(zip(curve["value"] / 100, curve["customers"], strict=True))]


def _in_place(curve: pd.DataFrame) -> dict[str, Any]:
    """A curve in every month from its first to its last, so that no line leads over months not shown."""
    curve = curve.set_index("months_since")
    if len(curve):
        curve = curve.reindex(range(curve.index.min(), curve.index.max() + 1))
    return {"x": curve.index, "y": curve["value"], "low": curve["low"], "high": curve["high"]}


def _draw_cohorts(panel: Axes, cells: pd.DataFrame) -> None:
    """Draw the share who bought by cohort and month since; groups too small to be shown stay blank."""
    later = cells[(cells["months_since"] > 0) & (cells["customers"] >= FEWEST_PEOPLE)]
    shares = zip(later["active"] / later["customers"], later["customers"], strict=True)
    later = later[shares_leave(shares)]
    rates = (100 * later["active"] / later["customers"]).rename("rate")
    grid = later.assign(rate=rates).pivot(index="cohort_month", columns="months_since", values="rate")
    panel.set_title("Monthly cohorts")
    if grid.empty:
        panel.text(0.5, 0.5, WORDS.text("small cohorts", least=FEWEST_PEOPLE), ha="center", va="center")
        return panel.set_axis_off()
    begins = pd.date_range(grid.index.min(), grid.index.max(), freq="MS")  # what is not shown keeps its place
    grid = grid.reindex(index=begins, columns=range(grid.columns.min(), grid.columns.max() + 1))
    grid.index = [f"{month:%Y-%m}" for month in grid.index]
    image = heat_map(panel, grid, lowest=0.0)
    rows, columns = (max(1, math.ceil(length / MOST_LABELS)) for length in grid.shape)
    panel.set_yticks(range(0, len(grid), rows), grid.index[::rows], fontsize=8)
    panel.set_xticks(range(0, grid.shape[1], columns), [str(month) for month in grid.columns[::columns]])
    panel.set_xlabel("months since the first order")
    panel.set_ylabel("month of the first order")
    panel.figure.colorbar(image, ax=panel, label="% who bought in the month", shrink=0.8)
    return None


@question(WORDS, needs=("orders.placed_at",))
def retention(shop: Shop, *, months: int = 12, level: float = 0.95) -> Retention:
    """Return next-month and third-month retention of new customers and of all buyers.

    months: how many of the latest cohorts that were watched long enough are pooled; where customers may be
    older than the data, the first EARLY_COHORTS are not among them if LEAST_OTHERS others remain.
    New customers count once each, and their interval allows for cohorts that differ; buyers count in every
    month that they bought in, so their interval takes a customer's months together. Raises CannotAnswer when
    no cohort was watched for a whole month after its own.
    """
    first = pd.Timestamp(month_start(complete_months(shop).start)) if len(complete_months(shop)) else None
    cells = {label: _cells(shop, first, rolling=label == ROLLING) for label in (CALENDAR, ROLLING)}
    if _latest(cells[CALENDAR], 1, months).empty:
        raise CannotAnswer(WORDS.text("no month watched"))
    since_month, known, newness = _newness(shop, cells[CALENDAR])
    kept = {label: part[part["cohort_month"] >= since_month] for label, part in cells.items()}
    curves = {label: _curve(part, months=months, level=level) for label, part in kept.items()}
    found = [
        _finding(since, kept[CALENDAR], months=months, level=level, known=known, newness=newness)
        for since in RETENTION
    ]
    found += [_buyers(shop, one, months=months, level=level) for one in (NEXT_MONTH, THIRD_MONTH)]
    return Retention(
        findings=tuple(found),
        cells=cells[CALENDAR],
        curves={label: curve for label, curve in curves.items() if len(curve)},
        newness=newness,
        known=known,
    )


def _cells(shop: Shop, first: pd.Timestamp | None, *, rolling: bool) -> pd.DataFrame:
    """Cohorts from the first complete month on: before it, not all first orders of the month are known."""
    if first is None:
        raise CannotAnswer(WORDS.text("no whole month"))
    cells = monthly_cohorts(shop, rolling=rolling).execute()
    return cells[cells["cohort_month"] >= first].reset_index(drop=True)


def _newness(shop: Shop, cells: pd.DataFrame) -> tuple[pd.Timestamp, bool, str]:
    """Return the first cohort to pool, whether its customers are new as far as can be told, and why."""
    cohorts = cells.loc[(cells["months_since"] == 1) & (cells["customers"] > 0), "cohort_month"]
    new = newness(shop, cohorts.sort_values().reset_index(drop=True))
    facts: dict[str, Any] = {"older": new.older}
    if new.early:
        first, last = new.early
        facts = {"first": f"{first:%Y-%m}", "last": f"{last:%Y-%m}", "early": EARLY_COHORTS}
    return new.since, new.known, WORDS.text("newness", kind=new.kind, **facts)


def _latest(cells: pd.DataFrame, since: int, months: int) -> pd.DataFrame:
    return cells[(cells["months_since"] == since) & (cells["customers"] > 0)].tail(months)


def _pooled(cells: pd.DataFrame, since: int, *, months: int, level: float) -> Interval | None:
    rows = _latest(cells, since, months)
    return share_over_groups(rows["active"], rows["customers"], level=level) if len(rows) else None


def _curve(cells: pd.DataFrame, *, months: int, level: float) -> pd.DataFrame:
    rows = []
    for since in range(1, int(np.nan_to_num(cells["months_since"].max(), nan=0)) + 1):
        found = _pooled(cells, since, months=months, level=level)
        if found:
            share = found.scaled(100)
            rows.append((since, found.n, share.estimate, share.low, share.high))
    return pd.DataFrame(rows, columns=["months_since", "customers", "value", "low", "high"])


def _buyers(shop: Shop, measure: Measure, *, months: int, level: float) -> Finding:
    try:
        series = monthly_series(shop, measure, months=months, level=level)
    except CannotAnswer as limit:
        return WORDS.skip(measure.id, str(limit))
    return level_finding(WORDS, series)


def _finding(
    since: int, cells: pd.DataFrame, *, months: int, level: float, known: bool, newness: str
) -> Finding:
    found = _pooled(cells, since, months=months, level=level)
    if found is None:
        return WORDS.skip(RETENTION[since], WORDS.text("not watched so long"))
    cohorts = _latest(cells, since, len(cells))["cohort_month"]
    return WORDS.finding(
        RETENTION[since],
        found,
        scale=100,
        method=WORDS.text("method cohorts"),
        assumptions=(newness, WORDS.text("assumption cohorts")),
        known=known,
        last_cohort=f"{cohorts.max():%Y-%m}",
    )
