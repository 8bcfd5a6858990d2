"""D4: beyond accuracy, what the lists show of the catalogue and whose products they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.recommend.breadth import BREADTH, Catalogue, bought, breadth
from helpers.recommend.contest import Contest
from helpers.recommend.judged import LEAK_TITLE, finding_on
from helpers.recommend.personal import AccuracyOfLists, contest_of
from helpers.report import MUTED, PALETTE, Finding, Picture, Skipped, canvas, question

SPREAD = "Beyond accuracy: how much of the range do the lists show, how well known, and whose?"
_WORDS = {
    "coverage": ("range shown", "% of products in at least one list"),
    "popularity": ("how well known", "% of customers who already had\nthe average listed product"),
    "novelty": ("novelty", "bits"),
    "diversity": ("variety", "% of a list's pairs of different categories"),
    "item_gini": ("concentration on products", "Gini (0 all shown equally, 1 only one)"),
    "seller_gini": ("concentration on sellers", "Gini (0 all shown equally, 1 only one)"),
    "head_recall": ("best sellers found", "% of later purchases of best sellers"),
    "tail_recall": ("other products found", "% of later purchases\nof all but the best sellers"),
}


@dataclass(frozen=True, kw_only=True)
class SpreadOfLists:
    """What the lists show. frame: one row a list and measure: key, label, measure, estimate, low, high.

    themselves: the same measures of what the judged customers went on to buy themselves.
    """

    findings: tuple[Finding, ...]
    contest: Contest = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    themselves: dict[str, float]

    def table(self) -> pd.DataFrame:
        """One row a list, one column a measure; the last row is what customers bought themselves."""
        wide = self.frame.pivot(index="label", columns="measure", values="estimate")
        wide = wide.reindex([entry.label for entry in self.contest.entries])
        wide.loc["(what they then bought)"] = pd.Series(self.themselves)
        names = [name for name in BREADTH if name in wide]
        wide = wide[names].rename(columns=lambda name: _column(name)).rename_axis("list").reset_index()
        products = self.contest.split.train.shape[1]
        title = (
            f"What lists of {self.contest.length} show of {products:,} products, {self._people():,} customers"
        )
        formats = {_column(name): ".2f" if _fine(name) else ".1f" for name in names}
        wide.attrs = {"caption": title, "formats": formats}
        return wide

    def draw(self) -> Picture:
        """Draw four measures of every list, with what customers bought themselves as a dashed line."""
        last = "seller_gini" if "seller_gini" in set(self.frame["measure"]) else "item_gini"
        figure, panels = canvas(self._title(), rows=2, columns=2, width_inches=9.5, height_inches=5.6)
        told = []
        for number, name in enumerate(("coverage", "popularity", "tail_recall", last)):
            axes, rows = panels.flat[number], self.frame[self.frame["measure"] == name]
            self._panel(axes, rows, name, labels=number % 2 == 0)
            values = "; ".join(f"{r.label} {_number(name, r.estimate)}" for r in rows.itertuples())
            told.append(f"{_WORDS[name][0]}: {values}")
        return Picture(figure, f"Four measures of each list with 95 % intervals. {'. '.join(told)}.")

    def _panel(self, axes, rows: pd.DataFrame, name: str, *, labels: bool) -> None:
        entries = self.contest.entries
        place = {entry.key: spot for spot, entry in enumerate(entries)}
        colour = {entry.key: PALETTE[0] if entry.personal else MUTED for entry in entries}
        for row in rows.itertuples():
            axes.plot([row.low, row.high], [place[row.key]] * 2, color=colour[row.key], lw=2.5)
            axes.plot(row.estimate, place[row.key], "o", color=colour[row.key], ms=7, clip_on=False)
        if name in self.themselves:
            axes.axvline(self.themselves[name], color=PALETTE[1], ls="--", lw=1.2)
            axes.set_title(f"{_WORDS[name][0]} (dashed: own purchases)")
        else:
            axes.set_title(_WORDS[name][0])
        axes.set_yticks(range(len(entries)), [e.label if labels else "" for e in entries])
        axes.set_ylim(len(entries) - 0.5, -0.5)
        axes.set_xlim(0, 1 if _fine(name) else None)
        axes.set_xlabel(_WORDS[name][1])

    def _title(self) -> str:
        shown = self.frame[self.frame["measure"] == "coverage"].set_index("key")["estimate"]
        mine, theirs = self.contest.best_personal, self.contest.best_for_all
        return (
            f"Personal lists show {_number('coverage', shown[mine.key])} of the products, "
            f"the list for all {_number('coverage', shown[theirs.key])}"
            f"{LEAK_TITLE if self.contest.split.leak else ''}"
        )

    def _people(self) -> int:
        return len(self.contest.customers)


@question("D4", SPREAD, needs=("order_lines",))
def spread_of_lists(
    shop, *, accuracy: AccuracyOfLists | Skipped | None = None, seed: int = 1, **options
) -> SpreadOfLists:
    """Measure what the lists of `accuracy_of_lists` show; its answer may be handed in, to save the time.

    options: as of `accuracy_of_lists`, used when no answer is handed in.
    """
    contest = contest_of(shop, accuracy, seed=seed, **options)
    catalogue, relevant = Catalogue.of(contest), contest.split.test[contest.customers]
    rows = [
        (entry.key, entry.label, name, *values)
        for entry in contest.entries
        for name, values in breadth(entry.lists, relevant, catalogue, seed=seed).items()
    ]
    frame = pd.DataFrame(rows, columns=["key", "label", "measure", "estimate", "low", "high"])
    themselves = bought(contest, catalogue)
    best = {"personal": contest.best_personal.key, "for_all": contest.best_for_all.key}
    findings = tuple(
        _finding(contest, row, whose, themselves)
        for name in ("coverage", "popularity", "novelty", "diversity", "tail_recall", "seller_gini")
        for whose, key in best.items()
        for row in frame[(frame["key"] == key) & (frame["measure"] == name)].itertuples()
    )
    return SpreadOfLists(findings=findings, contest=contest, frame=frame, themselves=themselves)


def _finding(contest: Contest, row, whose: str, themselves: dict[str, float]) -> Finding:
    interval = f"(95 % interval {_number(row.measure, row.low)} to {_number(row.measure, row.high)})"
    value, own = _number(row.measure, row.estimate), themselves.get(row.measure, np.nan)
    said = {
        "coverage": f"{value} of the products stand in at least one list {interval}.",
        "popularity": (
            f"the average listed product had already been bought by {value} of the customers {interval}; "
            f"of what they then bought themselves it was {_number('popularity', own)}."
        ),
        "novelty": (
            f"hearing that a customer had bought a listed product would be a surprise of {value} on average "
            f"{interval}; one bit more is a product half as well known."
        ),
        "diversity": (
            f"of all pairs of products in the same list {value} are of different categories {interval}."
        ),
        "tail_recall": (
            f"of the later purchases that were not of best sellers (the products that make up half of all "
            f"purchases), the lists held {value} {interval}."
        ),
        "seller_gini": (
            f"shelf space is shared between sellers with a Gini of {value} {interval}; by what customers "
            f"then bought themselves it is {own:.2f} (0 all equal, 1 everything with one seller)."
        ),
    }
    unit = {
        "coverage": "% of products",
        "popularity": "% of customers",
        "novelty": "bits",
        "diversity": "% of pairs",
        "tail_recall": "% of purchases",
    }
    label = next(entry.label for entry in contest.entries if entry.key == row.key)
    who = "best personal list" if whose == "personal" else "best list for all"
    return finding_on(
        contest.split,
        id=f"D4.{row.measure}_{whose}",
        requirement="D4",
        question=SPREAD,
        estimate=row.estimate,
        low=row.low,
        high=row.high,
        unit=unit.get(row.measure, "Gini, 0 to 1"),
        n=len(contest.customers),
        method=f"lists of {contest.length} of all judged customers; jackknife over 20 groups of customers",
        also=(
            "coverage and concentration are for this number of customers; more customers see more products",
        ),
        reading=f"{who.capitalize()} ({label}): {said[row.measure]}",
    )


def _column(name: str) -> str:
    return f"{_WORDS[name][0]}, {_WORDS[name][1]}".replace("\n", " ")


def _fine(name: str) -> bool:
    return name.endswith("gini")


def _number(name: str, value: float) -> str:
    if _fine(name):
        return f"{value:.2f}"
    return f"{f'{value:#.3g}'.rstrip('.')} {'bits' if name == 'novelty' else '%'}"
