"""D1: do personal lists find more later purchases than one list for all?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.list_study import Protocol
from helpers.data.shop import Shop
from helpers.recommend.lists_compared import (
    comparison_of,
    facts_of,
    flattery,
    interval_of,
    worth,
)
from helpers.report import (
    MUTED,
    PALETTE,
    Finding,
    Mark,
    Picture,
    canvas,
    forest,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import interval
from methods.intervals.estimates import Interval, wilson
from methods.intervals.multiplicity import holm
from methods.intervals.paired_shares import paired_share_difference
from methods.intervals.resampling import bootstrap_means, flip_test, percentile_interval
from methods.lists.model_comparison import ModelComparison
from methods.lists.paired_differences import FLIPS
from methods.lists.ranking import ACCURACY

WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class AccuracyOfLists:
    """How well every list served the judged customers. frame: one row a list, percent and points."""

    findings: tuple[Finding, ...]
    comparison: ModelComparison = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    smallest_pp: float

    def table(self) -> pd.DataFrame:
        """One row a list: measures with intervals, gain over the best list for all, settings chosen."""
        rows, length = self.frame, self.comparison.length
        shown = pd.DataFrame(
            {
                "list": rows["label"],
                "served, %": _with_interval(rows, "hit_rate"),
                **{name.upper(): rows[name] for name in ACCURACY[2:]},
                "Recall": rows["recall"],
                "gain, pp": _with_interval(rows, "gain"),
                "p (Holm)": rows["p"],
                "settings": rows["settings"],
            }
        )
        formats = dict.fromkeys(("NDCG", "MAP", "MRR", "Recall"), ".3f") | {"p (Holm)": "p"}
        caption = WORDS.text(
            "caption",
            length=length,
            customers=len(self.comparison.customers),
            for_all=self.comparison.best_for_all.label,
        )
        shown.attrs = {"people": None, "caption": caption, "formats": formats}
        return shown

    def draw(self) -> Picture:
        """Draw customers served by each list, and the gain over the best list for all."""
        rows = list(self.frame.itertuples())
        title, alt = WORDS.picture(
            "lists",
            self.findings,
            personal=self.comparison.best_personal.label,
            for_all=self.comparison.best_for_all.label,
            leak_title=flattery(self.comparison.split, title=True),
            told=[
                f"{row.label} {interval(row.hit_rate, row.hit_rate_low, row.hit_rate_high, unit='%')}"
                for row in rows
            ],
        )
        figure, axes = canvas(title, columns=2, width_inches=9.5, height_inches=3.6)
        served, gained = axes[0]
        length = self.comparison.length
        forest(
            served,
            [_mark(row, "hit_rate") for row in rows],
            x=WORDS.label("of customers with a", length=length),
            zero=None,
        )
        served.set_xlim(left=0)
        forest(
            gained,
            [_mark(row, "gain") for row in rows],
            x=WORDS.label("gain over pp dashed", label=self.comparison.best_for_all.label),
            labels=False,
        )
        reference_line(gained, self.smallest_pp)
        return Picture(figure, alt)


@question(WORDS, needs=("order_lines",))
def accuracy_of_lists(
    shop: Shop,
    *,
    length: int = 10,
    protocol: Protocol = "auto",
    test_days: int = 56,
    repeats: bool = False,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    most_customers: int = 20_000,
    seed: int = 1,
) -> AccuracyOfLists:
    """Compare all lists (`compare_models`) and state each gain with its uncertainty.

    length: products a list. protocol, test_days, repeats: as in `split_shop` and `split.split_at`.
    smallest_pp: the smallest gain, in points of customers served, that is worth having. A gain is supported
    when its adjusted p-value is below 0.05, also in the window before the cut, and it reaches that size,
    contradicted when its whole interval
    lies below it. Adjusted here by Holm over the personal lists, each against the best list for all, on the
    share of customers served; a chapter adjusts them once more beside its other tests.
    """
    comparison = comparison_of(
        shop,
        None,
        length=length,
        protocol=protocol,
        test_days=test_days,
        repeats=repeats,
        most_customers=most_customers,
        seed=seed,
    )
    frame, draws = _frame(comparison, resamples=resamples, seed=seed)
    common: dict[str, Any] = {
        "n": len(comparison.customers),
        "method": WORDS.text("method", length=comparison.length),
        **facts_of(comparison),
    }
    rows = list(frame.itertuples())
    chosen = comparison.best_personal.key
    gains = sorted((row for row in rows if row.personal), key=lambda row: (row.key != chosen, -row.gain))
    findings = (
        *(_gain(comparison, row, smallest_pp, common) for row in gains),
        *_gain_in_ndcg(comparison, draws, common),
        *(_served(comparison, row, common) for row in rows),
    )
    return AccuracyOfLists(findings=findings, comparison=comparison, frame=frame, smallest_pp=smallest_pp)


def _frame(comparison: ModelComparison, *, resamples: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Return one row a list with estimates, intervals, gains and p-values, and draws of two mean NDCGs.

    The draws are of the best personal list and of the best list for all.
    """
    base = comparison.best_for_all
    ndcg = np.column_stack([one.measures["ndcg"] for one in (comparison.best_personal, base)])
    draws = bootstrap_means(ndcg, resamples=resamples, seed=seed)
    personal = [entry for entry in comparison.entries if entry.personal]
    flips = np.column_stack([e.measures["hit_rate"] - base.measures["hit_rate"] for e in personal])
    alone = flip_test(flips, flips=FLIPS, seed=seed)
    p_values = dict(zip([entry.key for entry in personal], zip(alone, holm(alone), strict=True), strict=True))
    rows = []
    for entry in comparison.entries:
        row = {"key": entry.key, "label": entry.label, "personal": entry.personal, "settings": entry.settings}
        row |= {name: entry.measures[name].mean() for name in ACCURACY[1:]}
        served = entry.measures["hit_rate"]
        row |= _percent("hit_rate", wilson(served.sum(), len(served)))
        if entry is not base:
            gain = served - base.measures["hit_rate"]
            more, fewer = int((gain > 0).sum()), int((gain < 0).sum())
            row |= _percent("gain", paired_share_difference(more, fewer, len(gain)))
        row["p_before"] = comparison.p_before(entry)
        rows.append(row | dict(zip(("p_alone", "p"), p_values.get(entry.key, (np.nan, np.nan)), strict=True)))
    return pd.DataFrame(rows), draws


