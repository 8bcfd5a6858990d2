"""D1: do personal lists find more later purchases than one list for all?"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np
import pandas as pd

from helpers.recommend.comparison import FLIPS, difference_finding
from helpers.recommend.contest import Contest, Protocol, hold_contest, split_shop
from helpers.recommend.judged import LEAK_TITLE, finding_on
from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, Skipped, canvas, question
from methods.intervals.multiplicity import holm
from methods.intervals.resampling import bootstrap_means, flip_test, percentile_interval
from methods.lists.ranking import ACCURACY

ACCURATE = "Do personal lists find more of the later purchases than one list for all?"


@dataclass(frozen=True, kw_only=True)
class AccuracyOfLists:
    """How well every list served the judged customers. frame: one row a list, percent and points."""

    findings: tuple[Finding, ...]
    contest: Contest = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    smallest_pp: float

    def table(self) -> pd.DataFrame:
        """One row a list: measures with intervals, gain over the best list for all, settings chosen."""
        rows, length = self.frame, self.contest.length
        shown = pd.DataFrame(
            {
                "list": rows["label"],
                "served, % of customers": rows["hit_rate"],
                "95 % interval": _between(rows["hit_rate_low"], rows["hit_rate_high"]),
                **{f"{name.upper()}@{length}": rows[name] for name in ACCURACY[2:]},
                f"Recall@{length}": rows["recall"],
                "gain, pp": rows["gain"],
                "95 % interval of the gain": _between(rows["gain_low"], rows["gain_high"]),
                "p (Holm)": rows["p"],
                "settings": rows["settings"],
            }
        )
        formats = {name: ".3f" for name in shown.columns if "@" in name}
        formats |= {"served, % of customers": ".1f", "gain, pp": "+.1f", "p (Holm)": "p"}
        best = self.contest.best_for_all.label
        caption = f"Lists of {length}, {len(self.contest.customers):,} customers; gains over “{best}”"
        shown.attrs = {"caption": caption, "formats": formats}
        return shown

    def draw(self) -> Picture:
        """Draw customers served by each list, and the gain over the best list for all."""
        rows, length = self.frame, self.contest.length
        figure, (served, gained) = _two_panels(self._title())
        place = np.arange(len(rows))
        colours = [PALETTE[0] if personal else MUTED for personal in rows["personal"]]
        for axes, name in ((served, "hit_rate"), (gained, "gain")):
            for spot, colour, (_, row) in zip(place, colours, rows.iterrows(), strict=True):
                if np.isfinite(row[name]):
                    axes.plot([row[f"{name}_low"], row[f"{name}_high"]], [spot, spot], color=colour, lw=2.5)
                    axes.plot(row[name], spot, "o", color=colour, ms=7)
        served.set_yticks(place, rows["label"])
        for axes in (served, gained):
            axes.set_ylim(len(rows) - 0.5, -0.5)
        served.set_xlim(left=0)
        served.set_xlabel(f"% of customers with a later purchase\nin their list of {length}")
        gained.set_yticks(place, [""] * len(place))
        gained.axvline(0, color=INK, lw=1)
        gained.axvline(self.smallest_pp, color=PALETTE[1], lw=1, ls="--")
        gained.set_xlabel(f"gain over “{self.contest.best_for_all.label}”\n(points; dashed: worth having)")
        parts = [
            f"{r.label} {r.hit_rate:.1f} % ({r.hit_rate_low:.1f} to {r.hit_rate_high:.1f})"
            for r in rows.itertuples()
        ]
        return Picture(figure, f"Customers served by each list, with 95 % intervals: {'; '.join(parts)}.")

    def _title(self) -> str:
        mine, theirs = self.contest.best_personal, self.contest.best_for_all
        rate = {entry.key: 100 * entry.measures["hit_rate"].mean() for entry in (mine, theirs)}
        return (
            f"A personal list serves {rate[mine.key]:.0f} of 100 customers, "
            f"the best list for all {rate[theirs.key]:.0f}"
            f"{LEAK_TITLE if self.contest.split.leak else ''}"
        )


@question("D1", ACCURATE, needs=("order_lines",))
def accuracy_of_lists(
    shop,
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
    """Hold the contest of lists (`contest.hold_contest`) and state each gain with its uncertainty.

    length: products a list. protocol, test_days, repeats: as in `contest.split_shop` and `split.split_at`.
    smallest_pp: the smallest gain, in points of customers served, that is worth having. A gain is supported
    when its adjusted p-value is below 0.05 and it reaches that size, contradicted when its whole interval
    lies below it. The family declared for Holm's adjustment: each personal list against the best list for
    all, on the share of customers served.
    """
    purchases, split = split_shop(shop, protocol=protocol, test_days=test_days, repeats=repeats, seed=seed)
    contest = hold_contest(
        purchases, split, length=length, tuning_days=test_days, most_customers=most_customers, seed=seed
    )
    frame, draws = _frame(contest, resamples=resamples, seed=seed)
    findings = (
        *_gain_in_ndcg(contest, draws),
        *(_difference(contest, row, smallest_pp) for row in frame.itertuples() if row.personal),
        *(_served(contest, row) for row in frame.itertuples()),
    )
    return AccuracyOfLists(
        findings=findings,
        contest=contest,
        frame=frame,
        smallest_pp=smallest_pp,
    )


def contest_of(shop, accuracy: AccuracyOfLists | Skipped | None, **options) -> Contest:
    """Return the contest of an answer, or hold one with these options; CannotAnswer if it was skipped."""
    accuracy = accuracy or accuracy_of_lists(shop, **options)
    if isinstance(accuracy, Skipped):
        raise CannotAnswer(accuracy.reason.removeprefix("Not answered: "))
    return accuracy.contest


def _frame(contest: Contest, *, resamples: int, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row a list with estimates, intervals, gains and p-values, and the draws they rest on."""
    names = [(entry.key, name) for entry in contest.entries for name in ACCURACY]
    values = np.column_stack([entry.measures[name] for entry in contest.entries for name in ACCURACY])
    draws = pd.DataFrame(
        bootstrap_means(values, resamples=resamples, seed=seed), columns=pd.MultiIndex.from_tuples(names)
    )
    base = contest.best_for_all
    personal = [entry for entry in contest.entries if entry.personal]
    flips = np.column_stack([e.measures["hit_rate"] - base.measures["hit_rate"] for e in personal])
    alone = flip_test(flips, flips=FLIPS, seed=seed)
    p_values = dict(zip([entry.key for entry in personal], zip(alone, holm(alone), strict=True), strict=True))
    rows = []
    for entry in contest.entries:
        row = {"key": entry.key, "label": entry.label, "personal": entry.personal, "settings": entry.settings}
        row |= {name: entry.measures[name].mean() for name in ACCURACY[1:]}
        row |= _percent("hit_rate", entry.measures["hit_rate"].mean(), draws[entry.key, "hit_rate"])
        if entry is not base:
            gain = entry.measures["hit_rate"] - base.measures["hit_rate"]
            paired = draws[entry.key, "hit_rate"] - draws[base.key, "hit_rate"]
            row |= _percent("gain", gain.mean(), paired)
        rows.append(row | dict(zip(("p_alone", "p"), p_values.get(entry.key, (np.nan, np.nan)), strict=True)))
    return pd.DataFrame(rows), draws


