"""D1, all against all: which list is better than which, judged as one family."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.recommend.lists_compared import (
    Compared,
    comparison_of,
    counted,
    facts_of,
    flattery,
    interval_of,
)
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
from helpers.report.formats import interval, number
from methods.lists.model_comparison import Entry, ModelComparison
from methods.lists.paired_differences import compare

WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class EveryPair:
    """Every list against every other on the same customers.

    frame: one row a pair: better, worse (labels), served, served_low, served_high (points of customers),
    ndcg, ndcg_low, ndcg_high, p_served, p_ndcg (Holm over all rows of both measures).
    """

    findings: tuple[Finding, ...]
    comparison: ModelComparison = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    smallest_pp: float

    def table(self) -> pd.DataFrame:
        """One row a list and the one that serves next fewer; the picture shows every pair."""
        rows = self.frame[self._next_to_each_other()]
        shown = pd.DataFrame(
            {
                "list": rows["better"],
                "against": rows["worse"],
                "served, pp": [
                    interval(row.served, row.served_low, row.served_high) for row in rows.itertuples()
                ],
                "p (Holm)": rows["p_served"],
                "NDCG": rows["ndcg"],
                "p of NDCG": rows["p_ndcg"],
            }
        )
        formats = {"NDCG": "+.3f", "p (Holm)": "p", "p of NDCG": "p"}
        caption = WORDS.text("caption", customers=len(self.comparison.customers))
        shown.attrs = {"people": None, "caption": caption, "formats": formats}
        return shown

    def _next_to_each_other(self) -> np.ndarray:
        """Which pairs are of a list and the one that serves next fewer."""
        labels = [one.label for one in ranked(self.comparison)]
        following = dict(pairwise(labels))
        return (self.frame["better"].map(following) == self.frame["worse"]).to_numpy()

    def draw(self) -> Picture:
        """Draw the difference of every pair with its interval; blue where it is sure and worth having."""
        rows = list(self.frame.itertuples())
        worth = worth_telling_apart(self.frame, self.smallest_pp)
        title, alt = WORDS.picture(
            "pairs",
            self.findings,
            pairs=len(rows),
            smallest=self.smallest_pp,
            leak_title=flattery(self.comparison.split, title=True),
            told=[
                WORDS.label(
                    "over", better=row.better, worse=row.worse, served=number(row.served, signed=True)
                )
                for row in rows
            ],
        )
        figure, axes = canvas(title, width_inches=9.5, height_inches=1.2 + 0.24 * len(rows))
        marks = [
            Mark(
                label=f"{row.better} – {row.worse}",
                value=interval_of(row, "served", n=0),
                colour=PALETTE[0] if sure else MUTED,
            )
            for row, sure in zip(rows, worth, strict=True)
        ]
        forest(axes, marks, x="difference, pp of customers served (dashed: worth having)")
        axes.tick_params(axis="y", labelsize=8)
        reference_line(axes, self.smallest_pp)
        return Picture(figure, alt)


@question(WORDS, needs=("order_lines",))
def every_pair(
    shop: Shop,
    accuracy: Compared | Skipped | Failed | None = None,
    *,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    seed: int = 1,
    **options: Any,
) -> EveryPair:
    """Compare every list with every other, by customers served and by NDCG.

    accuracy: an answer of `accuracy_of_lists`; without it the lists are compared anew, with `options` of that
    question. Holm's family: all pairs and both measures together.
    """
    comparison = comparison_of(shop, accuracy, seed=seed, **options)
    frame = pairs_of(comparison, resamples=resamples, seed=seed)
    sure = worth_telling_apart(frame, smallest_pp)
    finding = WORDS.finding(
        "D1.pairs_worth_telling_apart",
        counted(sure.sum(), n=len(comparison.customers)),
        method=WORDS.text("method"),
        **facts_of(comparison),
        pairs=len(frame),
        smallest=smallest_pp,
    )
    return EveryPair(findings=(finding,), comparison=comparison, frame=frame, smallest_pp=smallest_pp)


def worth_telling_apart(frame: pd.DataFrame, smallest_pp: float) -> pd.Series:
    """Say of each pair whether it differs beyond chance (Holm) and by an amount worth having; bool."""
    return (frame["p_served"] < 0.05) & (frame["served"] >= smallest_pp)


def ranked(comparison: ModelComparison) -> list[Entry]:
    """Return the lists, the one that serves most customers first."""
    return sorted(comparison.entries, key=lambda entry: -entry.measures["hit_rate"].mean())


def pairs_of(comparison: ModelComparison, *, resamples: int, seed: int) -> pd.DataFrame:
    """Return the frame of `EveryPair`, the largest difference first."""
    ordered = ranked(comparison)
    pairs = [(a, b) for spot, a in enumerate(ordered) for b in ordered[spot + 1 :]]
    values = {
        (a.key, b.key, name): scale * (a.measures[name] - b.measures[name])
        for name, scale in (("hit_rate", 100), ("ndcg", 1))
        for a, b in pairs
    }
    largest = {key: 1.0 if key[2] == "ndcg" else 100.0 for key in values}
    found = compare(values, resamples=resamples, seed=seed, largest=largest)
    rows = []
    for a, b in pairs:
        served, ndcg = found.loc[[(a.key, b.key, "hit_rate")]], found.loc[[(a.key, b.key, "ndcg")]]
        rows.append(
            {
                "better": a.label,
                "worse": b.label,
                **_columns("served", served.iloc[0]),
                **_columns("ndcg", ndcg.iloc[0]),
            }
        )
    return pd.DataFrame(rows).sort_values("served", ascending=False, ignore_index=True)


def _columns(name: str, row: pd.Series) -> dict[str, float]:
    return {
        name: row["estimate"],
        f"{name}_low": row["low"],
        f"{name}_high": row["high"],
        f"p_{name}": row["p"],
    }
