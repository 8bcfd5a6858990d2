"""B4: in how many hands does revenue lie?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.cohorts import complete_months
from helpers.data.recent_spend import months_in_words, spend_in
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Picture, canvas, question, words_beside
from helpers.report.release import FEWEST_PEOPLE, Entry, amounts_of, led_by_one
from helpers.report.style import MUTED, PALETTE
from methods.customers.concentration import Concentration, concentration

WORDS = words_beside(__file__)
TENTHS = 10


@dataclass(frozen=True, kw_only=True)
class RevenueHands:
    """How what customers paid is spread over them. tenths: one row a tenth, those who paid most first."""

    findings: tuple[Finding, ...]
    found: Concentration
    tenths: pd.DataFrame
    months: str
    currency: str

    def draw(self) -> Picture:
        """The Lorenz curve beside the line of equal parts."""
        people, held = self.found.people, self.found.held
        half, nine = np.interp([0.5, 0.9], people, held)
        title, alt = WORDS.picture("lorenz", self.findings, months=self.months, half=half, nine=nine)
        figure, panel = canvas(
            title, x="% of customers, from those who paid least", y="% of revenue", height_inches=3.6
        )
        # Between two points of the curve lie the amounts of eleven people or more.
        grid = np.linspace(0, 1, 1 + min(100, (len(people) - 1) // FEWEST_PEOPLE))
        panel.plot(100 * grid, 100 * np.interp(grid, people, held), color=PALETTE[0])
        panel.plot([0, 100], [0, 100], color=MUTED, linestyle="--")
        panel.set_xlim(0, 100)
        panel.set_ylim(0, 100)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a tenth: customers, orders, revenue, its share and that of all who paid as much or more."""
        frame = self.tenths.copy()
        money = f"revenue, {self.currency}"
        frame = frame.rename(columns={"revenue": money})
        frame.attrs = {
            "caption": WORDS.text("caption", months=self.months),
            "formats": {money: ",.0f", "% of revenue": ".1f", "% so far": ".1f"},
            "people": "customers",
        }
        return frame


@question(WORDS, needs=("orders.placed_at", "order_lines.unit_price_cents"))
def revenue_hands(
    shop: Shop, *, months: int = 12, draws: int = 300, seed: int = 1, level: float = 0.95
) -> RevenueHands:
    """Return what the tenth of customers who paid most paid, with the Lorenz curve and a table of tenths.

    months: the recent whole months whose buyers count. draws, seed: of the bootstrap of customers. Raises
    CannotAnswer with fewer customers than make tenths that may be told.
    """
    covered = complete_months(shop)
    recent = range(max(covered.start, covered.stop - months), covered.stop)
    own = spend_in(shop, recent)
    said = months_in_words(recent)
    least = TENTHS * FEWEST_PEOPLE
    if len(own) < least:
        raise CannotAnswer(WORDS.text("too few", months=said, customers=len(own), least=least))
    found = concentration(own["spend_cents"], draws=draws, seed=seed, level=level)
    tenths = _tenths(own)
    facts: dict[str, Any] = {
        "months": said,
        "method": WORDS.text("method"),
        "assumptions": (WORDS.text("assumption"),),
    }
    top = own["spend_cents"].nlargest(int(tenths["customers"].iloc[0]))
    tells = (Entry(population="the tenth who paid most", persons=len(top), amounts=amounts_of(top)),)
    return RevenueHands(
        findings=(
            WORDS.finding("B4.top_tenth_share", found.top, scale=100, tells=tells, **facts),
            WORDS.finding("B4.gini", found.gini, tells=tells, **facts),
        ),
        found=found,
        tenths=tenths,
        months=said,
        currency=shop.currency,
    )


def _tenths(own: pd.DataFrame) -> pd.DataFrame:
    """Return the table of tenths; one whose money is nearly all one customer's tells none."""
    ordered = own.sort_values("spend_cents", ascending=False, kind="stable", ignore_index=True)
    tenth = np.arange(len(ordered)) * TENTHS // len(ordered)
    sums = ordered.groupby(tenth).agg(
        customers=("orders", "size"), orders=("orders", "sum"), revenue=("spend_cents", "sum")
    )
    share = 100 * sums["revenue"] / sums["revenue"].sum()
    hidden = led_by_one(ordered["spend_cents"], tenth).to_numpy().any()
    frame = sums.assign(revenue=sums["revenue"] / 100).assign(
        **{"% of revenue": share, "% so far": share.cumsum()}
    )
    frame.insert(0, "tenth", [str(place) for place in range(1, TENTHS + 1)])
    if hidden:
        frame[["revenue", "% of revenue", "% so far"]] = np.nan
    return frame.reset_index(drop=True)