def _percent(name: str, value: float, draws: pd.Series) -> dict[str, float]:
    low, high = percentile_interval(draws.to_numpy())
    return {name: 100 * value, f"{name}_low": 100 * low, f"{name}_high": 100 * high}


def _gain_in_ndcg(contest: Contest, draws: pd.DataFrame) -> tuple[Finding, ...]:
    mine, base = contest.best_personal, contest.best_for_all
    if not (draws[base.key, "ndcg"] > 0).all():
        return ()
    name = f"NDCG@{contest.length}"
    gain = 100 * (mine.measures["ndcg"].mean() / base.measures["ndcg"].mean() - 1)
    low, high = percentile_interval(100 * (draws[mine.key, "ndcg"] / draws[base.key, "ndcg"] - 1).to_numpy())
    return (
        _finding(
            contest,
            id="D1.best_model_gain_ndcg",
            estimate=gain,
            low=float(low),
            high=float(high),
            unit=f"% of the {name} of the best list for all",
            reading=(
                f"The personal list that did best before the cut ({mine.label}) is {abs(gain):.0f} % "
                f"{'better' if gain >= 0 else 'worse'} than the best list for all ({base.label}) by {name}, "
                "which counts a purchase more the higher it stood in the list "
                f"(95 % interval {low:+.0f} to {high:+.0f} %)."
            ),
        ),
    )


def _difference(contest: Contest, row, smallest_pp: float) -> Finding:
    gain = SimpleNamespace(
        estimate=row.gain, low=row.gain_low, high=row.gain_high, p_alone=row.p_alone, p=row.p,
        n=len(contest.customers),
    )  # fmt: skip
    return difference_finding(
        gain,
        split=contest.split,
        smallest_pp=smallest_pp,
        before=f"{'At the last cut, ' if contest.split.cut_at else ''}“{row.label}” serves",
        after=f"than “{contest.best_for_all.label}”",
        id=f"D1.difference_{row.key}",
        requirement="D1",
        question=ACCURATE,
        method=_method(contest),
    )


def _served(contest: Contest, row) -> Finding:
    return _finding(
        contest,
        id=f"D1.hit_rate_{row.key}",
        estimate=row.hit_rate,
        low=row.hit_rate_low,
        high=row.hit_rate_high,
        unit="% of customers",
        reading=(
            f"{_capital(row.label)}: of 100 customers, {row.hit_rate:.1f} find a later purchase in "
            f"their list of {contest.length} (95 % interval {row.hit_rate_low:.1f} to "
            f"{row.hit_rate_high:.1f})."
        ),
    )


def _finding(contest: Contest, **fields) -> Finding:
    n, method = len(contest.customers), _method(contest)
    return finding_on(contest.split, requirement="D1", question=ACCURATE, n=n, method=method, **fields)


def _method(contest: Contest) -> str:
    return (
        f"every product ranked, lists of {contest.length}; settings chosen before the cut; paired customer "
        "bootstrap, sign-flip test with Holm over the personal lists"
    )


def _between(low: pd.Series, high: pd.Series) -> list[str]:
    return [f"{a:.1f} to {b:.1f}" if np.isfinite(a) else "–" for a, b in zip(low, high, strict=True)]


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _two_panels(title: str):
    figure, axes = canvas(title, columns=2, width_inches=9.5, height_inches=3.6)
    return figure, axes[0]
