"""D2: what friends' purchases add, against strangers in their place, the crowd, and taste alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.data.list_study import read_liked, read_ties
from helpers.data.shop import Shop
from helpers.recommend.lists_compared import (
    Compared,
    comparison_of,
    differences_served,
    facts_of,
    flattery,
    interval_of,
    shares_served,
    worth,
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
    words_beside,
)
from helpers.report.formats import interval, number
from helpers.report.release import may_leave, share_of
from methods.intervals.estimates import Interval
from methods.intervals.paired_shares import paired_share_difference
from methods.lists.candidate_sources import LABELS, SourceLists, lists_by_source, weight_of_friends
from methods.lists.model_comparison import ModelComparison

WORDS = words_beside(__file__)
COMPARISONS = {
    "friends_over_strangers": ("friends", "strangers"),
    "friends_over_like_minded": ("friends", "like_minded"),
    "friends_over_crowd": ("friends", "crowd"),
    "strong_over_weak": ("strong", "weak"),
    "rated_over_all": ("liked", "friends"),
    "friends_over_taste": ("friends", "taste"),
    "friends_on_top_of_taste": ("taste_friends", "taste"),
    "placebo_on_top_of_taste": ("taste_strangers", "taste"),
}
_FRIENDS = ((1, 2, "1 or 2 friends"), (3, 5, "3 to 5 friends"), (6, None, "6 friends or more"))


_SERVED = ("served", "not served", "served by the other", "not served by the other")


@dataclass(frozen=True, kw_only=True)
class ValueOfTies:
    """What each source's lists did, and the differences.

    sources: one row a source: label, n, hit_rate, low, high (% of customers), ndcg. differences: one row
    a comparison of `COMPARISONS`: label, estimate, low, high (points of customers served), p (Holm), n.
    by_friends: two of them again by number of friends, where it may be told, without p.
    by_source: the lists themselves.
    weight: of friends beside taste, on scales of 0 to 1.
    """

    findings: tuple[Finding, ...]
    comparison: ModelComparison = field(repr=False)
    by_source: dict[str, SourceLists] = field(repr=False)
    sources: pd.DataFrame = field(repr=False)
    differences: pd.DataFrame = field(repr=False)
    by_friends: pd.DataFrame = field(repr=False)
    weight: float

    def table(self) -> pd.DataFrame:
        """One row a comparison: both shares served, their difference with interval and adjusted p-value."""
        rate = self.sources["hit_rate"]
        rows = [
            (
                LABELS[first],
                LABELS[second],
                row.n,
                f"{number(rate[first])} / {number(rate[second])}",
                interval(row.estimate, row.low, row.high),
                row.p,
                *_served(row.n, rate[first], rate[second]),
            )
            for row in self.differences.itertuples()
            for first, second in [COMPARISONS[row.Index]]
        ]
        rows += [
            (
                f"{LABELS[row.first]}: {row.group}",
                LABELS[row.second],
                row.n,
                f"{number(row.mine)} / {number(row.theirs)}",
                interval(row.estimate, row.low, row.high),
                np.nan,
                *_served(row.n, row.mine, row.theirs),
            )
            for row in self.by_friends.itertuples()
        ]
        names = ["list", "against", "customers", "served, %", "difference, pp"]
        shown = pd.DataFrame(rows, columns=[*names, "p (Holm)", *_SERVED])
        formats = {"customers": ",", "p (Holm)": "p"}
        caption = WORDS.text("caption", length=self.comparison.length, weight=self.weight)
        shown.attrs = {"caption": caption, "formats": formats, "people": "customers", "unseen": _SERVED}
        return shown

    def draw(self) -> Picture:
        """Draw customers served by each source, and the differences that the controls allow."""
        sources, differences = list(self.sources.itertuples()), list(self.differences.itertuples())
        told = [
            WORDS.label("gap", first=LABELS[a], second=LABELS[b], gap=number(row.estimate, signed=True))
            for row in differences
            for a, b in [COMPARISONS[row.Index]]
        ]
        leak = flattery(self.comparison.split, title=True)
        title, alt = WORDS.picture("ties", self.findings, told=told, leak_title=leak)
        figure, axes = canvas(title, columns=2, width_inches=9.5, height_inches=4.2)
        served, gained = axes[0]
        weak = ("crowd", "strangers", "weak")
        marks = [
            Mark(
                label=row.label,
                value=Interval(estimate=row.hit_rate, low=row.low, high=row.high, n=row.n),
                colour=MUTED if row.Index in weak else PALETTE[0],
            )
            for row in sources
        ]
        length = self.comparison.length
        forest(served, marks, x=WORDS.label("of customers with a", length=length), zero=None)
        gaps = [Mark(label=row.label, value=interval_of(row)) for row in differences]
        forest(gained, gaps, x="difference, pp")
        return Picture(figure, alt)


def _served(customers: int, *percent: float) -> tuple[int, ...]:
    """Customers on either side of each of the shares served."""
    told = (share_of("served", one / 100, customers) for one in percent)
    return tuple(side for entry in told for side in entry.sides or (0, 0))


@question(WORDS, needs=("order_lines", "ties"))
def value_of_ties(
    shop: Shop,
    accuracy: Compared | Skipped | Failed | None = None,
    *,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    seed: int = 1,
    **options: Any,
) -> ValueOfTies:
    """Compare lists of what friends bought with four controls, and what friends add on top of taste.

    accuracy: an answer of `accuracy_of_lists`, to save the time; options: of that question, used without.
    Only ties, purchases and ratings of before the cut are used. A list with too few products is filled up
    with best sellers. Random strangers keep everybody's number of friends (a placebo graph): whatever they
    add as well is no merit of friendship. Like-minded strangers tell friendship from shared taste. Holm's
    family: all comparisons of this answer. Raises CannotAnswer with fewer than 30 customers with friends.
    """
    comparison = comparison_of(shop, accuracy, seed=seed, **options)
    split, bought = comparison.split, comparison.purchases
    ties = read_ties(shop, bought, split)
    before = None if comparison.tuned_on is None else read_ties(shop, bought, comparison.tuned_on)
    weight = weight_of_friends(comparison, before, seed=seed)
    by_source = lists_by_source(
        comparison,
        ties,
        weight=weight,
        liked=read_liked(shop, bought, split),
        strong_and_weak_apart=not shop.missing("ties.strength"),
        seed=seed,
    )
    pairs = {key: pair for key, pair in COMPARISONS.items() if set(pair) <= set(by_source)}
    served = {key: one.measures["hit_rate"] for key, one in by_source.items()}
    differences = differences_served(served, pairs, resamples=resamples, seed=seed)
    differences.insert(0, "label", [_label(key) for key in differences.index])
    return ValueOfTies(
        findings=_findings(comparison, differences, smallest_pp, weight),
        comparison=comparison,
        by_source=by_source,
        sources=_sources(by_source, served),
        differences=differences,
        by_friends=_by_friends(by_source, ties),
        weight=weight,
    )


def _sources(by_source: dict[str, SourceLists], served: dict[str, np.ndarray]) -> pd.DataFrame:
    shares = shares_served(served).rename(columns={"estimate": "hit_rate"})
    shares.insert(0, "label", [by_source[key].label for key in shares.index])
    return shares.assign(ndcg=[by_source[key].measures["ndcg"].mean() for key in shares.index])


def _by_friends(by_source: dict[str, SourceLists], ties: csr_array) -> pd.DataFrame:
    number = np.diff(ties.indptr)[by_source["friends"].customers]
    rows = []
    for first, second in (COMPARISONS["friends_over_strangers"], COMPARISONS["friends_on_top_of_taste"]):
        mine, theirs = (100 * by_source[key].measures["hit_rate"] for key in (first, second))
        for fewest, most, words in _FRIENDS:
            chosen = (number >= fewest) & (number <= (most or np.inf))
            served = (mine[chosen], theirs[chosen])
            told = [share_of(words, (one > 0).mean(), len(one)) for one in served if len(one)]
            if chosen.sum() < 2 or not all(map(may_leave, told)):
                continue
            gap = (mine - theirs)[chosen]
            found = paired_share_difference(int((gap > 0).sum()), int((gap < 0).sum()), len(gap)).scaled(100)
            rates = mine[chosen].mean(), theirs[chosen].mean()
            ends = found.estimate, found.low, found.high
            rows.append((first, second, words, len(gap), *rates, *ends))
    columns = ["first", "second", "group", "n", "mine", "theirs", "estimate", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _label(key: str) -> str:
    first, second = COMPARISONS[key]
    return WORDS.label("against", of=LABELS[first], of_2=LABELS[second])


def _findings(
    comparison: ModelComparison, differences: pd.DataFrame, smallest_pp: float, weight: float
) -> tuple[Finding, ...]:
    """One finding a comparison that the data allow, in the order of the registry."""
    split = comparison.split
    common: dict[str, Any] = {
        "method": WORDS.text("method", length=comparison.length, weight=weight),
        **facts_of(comparison, WORDS.text("cut ties", dated=split.cut_at is not None), WORDS.text("alike")),
        "smallest": smallest_pp,
    }
    rows = {f"D2.{row.Index}": row for row in differences.itertuples()}
    return tuple(_finding(id, rows[id], common) for id in WORDS.registry if id in rows)


def _finding(id: str, row: Any, common: dict[str, Any]) -> Finding:
    smallest = common["smallest"]
    # The placebo shows what any mixing does; nobody asks whether it is worth having.
    if row.Index.startswith("placebo"):
        return WORDS.finding(id, interval_of(row), **common)
    judged = worth(row, smallest=smallest, p=row.p, p_alone=row.p_alone)
    return WORDS.finding(id, interval_of(row), **(common | judged))
