"""D2 for newcomers: after how many products taste outdoes friends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.data.list_study import read_ties
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
    CannotAnswer,
    Failed,
    Finding,
    Picture,
    Skipped,
    band_curve,
    canvas,
    question,
    words_beside,
)
from helpers.report.formats import count
from methods.lists.blend import Blended
from methods.lists.candidate_sources import befriended, unweighted, weight_of_friends
from methods.lists.friends import FriendsBought, random_strangers
from methods.lists.lists_for_all import Popular, RecentlyPopular
from methods.lists.model_comparison import FEWEST_CUSTOMERS, ModelComparison, sample
from methods.lists.ranking import Fitted, Model, recommend
from methods.lists.ranking import accuracy as accuracy_of
from methods.lists.recency import dated
from methods.lists.split import Split

WORDS = words_beside(__file__)
HISTORIES = (0, 1, 3, 5)
_LABELS = {
    "crowd": "best sellers",
    "strangers": "strangers",
    "friends": "friends",
    "taste": "taste",
    "taste_friends": "taste + friends",
}
_MOST, _SHARE = 2_000, 0.2
# By name of a difference: both lists, each by the products known and its source. With nothing known taste has
# nothing to say, and its list is filled up with best sellers.
PAIRS = {
    **{f"friends_{known}": ((known, "friends"), (known, "taste")) for known in HISTORIES},
    **{f"on_top_{known}": ((known, "taste_friends"), (known, "taste")) for known in HISTORIES},
    **{f"crowd_{known}": ((known, "taste"), (known, "crowd")) for known in HISTORIES[1:]},
}


@dataclass(frozen=True, kw_only=True)
class ColdStart:
    """The curve. frame: one row a history and source: history (products known), key, label, hit_rate, low,
    high (% of customers). differences: rows friends_0, on_top_0, …: friends minus taste, and taste with
    friends minus taste, with estimate, low, high (points), p (Holm), n. lists: by history and source.
    """

    findings: tuple[Finding, ...]
    comparison: ModelComparison = field(repr=False)
    customers: np.ndarray = field(repr=False)
    lists: dict[tuple[int, str], np.ndarray] = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    differences: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a history: % of customers served by each source; their differences are findings."""
        wide = self.frame.pivot(index="history", columns="label", values="hit_rate")[list(_LABELS.values())]
        shown = wide.rename_axis("known").reset_index()
        formats = dict.fromkeys(_LABELS.values(), ".1f")
        caption = WORDS.text("caption", customers=len(self.customers))
        shown.attrs = {"people": None, "caption": caption, "formats": formats}
        return shown

    def draw(self) -> Picture:
        """Draw one line a source over the number of products known."""
        ahead = [known for known in HISTORIES if self._verdict(known) == "supported"]
        title, alt = WORDS.picture(
            "curve",
            self.findings,
            most=ahead[-1] if ahead else None,
            open=[known for known in HISTORIES if self._verdict(known) == "not settled"],
            leak_title=flattery(self.comparison.split, title=True),
            served=[(known, self._rate(known, "friends"), self._rate(known, "taste")) for known in HISTORIES],
        )
        figure, axes = canvas(
            title,
            x="products of the customer that are known",
            y=WORDS.label("of customers with a", length=self.comparison.length),
        )
        colours = (MUTED, PALETTE[4], PALETTE[1], PALETTE[0], PALETTE[2])
        for spot, ((key, label), colour) in enumerate(zip(_LABELS.items(), colours, strict=True)):
            rows = self.frame[self.frame["key"] == key]
            at = np.arange(len(rows)) + 0.06 * (spot - 2)
            band_curve(
                axes,
                at,
                rows["hit_rate"],
                low=rows["low"],
                high=rows["high"],
                colour=colour,
                label=label,
                dashed=key in ("crowd", "strangers"),
            )
        axes.set_xticks(range(len(HISTORIES)), [str(known) for known in HISTORIES])
        axes.set_ylim(bottom=0)
        axes.legend(ncols=2, fontsize=9)
        return Picture(figure, alt)

    def _verdict(self, known: int) -> str:
        """The judged verdict on friends over taste with so many products known."""
        of = ("D2.newcomer_friends_over_taste", segment_of(known))
        return next(finding.verdict for finding in self.findings if finding.key == of)

    def _rate(self, known: int, key: str) -> float:
        rows = self.frame
        return float(rows.loc[(rows["history"] == known) & (rows["key"] == key), "hit_rate"].iloc[0])


@question(WORDS, needs=("order_lines", "ties"))
def cold_start(
    shop: Shop,
    accuracy: Compared | Skipped | Failed | None = None,
    *,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    seed: int = 1,
    **options: Any,
) -> ColdStart:
    """Judge customers with friends as if only the first 0, 1, 3 or 5 of their products were known.

    accuracy: an answer of `accuracy_of_lists`, to save the time; options: of that question, used without.

    At most 2,000 random customers with a friend and five products (and no more than a fifth of all) play
    newcomers: models are fitted once on everybody else, so nothing of them is learned; their friends' own
    purchases stay known. All are judged by the same purchases after the cut, and none of their earlier
    products may be listed, known or not. Without times the products known are random ones.
    Raises CannotAnswer with fewer than 30 such customers. Holm's family: the eleven comparisons.
    """
    comparison = comparison_of(shop, accuracy, seed=seed, **options)
    split = comparison.split
    ties = unweighted(read_ties(shop, comparison.purchases, split))
    inner = comparison.tuned_on
    before = None if inner is None else read_ties(shop, comparison.purchases, inner)
    who = _newcomers(comparison, ties, seed=seed)
    weight = weight_of_friends(comparison, before, seed=seed)
    lists = _lists(comparison, ties, who, weight, seed=seed)
    relevant = split.test[who]
    served = {place: accuracy_of(one, relevant)["hit_rate"] for place, one in lists.items()}
    differences = differences_served(served, PAIRS, resamples=resamples, seed=seed)
    rows = [
        (*share.Index, _LABELS[share.Index[1]], share.estimate, share.low, share.high)
        for share in shares_served(served).itertuples()
    ]
    return ColdStart(
        findings=_findings(comparison, differences, smallest_pp),
        comparison=comparison,
        customers=who,
        lists=lists,
        frame=pd.DataFrame(rows, columns=["history", "key", "label", "hit_rate", "low", "high"]),
        differences=differences,
    )


