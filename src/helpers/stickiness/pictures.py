"""The chapter's drawings."""

from __future__ import annotations

import math

import matplotlib.dates as mdates
import numpy as np
import pandas as pd

from helpers.report import INK, MUTED, PALETTE, SEQUENTIAL, Picture, canvas
from helpers.report.table import MINIMUM_PEOPLE
from helpers.stickiness.monthly import Series
from methods.customers.survival import Survival


def draw_series(series: tuple[Series, ...], *, title: str) -> Picture:
    """Draw one panel a measure: months along, value with its interval as a band."""
    columns = min(2, len(series))
    rows = math.ceil(len(series) / columns)
    figure, axes = canvas(
        title, rows=rows, columns=columns, width_inches=4.2 * columns + 0.8, height_inches=2.3 * rows + 0.7
    )
    panels = np.atleast_1d(axes).ravel()
    for panel, one in zip(panels, series, strict=False):
        _band(panel, one.frame)
        panel.set_title(one.measure.label)
        panel.set_ylabel(_short(one.unit), fontsize=8)
        months(panel)
    for panel in panels[len(series) :]:
        panel.set_axis_off()
    said = "; ".join(
        f"{one.measure.label.lower()} goes from {one.frame['value'].iloc[0]:,.1f} in "
        f"{one.frame['start'].iloc[0]:%B %Y} to {one.frame['value'].iloc[-1]:,.1f} in "
        f"{one.frame['start'].iloc[-1]:%B %Y} ({_short(one.unit)})"
        for one in series
    )
    return Picture(figure, f"Monthly lines with 95 % bands: {said}.")


def draw_cohorts(cells: pd.DataFrame, curves: dict[str, pd.DataFrame], *, title: str) -> Picture:
    """Draw the cohort heat map beside the pooled retention curves.

    cells: cohort_month, months_since, customers, active. curves: label to months_since, value, low, high (%).
    Cells not seen whole, and those of fewer people than may be shown, stay blank.
    """
    figure, axes = canvas(title, columns=2, width_inches=11.5, height_inches=5.2)
    _heat_map(figure, axes[0, 0], cells)
    panel = axes[0, 1]
    for color, (label, curve) in zip(PALETTE, curves.items(), strict=False):
        panel.plot(curve["months_since"], curve["value"], marker="o", markersize=3, color=color, label=label)
        panel.fill_between(curve["months_since"], curve["low"], curve["high"], color=color, alpha=0.18, lw=0)
    panel.set_title("All cohorts together")
    panel.set_xlabel("months since the first order")
    panel.set_ylabel("% of the customers who bought")
    panel.set_ylim(bottom=0)
    panel.legend()
    first = next(iter(curves.values()))
    said = ", ".join(f"{row.value:.1f} % in month {row.months_since}" for row in first.head(6).itertuples())
    return Picture(
        figure,
        f"Heat map of {cells['cohort_month'].nunique()} monthly cohorts by months since the first order, "
        f"cells not yet seen left blank, beside the retention curve of all cohorts: {said}.",
    )


def _heat_map(figure, panel, cells: pd.DataFrame) -> None:
    later = cells[(cells["months_since"] > 0) & (cells["customers"] >= MINIMUM_PEOPLE)]
    rates = (100 * later["active"] / later["customers"]).rename("rate")
    grid = later.assign(rate=rates).pivot(index="cohort_month", columns="months_since", values="rate")
    shown = np.ma.masked_invalid(grid.to_numpy(dtype=float))
    extent = (grid.columns.min() - 0.5, grid.columns.max() + 0.5, len(grid) - 0.5, -0.5)
    mesh = panel.imshow(shown, aspect="auto", cmap=SEQUENTIAL, extent=extent, vmin=0)
    if shown.size <= 400:
        middle = shown.max() / 2
        for (row, column), rate in np.ndenumerate(grid.to_numpy(dtype=float)):
            if np.isfinite(rate):
                color = INK if rate > middle else "white"
                place = (grid.columns[column], row)
                panel.text(*place, f"{rate:.0f}", ha="center", va="center", fontsize=6, color=color)
    step = max(1, math.ceil(len(grid) / 18))
    panel.set_yticks(
        range(0, len(grid), step), [f"{month:%Y-%m}" for month in grid.index[::step]], fontsize=8
    )
    panel.set_title("Monthly cohorts")
    panel.set_xlabel("months since the first order")
    panel.set_ylabel("month of the first order")
    panel.grid(visible=False)
    figure.colorbar(mesh, ax=panel, label="% who bought in the month", shrink=0.8)


