"""D1 again: does the gain hold at other cuts, and how much would a random split have flattered?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.recommend.lists_compared import (
    Compared,
    assumptions,
    comparison_of,
    differences_served,
    interval_of,
    shares_served,
    worth,
)
from helpers.report import (
    PALETTE,
    CannotAnswer,
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
from helpers.report.verdicts import p_of_nil
from methods.intervals.estimates import Interval
from methods.intervals.paired_shares import ratio_of_few
from methods.lists.model_comparison import (
    CAUTIOUS,
    TUNED_ON,
    WINDOW_DAYS,
    ModelComparison,
    candidate_models,
    choose,
    in_window,
    judge,
    sample,
    tuning_customers,
    tuning_split,
    window_of,
)
from methods.lists.other_splits import random_instead, rolling_splits
from methods.lists.recency import dated
from methods.lists.split import Split

WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class TemporalRobustness:
    """The gain at every cut, and one random split beside the last.

    cuts: one row a cut: cut_at (shop's clock), n, personal, for_all (% of customers served), gain, low, high
    (points). held_back: rows in_time and random: served, low, high, % of the same customers served by the
    personal list when their purchases after the cut are held back, or as many of each at random.
    """

    findings: tuple[Finding, ...]
    comparison: ModelComparison = field(repr=False)
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
                "gain, pp": [interval(row.gain, row.low, row.high) for row in rows.itertuples()],
            }
        )
        formats = {"customers": ",", "personal list, %": ".1f", "list for all, %": ".1f"}
        caption = WORDS.text(
            "caption",
            personal=self.comparison.best_personal.label,
            for_all=self.comparison.best_for_all.label,
            cuts=len(rows),
        )
        shown.attrs = {
            "caption": caption,
            "formats": formats,
            "people": "customers",
            "shares": dict.fromkeys(("personal list, %", "list for all, %"), 100),
        }
        return shown

    def draw(self) -> Picture:
        """Draw the gain at every cut, and what a random split would have shown."""
        rows = list(self.cuts.itertuples())
        in_time, at_random = self.held_back["served"]
        title, alt = WORDS.picture(
            "cuts",
            self.findings,
            least=self.cuts["gain"].min(),
            most=self.cuts["gain"].max(),
            in_time=in_time,
            at_random=at_random,
            told=[f"{row.cut_at:%Y-%m-%d} {number(row.gain, signed=True)}" for row in rows],
        )
        figure, axes = canvas(title, columns=2, width_inches=9.5, height_inches=3.2)
        left, right = axes[0]
        marks = [Mark(label=f"{row.cut_at:%Y-%m-%d}", value=_gain_of(row)) for row in rows]
        forest(left, marks, x="gain, pp, by the day of the cut")
        names = ("those after the cut", "as many random ones")
        shares = [
            Mark(label=name, value=_served(row), colour=colour)
            for name, row, colour in zip(names, self.held_back.itertuples(), PALETTE, strict=False)
        ]
        forest(right, shares, x="% served, by the purchases held back", zero=None)
        return Picture(figure, alt)


@question(WORDS, needs=("order_lines", "orders.placed_at"))
def temporal_robustness(
    shop: Shop,
    accuracy: Compared | Skipped | Failed | None = None,
    *,
    cuts: int = 3,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    most_customers: int = 20_000,
    seed: int = 1,
    **options: Any,
) -> TemporalRobustness:
    """Repeat the best personal list against the best list for all at earlier cuts, one test window apart.

    accuracy: an answer of `accuracy_of_lists`; without it the lists are compared anew, with `options` of that
    question. cuts: how many cuts, the last of them that of `accuracy_of_lists`; fewer where the data begin
    too late. Settings are chosen once, before the earliest cut, with at most four tries for either list.
    Random split: of each judged customer as many random products are held back as were judged in time, all
    other purchases up to the end are learned from; the same customers, so the difference is the flattery.
    Raises CannotAnswer where only one cut can be judged, or repeats count.
    """
    comparison = comparison_of(shop, accuracy, seed=seed, **options)
    if comparison.split.cut_at is None:
        raise CannotAnswer(WORDS.text("random split"))
    end = shop.end
    splits = rolling_splits(comparison, end_at=end, cuts=cuts)
    if len(splits) < 2:
        raise CannotAnswer(WORDS.text("too short"))
    keys = (comparison.best_personal.key, comparison.best_for_all.key)
    days = (end - comparison.split.cut_at).days
    chosen, window_days = _choose(comparison, splits[0], keys, days=days, seed=seed)
    rng = np.random.default_rng(seed)
    judged: list[tuple] = []
    for split in splits:
        who = sample(split.judged, most_customers, rng)
        models = [
            in_window(candidate_models(comparison.purchases, split, seed=seed)[family], window_days)[place]
            for family, place in chosen
        ]
        judged.append((split, who, *(judge(m, split, who, comparison.length)[1]["hit_rate"] for m in models)))
    frame = pd.DataFrame([_row(*one, resamples=resamples, seed=seed) for one in judged])
    frame["cut_at"] = [shop.clock.local(moment) for moment in frame["cut_at"]]
    flattered, held_back = _flattery(comparison, end_at=end, resamples=resamples, seed=seed)
    findings = (_over_cuts(comparison, judged, frame, smallest_pp), _flatters(comparison, flattered))
    return TemporalRobustness(findings=findings, comparison=comparison, cuts=frame, held_back=held_back)


def _choose(
    comparison: ModelComparison, first: Split, keys: tuple[str, ...], *, days: int, seed: int
) -> tuple[list[tuple[int, int]], float]:
    """Return family and place among `candidate_models` of each list, and the days of best sellers lately.

    Tuned before the earliest cut; the days first, where one of the lists sorts best sellers lately.
    """
    families = [family[0].key for family in candidate_models(comparison.purchases, first, seed=seed)]
    inner = tuning_split(comparison.purchases, first, tuning_days=days, seed=seed)
    if inner is None:
        return [(families.index(key), 0) for key in keys], WINDOW_DAYS
    asked = sample(inner.judged, tuning_customers(inner), np.random.default_rng(seed))
    trials = candidate_models(comparison.purchases, inner, seed=seed)
    window_days, places = WINDOW_DAYS, {}
    for key in dict.fromkeys(["recent", *keys] if set(keys) & set(CAUTIOUS) else keys):
        models = in_window(trials[families.index(key)], window_days)
        scores = [judge(model, inner, asked, comparison.length)[1][TUNED_ON] for model in models]
        places[key] = choose(scores, cautious=key in CAUTIOUS)
        window_days = window_of(models[places[key]], window_days)
    return [(families.index(key), places[key]) for key in keys], window_days


def _row(split: Split, who, mine: np.ndarray, theirs: np.ndarray, *, resamples: int, seed: int) -> dict:
    served = {"mine": mine, "theirs": theirs}
    found = differences_served(served, {"gain": ("mine", "theirs")}, resamples=resamples, seed=seed)
    gain = found.loc["gain"]
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
    comparison: ModelComparison, *, end_at: dt.datetime, resamples: int, seed: int
) -> tuple[pd.Series, pd.DataFrame]:
    """Return the difference between both splits, and the share served on either."""
    if comparison.split.repeats:
        raise CannotAnswer(WORDS.text("repeats counted"))
    other = random_instead(comparison, end_at=end_at, seed=seed)
    both = np.intersect1d(comparison.split.customers[comparison.customers], other.customers[other.judged])
    model = dated(comparison.best_taste.model, None)
    served = {}
    for name, split in (("in_time", comparison.split), ("random", other)):
        who = np.searchsorted(split.customers, both)
        served[name] = judge(model, split, who, comparison.length)[1]["hit_rate"]
    pairs = {"flattery": ("random", "in_time")}
    found = differences_served(served, pairs, resamples=resamples, seed=seed)
    return found.loc["flattery"], shares_served(served).rename(columns={"estimate": "served"})


def _over_cuts(
    comparison: ModelComparison, judged: list[tuple], frame: pd.DataFrame, smallest_pp: float
) -> Finding:
    """The mean gain over all cuts; a customer judged at several cuts is one case."""
    people = len(comparison.purchases.customers)
    total, times = np.zeros(people), np.zeros(people)
    for split, who, mine, theirs in judged:
        total[split.customers[who]] += 100 * (mine - theirs)
        times[split.customers[who]] += 1
    gain = ratio_of_few(total[times > 0], times[times > 0], largest=100.0)
    p = p_of_nil(gain)
    return WORDS.finding(
        "D1.gain_over_cuts",
        gain,
        **worth(gain, smallest=smallest_pp, p=p, p_alone=p),
        method=WORDS.text("method", cuts=len(frame)),
        assumptions=(*assumptions(comparison.split)[:3], WORDS.text("one shop")),
        cuts=len(frame),
        personal=comparison.best_personal.label,
        least=frame["gain"].min(),
        most=frame["gain"].max(),
    )


def _flatters(comparison: ModelComparison, flattered: pd.Series) -> Finding:
    return WORDS.finding(
        "D1.random_split_flatters",
        interval_of(flattered),
        method=WORDS.text("method of flattery", taste=comparison.best_taste.label),
        assumptions=(WORDS.text("same model"), WORDS.text("one random split")),
    )


def _gain_of(row: Any) -> Interval:
    return Interval(estimate=row.gain, low=row.low, high=row.high, n=row.n)


def _served(row: Any) -> Interval:
    return Interval(estimate=row.served, low=row.low, high=row.high, n=0)