def _percent(name: str, share: Interval) -> dict[str, float]:
    return {name: 100 * share.estimate, f"{name}_low": 100 * share.low, f"{name}_high": 100 * share.high}


def _gain(comparison: ModelComparison, row: Any, smallest_pp: float, common: dict[str, Any]) -> Finding:
    gain = interval_of(row, "gain", n=common["n"])
    return WORDS.finding(
        "D1.gain",
        gain,
        segment=row.label,
        **worth(gain, smallest=smallest_pp, p=row.p, p_alone=row.p_alone, p_before=row.p_before),
        dated=comparison.split.cut_at is not None,
        for_all=comparison.best_for_all.label,
        **common,
    )


def _gain_in_ndcg(
    comparison: ModelComparison, draws: np.ndarray, common: dict[str, Any]
) -> tuple[Finding, ...]:
    """No finding where a draw left the best list for all without any hit, since nothing divides by it."""
    mine, base = comparison.best_personal, comparison.best_for_all
    if not (draws[:, 1] > 0).all():
        return ()
    gain = mine.measures["ndcg"].mean() / base.measures["ndcg"].mean() - 1
    low, high = percentile_interval(draws[:, 0] / draws[:, 1] - 1)
    return (
        WORDS.finding(
            "D1.best_model_gain_ndcg",
            Interval(estimate=gain, low=float(low), high=float(high), n=common["n"]),
            scale=100,
            personal=mine.label,
            for_all=base.label,
            **common,
        ),
    )


def _served(comparison: ModelComparison, row: Any, common: dict[str, Any]) -> Finding:
    served = interval_of(row, "hit_rate", n=common["n"])
    return WORDS.finding("D1.hit_rate", served, segment=row.label, **common)


def _mark(row: Any, name: str) -> Mark:
    value = interval_of(row, name, n=0)
    return Mark(label=row.label, value=value, colour=PALETTE[0] if row.personal else MUTED)


def _with_interval(rows: pd.DataFrame, name: str) -> list[str]:
    numbers = zip(rows[name], rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    return [interval(*ends) if np.isfinite(ends).all() else "–" for ends in numbers]