def draw_waits(curves: dict[str, Survival], *, days: int, title: str) -> Picture:
    """Draw the share who have bought again by the days since a purchase day, one line a curve."""
    figure, panel = canvas(title, x="days since a purchase", y="% who have bought again")
    said = []
    for color, (label, curve) in zip(PALETTE, curves.items(), strict=False):
        kept = (curve.days <= days) & (curve.at_risk >= MINIMUM_PEOPLE)
        panel.step(
            curve.days[kept], 100 * (1 - curve.waiting[kept]), where="post", color=color, lw=1.8, label=label
        )
        if curve.low is not None:
            low, high = 100 * (1 - curve.high[kept]), 100 * (1 - curve.low[kept])
            panel.fill_between(curve.days[kept], low, high, step="post", color=color, alpha=0.2, lw=0)
        half = curve.quantile(0.5)
        said.append(f"{label}: half by day {half:.0f}" if np.isfinite(half) else f"{label}: half not reached")
    panel.axhline(50, color=MUTED, lw=0.8, ls="--")
    panel.set_ylim(0, 100)
    panel.legend(loc="lower right")
    return Picture(
        figure,
        f"Rising curves with 95 % bands, share who have bought again over the days: {'; '.join(said)}.",
    )


def draw_slopes(frame: pd.DataFrame, index: pd.Series, *, title: str) -> Picture:
    """Draw each measure's relative trend with its interval beside the index of all measures.

    frame: measure, slope, low, high (% of its level a month), settled (bool); the last row is all together.
    """
    figure, axes = canvas(title, columns=2, width_inches=11, height_inches=0.42 * len(frame) + 1.8)
    panel, course = axes[0, 0], axes[0, 1]
    for place, row in enumerate(frame.itertuples()):
        color = PALETTE[0] if row.settled and row.slope > 0 else PALETTE[1] if row.settled else MUTED
        panel.plot([row.low, row.high], [place, place], color=color, lw=2)
        panel.plot(row.slope, place, "o", color=color)
    panel.axvline(0, color=INK, lw=0.8)
    panel.set_yticks(range(len(frame)), frame["measure"])
    panel.invert_yaxis()
    panel.set_xlabel("change a month, % of its level (95 % interval)")
    panel.set_title("Each measure's trend; grey: not settled")
    course.plot(index.index, index, marker="o", markersize=3, color=PALETTE[0])
    course.axhline(100, color=MUTED, lw=0.8, ls="--")
    course.set_title("All measures together, 100 = their mean")
    months(course)
    said = "; ".join(f"{row.measure} {row.slope:+.1f} % a month" for row in frame.itertuples())
    return Picture(figure, f"Trends of the measures with 95 % intervals around zero: {said}.")


def _band(panel, frame: pd.DataFrame) -> None:
    shown = frame[frame["customers"] >= MINIMUM_PEOPLE]
    panel.fill_between(shown["start"], shown["low"], shown["high"], color=PALETTE[0], alpha=0.2, lw=0)
    panel.plot(shown["start"], shown["value"], marker="o", markersize=3, color=PALETTE[0])


def months(panel) -> None:
    """Label a time axis with few, short dates."""
    locator = mdates.AutoDateLocator(minticks=3, maxticks=6)
    panel.xaxis.set_major_locator(locator)
    panel.xaxis.set_major_formatter(mdates.ConciseDateFormatter(locator))


def _short(unit: str) -> str:
    return unit.replace(" a month per 100 active customers", " per 100 active")
