"""A first look at a shop: how much there is, from when to when, and how well filled."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.data.catalogue import CATALOGUE
from helpers.data.receipt import TableReceipt
from helpers.data.shop import Shop
from helpers.report import MUTED, PALETTE, Finding, Picture, canvas


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
        frame.attrs = {"caption": "How well each column is filled", "formats": {"filled %": ".1f"}}
        return frame

    def draw(self) -> Picture:
        """Draw orders a month; months that were only partly observed are pale."""
        if self.months.empty:
            figure, axes = canvas("These data hold no times, so nothing can be dated", height_inches=1.2)
            axes.set_axis_off()
            return Picture(figure, "No picture of orders over time: these data hold no times.")
        whole = self.months[self.months["complete"]]
        title = f"{self.months['orders'].sum():,} orders in {len(self.months)} months"
        figure, axes = canvas(title, x="month", y="orders placed")
        colours = [PALETTE[0] if complete else MUTED for complete in self.months["complete"]]
        axes.bar(self.months["month"].dt.strftime("%Y-%m"), self.months["orders"], color=colours)
        axes.tick_params(axis="x", rotation=90)
        axes.grid(axis="x", visible=False)
        partly = len(self.months) - len(whole)
        alt = (
            f"Bar chart of orders placed in each of {len(self.months)} months, from "
            f"{self.months['orders'].min():,} to {self.months['orders'].max():,}; "
            f"{partly} months seen only in part are grey."
        )
        return Picture(figure, alt)


def profile(shop: Shop) -> Profile:
    """Return how much of the shop was accepted, refused and filled, and its orders by month."""
    return Profile(findings=(_refused(shop),), months=_months(shop), columns=_columns(shop))


def _refused(shop: Shop) -> Finding:
    """The share of rows set aside in the table that lost the largest share: one file may feed several."""
    files = shop.receipt.files.values()
    worst = max(shop.receipt.tables.values(), key=lambda table: (_share(table), table.read))
    share = _share(worst)
    lines = f"The shop was read from {sum(file.rows for file in files):,} rows in {_files(len(files))}. "
    if worst.quarantined:
        said = f"Of all tables {worst.table} lost the largest share: {worst.quarantined:,} of its "
        said += f"{worst.read:,} rows ({share:.2f} %) were set aside with the reason."
    else:
        said = "No table had a row set aside."
    return Finding(
        id="data.rows_refused",
        requirement="data",
        question="How large a share of a table's rows could not be used, at worst?",
        estimate=share,
        low=share,
        high=share,
        level=None,
        unit=f"% of rows of {worst.table}",
        n=worst.read,
        method="count of every row read for the table that lost the largest share; nothing is sampled",
        assumptions=("the source files are complete",),
        reading=(lines if files else "") + said,
    )


def _share(table: TableReceipt) -> float:
    return 100 * table.quarantined / table.read if table.read else 0.0


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


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
