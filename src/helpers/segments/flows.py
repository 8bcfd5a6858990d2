"""C1, second part: who came, stayed, came back and fell silent from month to month, in flows that add up."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import pandas as pd

from helpers.data.cohorts import complete_months, month_number, month_start
from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.report import MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from methods.intervals.estimates import Interval, wilson

QUESTION = "Lifecycle flows: how many are new, returning, resurrecting, and dormant each month?"
FLOWS = ("new", "returning", "resurrecting", "dormant")
_SEEN = (
    "a customer is new in the month of the first purchase in the data; one from before the "
    "data begin counts as new"
)


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
        figure, axes = canvas(
            f"{last['month']:%B %Y}: {gain:+,} customers, more coming than falling dormant"
            if gain > 0
            else f"{last['month']:%B %Y}: {gain:+,} customers, more falling dormant than coming",
            y="customers",
            width_inches=9,
        )
        base = 0
        for flow, colour in zip(FLOWS[:3], PALETTE, strict=False):
            axes.bar(self.months["month"], self.months[flow], width=24, bottom=base, color=colour, label=flow)
            base = base + self.months[flow]
        axes.bar(self.months["month"], -self.months["dormant"], width=24, color=PALETTE[6], label="dormant")
        axes.axhline(0, color=MUTED, lw=0.8)
        axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, -0.1))
        told = ", ".join(f"{flow} {last[flow]:,.0f}" for flow in FLOWS)
        return Picture(figure, f"Bars of customers by month and flow; last month {told}.")

    def table(self) -> pd.DataFrame:
        """Return one row a month, the latest 12."""
        frame = self.months.tail(12).assign(month=self.months["month"].dt.strftime("%Y-%m"))
        frame.attrs = {
            "caption": "Flows of customers: active = new + returning + resurrecting",
            "formats": {name: "," for name in ("active", *FLOWS)},
        }
        for flow in ("active", *FLOWS):
            frame[flow] = frame[flow].where(~frame[flow].between(1, 10))
        return frame


@question("C1", QUESTION, needs=("orders.placed_at",))
def lifecycle_flows(shop: Shop) -> Flows:
    """Count the customers of each whole month by what they did in the month before.

    New: first purchase in the data. Returning: bought in the month before too. Resurrecting: bought, not in
    the month before, but earlier. Dormant: bought in the month before and not in this one. Months of the
    shop's clock that were seen whole, from the second on. Raises CannotAnswer with fewer than two such
    months.
    """
    months = monthly_flows(shop)
    if months.empty:
        raise CannotAnswer(
            "fewer than two whole months of orders were seen, so nothing flows from one to another."
        )
    last = months.iloc[-1]
    before = int(last["returning"] + last["dormant"])
    findings = [
        _finding("new_share", wilson(last["new"], last["active"]), last, "of the active customers are new"),
        _finding(
            "resurrecting_share", wilson(last["resurrecting"], last["active"]), last,
            "of the active customers came back after a month or more without a purchase",
        ),
    ]  # fmt: skip
    if before:
        share = wilson(last["dormant"], before)
        findings.append(
            _finding("dormant_share", share, last, "of the customers active a month ago bought nothing")
        )
    return Flows(months=months, findings=tuple(findings))


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


def _finding(name: str, share: Interval, month: pd.Series, told: str) -> Finding:
    share = share.scaled(100)
    return Finding(
        id=f"C1.{name}",
        requirement="C1",
        question=QUESTION,
        estimate=share.estimate,
        low=share.low,
        high=share.high,
        unit="% of customers",
        n=share.n,
        method="calendar months of the shop's clock; Wilson interval",
        assumptions=(_SEEN,),
        reading=f"{month['month']:%B %Y}: {share.estimate:.0f} % {told}.",
    )
