"""D1 again: does the gain hold at other cuts, and how much would a random split have flattered?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.recommend.comparison import compare, verdict_on
from helpers.recommend.contest import (
    TUNED_ON,
    Contest,
    judge,
    rivals,
    sample,
    tuning_customers,
    tuning_split,
)
from helpers.recommend.judged import assumptions
from helpers.recommend.other_splits import random_instead, rolling_splits
from helpers.recommend.personal import AccuracyOfLists, contest_of
from helpers.recommend.split import Split
from helpers.recommend.words import more
from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, Skipped, canvas, question
from methods.intervals.estimates import ratio_of_sums, wilson

STEADY = "Does the gain hold at other cuts in time, and how much would a random split flatter?"


@dataclass(frozen=True, kw_only=True)
class Steadiness:
    """The gain at every cut, and one random split beside the last.

    cuts: one row a cut: cut_at (shop's clock), n, personal, for_all (% of customers served), gain, low, high
    (points). held_back: rows in_time and random: served, low, high, % of the same customers served by the
    personal list when their purchases after the cut are held back, or as many of each at random.
    """

    findings: tuple[Finding, ...]
    contest: Contest = field(repr=False)
    cuts: pd.DataFrame = field(repr=False)
    held_back: pd.DataFrame = field(repr=False)

    def table(self) -> pd.DataFrame:
        """One row a cut."""
        rows = self.cuts
        shown = pd.DataFrame(
            {
                "learned from purchases before": [f"{moment:%Y-%m-%d}" for moment in rows["cut_at"]],
                "customers": rows["n"],
                "personal list, %": rows["personal"],
                "list for all, %": rows["for_all"],
                "gain, pp": rows["gain"],
                "95 % interval": [f"{r.low:+.1f} to {r.high:+.1f}" for r in rows.itertuples()],
            }
        )
        formats = {"customers": ",", "personal list, %": ".1f", "list for all, %": ".1f", "gain, pp": "+.1f"}
        mine, theirs = self.contest.best_personal.label, self.contest.best_for_all.label
        caption = f"“{mine}” against “{theirs}” at {len(rows)} cuts in time; settings chosen before the first"
        shown.attrs = {"caption": caption, "formats": formats, "people": "customers"}
        return shown

    def draw(self) -> Picture:
        """Draw the gain at every cut, and what a random split would have shown."""
        rows = self.cuts
        in_time, at_random = self.held_back["served"]
        title = (
            f"The gain lies between {rows['gain'].min():+.1f} and {rows['gain'].max():+.1f} points; "
            f"a random split would show {abs(at_random - in_time):.1f} points "
            f"{more(at_random - in_time)} served"
        )
        figure, axes = canvas(title, columns=2, width_inches=9.5, height_inches=3.2)
        left, right = axes[0]
        for spot, row in enumerate(rows.itertuples()):
            left.plot([spot, spot], [row.low, row.high], color=PALETTE[0], lw=2.5)
            left.plot(spot, row.gain, "o", color=PALETTE[0], ms=7)
        left.axhline(0, color=INK, lw=1)
        left.set_xticks(range(len(rows)), [f"{moment:%Y-%m-%d}" for moment in rows["cut_at"]])
        left.set_xlabel("learned from purchases before")
        left.set_ylabel("gain, points of\ncustomers served")
        for spot, (colour, row) in enumerate(zip(PALETTE, self.held_back.itertuples(), strict=False)):
            right.plot([spot, spot], [row.low, row.high], color=colour, lw=2.5)
            right.plot(spot, row.served, "o", color=colour, ms=7)
        right.set_xlim(-0.6, 1.6)
        right.set_xticks([0, 1], ["after the cut", "random ones"])
        right.set_xlabel("purchases held back, as many of each customer")
        right.set_ylabel("% of customers served\nby the personal list")
        right.grid(axis="x", visible=False)
        told = "; ".join(f"{r.cut_at:%Y-%m-%d} {r.gain:+.1f}" for r in rows.itertuples())
        return Picture(
            figure,
            f"Gain in points by cut: {told}. Served: {in_time:.1f} % when later purchases are held "
            f"back, {at_random:.1f} % when random ones are.",
        )


@question("D1", STEADY, needs=("order_lines", "orders.placed_at"))
def steadiness_of_lists(
    shop,
    *,
    accuracy: AccuracyOfLists | Skipped | None = None,
    cuts: int = 3,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    most_customers: int = 20_000,
    seed: int = 1,
    **options,
) -> Steadiness:
    """Repeat the best personal list against the best list for all at earlier cuts, one test window apart.

    cuts: how many cuts, the last of them that of `accuracy_of_lists`; fewer where the data begin too late.
    Settings are chosen once, before the earliest cut, with at most four tries for either list.
    Random split: of each judged customer as many random products are held back as were judged in time, all
    other purchases up to the end are learned from; the same customers, so the difference is the flattery.
    Raises CannotAnswer where only one cut can be judged, or repeats count.
    """
    contest = contest_of(shop, accuracy, seed=seed, **options)
    if contest.split.cut_at is None:
        raise CannotAnswer("the lists were judged on a random split, which has no other cuts.")
    splits = rolling_splits(contest, end_at=shop.as_of, cuts=cuts)
    if len(splits) < 2:
        raise CannotAnswer("the data are too short for a second cut in time with purchases before and after.")
    keys = (contest.best_personal.key, contest.best_for_all.key)
    chosen = _choose(contest, splits[0], keys, days=(shop.as_of - contest.split.cut_at).days, seed=seed)
    rng = np.random.default_rng(seed)
    judged = []
    for split in splits:
        who = sample(split.judged, most_customers, rng)
        models = [rivals(contest.purchases, split, seed=seed)[family][place] for family, place in chosen]
        judged.append((split, who, *(judge(m, split, who, contest.length)[1]["hit_rate"] for m in models)))
    frame = pd.DataFrame([_row(*one, resamples=resamples, seed=seed) for one in judged])
    frame["cut_at"] += dt.timedelta(minutes=shop.receipt.utc_offset_minutes)
    flattery, held_back = _flattery(contest, end_at=shop.as_of, resamples=resamples, seed=seed)
    findings = (_over_cuts(contest, judged, frame, smallest_pp), _flatters(contest, flattery))
    return Steadiness(findings=findings, contest=contest, cuts=frame, held_back=held_back)


def _choose(
    contest: Contest, first: Split, keys: tuple[str, ...], *, days: int, seed: int
) -> list[tuple[int, int]]:
    """Return family and place among `rivals` of each list, tuned before the earliest cut."""
    families = [family[0].key for family in rivals(contest.purchases, first, seed=seed)]
    inner = tuning_split(contest.purchases, first, tuning_days=days, seed=seed)
    chosen = []
    for key in keys:
        family, place = families.index(key), 0
        if inner is not None:
            asked = sample(inner.judged, tuning_customers(inner), np.random.default_rng(seed))
            models = rivals(contest.purchases, inner, seed=seed)[family]
            scores = [judge(model, inner, asked, contest.length)[1][TUNED_ON].mean() for model in models]
            place = int(np.argmax(scores))
        chosen.append((family, place))
    return chosen


def _row(split: Split, who, mine: np.ndarray, theirs: np.ndarray, *, resamples: int, seed: int) -> dict:
    gain = compare({"gain": 100 * (mine - theirs)}, resamples=resamples, seed=seed).loc["gain"]
    return {
        "cut_at": split.cut_at,
        "n": len(who),
        "personal": 100 * mine.mean(),
        "for_all": 100 * theirs.mean(),
        "gain": gain["estimate"],
        "low": gain["low"],
        "high": gain["high"],
    }


def _flattery(
    contest: Contest, *, end_at: dt.datetime, resamples: int, seed: int
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the difference between both splits, and the share served on either."""
    if contest.split.repeats:
        raise CannotAnswer("with repeats counted, a random split would hold back what was learned from.")
    other = random_instead(contest, end_at=end_at, seed=seed)
    both = np.intersect1d(contest.split.customers[contest.customers], other.customers[other.judged])
    model = contest.best_taste.model
    served = []
    for split in (contest.split, other):
        who = np.searchsorted(split.customers, both)
        served.append(100 * judge(model, split, who, contest.length)[1]["hit_rate"])
    row = compare({"flattery": served[1] - served[0]}, resamples=resamples, seed=seed).loc["flattery"]
    shares = [wilson(values.sum() / 100, len(both)).scaled(100) for values in served]
    held_back = pd.DataFrame(
        [(share.estimate, share.low, share.high) for share in shares],
        columns=["served", "low", "high"],
        index=["in_time", "random"],
    )
    return row, held_back


def _over_cuts(contest: Contest, judged: list, frame: pd.DataFrame, smallest_pp: float) -> Finding:
    """The mean gain over all cuts; a customer judged at several cuts is one case."""
    people = len(contest.purchases.customers)
    total, times = np.zeros(people), np.zeros(people)
    for split, who, mine, theirs in judged:
        total[split.customers[who]] += 100 * (mine - theirs)
        times[split.customers[who]] += 1
    gain = ratio_of_sums(total[times > 0], times[times > 0])
    surely = gain.low > 0 or gain.high < 0
    verdict, meaning = verdict_on(gain.estimate, gain.high, 0.0 if surely else 1.0, smallest=smallest_pp)
    return Finding(
        id="D1.gain_over_cuts",
        requirement="D1",
        question=STEADY,
        estimate=gain.estimate,
        low=gain.low,
        high=gain.high,
        unit="pp of customers",
        n=gain.n,
        verdict=verdict,
        method=f"mean over {len(frame)} cuts, settings chosen before the first; clustered on customers",
        assumptions=(*assumptions(contest.split)[:3], "the cuts are of one shop and one stretch of time"),
        reading=(
            f"Over {len(frame)} cuts the personal list ({contest.best_personal.label}) serves "
            f"{abs(gain.estimate):.1f} {more(gain.estimate)} of 100 customers than the "
            f"list for all (95 % interval {gain.low:+.1f} to {gain.high:+.1f}; at single cuts "
            f"{frame['gain'].min():+.1f} to {frame['gain'].max():+.1f}): {meaning}. Plan with this mean, "
            "not with the gain at the last cut alone."
        ),
    )


def _flatters(contest: Contest, flattery: pd.Series) -> Finding:
    return Finding(
        id="D1.random_split_flatters",
        requirement="D1",
        question=STEADY,
        estimate=flattery["estimate"],
        low=flattery["low"],
        high=flattery["high"],
        unit="pp of customers",
        n=int(flattery["n"]),
        method=(
            f"“{contest.best_taste.label}” judged on later purchases and on as many random ones of the same "
            "customers; paired customer bootstrap"
        ),
        assumptions=("the same model and settings on both splits", "one random split"),
        reading=(
            f"Had random purchases been held back instead of the later ones, {abs(flattery['estimate']):.1f} "
            f"{more(flattery['estimate'])} of 100 customers would have seemed served (95 % interval "
            f"{flattery['low']:+.1f} to {flattery['high']:+.1f}): what a random split flatters."
        ),
    )
