"""B1: do customers come back after their first order, and do buyers come back month after month?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.cohorts import ROLLING_DAYS, complete_months, month_start, monthly_cohorts
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, question
from helpers.stickiness.measures import NEXT_MONTH, THIRD_MONTH, Measure
from helpers.stickiness.monthly import monthly_series
from helpers.stickiness.pictures import draw_cohorts
from helpers.stickiness.words import finding_of, level_finding, not_known, span
from methods.intervals.estimates import Interval, wilson

CALENDAR, ROLLING = "calendar months", f"windows of {ROLLING_DAYS} days"
DEFINITIONS = {
    CALENDAR: "of the customers whose first order fell in a month, those who bought in the calendar month so "
    "many months later; only months seen whole",
    ROLLING: f"of the same customers, those who bought in the {ROLLING_DAYS}-day window that starts so many "
    f"times {ROLLING_DAYS} days after their own first order; only customers whose window was seen whole",
}
EARLY_COHORTS = 3  # beyond them few customers have orders older than the data
LEAST_OTHERS = 6
OLD_SHARE = 0.01  # so few early customers from before the data do not move a percentage that is shown
_QUESTION = "How many customers come back in the next month and in the third month?"
_NAMES = {1: ("next_month", "in the calendar month after"), 3: ("third_month", "in the third month after")}


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Retention by cohort and for all cohorts together.

    cells: one row a cohort and month since (cohort_month, months_since, customers, active). newness: who
    counts as new, in a sentence. curves: per definition, one row a month since (months_since, customers,
    value, low, high in %).
    """

    findings: tuple[Finding, ...]
    cells: pd.DataFrame
    curves: dict[str, pd.DataFrame]
    newness: str
    title: str

    def draw(self) -> Picture:
        """The cohort heat map, cells not yet seen left blank, and the pooled curves."""
        return draw_cohorts(self.cells, self.curves, title=self.title)

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
            "caption": "Customers who bought again, by time since their first order (95 % Wilson intervals). "
            + " ".join(f"{label.capitalize()}: {DEFINITIONS[label]}." for label in self.curves)
            + f" {self.newness}",
            "formats": {"% who bought": ".1f", "low": ".1f", "high": ".1f"},
            "people": "customers",
        }
        return frame


@question("B1", _QUESTION, needs=("orders.placed_at",))
def retention(shop: Shop, *, months: int = 12, level: float = 0.95) -> Retention:
    """Return next-month and third-month retention of new customers and of all buyers.

    months: how many of the latest cohorts that were watched long enough are pooled; where customers may be
    older than the data, the first EARLY_COHORTS are not among them if LEAST_OTHERS others remain.
    New customers count once each (Wilson's interval); buyers count in every month that they bought in, so
    their interval takes a customer's months together. Raises (as a skip) when no cohort was watched for a
    whole month after its own.
    """
    first = pd.Timestamp(month_start(complete_months(shop).start)) if len(complete_months(shop)) else None
    cells = {label: _cells(shop, first, rolling=label == ROLLING) for label in (CALENDAR, ROLLING)}
    if _latest(cells[CALENDAR], 1, months).empty:
        raise CannotAnswer("no month of first orders was followed by a month that the data cover whole.")
    since_month, known, newness = _newness(shop, cells[CALENDAR])
    kept = {label: part[part["cohort_month"] >= since_month] for label, part in cells.items()}
    curves = {label: _curve(part, months=months, level=level) for label, part in kept.items()}
    pooled = {since: _pooled(kept[CALENDAR], since, months=months, level=level) for since in _NAMES}
    findings = [
        _finding(since, found, kept[CALENDAR], known=known, newness=newness)
        for since, found in pooled.items()
    ]
    findings += [_buyers(shop, one, months=months, level=level) for one in (NEXT_MONTH, THIRD_MONTH)]
    return Retention(
        findings=tuple(findings),
        cells=cells[CALENDAR],
        curves={label: curve for label, curve in curves.items() if len(curve)},
        newness=newness,
        title=f"{100 * pooled[1].estimate:.0f} % of {'new customers' if known else 'customers first seen'} "
        "buy again in the month after the first",
    )


def _cells(shop: Shop, first: pd.Timestamp | None, *, rolling: bool) -> pd.DataFrame:
    """Cohorts from the first complete month on: before it, not all first orders of the month are known."""
    if first is None:
        raise CannotAnswer("the data cover no whole month.")
    cells = monthly_cohorts(shop, rolling=rolling).execute()
    return cells[cells["cohort_month"] >= first].reset_index(drop=True)


def _newness(shop: Shop, cells: pd.DataFrame) -> tuple[pd.Timestamp, bool, str]:
    """Return the first cohort to pool, whether its customers are new as far as can be told, and why."""
    cohorts = cells.loc[(cells["months_since"] == 1) & (cells["customers"] > 0), "cohort_month"].sort_values()
    last_early = cohorts.iloc[:EARLY_COHORTS].iloc[-1]
    older = _older_share(shop, before=last_early + pd.DateOffset(months=1))
    known = "All" if older < 0.0005 else f"All but {100 * older:.1f} %"
    if older <= OLD_SHARE:
        return cohorts.iloc[0], True, (
            f"{known} of the customers of the earliest cohorts joined after the data "
            "begin, so the first order in the data is the first ever."
        )  # fmt: skip
    if len(cohorts) >= EARLY_COHORTS + LEAST_OTHERS:
        return cohorts.iloc[EARLY_COHORTS], True, (
            f"The first {EARLY_COHORTS} monthly cohorts ({cohorts.iloc[0]:%Y-%m} to {last_early:%Y-%m}) are "
            "left out of the pooled figures, for their customers may have bought before the data begin; "
            "a few such customers may remain in later cohorts."
        )  # fmt: skip
    return cohorts.iloc[0], False, (
        "First order means first seen in the data: the data are too short to leave the earliest cohorts out, "
        "and customers who bought before the data begin look new and make retention look higher."
    )  # fmt: skip


def _older_share(shop: Shop, *, before: pd.Timestamp) -> float:
    """Of the customers first seen before a moment, the share not known to have joined in the data's time."""
    orders = dated_purchases(shop)
    first = orders.group_by("customer_id").agg(first_at=shop.local(orders.placed_at).min())
    begin = pd.Timestamp(first.first_at.min().execute()).normalize().to_pydatetime()
    rows = first.filter(first.first_at < before.to_pydatetime())
    rows = rows.left_join(shop["customers"].select("customer_id", "joined_at"), "customer_id")
    older = rows.joined_at.isnull() | (shop.local(rows.joined_at) < begin)
    return float(older.cast("int64").mean().execute())


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


def _finding(
    since: int, found: Interval | None, cells: pd.DataFrame, *, known: bool, newness: str
) -> Finding:
    name, words = _NAMES[since]
    if found is None:
        reason = "no month of first orders was watched for so many months."
        return not_known(f"B1.{name}_retention", reason, question=_QUESTION)
    cohorts = _latest(cells, since, len(cells))["cohort_month"]
    seen = "whose first order was" if known else "first seen in the data"
    return finding_of(
        found.scaled(100),
        id=f"B1.{name}_retention",
        question=_QUESTION,
        unit="% of new customers",
        method="share of monthly cohorts pooled, calendar months, Wilson interval",
        assumptions=(
            newness,
            "Customers decide independently of one another.",
        ),
        reading=f"Of {found.n:,} customers {seen} long enough ago (cohorts up to {cohorts.max():%Y-%m}), "
        f"{span(found.scaled(100))} % bought again {words}.",
    )
