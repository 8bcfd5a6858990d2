"""D3: which customers the lists serve well and badly, by stage, segment and circle of friends."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from helpers.recommend.comparison import verdict_on
from helpers.recommend.contest import Contest
from helpers.recommend.group_service import FEWEST, Worst, find_worst, service
from helpers.recommend.groups import RULES, group_customers
from helpers.recommend.judged import LEAK_TITLE, finding_on
from helpers.recommend.personal import AccuracyOfLists, contest_of
from helpers.recommend.words import more
from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, Skipped, canvas, question
from methods.intervals.shrinkage import pooled_shares

SERVED = "By stage, segment and circle: who is served badly?"
_KINDS = {"stage": "lifecycle stage", "segment": "age and gender", "circle": "circle of friends"}


@dataclass(frozen=True, kw_only=True)
class ServedGroups:
    """How well every group is served. frame: one row a group: kind, group, n, raw, served, low, high (% of
    customers, partially pooled within the kind), gain, gain_low, gain_high (points over the best list for
    all). groups: kind to the group of each split customer.
    """

    findings: tuple[Finding, ...]
    contest: Contest = field(repr=False)
    groups: dict[str, np.ndarray] = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    worst: tuple[Worst, ...]

    def table(self) -> pd.DataFrame:
        """One row a stage and segment, and the best and worst three circles."""
        rows = self.frame
        circles = rows[(rows["kind"] == "circle") & (rows["n"] >= FEWEST)].sort_values("served")
        rows = pd.concat([rows[rows["kind"] != "circle"], circles.head(3), circles.tail(3)])
        rows = rows.drop_duplicates()
        shown = pd.DataFrame(
            {
                "by": rows["kind"].map(_KINDS),
                "group": rows["group"],
                "customers": rows["n"],
                "served, %": rows["served"],
                "from, %": rows["low"],
                "to, %": rows["high"],
                "as counted, %": rows["raw"],
                "gain over the list for all, pp": rows["gain"],
                "gain from": rows["gain_low"],
                "gain to": rows["gain_high"],
            }
        ).reset_index(drop=True)
        formats = dict.fromkeys(shown.columns[3:7], ".1f") | dict.fromkeys(shown.columns[7:], "+.1f")
        caption = f"Served by “{self.contest.best_personal.label}”, small groups drawn towards the mean"
        shown.attrs = {"caption": caption, "formats": formats, "people": "customers"}
        return shown

    def draw(self) -> Picture:
        """Draw stages and segments with intervals, and the spread of the circles."""
        rows = self.frame[(self.frame["kind"] != "circle") & (self.frame["n"] >= FEWEST)]
        rows = rows.sort_values(["kind", "served"], ascending=[False, True], ignore_index=True)
        circles = self.frame[self.frame["kind"] == "circle"].sort_values("served", ignore_index=True)
        panels = [(part, frame) for part, frame in ((_bars, rows), (_band, circles)) if len(frame)]
        height = max(3.2, 1.2 + 0.24 * len(rows))
        figure, axes = canvas(self._title(), columns=len(panels), width_inches=9.5, height_inches=height)
        for axis, (part, frame) in zip(np.ravel(axes), panels, strict=True):
            part(axis, frame, self._overall())
        told = [
            f"{row.group} {row.served:.0f} % ({row.low:.0f} to {row.high:.0f})" for row in rows.itertuples()
        ]
        if len(circles):
            ends = circles["served"].iloc[[0, -1]]
            told.append(f"{len(circles)} circles from {ends.iloc[0]:.0f} to {ends.iloc[1]:.0f} %")
        return Picture(figure, f"Customers served by group, with 95 % intervals: {'; '.join(told)}.")

    def _overall(self) -> float:
        return 100 * self.contest.best_personal.measures["hit_rate"].mean()

    def _title(self) -> str:
        leak = LEAK_TITLE if self.contest.split.leak else ""
        beyond = [one for one in self.worst if one.gap.low > 0]
        if not beyond:
            return f"No group is served worse than the others beyond doubt{leak}"
        one = max(beyond, key=lambda worst: worst.gap.estimate)
        return f"Served worst: “{one.group}”, {100 * one.gap.estimate:.0f} points behind the others{leak}"


@question("D3", SERVED, needs=("order_lines",))
def served_groups(
    shop,
    *,
    accuracy: AccuracyOfLists | Skipped | None = None,
    smallest_pp: float = 1.0,
    seed: int = 1,
    **options,
) -> ServedGroups:
    """Say how the best personal list serves each group of customers, and which group it serves worst.

    Groups as they stood at the cut (`groups.group_customers`). Shares are partially pooled within each kind
    of group (`pooling.pooled_shares`). The worst group of each kind is picked in a random half of the
    customers and measured in the other half, so that its shortfall does not come from having looked at all.
    Raises CannotAnswer where no kind of group is known.
    """
    contest = contest_of(shop, accuracy, seed=seed, **options)
    groups = group_customers(shop, contest, seed=seed)
    if not groups:
        raise CannotAnswer(
            "neither times of orders, nor ages and genders, nor ties say who belongs together."
        )
    frame = pd.concat(
        [service(contest, kind, names, seed=seed) for kind, names in groups.items()], ignore_index=True
    )
    worst = [find_worst(contest, kind, names, seed=seed) for kind, names in groups.items()]
    worst = tuple(one for one in worst if one is not None)
    stages = frame[frame["kind"] == "stage"]
    findings = (
        *(_stage_finding(contest, row) for row in stages.itertuples() if row.n >= FEWEST),
        *(_gain_finding(contest, row, smallest_pp) for row in stages.itertuples() if row.n >= FEWEST),
        *(_spread_finding(contest, kind, rows, seed) for kind, rows in frame.groupby("kind", sort=False)),
        *(_worst_finding(contest, one) for one in worst),
    )
    return ServedGroups(findings=findings, contest=contest, groups=groups, frame=frame, worst=worst)


def _stage_finding(contest: Contest, row) -> Finding:
    return _finding(
        contest,
        id=f"D3.served_{row.group}",
        estimate=row.served,
        low=row.low,
        high=row.high,
        unit="% of customers",
        n=int(row.n),
        segment=row.group,
        method="share served, partially pooled over the stages (beta-binomial, on a grid)",
        reading=(
            f"Of 100 {row.group} customers ({RULES[row.group]}) the best personal list serves "
            f"{row.served:.1f} (95 % interval {row.low:.1f} to {row.high:.1f})."
        ),
    )


def _gain_finding(contest: Contest, row, smallest_pp: float) -> Finding:
    surely = row.gain_low > 0 or row.gain_high < 0
    verdict, meaning = verdict_on(row.gain, row.gain_high, 0.0 if surely else 1.0, smallest=smallest_pp)
    return _finding(
        contest,
        id=f"D3.gain_{row.group}",
        estimate=row.gain,
        low=row.gain_low,
        high=row.gain_high,
        unit="pp of customers",
        n=int(row.n),
        segment=row.group,
        verdict=verdict,
        method="difference of the shares served by both lists, on the same customers; t interval",
        reading=(
            f"{row.group[0].upper()}{row.group[1:]} customers: the best personal list serves "
            f"{abs(row.gain):.1f} {more(row.gain)} of 100 than the best list for all "
            f"(95 % interval {row.gain_low:+.1f} to {row.gain_high:+.1f}): {meaning}."
        ),
    )


def _spread_finding(contest: Contest, kind: str, rows: pd.DataFrame, seed: int) -> Finding:
    n = rows["n"].to_numpy()
    hits = np.round(rows["raw"].to_numpy() * n / 100)
    estimate, low, high = (100 * value for value in pooled_shares(hits, n, seed=seed).spread)
    return _finding(
        contest,
        id=f"D3.spread_{kind}",
        estimate=estimate,
        low=low,
        high=high,
        unit="pp of customers",
        n=int(n.sum()),
        method="standard deviation between the groups' shares, chance taken out (beta-binomial, on a grid)",
        reading=(
            f"By {_KINDS[kind]}, the shares served of {len(rows):,} groups differ by a standard deviation of "
            f"{estimate:.1f} points once chance is taken out (95 % interval {low:.1f} to {high:.1f})."
        ),
    )


def _worst_finding(contest: Contest, one: Worst) -> Finding:
    gap = one.gap.scaled(100)
    beyond = "beyond chance" if gap.low > 0 else "not beyond chance"
    return _finding(
        contest,
        id=f"D3.worst_{one.kind}",
        estimate=gap.estimate,
        low=gap.low,
        high=gap.high,
        unit="pp of customers",
        n=gap.n,
        segment=one.group,
        verdict="supported" if gap.low > 0 else "not settled",
        method="picked in a random half of the customers, measured in the other half (Newcombe's interval)",
        reading=(
            f"By {_KINDS[one.kind]}, of {one.candidates} groups large enough “{one.group}” looked worst in "
            f"one half of the customers ({100 * one.looked:.1f} points behind the others); in the other half "
            f"it is {gap.estimate:.1f} points behind (95 % interval {gap.low:+.1f} to {gap.high:+.1f}): "
            f"{beyond}."
        ),
    )


def _finding(contest: Contest, **fields) -> Finding:
    return finding_on(contest.split, requirement="D3", question=SERVED, **fields)


def _bars(axes, rows: pd.DataFrame, overall: float) -> None:
    for spot, row in enumerate(rows.itertuples()):
        colour = PALETTE[0] if row.kind == "stage" else PALETTE[2]
        axes.plot([row.low, row.high], [spot, spot], color=colour, lw=2.5)
        axes.plot(row.served, spot, "o", color=colour, ms=6)
    axes.set_yticks(range(len(rows)), rows["group"])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.axvline(overall, color=INK, lw=1, ls="--")
    axes.set_xlabel("% of customers served (dashed: all)")


def _band(axes, circles: pd.DataFrame, overall: float) -> None:
    axes.fill_between(circles.index, circles["low"], circles["high"], color=PALETTE[5], alpha=0.35)
    axes.plot(circles.index, circles["served"], color=PALETTE[0], lw=2)
    axes.axhline(overall, color=INK, lw=1, ls="--")
    axes.set_xlabel("circles of friends, worst served first")
    axes.set_ylabel("% of customers served")
    axes.set_ylim(bottom=0)
