"""D2: what friends' purchases add, against strangers in their place, the crowd, and taste alone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from helpers.recommend.comparison import compare, difference_finding
from helpers.recommend.contest import Contest
from helpers.recommend.judged import LEAK_TITLE
from helpers.recommend.personal import AccuracyOfLists, contest_of
from helpers.recommend.suppliers import LABELS, Supplied, supply
from helpers.recommend.words import more
from helpers.report import INK, MUTED, PALETTE, Finding, Picture, Skipped, canvas, question
from methods.intervals.resampling import bootstrap_means, percentile_interval

TIES = "What do friends' purchases add over strangers', the crowd's, and taste alone?"
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


@dataclass(frozen=True, kw_only=True)
class ValueOfTies:
    """What each supplier's lists did, and the differences.

    suppliers: one row a supplier: label, n, hit_rate, low, high (% of customers), ndcg. differences: one row
    a comparison of `COMPARISONS`: label, estimate, low, high (points of customers served), p (Holm), n.
    by_friends: two of them again by number of friends, without p. supplied: the lists themselves.
    weight: of friends beside taste, on scales of 0 to 1.
    """

    findings: tuple[Finding, ...]
    contest: Contest = field(repr=False)
    supplied: dict[str, Supplied] = field(repr=False)
    suppliers: pd.DataFrame = field(repr=False)
    differences: pd.DataFrame = field(repr=False)
    by_friends: pd.DataFrame = field(repr=False)
    weight: float

    def table(self) -> pd.DataFrame:
        """One row a comparison: both shares served, their difference with interval and adjusted p-value."""
        rate = self.suppliers["hit_rate"]
        rows = [
            (
                LABELS[first],
                LABELS[second],
                row.n,
                rate[first],
                rate[second],
                row.estimate,
                _between(row),
                row.p,
            )
            for row in self.differences.itertuples()
            for first, second in [COMPARISONS[row.Index]]
        ]
        rows += [
            (
                f"{LABELS[row.first]}: {row.group}",
                LABELS[row.second],
                row.n,
                row.mine,
                row.theirs,
                row.estimate,
                _between(row),
                np.nan,
            )
            for row in self.by_friends.itertuples()
        ]
        names = ["list", "against", "customers", "served, %", "against, %", "difference, pp", "95 % interval"]
        shown = pd.DataFrame(rows, columns=[*names, "p (Holm)"])
        formats = {"customers": ",", "served, %": ".1f", "against, %": ".1f", "difference, pp": "+.2f"}
        caption = f"Lists of {self.contest.length} on the same customers; weight of friends {self.weight:g}"
        shown.attrs = {"caption": caption, "formats": formats | {"p (Holm)": "p"}, "people": "customers"}
        return shown

    def draw(self) -> Picture:
        """Draw customers served by each supplier, and the differences that the controls allow."""
        title = self._title()
        figure, axes = canvas(title, columns=2, width_inches=9.5, height_inches=4.2)
        served, gained = axes[0]
        colours = [
            MUTED if key in ("crowd", "strangers", "weak") else PALETTE[0] for key in self.suppliers.index
        ]
        _intervals(served, self.suppliers, "hit_rate", colours)
        served.set_yticks(range(len(self.suppliers)), self.suppliers["label"])
        served.set_xlabel(f"% of customers with a later purchase\nin a list of {self.contest.length}")
        _intervals(gained, self.differences, "estimate", [PALETTE[0]] * len(self.differences))
        gained.axvline(0, color=INK, lw=1)
        gained.set_yticks(range(len(self.differences)), self.differences["label"])
        gained.set_xlabel("difference, points")
        told = "; ".join(f"{r.label} {r.estimate:+.1f}" for r in self.differences.itertuples())
        return Picture(figure, f"Customers served by each supplier, and differences in points: {told}.")

    def _title(self) -> str:
        friends, on_top = self.differences["estimate"][["friends_over_strangers", "friends_on_top_of_taste"]]
        leak = LEAK_TITLE if self.contest.split.leak else ""
        return (
            f"Friends serve {abs(friends):.1f} {more(friends)} of 100 than strangers; "
            f"beside taste, {abs(on_top):.1f} {more(on_top)}{leak}"
        )


@question("D2", TIES, needs=("order_lines", "ties"))
def value_of_ties(
    shop,
    *,
    accuracy: AccuracyOfLists | Skipped | None = None,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    seed: int = 1,
    **options,
) -> ValueOfTies:
    """Compare lists of what friends bought with four controls, and what friends add on top of taste.

    accuracy: an answer of `accuracy_of_lists`, to save the time; options: of that function, used without.
    Only ties, purchases and ratings of before the cut are used. A list with too few products is filled up
    with best sellers. Random strangers keep everybody's number of friends (a placebo graph): whatever they
    add as well is no merit of friendship. Like-minded strangers tell friendship from shared taste. Holm's
    family: all comparisons of this answer. Raises CannotAnswer with fewer than 30 customers with friends.
    """
    contest = contest_of(shop, accuracy, seed=seed, **options)
    ties, weight, supplied = supply(shop, contest, seed=seed)
    pairs = {key: pair for key, pair in COMPARISONS.items() if set(pair) <= set(supplied)}
    values = {key: _gap(supplied, *pair) for key, pair in pairs.items()}
    differences = compare(values, resamples=resamples, seed=seed)
    differences.insert(0, "label", [_words(key) for key in differences.index])
    findings = tuple(_finding(contest, row, smallest_pp, weight) for row in differences.itertuples())
    return ValueOfTies(
        findings=findings,
        contest=contest,
        supplied=supplied,
        suppliers=_suppliers(supplied, resamples, seed),
        differences=differences,
        by_friends=_by_friends(supplied, ties, resamples, seed),
        weight=weight,
    )


def _gap(supplied: dict[str, Supplied], first: str, second: str) -> np.ndarray:
    """Points of customers served, one a customer."""
    return 100 * (supplied[first].measures["hit_rate"] - supplied[second].measures["hit_rate"])


def _suppliers(supplied: dict[str, Supplied], resamples: int, seed: int) -> pd.DataFrame:
    rows = {}
    for key, one in supplied.items():
        served = 100 * one.measures["hit_rate"]
        low, high = percentile_interval(bootstrap_means(served[:, None], resamples=resamples, seed=seed))
        rows[key] = (one.label, len(served), served.mean(), low[0], high[0], one.measures["ndcg"].mean())
    columns = ["label", "n", "hit_rate", "low", "high", "ndcg"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _by_friends(supplied: dict[str, Supplied], ties: csr_array, resamples: int, seed: int) -> pd.DataFrame:
    number = np.diff(ties.indptr)[supplied["friends"].customers]
    rows = []
    for first, second in (COMPARISONS["friends_over_strangers"], COMPARISONS["friends_on_top_of_taste"]):
        mine, theirs = (100 * supplied[key].measures["hit_rate"] for key in (first, second))
        for fewest, most, words in _FRIENDS:
            chosen = (number >= fewest) & (number <= (most or np.inf))
            if chosen.sum() < 2:
                continue
            gap = (mine - theirs)[chosen]
            low, high = percentile_interval(bootstrap_means(gap[:, None], resamples=resamples, seed=seed))
            rates = mine[chosen].mean(), theirs[chosen].mean()
            rows.append((first, second, words, len(gap), *rates, gap.mean(), low[0], high[0]))
    columns = ["first", "second", "group", "n", "mine", "theirs", "estimate", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _between(row) -> str:
    return f"{row.low:+.1f} to {row.high:+.1f}"


def _words(key: str) -> str:
    first, second = COMPARISONS[key]
    return f"{LABELS[first]}\nagainst {LABELS[second]}"


def _finding(contest: Contest, row, smallest_pp: float, weight: float) -> Finding:
    first, second = (LABELS[name] for name in COMPARISONS[row.Index])
    placebo = ("reported", "this is what mixing in anybody does, and no merit of friendship")
    ties = "ties are taken as they stood at the cut" if contest.split.cut_at else "ties have no dates here"
    return difference_finding(
        row,
        split=contest.split,
        smallest_pp=smallest_pp,
        before=f"{first[0].upper()}{first[1:]}:",
        after=f"served than by {second}",
        told=placebo if row.Index.startswith("placebo") else None,
        also=(
            ties,
            "friends who are alike and friends who influence each other look the same in this comparison",
        ),
        id=f"D2.{row.Index}",
        requirement="D2",
        question=TIES,
        method=(
            f"lists of {contest.length} from purchases of before the cut; strangers drawn five times with "
            f"everybody's number of friends kept; weight of friends beside taste {weight:g}, tuned before "
            "the cut; paired customer bootstrap, sign-flip test with Holm over all comparisons"
        ),
    )


def _intervals(axes, rows: pd.DataFrame, name: str, colours: list[str]) -> None:
    for spot, (colour, row) in enumerate(zip(colours, rows.itertuples(), strict=True)):
        axes.plot([row.low, row.high], [spot, spot], color=colour, lw=2.5)
        axes.plot(getattr(row, name), spot, "o", color=colour, ms=6)
    axes.set_ylim(len(rows) - 0.5, -0.5)
