"""A first look at a shop: how much there is, from when to when, and how well filled."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from helpers.data.catalogue import CATALOGUE
from helpers.data.receipt import TableReceipt
from helpers.data.shop import Shop
from helpers.report import MUTED, PALETTE, Finding, Picture, bars, canvas, question, words_beside
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What the loader accepted and refused, and the orders of each month.

    months: month (shop clock), orders, complete (whether the whole month was observed); empty without times.
    columns: table, column, meaning, filled (% of accepted rows).
    """

    findings: tuple[Finding, ...]
    months: pd.DataFrame
    columns: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """One row a column of the contract: table, column, meaning, filled (% of rows)."""
        frame = self.columns.copy()
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": {"filled %": ".1f"}}
        return frame

    def draw(self) -> Picture:
        """Draw orders a month; months that were only partly observed are pale."""
        if self.months.empty:
            title, alt = WORDS.picture("no times", self.findings)
            figure, axes = canvas(title, height_inches=1.2)
            axes.set_axis_off()
            return Picture(figure, alt)
        orders, complete = self.months["orders"], self.months["complete"]
        title, alt = WORDS.picture(
            "months",
            self.findings,
            orders=orders.sum(),
            months=len(orders),
            fewest=orders.min(),
            most=orders.max(),
            partly=int((~complete).sum()),
        )
        figure, axes = canvas(title, x="month", y="orders placed")
        colours = [PALETTE[0] if whole else MUTED for whole in complete]
        bars(axes, self.months["month"].dt.strftime("%Y-%m"), orders, colour=colours, upright=True)
        axes.tick_params(axis="x", rotation=90)
        axes.grid(axis="x", visible=False)
        return Picture(figure, alt)


@question(WORDS, needs=())
def profile(shop: Shop) -> Profile:
    """Return how much of the shop was accepted, refused and filled, and its orders by month."""
    return Profile(findings=(_refused(shop),), months=_months(shop), columns=_columns(shop))


def _refused(shop: Shop) -> Finding:
    """The share of rows set aside in the table that lost the largest share: one file may feed several."""
    files = shop.receipt.files.values()
    worst = max(shop.receipt.tables.values(), key=lambda table: (_share(table), table.read))
    share = _share(worst)
    found = WORDS.finding(
        "data.rows_refused",
        Interval(estimate=share, low=share, high=share, n=worst.read),
        unit=WORDS.label("unit", table=worst.table),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("complete"),),
        files=len(files),
        rows=sum(file.rows for file in files),
        table=worst.table,
        set_aside=worst.quarantined,
    )
    return replace(found, level=None)  # a count of every row has no interval


def _share(table: TableReceipt) -> float:
    return 100 * table.quarantined / table.read if table.read else 0.0


def _months(shop: Shop) -> pd.DataFrame:
    if shop.missing("orders.placed_at"):
        return pd.DataFrame({"month": pd.Series(dtype="datetime64[us]"), "orders": [], "complete": []})
    orders = shop["orders"]
    by_month = orders.group_by(month=shop.local(orders.placed_at).truncate("M"))
    ends = orders.aggregate(
        first=shop.local(orders.placed_at).min(), last=shop.local(orders.placed_at).max()
    ).to_pandas()
    frame = by_month.aggregate(orders=orders.count()).order_by("month").to_pandas()
    first, last = ends.loc[0, "first"], ends.loc[0, "last"]
    begins, stops = frame["month"], frame["month"] + pd.offsets.MonthBegin(1)
    day = pd.Timedelta(days=1)
    frame["complete"] = (begins >= first.floor("D") - day) & (stops <= last.ceil("D") + day)
    return frame


def _columns(shop: Shop) -> pd.DataFrame:
    rows = []
    for name, receipt in shop.receipt.tables.items():
        for column in CATALOGUE[name].columns:
            filled = 100 * receipt.filled.get(column.name, 0) / receipt.accepted if receipt.accepted else 0.0
            rows.append((name, column.name, column.meaning, filled))
    return pd.DataFrame(rows, columns=["table", "column", "meaning", "filled %"])
