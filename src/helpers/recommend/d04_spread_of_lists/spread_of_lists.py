"""D4: beyond accuracy, what the lists show of the catalogue and whose products they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from helpers.data.shop import Shop
from helpers.recommend.lists_compared import Compared, comparison_of, facts_of, flattery, interval_of
from helpers.report import (
    MUTED,
    PALETTE,
    Failed,
    Finding,
    Mark,
    Picture,
    Skipped,
    canvas,
    forest,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import number
from methods.lists.breadth import BREADTH, Catalogue, bought, breadth
from methods.lists.model_comparison import ModelComparison

WORDS = words_beside(__file__)
# By segment: which list of the comparison it speaks of.
WHOSE = {"best personal list": "best_personal", "best list for all": "best_for_all"}
_TOLD = {
    "coverage": "D4.coverage",
    "tail_recall": "D4.tail_recall",
    "seller_gini": "D4.seller_gini",
    "popularity": "D4.popularity",
    "novelty": "D4.novelty",
    "diversity": "D4.diversity",
}
_MEASURES = {
    "coverage": ("range shown", "% of products in at least one list"),
    "popularity": ("how well known", "% of customers who already had\nthe average listed product"),
    "novelty": ("novelty", "bits"),
    "diversity": ("variety", "% of a list's pairs of different categories"),
    "item_gini": ("Gini of products", "Gini (0 all shown equally, 1 only one)"),
    "seller_gini": ("Gini of sellers", "Gini (0 all shown equally, 1 only one)"),
    "head_recall": ("best sellers found", "% of later purchases of best sellers"),
    "tail_recall": ("other products found", "% of later purchases\nof all but the best sellers"),
}


@dataclass(frozen=True, kw_only=True)
class SpreadOfLists:
    """What the lists show. frame: one row a list and measure: key, label, measure, estimate, low, high.

    themselves: the same measures of what the judged customers went on to buy themselves.
    """

    findings: tuple[Finding, ...]
    comparison: ModelComparison = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    themselves: dict[str, float]

    def table(self) -> pd.DataFrame:
        """One row a list, one column a measure; the last row is what customers bought themselves."""
        wide = self.frame.pivot(index="label", columns="measure", values="estimate")
        wide = wide.reindex([entry.label for entry in self.comparison.entries])
        wide.loc["(what they then bought)"] = pd.Series(self.themselves)
        names = [name for name in BREADTH if name in wide]
        wide = wide[names].rename(columns=lambda name: _column(name)).rename_axis("list").reset_index()
        formats = {_column(name): ".2f" if _fine(name) else ".1f" for name in names}
        caption = WORDS.text(
            "caption",
            length=self.comparison.length,
            products=self.comparison.split.train.shape[1],
            customers=len(self.comparison.customers),
        )
        wide.attrs = {"people": None, "caption": caption, "formats": formats}
        return wide

    def draw(self) -> Picture:
        """Draw four measures of every list, with what customers bought themselves as a dashed line."""
        last = "seller_gini" if "seller_gini" in set(self.frame["measure"]) else "item_gini"
        drawn = ("coverage", "popularity", "tail_recall", last)
        of = {name: self.frame[self.frame["measure"] == name] for name in drawn}
        told = [
            (_MEASURES[name][0], [f"{row.label} {_number(name, row.estimate)}" for row in rows.itertuples()])
            for name, rows in of.items()
        ]
        leak = flattery(self.comparison.split, title=True)
        title, alt = WORDS.picture("spread", self.findings, told=told, leak_title=leak)
        figure, panels = canvas(title, rows=2, columns=2, width_inches=9.5, height_inches=5.6)
        for place, (name, rows) in enumerate(of.items()):
            self._panel(panels.flat[place], rows, name, labels=place % 2 == 0)
        return Picture(figure, alt)

    def _panel(self, axes: Axes, rows: pd.DataFrame, name: str, *, labels: bool) -> None:
        personal = {entry.key for entry in self.comparison.entries if entry.personal}
        marks = [
            Mark(
                label=row.label,
                value=interval_of(row, n=0),
                colour=PALETTE[0] if row.key in personal else MUTED,
            )
            for row in rows.itertuples()
        ]
        forest(axes, marks, x=_MEASURES[name][1], zero=None, labels=labels)
        axes.set_xlim(0, 1 if _fine(name) else None)
        axes.set_title(f"{_MEASURES[name][0]}{' (dashed: own purchases)' if name in self.themselves else ''}")
        if name in self.themselves:
            reference_line(axes, self.themselves[name])


@question(WORDS, needs=("order_lines",))
def spread_of_lists(
    shop: Shop,
    accuracy: Compared | Skipped | Failed | None = None,
    *,
    seed: int = 1,
    **options: Any,
) -> SpreadOfLists:
    """Measure what the lists show of the range, how well known it is, and whose.

    accuracy: an answer of `accuracy_of_lists`, to save the time; options: of that question, used without.
    """
    comparison = comparison_of(shop, accuracy, seed=seed, **options)
    catalogue, relevant = Catalogue.of(comparison), comparison.split.test[comparison.customers]
    rows = [
        (entry.key, entry.label, name, *values)
        for entry in comparison.entries
        for name, values in breadth(entry.lists, relevant, catalogue, seed=seed).items()
    ]
    frame = pd.DataFrame(rows, columns=["key", "label", "measure", "estimate", "low", "high"])
    themselves = bought(comparison, catalogue)
    findings = _findings(comparison, frame, themselves)
    return SpreadOfLists(findings=findings, comparison=comparison, frame=frame, themselves=themselves)


def _findings(
    comparison: ModelComparison, frame: pd.DataFrame, themselves: dict[str, float]
) -> tuple[Finding, ...]:
    """Every measure of `_TOLD` that is known, of the best personal list and of the best list for all."""
    best = {segment: getattr(comparison, name) for segment, name in WHOSE.items()}
    cells = frame.set_index(["key", "measure"])
    common: dict[str, Any] = {
        "method": WORDS.text("method", length=comparison.length),
        **facts_of(comparison, WORDS.text("this many")),
    }
    facts: dict[str, dict[str, Any]] = {
        measure: {"own": themselves[measure]} if measure in themselves else {} for measure in _TOLD
    }
    return tuple(
        WORDS.finding(
            id,
            interval_of(cells.loc[(entry.key, measure)], n=len(comparison.customers)),
            segment=segment,
            label=entry.label,
            **facts[measure],
            **common,
        )
        for measure, id in _TOLD.items()
        for segment, entry in best.items()
        if (entry.key, measure) in cells.index
    )


def _column(name: str) -> str:
    words = _MEASURES[name][0]
    return words if _fine(name) else f"{words}, {_unit(name)}"


def _unit(name: str) -> str:
    return "Gini" if _fine(name) else "bits" if name == "novelty" else "%"


def _fine(name: str) -> bool:
    return name.endswith("gini")


def _number(name: str, value: float) -> str:
    return number(value, 2) if _fine(name) else f"{number(value)} {_unit(name)}"
