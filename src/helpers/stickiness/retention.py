"""B1: do customers come back after their first order, and do buyers come back month after month?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.cohorts import ROLLING_DAYS, complete_months, month_start, monthly_cohorts
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.statistics.intervals import Interval, wilson
from helpers.stickiness.measures import NEXT_MONTH, THIRD_MONTH, Measure
from helpers.stickiness.monthly import monthly_series
from helpers.stickiness.pictures import draw_cohorts
from helpers.stickiness.words import finding_of, level_finding, not_known, span

CALENDAR, ROLLING = "calendar months", f"windows of {ROLLING_DAYS} days"
DEFINITIONS = {
    CALENDAR: "of the customers whose first order fell in a month, those who bought in the calendar month so "
    "many months later; only months seen whole",
    ROLLING: f"of the same customers, those who bought in the {ROLLING_DAYS}-day window that starts so many "
    f"times {ROLLING_DAYS} days after their own first order; only customers whose window was seen whole",
}
_QUESTION = "How many customers come back in the next month and in the third month?"
_NAMES = {1: ("next_month", "in the calendar month after"), 3: ("third_month", "in the third month after")}


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Retention by cohort and for all cohorts together.

    cells: one row a cohort and month since (cohort_month, months_since, customers, active).
    curves: per definition, one row a month since (months_since, customers, value, low, high in %).
    """

    findings: tuple[Finding, ...]
    cells: pd.DataFrame
    curves: dict[str, pd.DataFrame]
    title: str

    def draw(self) -> Picture:
        """The cohort heat map, cells not yet seen left blank, and the pooled curves."""
        return draw_cohorts(self.cells, self.curves, title=self.title)

    def table(self) -> pd.DataFrame:
        """One row a definition and month since: customers, share who bought, interval, definition."""
        parts = [
            curve.assign(counted=label, definition=DEFINITIONS[label]) for label, curve in self.curves.items()
        ]
        frame = pd.concat(parts, ignore_index=True)
        frame = frame[frame["months_since"].isin([1, 2, 3, 6, 12])]
        order = ["counted", "months_since", "customers", "value", "low", "high", "definition"]
        frame = frame[order].rename(columns={"months_since": "months since", "value": "% who bought"})
        frame.attrs = {
            "caption": "Customers who bought again, by time since their first order (95 % Wilson intervals)",
            "formats": {"% who bought": ".1f", "low": ".1f", "high": ".1f"},
            "people": "customers",
        }
        return frame


@question("B1", _QUESTION, needs=("orders.placed_at",))
def retention(shop: Shop, *, months: int = 12, level: float = 0.95) -> Retention:
    """Return next-month and third-month retention of new customers and of all buyers.

    months: how many of the latest cohorts that were watched long enough are pooled. New customers count once
    each (Wilson's interval); buyers count in every month that they bought in, so their interval takes a
    customer's months together. Raises (as a skip) when no cohort was watched for a whole month after its own.
    """
    first = pd.Timestamp(month_start(complete_months(shop).start)) if len(complete_months(shop)) else None
    cells = {label: _cells(shop, first, rolling=label == ROLLING) for label in (CALENDAR, ROLLING)}
    curves = {label: _curve(part, months=months, level=level) for label, part in cells.items()}
    if curves[CALENDAR].empty:
        raise CannotAnswer("no month of first orders was followed by a month that the data cover whole.")
    pooled = {since: _pooled(cells[CALENDAR], since, months=months, level=level) for since in _NAMES}
    findings = [_finding(since, found, cells[CALENDAR]) for since, found in pooled.items()]
    findings += [_buyers(shop, one, months=months, level=level) for one in (NEXT_MONTH, THIRD_MONTH)]
    return Retention(
        findings=tuple(findings),
        cells=cells[CALENDAR],
        curves={label: curve for label, curve in curves.items() if len(curve)},
        title=f"{100 * pooled[1].estimate:.0f} % of new customers buy again in the month after the first",
    )


def _cells(shop: Shop, first: pd.Timestamp | None, *, rolling: bool) -> pd.DataFrame:
    """Cohorts from the first complete month on: before it, not all first orders of the month are known."""
    if first is None:
        raise CannotAnswer("the data cover no whole month.")
    cells = monthly_cohorts(shop, rolling=rolling).execute()
    return cells[cells["cohort_month"] >= first].reset_index(drop=True)


def _latest(cells: pd.DataFrame, since: int, months: int) -> pd.DataFrame:
    return cells[(cells["months_since"] == since) & (cells["customers"] > 0)].tail(months)


def _pooled(cells: pd.DataFrame, since: int, *, months: int, level: float) -> Interval | None:
    rows = _latest(cells, since, months)
    return wilson(rows["active"].sum(), rows["customers"].sum(), level=level) if len(rows) else None


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
        return not_known(measure.id, str(limit), question=_QUESTION)
    return level_finding(series, question=_QUESTION)


def _finding(since: int, found: Interval | None, cells: pd.DataFrame) -> Finding:
    name, words = _NAMES[since]
    if found is None:
        reason = "no month of first orders was watched for so many months."
        return not_known(f"B1.{name}_retention", reason, question=_QUESTION)
    cohorts = _latest(cells, since, len(cells))["cohort_month"]
    return finding_of(
        found.scaled(100),
        id=f"B1.{name}_retention",
        question=_QUESTION,
        unit="% of new customers",
        method="share of monthly cohorts pooled, calendar months, Wilson interval",
        assumptions=(
            "The first order in the data is the customer's first ever; early in the data some are not.",
            "Customers decide independently of one another.",
        ),
        reading=f"Of {found.n:,} customers whose first order was long enough ago (cohorts up to "
        f"{cohorts.max():%Y-%m}), {span(found.scaled(100))} % bought again {words}.",
    )
