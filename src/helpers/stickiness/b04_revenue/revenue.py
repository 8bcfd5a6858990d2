"""B4: did revenue change by customers, by orders or by the value of an order?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.cohorts import complete_months
from helpers.data.recent_spend import months_in_words, spend_in
from helpers.data.shop import Shop
from helpers.report import CannotAnswer, Finding, Mark, Picture, canvas, forest, question, words_beside
from helpers.report.finding_view import FindingView
from helpers.report.formats import number, percent
from helpers.report.release import Entry, amounts_of
from methods.customers.revenue_factors import FACTORS, RevenueFactors, revenue_factors

WORDS = words_beside(__file__)
YEAR_MONTHS, LEAST_OF_A_YEAR = 12, 3


@dataclass(frozen=True, kw_only=True)
class Revenue:
    """What moved revenue between two spans of whole months; now, before: the spans in words."""

    findings: tuple[Finding, ...]
    found: RevenueFactors
    people: dict[str, int]
    now: str
    before: str
    same_months: bool
    currency: str

    def draw(self) -> Picture:
        """Draw the change of revenue and of its three factors."""
        views = [(one.segment or "", FindingView(one)) for one in self.findings]
        changes = {
            name.split()[0]: percent(one.estimate, 0, signed=True) for name, one in self.found.changes.items()
        }
        marks = [Mark(label=name, value=view) for name, view in views]
        title, alt = WORDS.picture(
            "revenue", (), changes=changes, marks=marks, now=self.now, before=self.before
        )
        figure, panel = canvas(title, x="change, %", height_inches=2.6)
        forest(panel, marks)
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row for revenue and each factor: before, now, change with its interval."""
        levels, money = self.found.levels, {"revenue", "value of an order"}
        rows = []
        for one in self.findings:
            before, now = (levels.loc[one.segment, span] for span in ("before", "now"))
            scale = 0.01 if one.segment in money else 1.0
            digits = 0 if one.segment in ("revenue", "customers") else 2
            rows.append(
                {
                    "what": f"{one.segment}, {self.currency}" if one.segment in money else one.segment,
                    self.before: number(scale * before, digits),
                    self.now: number(scale * now, digits),
                    "change (95 %)": FindingView(one).interval,
                    "customers": self.people["now"],
                    "customers_before": self.people["before"],
                }
            )
        frame = pd.DataFrame(rows)
        frame.attrs = {
            "caption": WORDS.text("caption", now=self.now, before=self.before, same_months=self.same_months),
            "people": "customers",
            "unseen": ("customers_before",),
        }
        return frame


@question(WORDS, needs=("orders.placed_at", "order_lines.unit_price_cents"))
def revenue(shop: Shop, *, level: float = 0.95) -> Revenue:
    """Return the change of revenue taken apart into customers, orders of each and the value of an order.

    The latest whole months are set beside the same ones a year before, as many as there are, at most 12 and
    at least 3; in shorter data beside as many just before. Raises CannotAnswer below two whole months, or
    where either span holds no priced purchase.
    """
    now, before, same_months = _spans(complete_months(shop))
    said: dict[str, Any] = {"now": months_in_words(now), "before": months_in_words(before)}
    own = {span: spend_in(shop, months) for span, months in (("now", now), ("before", before))}
    joined = own["before"].merge(own["now"], on="customer_id", how="outer", suffixes=("_before", "_now"))
    joined = joined.rename(columns={f"spend_cents_{span}": f"spend_{span}" for span in own}).fillna(0)
    if min(frame["spend_cents"].sum() for frame in own.values()) <= 0:
        raise CannotAnswer(WORDS.text("nothing", **said))
    found = revenue_factors(joined, level=level)
    tells = tuple(
        Entry(
            population="customers who bought",
            persons=len(frame),
            period=said[span],
            amounts=amounts_of(frame["spend_cents"]),
        )
        for span, frame in own.items()
    )
    findings = tuple(
        WORDS.finding(
            "B4.revenue_change",
            found.changes[name],
            scale=100,
            segment=name,
            method=WORDS.text("method"),
            assumptions=(WORDS.text("assumption", same_months=same_months),),
            tells=tells,
            **said,
        )
        for name in FACTORS
    )
    return Revenue(
        findings=findings,
        found=found,
        people={span: len(frame) for span, frame in own.items()},
        same_months=same_months,
        currency=shop.currency,
        **said,
    )


def _spans(covered: range) -> tuple[range, range, bool]:
    """Return the months compared, now and before, and whether they are the same ones of two years."""
    if len(covered) < 2:
        raise CannotAnswer(WORDS.text("too short", months=len(covered)))
    many = min(YEAR_MONTHS, len(covered) - YEAR_MONTHS)
    same_months = many >= LEAST_OF_A_YEAR
    back = YEAR_MONTHS if same_months else len(covered) // 2
    many = many if same_months else back
    now = range(covered.stop - many, covered.stop)
    return now, range(now.start - back, now.stop - back), same_months
