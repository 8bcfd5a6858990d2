"""D7: which products go together in a basket, beyond chance and beyond taste for their categories?"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.data.shop import Shop
from helpers.recommend.lists_compared import counted
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import interval, number
from helpers.report.release import FEWEST_PEOPLE
from methods.baskets.basket_pairs import BasketPairs, basket_pairs
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
_FEWEST_BASKETS = 200
_SHOWN = 10
_EXPECTED = 10.0


@dataclass(frozen=True, kw_only=True)
class GoTogether:
    """Pairs of products in one basket. plain: against chance alone; beyond: against taste and season too.

    lines: one row a product of an order, with its customer.
    """

    findings: tuple[Finding, ...]
    plain: BasketPairs = field(repr=False)
    beyond: BasketPairs = field(repr=False)
    titles: pd.Series = field(repr=False)
    lines: pd.DataFrame = field(repr=False)
    false_share: float

    def pairs(self) -> pd.DataFrame:
        """Return the pairs to show: those beyond taste, then those that chance alone would call bundles.

        Pairs that fewer than 11 customers bought are left out.
        """
        both = self.plain.frame.merge(self.beyond.frame, on=["first", "second"], suffixes=("_plain", ""))
        both = both.assign(bundle=both["p_adjusted"] < self.false_share).sort_values(
            ["bundle", "p_plain", "p"], ascending=[False, True, True], kind="stable", ignore_index=True
        )[:_SHOWN]
        both["customers"] = [self._buyers_of_both(row.first, row.second) for row in both.itertuples()]
        return both[both["customers"] >= FEWEST_PEOPLE].reset_index(drop=True)

    def _buyers_of_both(self, first: str, second: str) -> int:
        """How many customers had both products in one basket."""
        own = self.lines[self.lines["item_id"].isin([first, second])]
        both = own.groupby("order_id")["item_id"].transform("nunique") > 1
        return int(own.loc[both, "customer_id"].nunique())

    def table(self) -> pd.DataFrame:
        """One row a pair of `pairs`: customers, baskets, expected by chance and by taste, and how sure."""
        rows = self.pairs()
        frame = pd.DataFrame(
            {
                "product": rows["first"].map(self.titles),
                "and": rows["second"].map(self.titles),
                "customers": rows["customers"],
                "baskets": rows["together"],
                "by chance": rows["expected_plain"],
                "by taste": rows["expected"],
                "times taste": [
                    interval(row.lift, row.low, row.high, decimals=2) for row in rows.itertuples()
                ],
                "p adjusted": rows["p_adjusted"],
                "a bundle": rows["bundle"].map({True: "yes", False: "no"}),
            }
        )
        formats = {"by chance": ".1f", "by taste": ".1f", "p adjusted": "p"}
        frame.attrs = {"caption": WORDS.text("caption"), "formats": formats, "people": "customers"}
        return frame

    def draw(self) -> Picture:
        """Draw the pairs that chance alone would call bundles, against chance and against taste."""
        rows = list(self.pairs().itertuples())
        names = [f"{self._short(row.first)} + {self._short(row.second)}" for row in rows]
        told = [
            f"{name} {number(row.lift_plain)}, {number(row.lift)}"
            for name, row in zip(names, rows, strict=True)
        ]
        title, alt = WORDS.picture("pairs", self.findings, told=told)
        figure, axes = canvas(
            title,
            x="baskets with both, times those expected (shrunk): grey against chance, blue against taste",
            height_inches=1.6 + 0.5 * len(rows),
        )
        marks = []
        for name, row in zip(names, rows, strict=True):
            plain = Interval(estimate=row.lift_plain, low=row.low_plain, high=row.high_plain, n=0)
            beyond = Interval(estimate=row.lift, low=row.low, high=row.high, n=0)
            marks += [
                Mark(label=name, value=plain, colour=MUTED),
                Mark(label="", value=beyond, colour=PALETTE[0]),
            ]
        forest(axes, marks, zero=1.0)
        return Picture(figure, alt)

    def _short(self, product: str) -> str:
        title = str(self.titles.get(product, product))
        return (title if len(title) <= 14 else f"{title[:13]}…").replace("$", r"\$")


@question(WORDS, needs=("order_lines", "items.category", "orders.placed_at"))
def go_together(shop: Shop, *, false_share: float = 0.05) -> GoTogether:
    """Count pairs of products that share baskets more often than chance, and than taste and season, explain.

    false_share: the share of false alarms that is let pass among the pairs found (Benjamini and Hochberg over
    all possible pairs). Raises CannotAnswer with fewer than 200 baskets of two products.
    """
    orders = dated_purchases(shop).select("order_id", "customer_id", "placed_at")
    goods = shop["items"].select("item_id", "category", "title")
    rows = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id").join(goods, "item_id")
    rows = rows.mutate(month=shop.local(rows.placed_at).strftime("%Y-%m"))
    lines = rows.select("order_id", "customer_id", "item_id", "category", "month").to_pandas()
    plain = basket_pairs(lines, customer="customer_id")
    if plain.baskets < _FEWEST_BASKETS:
        raise CannotAnswer(WORDS.text("few baskets", baskets=plain.baskets, fewest_baskets=_FEWEST_BASKETS))
    beyond = basket_pairs(lines, customer="customer_id", category="category", stratum="month")
    named = goods.filter(goods.title.notnull()).select("item_id", "title").to_pandas()
    sold = pd.Series(lines["item_id"].unique())
    known = sold.map(named.set_index("item_id")["title"])
    titles = pd.Series(np.where(known.isna(), sold, known), index=sold)
    many = lines.groupby("order_id")["item_id"].transform("nunique") > 1
    persons = lines.loc[many, "customer_id"].nunique()
    findings = (
        _counted("D7.pairs_beyond_taste", beyond, false_share, persons),
        _counted("D7.pairs_beyond_chance", plain, false_share, persons),
    )
    return GoTogether(
        findings=findings, plain=plain, beyond=beyond, titles=titles, lines=lines, false_share=false_share
    )


def _counted(id: str, pairs: BasketPairs, false_share: float, persons: int) -> Finding:
    return WORDS.finding(
        id,
        counted(len(pairs.found(false_share)), n=pairs.baskets),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("false alarms", share=false_share), WORDS.text("not a test")),
        persons=persons,
        tested=pairs.tested,
        expected=_EXPECTED,
        smallest=pairs.smallest_lift(expected=_EXPECTED, level=false_share),
    )
