"""D7: which products go together in a basket, beyond chance and beyond taste for their categories?"""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from helpers.data.purchases import dated_purchases
from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from methods.baskets.basket_pairs import BasketPairs, basket_pairs

TOGETHER = "Which products go together in a basket, beyond what taste for their categories explains?"
_FEWEST_BASKETS = 200
_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class GoTogether:
    """Pairs of products in one basket. plain: against chance alone; beyond: against taste and season too."""

    findings: tuple[Finding, ...]
    plain: BasketPairs = field(repr=False)
    beyond: BasketPairs = field(repr=False)
    titles: pd.Series = field(repr=False)
    false_share: float

    def pairs(self) -> pd.DataFrame:
        """Return the pairs to show: those beyond taste, then those that chance alone would call bundles."""
        both = self.plain.frame.merge(self.beyond.frame, on=["first", "second"], suffixes=("_plain", ""))
        return both.assign(bundle=both["p_adjusted"] < self.false_share).sort_values(
            ["bundle", "p_plain", "p"], ascending=[False, True, True], kind="stable", ignore_index=True
        )[:_SHOWN]

    def table(self) -> pd.DataFrame:
        """One row a pair of `pairs`: baskets, those expected by chance and by taste, and how sure."""
        rows = self.pairs()
        frame = pd.DataFrame(
            {
                "product": rows["first"].map(self.titles),
                "and": rows["second"].map(self.titles),
                "baskets": rows["together"],
                "expected by chance": rows["expected_plain"],
                "expected by taste": rows["expected"],
                "times taste (shrunk)": rows["lift"],
                "95 % interval": [f"{r.low:.2f} to {r.high:.2f}" for r in rows.itertuples()],
                "p (Benjamini-Hochberg)": rows["p_adjusted"],
                "a bundle": rows["bundle"].map({True: "yes", False: "no"}),
            }
        )
        formats = {"expected by chance": ".1f", "expected by taste": ".1f", "times taste (shrunk)": ".2f"}
        formats |= {"p (Benjamini-Hochberg)": ".3f"}
        caption = (
            "Pairs furthest beyond chance, against what taste for their categories and the month explain"
        )
        frame.attrs = {"caption": caption, "formats": formats, "people": "baskets"}
        return frame

    def draw(self) -> Picture:
        """Draw the pairs that chance alone would call bundles, against chance and against taste."""
        both = self.pairs()
        figure, axes = canvas(
            self._title(),
            x="baskets with both, times those expected (shrunk), 95 % interval",
            height_inches=1.6 + 0.34 * len(both),
        )
        for place, row in enumerate(both.itertuples()):
            axes.plot([row.low_plain, row.high_plain], [place - 0.15] * 2, color=MUTED, lw=2)
            axes.plot(
                row.lift_plain, place - 0.15, "o", color=MUTED, label=None if place else "against chance"
            )
            axes.plot([row.low, row.high], [place + 0.15] * 2, color=PALETTE[0], lw=2)
            label = None if place else "against taste and month"
            axes.plot(row.lift, place + 0.15, "o", color=PALETTE[0], label=label)
        axes.axvline(1, color=INK, lw=0.8)
        names = [f"{self._short(row.first)} + {self._short(row.second)}" for row in both.itertuples()]
        axes.set_yticks(range(len(both)), names)
        axes.set_ylim(len(both) - 0.4, -1.3)
        axes.legend(loc="upper right", ncols=2)
        parts = (
            f"{n} {r.lift_plain:.1f}, {r.lift:.1f}" for n, r in zip(names, both.itertuples(), strict=True)
        )
        return Picture(figure, f"Lift of pairs against chance and against taste: {'; '.join(parts)}.")

    def _short(self, product: str) -> str:
        title = str(self.titles.get(product, product))
        return (title if len(title) <= 14 else f"{title[:13]}…").replace("$", r"\$")

    def _title(self) -> str:
        plain, beyond = (len(pairs.found(self.false_share)) for pairs in (self.plain, self.beyond))
        return (
            f"{plain} pairs look like bundles against chance; {beyond} go beyond taste for their categories"
        )


@question("D7", TOGETHER, needs=("order_lines", "items.category", "orders.placed_at"))
def go_together(shop, *, false_share: float = 0.05) -> GoTogether:
    """Count pairs of products that share baskets more often than chance, and than taste and season, explain.

    false_share: the share of false alarms that is let pass among the pairs found (Benjamini and Hochberg over
    all possible pairs). Raises CannotAnswer with fewer than 200 baskets of two products.
    """
    orders = dated_purchases(shop).select("order_id", "placed_at")
    goods = shop["items"].select("item_id", "category", "title")
    rows = shop["order_lines"].select("order_id", "item_id").join(orders, "order_id").join(goods, "item_id")
    rows = rows.mutate(month=shop.local(rows.placed_at).strftime("%Y-%m"))
    lines = rows.select("order_id", "item_id", "category", "month").to_pandas()
    plain = basket_pairs(lines)
    if plain.baskets < _FEWEST_BASKETS:
        raise CannotAnswer(
            f"baskets of two products or more: {plain.baskets}; pairs need at least {_FEWEST_BASKETS}"
        )
    beyond = basket_pairs(lines, category="category", stratum="month")
    named = goods.filter(goods.title.notnull()).select("item_id", "title").to_pandas()
    sold = pd.Series(lines["item_id"].unique())
    known = sold.map(named.set_index("item_id")["title"])
    titles = pd.Series(known.fillna(sold).to_numpy(), index=sold)
    findings = (
        _counted(
            plain, false_share, id="D7.pairs_beyond_chance",
            what="share baskets more often than chance, were any product to go with any other",
        ),
        _counted(
            beyond, false_share, id="D7.pairs_beyond_taste",
            what="do so more often than taste for their categories and the month explain",
        ),
    )  # fmt: skip
    return GoTogether(findings=findings, plain=plain, beyond=beyond, titles=titles, false_share=false_share)


def _counted(pairs: BasketPairs, false_share: float, *, id: str, what: str) -> Finding:
    found = len(pairs.found(false_share))
    return Finding(
        id=id, requirement="D7", question=TOGETHER, unit="pairs of products", n=pairs.baskets,
        estimate=float(found), low=float(found), high=float(found), level=None,
        method="pairs in one basket, Poisson tail, Benjamini-Hochberg over all possible pairs",
        assumptions=(
            f"at most {100 * false_share:g} % of the pairs found are expected to be false alarms",
            "a pair bought together need not sell better as a bundle: that takes a test",
        ),
        reading=f"Of {pairs.tested:,} possible pairs of products, {found:,} {what} "
        f"({pairs.baskets:,} baskets of two or more).",
    )  # fmt: skip
