"""C1, second part: who came, stayed, came back and fell silent from month to month, in flows that add up."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pandas as pd

from helpers.data.cohorts import complete_months, month_number, month_start
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    bars,
    canvas,
    question,
    words_beside,
)
from helpers.report.formats import count
from helpers.report.release import hidden_rows
from methods.intervals.estimates import Interval, wilson

WORDS = words_beside(__file__)
FLOWS = ("new", "returning", "resurrecting", "dormant")
_LABELLED_MONTHS = 8


@dataclass(frozen=True, kw_only=True)
class Flows:
    """Customers by month.

    months: one row a month (timestamp `month`) with active, new, returning, resurrecting, dormant
    (customers); active = new + returning + resurrecting, and the active of the month before = returning +
    dormant.
    """

    months: pd.DataFrame
    findings: tuple[Finding, ...]

    def draw(self) -> Picture:
        """Draw who was active upwards and who fell dormant downwards, month by month."""
        last = self.months.iloc[-1]
        gain = int(last["new"] + last["resurrecting"] - last["dormant"])
        told = [f"{flow} {count(last[flow])}" for flow in FLOWS]
        title, alt = WORDS.picture("flows", self.findings, month=_month(last), gain=gain, flows=told)
        figure, axes = canvas(title, y="customers", width_inches=9)
        months = self.months[~hidden_rows(self.months, people="active", counts=FLOWS)]
        names = months["month"].dt.strftime("%Y-%m").to_list()
        # Drawn from the top of the stack down, each bar from nil, so that the lower ones lie in front.
        stack = months[list(FLOWS[:3])].cumsum(axis=1)
        for flow, colour in zip(reversed(FLOWS[:3]), reversed(PALETTE[:3]), strict=True):
            bars(axes, names, stack[flow], colour=colour, label=flow, upright=True)
        bars(axes, names, -months["dormant"], colour=PALETTE[6], label="dormant", upright=True)
        axes.axhline(0, color=MUTED, lw=0.8)
        step = max(1, len(names) // _LABELLED_MONTHS)
        axes.set_xticks(range(0, len(names), step), names[::step])
        axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.1))
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """Return one row a month, the latest 12."""
        frame = self.months.tail(12).assign(month=self.months["month"].dt.strftime("%Y-%m"))
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {name: "," for name in ("active", *FLOWS)},
            "people": "active",
            "counts": FLOWS,
        }
        return frame


@question(WORDS, needs=("orders.placed_at",))
def lifecycle_flows(shop: Shop) -> Flows:
    """Count the customers of each whole month by what they did in the month before.

    New: first purchase in the data. Returning: bought in the month before too. Resurrecting: bought, not in
    the month before, but earlier. Dormant: bought in the month before and not in this one. Months of the
    shop's clock that were seen whole, from the second on. Raises CannotAnswer with fewer than two such
    months.
    """
    months = monthly_flows(shop)
    if months.empty:
        raise CannotAnswer(WORDS.text("too few months"))
    last = months.iloc[-1]
    active, before = int(last["active"]), int(last["returning"] + last["dormant"])
    if not active and not before:
        raise CannotAnswer(WORDS.text("nobody bought", month=_month(last)))
    told = []
    if active:
        told += [("C1.new_share", wilson(last["new"], active))]
        told += [("C1.resurrecting_share", wilson(last["resurrecting"], active))]
    if before:
        told += [("C1.dormant_share", wilson(last["dormant"], before))]
    return Flows(months=months, findings=tuple(_finding(id, share, last) for id, share in told))


def monthly_flows(shop: Shop) -> pd.DataFrame:
    """Return `Flows.months`; empty with fewer than two whole months."""
    whole = complete_months(shop)
    orders = dated_purchases(shop)
    rows = orders.select("customer_id", number=month_number(shop.local(orders.placed_at))).distinct()
    own = ibis.window(group_by="customer_id", order_by="number")
    rows = rows.mutate(
        first=rows.number.min().over(ibis.window(group_by="customer_id")), earlier=rows.number.lag().over(own)
    )
    counts = rows.group_by("number").agg(
        active=rows.count(),
        new=(rows.number == rows["first"]).sum(),
        returning=(rows.earlier == rows.number - 1).sum().fill_null(0),
        resurrecting=(rows.earlier < rows.number - 1).sum().fill_null(0),
    )
    frame = counts.to_pandas().set_index("number").reindex(list(whole), fill_value=0).astype(int)
    frame["dormant"] = frame["active"].shift(1) - frame["returning"]
    frame.insert(0, "month", [pd.Timestamp(month_start(number)) for number in frame.index])
    return frame.iloc[1:].astype({"dormant": int}).reset_index(drop=True)


def _finding(id: str, share: Interval, month: pd.Series) -> Finding:
    return WORDS.finding(
        id,
        share,
        scale=100,
        method=WORDS.text("method"),
        assumptions=(WORDS.text("assumption"),),
        month=_month(month),
    )


def _month(row: pd.Series) -> str:
    return f"{row['month']:%B %Y}"