def first_products(split: Split, customers: np.ndarray, known: int, *, seed: int) -> csr_array:
    """Return the training matrix with only the first `known` products of these customers, all else empty.

    First by the time of their last purchase of it; random ones where there are no times.
    """
    rows = (split.train if split.days_ago is None else split.days_ago)[customers].tocoo()
    rng = np.random.default_rng(seed)
    age = rng.random(len(rows.data)) if split.days_ago is None else rows.data
    owner, column = rows.coords
    order = np.lexsort([-age, owner])
    place = np.arange(len(order)) - np.searchsorted(owner[order], owner[order])
    kept = order[place < known]
    ends = customers[owner[kept]], column[kept]
    return csr_array((np.ones(len(kept), np.float32), ends), shape=split.train.shape)


def _newcomers(comparison: ModelComparison, ties: csr_array, *, seed: int) -> np.ndarray:
    who = befriended(comparison, ties)
    who = who[np.diff(comparison.split.train.indptr)[who] >= max(HISTORIES)]
    most = min(_MOST, int(_SHARE * comparison.split.train.shape[0]))
    who = sample(who, most, np.random.default_rng(seed))
    if len(who) < FEWEST_CUSTOMERS:
        facts = {"found": len(who), "known": max(HISTORIES), "fewest": FEWEST_CUSTOMERS}
        raise CannotAnswer(WORDS.text("too few", **facts))
    return who


def _lists(
    comparison: ModelComparison, ties: csr_array, who: np.ndarray, weight: float, *, seed: int
) -> dict[tuple[int, str], np.ndarray]:
    split = comparison.split
    others = np.ones(split.train.shape[0], np.float32)
    others[who] = 0
    rest = _only(split.train, others)
    # Lists are filled up in the order of the columns: that of the best sellers among everybody else.
    buyers = np.bincount(rest.indices, minlength=rest.shape[1])
    order = np.argsort(-buyers, kind="stable")
    rest, bought = rest[:, order], split.train[:, order]
    hidden = None if split.hidden is None else bought
    days = None if split.days_ago is None else _only(split.days_ago, others)[:, order]
    learned: Any = dated(comparison.best_taste.model, days).fit(rest)
    crowd = _best_for_all(comparison, days).fit(rest)
    friends = FriendsBought(ties=ties).fit(bought)
    strangers = FriendsBought(ties=random_strangers(ties, seed=seed)).fit(bought)
    found = {}
    for known in HISTORIES:
        taste = replace(learned, history=first_products(split, who, known, seed=seed)[:, order])
        sources: dict[str, Fitted] = {
            "crowd": crowd,
            "strangers": strangers,
            "friends": friends,
            "taste": taste,
            "taste_friends": Blended(taste.history, taste, friends, weight),
        }
        for key, fitted in sources.items():
            lists = recommend(fitted, who, length=comparison.length, hidden=hidden)
            found[known, key] = np.where(lists >= 0, order[lists], -1)
    return found


def _only(rows: csr_array, kept: np.ndarray) -> csr_array:
    """The matrix with nothing but the rows where kept is 1."""
    found = csr_array(rows.multiply(kept[:, None]))
    found.eliminate_zeros()
    return found


def _best_for_all(comparison: ModelComparison, days: csr_array | None) -> Model:
    """The best list for all of the comparison, to be learned from other purchases, whose days these are."""
    model = comparison.best_for_all.model
    if isinstance(model, RecentlyPopular) and days is not None:
        return replace(model, days_ago=days)
    return Popular()


def segment_of(known: int) -> str:
    """Return the segment of a newcomer of whom so many products are known.

    >>> segment_of(1)
    '1 product known'
    """
    return f"{count(known, 'product')} known"  # a segment: a key of findings


def _findings(
    comparison: ModelComparison, differences: pd.DataFrame, smallest_pp: float
) -> tuple[Finding, ...]:
    common = facts_of(comparison, WORDS.text("stand for newcomers"))
    ids = {"friends": "D2.newcomer_friends_over_taste", "on_top": "D2.newcomer_friends_on_top_of_taste"}
    ids["crowd"] = "D2.newcomer_taste_over_best_sellers"
    return tuple(
        WORDS.finding(
            id,
            interval_of(differences.loc[f"{name}_{known}"]),
            segment=segment_of(known),
            **worth(row, smallest=smallest_pp, p=row.p, p_alone=row.p_alone),
            method=WORDS.text("method", known=known, length=comparison.length),
            **common,
        )
        for name, id in ids.items()
        for known in HISTORIES
        if f"{name}_{known}" in differences.index
        for row in [differences.loc[f"{name}_{known}"]]
    )
