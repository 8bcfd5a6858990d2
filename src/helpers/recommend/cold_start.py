"""D2 for newcomers: after how many products taste outdoes friends."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.recommend.comparison import compare, difference_finding
from helpers.recommend.contest import FEWEST_CUSTOMERS, Contest, sample
from helpers.recommend.friends import FriendsBought, random_strangers, read_ties
from helpers.recommend.judged import LEAK_TITLE
from helpers.recommend.personal import AccuracyOfLists, contest_of
from helpers.recommend.suppliers import befriended, unweighted, weight_of_friends
from helpers.report import MUTED, PALETTE, CannotAnswer, Finding, Picture, Skipped, canvas, question
from methods.intervals.resampling import bootstrap_means, percentile_interval
from methods.lists.blend import Blended
from methods.lists.lists_for_all import Popular
from methods.lists.ranking import accuracy as accuracy_of
from methods.lists.ranking import recommend

COLD = "How well is a newcomer served by friends, and after how many products does taste do better?"
HISTORIES = (0, 1, 3, 5)
_LABELS = {
    "crowd": "best sellers",
    "strangers": "random strangers",
    "friends": "friends",
    "taste": "taste model",
    "taste_friends": "taste model + friends",
}
_MOST, _SHARE = 2_000, 0.2


@dataclass(frozen=True, kw_only=True)
class ColdStart:
    """The curve. frame: one row a history and supplier: history (products known), key, label, hit_rate, low,
    high (% of customers). differences: rows friends_0, on_top_0, …: friends minus taste, and taste with
    friends minus taste, with estimate, low, high (points), p (Holm), n. lists: by history and supplier.
    """

    findings: tuple[Finding, ...]
    contest: Contest = field(repr=False)
    customers: np.ndarray = field(repr=False)
    lists: dict[tuple[int, str], np.ndarray] = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    differences: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a history: % of customers served by each supplier."""
        wide = self.frame.pivot(index="history", columns="label", values="hit_rate")[list(_LABELS.values())]
        shown = wide.rename_axis("products known").reset_index()
        for name, words in (
            ("friends", "friends minus taste, pp"),
            ("on_top", "friends on top of taste, pp"),
        ):
            rows = self.differences.loc[[f"{name}_{known}" for known in HISTORIES]]
            shown[words] = [f"{r.estimate:+.1f} ({r.low:+.1f} to {r.high:+.1f})" for r in rows.itertuples()]
        formats = dict.fromkeys(_LABELS.values(), ".1f")
        caption = (
            f"% of {len(self.customers):,} customers served when only so many of their products are known"
        )
        shown.attrs = {"caption": caption, "formats": formats}
        return shown

    def draw(self) -> Picture:
        """Draw one line a supplier over the number of products known."""
        leak = LEAK_TITLE if self.contest.split.leak else ""
        ahead = [known for known in HISTORIES if self.differences.loc[f"friends_{known}", "low"] > 0]
        if not ahead:
            title = "Friends beat taste at no number of products known"
        elif ahead[-1] == 0:
            title = "Friends beat taste only while nothing is known of the customer"
        else:
            title = f"Friends beat taste while {ahead[-1]} products or fewer are known"
        figure, axes = canvas(
            title + leak,
            x="products of the customer that are known",
            y=f"% of customers with a later purchase\nin a list of {self.contest.length}",
        )
        colours = (MUTED, PALETTE[4], PALETTE[1], PALETTE[0], PALETTE[2])
        for spot, ((key, label), colour) in enumerate(zip(_LABELS.items(), colours, strict=True)):
            rows = self.frame[self.frame["key"] == key]
            at = np.arange(len(rows)) + 0.06 * (spot - 2)
            axes.errorbar(
                at,
                rows["hit_rate"],
                [rows["hit_rate"] - rows["low"], rows["high"] - rows["hit_rate"]],
                fmt="o--" if key in ("crowd", "strangers") else "o-",
                color=colour,
                label=label,
                capsize=2,
            )
        axes.set_xticks(range(len(HISTORIES)), [str(known) for known in HISTORIES])
        axes.set_ylim(bottom=0)
        axes.legend(ncols=2, fontsize=9)
        told = "; ".join(
            f"{known} known: friends {self._rate(known, 'friends'):.1f} %, "
            f"taste {self._rate(known, 'taste'):.1f} %"
            for known in HISTORIES
        )
        return Picture(figure, f"Customers served by number of own products known. {told}.")

    def _rate(self, known: int, key: str) -> float:
        rows = self.frame
        return float(rows.loc[(rows["history"] == known) & (rows["key"] == key), "hit_rate"].iloc[0])


