"""D1, all against all: which list is better than which, judged as one family."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from helpers.recommend.comparison import compare
from helpers.recommend.contest import Contest
from helpers.recommend.judged import LEAK_TITLE, finding_on
from helpers.recommend.personal import AccuracyOfLists, contest_of
from helpers.report import INK, MUTED, PALETTE, Finding, Picture, Skipped, canvas, question

PAIRS = "Which list is better than which, with all comparisons judged as one family?"


@dataclass(frozen=True, kw_only=True)
class EveryPair:
    """Every list against every other on the same customers.

    frame: one row a pair: better, worse (labels), served, served_low, served_high (points of customers),
    ndcg, ndcg_low, ndcg_high, p_served, p_ndcg (Holm over all rows of both measures).
    """

    findings: tuple[Finding, ...]
    contest: Contest = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    smallest_pp: float

    def table(self) -> pd.DataFrame:
        """One row a pair, the better list first."""
        rows = self.frame
        shown = pd.DataFrame(
            {
                "list": rows["better"],
                "against": rows["worse"],
                "served, pp": rows["served"],
                "95 % interval": _between(rows, "served", 1),
                "p (Holm)": rows["p_served"],
                f"NDCG@{self.contest.length}": rows["ndcg"],
                "95 % interval of NDCG": _between(rows, "ndcg", 3),
                "p of NDCG (Holm)": rows["p_ndcg"],
            }
        )
        formats = {"served, pp": "+.1f", f"NDCG@{self.contest.length}": "+.3f"}
        formats |= {"p (Holm)": "p", "p of NDCG (Holm)": "p"}
        caption = f"Every list against every other, {len(self.contest.customers):,} customers"
        shown.attrs = {"caption": caption, "formats": formats}
        return shown

    def draw(self) -> Picture:
        """Draw the difference of every pair with its interval; blue where it is sure and worth having."""
        rows = self.frame
        leak = LEAK_TITLE if self.contest.split.leak else ""
        worth = worth_telling_apart(rows, self.smallest_pp)
        figure, axes = canvas(
            f"{worth.sum()} of {len(rows)} pairs of lists differ beyond chance by "
            f"{_points(self.smallest_pp)} or more{leak}",
            x="difference, points of customers served (dashed: worth having)",
            width_inches=9.5,
            height_inches=1.2 + 0.24 * len(rows),
        )
        for spot, (row, blue) in enumerate(zip(rows.itertuples(), worth, strict=True)):
            colour = PALETTE[0] if blue else MUTED
            axes.plot([row.served_low, row.served_high], [spot, spot], color=colour, lw=2.5)
            axes.plot(row.served, spot, "o", color=colour, ms=6)
        axes.set_yticks(range(len(rows)), [f"{r.better} – {r.worse}" for r in rows.itertuples()], fontsize=8)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.axvline(0, color=INK, lw=1)
        axes.axvline(self.smallest_pp, color=PALETTE[1], lw=1, ls="--")
        told = "; ".join(f"{row.better} over {row.worse} {row.served:+.1f}" for row in rows.itertuples())
        return Picture(figure, f"Differences of all pairs of lists in points of customers served: {told}.")


@question("D1", PAIRS, needs=("order_lines",))
def every_pair(
    shop,
    *,
    accuracy: AccuracyOfLists | Skipped | None = None,
    smallest_pp: float = 1.0,
    resamples: int = 1_000,
    seed: int = 1,
    **options,
) -> EveryPair:
    """Compare every list of `accuracy_of_lists` with every other, by customers served and by NDCG.

    Holm's family: all pairs and both measures together. options: of `accuracy_of_lists`, used without answer.
    """
    contest = contest_of(shop, accuracy, seed=seed, **options)
    frame = pairs_of(contest, resamples=resamples, seed=seed)
    sure = worth_telling_apart(frame, smallest_pp)
    finding = finding_on(
        contest.split,
        id="D1.pairs_worth_telling_apart",
        requirement="D1",
        question=PAIRS,
        estimate=float(sure.sum()),
        low=float(sure.sum()),
        high=float(sure.sum()),
        level=None,
        unit="pairs of lists",
        n=len(contest.customers),
        method="paired customer bootstrap, sign-flip test, Holm over all pairs and both measures",
        reading=(
            f"Of {len(frame)} pairs of lists {sure.sum()} differ beyond chance by {_points(smallest_pp)} of "
            "customers served or more, all comparisons taken as one family."
        ),
    )
    return EveryPair(findings=(finding,), contest=contest, frame=frame, smallest_pp=smallest_pp)


def worth_telling_apart(frame: pd.DataFrame, smallest_pp: float) -> pd.Series:
    """Say of each pair whether it differs beyond chance (Holm) and by an amount worth having; bool."""
    return (frame["p_served"] < 0.05) & (frame["served"] >= smallest_pp)


def pairs_of(contest: Contest, *, resamples: int, seed: int) -> pd.DataFrame:
    """Return the frame of `EveryPair`, the largest difference first."""
    ordered = sorted(contest.entries, key=lambda entry: -entry.measures["hit_rate"].mean())
    pairs = [(a, b) for spot, a in enumerate(ordered) for b in ordered[spot + 1 :]]
    values = {
        (a.key, b.key, name): scale * (a.measures[name] - b.measures[name])
        for name, scale in (("hit_rate", 100), ("ndcg", 1))
        for a, b in pairs
    }
    found = compare(values, resamples=resamples, seed=seed)
    rows = []
    for a, b in pairs:
        served, ndcg = found.loc[[(a.key, b.key, "hit_rate")]], found.loc[[(a.key, b.key, "ndcg")]]
        rows.append(
            {"better": a.label, "worse": b.label}
            | _columns("served", served.iloc[0])
            | _columns("ndcg", ndcg.iloc[0])
        )
    return pd.DataFrame(rows).sort_values("served", ascending=False, ignore_index=True)


def _columns(name: str, row: pd.Series) -> dict[str, float]:
    return {
        name: row["estimate"],
        f"{name}_low": row["low"],
        f"{name}_high": row["high"],
        f"p_{name}": row["p"],
    }


def _between(rows: pd.DataFrame, name: str, digits: int) -> list[str]:
    ends = zip(rows[f"{name}_low"], rows[f"{name}_high"], strict=True)
    return [f"{low:+.{digits}f} to {high:+.{digits}f}" for low, high in ends]


def _points(number: float) -> str:
    return f"{number:g} {'point' if number == 1 else 'points'}"