@question("D2", COLD, needs=("order_lines", "ties"))
def cold_start(
    shop,
    *,
    accuracy: AccuracyOfLists | Skipped | None = None,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    seed: int = 1,
    **options,
) -> ColdStart:
    """Judge customers with friends as if only the first 0, 1, 3 or 5 of their products were known.

    At most 2,000 random customers with a friend and five products (and no more than a fifth of all) play
    newcomers: models are fitted once on everybody else, so nothing of them is learned; their friends' own
    purchases stay known. All are judged by the same purchases after the cut, and none of their earlier
    products may be listed, known or not. Without times the products known are random ones.
    Raises CannotAnswer with fewer than 30 such customers. Holm's family: the eight comparisons.
    """
    contest = contest_of(shop, accuracy, seed=seed, **options)
    split = contest.split
    ties = unweighted(read_ties(shop, contest.purchases, split))
    who = _newcomers(contest, ties, seed=seed)
    weight = weight_of_friends(shop, contest, seed=seed)
    lists = _lists(contest, ties, who, weight, seed=seed)
    relevant = split.test[who]
    served = {place: 100 * accuracy_of(one, relevant)["hit_rate"] for place, one in lists.items()}
    gaps = {f"friends_{known}": served[known, "friends"] - served[known, "taste"] for known in HISTORIES}
    gaps |= {
        f"on_top_{known}": served[known, "taste_friends"] - served[known, "taste"] for known in HISTORIES
    }
    differences = compare(gaps, resamples=resamples, seed=seed)
    low, high = percentile_interval(
        bootstrap_means(np.column_stack(list(served.values())), resamples=resamples, seed=seed)
    )
    rows = [
        (known, key, _LABELS[key], values.mean(), low[spot], high[spot])
        for spot, ((known, key), values) in enumerate(served.items())
    ]
    return ColdStart(
        findings=tuple(_finding(contest, row, smallest_pp) for row in differences.itertuples()),
        contest=contest,
        customers=who,
        lists=lists,
        frame=pd.DataFrame(rows, columns=["history", "key", "label", "hit_rate", "low", "high"]),
        differences=differences,
    )


def first_products(split, customers: np.ndarray, known: int, *, seed: int) -> csr_array:
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


def _newcomers(contest: Contest, ties: csr_array, *, seed: int) -> np.ndarray:
    who = befriended(contest, ties)
    who = who[np.diff(contest.split.train.indptr)[who] >= max(HISTORIES)]
    most = min(_MOST, int(_SHARE * contest.split.train.shape[0]))
    who = sample(who, most, np.random.default_rng(seed))
    if len(who) < FEWEST_CUSTOMERS:
        raise CannotAnswer(
            f"customers with a friend and at least {max(HISTORIES)} products who could play newcomers: "
            f"{len(who)}; a curve needs at least {FEWEST_CUSTOMERS}."
        )
    return who


def _lists(
    contest: Contest, ties: csr_array, who: np.ndarray, weight: float, *, seed: int
) -> dict[tuple[int, str], np.ndarray]:
    split = contest.split
    others = np.ones(split.train.shape[0], np.float32)
    others[who] = 0
    rest = csr_array(split.train.multiply(others[:, None]))
    rest.eliminate_zeros()
    # Lists are filled up in the order of the columns: that of the best sellers among everybody else.
    buyers = np.bincount(rest.indices, minlength=rest.shape[1])
    order = np.argsort(-buyers, kind="stable")
    rest, bought = rest[:, order], split.train[:, order]
    hidden = None if split.hidden is None else bought
    learned = contest.best_taste.model.fit(rest)
    friends = FriendsBought(ties=ties).fit(bought)
    strangers = FriendsBought(ties=random_strangers(ties, seed=seed)).fit(bought)
    found = {}
    for known in HISTORIES:
        taste = replace(learned, history=first_products(split, who, known, seed=seed)[:, order])
        suppliers = {
            "crowd": Popular().fit(rest),
            "strangers": strangers,
            "friends": friends,
            "taste": taste,
            "taste_friends": Blended(taste.history, taste, friends, weight),
        }
        for key, fitted in suppliers.items():
            lists = recommend(fitted, who, length=contest.length, hidden=hidden)
            found[known, key] = np.where(lists >= 0, order[lists], -1)
    return found


def _finding(contest: Contest, row, smallest_pp: float) -> Finding:
    name, known = row.Index.rsplit("_", 1)
    who, words = {
        "friends": ("Friends alone", "friends_over_taste_after"),
        "on_top": ("Taste and friends together", "friends_on_top_of_taste_after"),
    }[name]
    return difference_finding(
        row,
        split=contest.split,
        smallest_pp=smallest_pp,
        before=f"With {known} products known: {who} serve",
        after="than taste alone",
        also=("customers with five products stand for newcomers, who may differ",),
        id=f"D2.{words}_{known}",
        requirement="D2",
        question=COLD,
        method=(
            f"customers whose earlier purchases are hidden but for {known}, models fitted on everybody else, "
            f"lists of {contest.length}; paired customer bootstrap, sign-flip test with Holm"
        ),
    )
