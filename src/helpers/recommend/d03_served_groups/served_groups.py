"""D3: which customers the lists serve well and badly, by stage, segment and circle of friends."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.customer_history import last_day
from helpers.data.lifecycle_stages import lifecycle_stages
from helpers.data.list_study import read_ties
from helpers.data.shop import Shop
from helpers.recommend.lists_compared import (
    Compared,
    comparison_of,
    facts_of,
    flattery,
    interval_of,
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
    band_curve,
    canvas,
    forest,
    question,
    reference_line,
    words_beside,
)
from helpers.report.finding_view import FindingView
from helpers.report.formats import interval, number
from helpers.report.release import told_rows
from helpers.report.verdicts import p_of_nil
from methods.customers.tiers import TierRules
from methods.intervals.estimates import Interval
from methods.intervals.shrinkage import pooled_shares
from methods.lists.customer_groups import circles
from methods.lists.group_service import FEWEST, Worst, find_worst, service
from methods.lists.model_comparison import ModelComparison

WORDS = words_beside(__file__)
_KINDS = {"stage": "lifecycle stage", "segment": "age and gender", "circle": "circle of friends"}

_WORST = {kind: f"D3.worst_{kind}" for kind in _KINDS}
_SPREAD = {kind: f"D3.spread_{kind}" for kind in _KINDS}


@dataclass(frozen=True, kw_only=True)
class ServedGroups:
    """How well every group is served. frame: one row a group: kind, group, n, raw, served, low, high (% of
    customers, partially pooled within the kind), gain, gain_low, gain_high (points over the best list for
    all). groups: kind to the group of each split customer.
    """

    findings: tuple[Finding, ...]
    comparison: ModelComparison = field(repr=False)
    groups: dict[str, np.ndarray] = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    worst: tuple[Worst, ...]

    draws_released = True

    @property
    def told(self) -> pd.DataFrame:
        """The rows of `frame` that may leave."""
        return told_rows(self.frame, people="n", shares={"served": 100}, within="kind")

    def table(self) -> pd.DataFrame:
        """One row a stage, and the worst and best two segments and circles."""
        told = self.told
        large = told[told["n"] >= FEWEST].sort_values("served")
        ends = [
            part
            for kind in ("segment", "circle")
            for group in [large[large["kind"] == kind]]
            for part in (group.head(2), group.tail(2))
        ]
        rows = pd.concat([told[told["kind"] == "stage"], *ends]).drop_duplicates()
        shown = pd.DataFrame(
            {
                "by": rows["kind"].map(_KINDS),
                "group": rows["group"],
                "customers": rows["n"],
                "served, %": rows["served"],
                "95 % interval": _between(rows["low"], rows["high"]),
                "gain, pp": rows["gain"],
                "95 % interval of the gain": _between(rows["gain_low"], rows["gain_high"]),
                "show them": [self._advice(row) for row in rows.itertuples()],
            }
        ).reset_index(drop=True)
        formats = {"served, %": ".1f", "gain, pp": "+.1f"}
        caption = WORDS.text("caption", personal=self.comparison.best_personal.label)
        shown.attrs = {
            "caption": caption,
            "formats": formats,
            "people": "customers",
            "shares": {"served, %": 100},
            "within": "by",
        }
        return shown

    def _advice(self, row: Any) -> str:
        """Which list, by the judged verdict on a stage's gain; nothing for groups that no test speaks of."""
        of = ("D3.gain", row.group) if row.kind == "stage" else None
        verdict = next((one.verdict for one in self.findings if one.key == of), None)
        if verdict is None:
            return "–"
        if verdict == "contradicted":
            return WORDS.text("list for all" if row.gain < 0 else "either list")
        return WORDS.text("personal list" if verdict == "supported" else "open")

    def draw(self) -> Picture:
        """Draw stages and segments with intervals, and the spread of the circles."""
        told = self.told
        rows = told[(told["kind"] != "circle") & (told["n"] >= FEWEST)]
        rows = rows.sort_values(["kind", "served"], ascending=[False, True], ignore_index=True)
        circles = told[told["kind"] == "circle"].sort_values("served", ignore_index=True)
        panels = [(part, frame) for part, frame in ((_bars, rows), (_band, circles)) if len(frame)]
        title, alt = WORDS.picture(
            "groups",
            self.findings,
            worst_first=self._worst_first(),
            leak_title=flattery(self.comparison.split, title=True),
            told=_told(rows, circles),
        )
        height = max(3.2, 1.2 + 0.24 * len(rows))
        figure, axes = canvas(title, columns=len(panels), width_inches=9.5, height_inches=height)
        for axis, (part, frame) in zip(np.ravel(axes), panels, strict=True):
            part(axis, frame, self._overall())
        return Picture(figure, alt)

    def _overall(self) -> float:
        return 100 * self.comparison.best_personal.measures["hit_rate"].mean()

    def _worst_first(self) -> list[FindingView]:
        found = [finding for finding in self.findings if finding.id in _WORST.values()]
        return [FindingView(finding) for finding in sorted(found, key=lambda one: -(one.estimate or 0.0))]


def group_customers(shop: Shop, comparison: ModelComparison, *, seed: int) -> dict[str, np.ndarray]:
    """Return kind ("stage", "segment", "circle") to each split customer's group, as far as the shop tells.

    Values are words (object), None for customers of no group. Everything is as it stood at the cut.
    """
    split, purchases = comparison.split, comparison.purchases
    found = {}
    if split.cut_at is not None:
        stage = _stages_at(shop, split.cut_at)
        if stage is not None:
            found["stage"] = stage.reindex(purchases.customers[split.customers]).to_numpy(object)
    if purchases.segments is not None:
        found["segment"] = purchases.segments[split.customers]
    if not shop.missing("ties"):
        found["circle"] = circles(read_ties(shop, purchases, split), seed=seed)
    return found


def _stages_at(shop: Shop, cut_at: dt.datetime) -> pd.Series | None:
    """Return the stages that C1 would have told on the day before the cut; None where no cycle was known."""
    try:
        return lifecycle_stages(shop, until=last_day(shop.at(cut_at)))
    except CannotAnswer:
        return None


@question(WORDS, needs=("order_lines",))
def served_groups(
    shop: Shop,
    accuracy: Compared | Skipped | Failed | None = None,
    *,
    smallest_pp: float = 1.0,
    seed: int = 1,
    **options: Any,
) -> ServedGroups:
    """Say how the best personal list serves each group of customers, and which group it serves worst.

    accuracy: an answer of `accuracy_of_lists`, to save the time; options: of that question, used without.
    Groups as they stood at the cut (`group_customers`). Shares are partially pooled within each kind
    of group (`pooled_shares`). The worst group of each kind is picked in a random half of the
    customers and measured in the other (`find_worst`), so that its shortfall does not come from having
    looked at all.
    Raises CannotAnswer where no kind of group is known.
    """
    comparison = comparison_of(shop, accuracy, seed=seed, **options)
    groups = group_customers(shop, comparison, seed=seed)
    if not groups:
        raise CannotAnswer(WORDS.text("no groups"))
    frame = pd.concat(
        [service(comparison, kind, names, seed=seed) for kind, names in groups.items()], ignore_index=True
    )
    looked = [find_worst(comparison, kind, names, seed=seed) for kind, names in groups.items()]
    worst = tuple(one for one in looked if one is not None)
    of_stages = frame[(frame["kind"] == "stage") & (frame["n"] >= FEWEST)]
    common: dict[str, Any] = facts_of(comparison)
    before = comparison.p_before(comparison.best_personal)
    findings = (
        *(_worst_finding(one, common) for one in worst),
        *(_gain_finding(row, smallest_pp, before, common) for row in of_stages.itertuples()),
        *(_stage_finding(row, common) for row in of_stages.itertuples()),
        *(_spread_finding(kind, rows, seed, common) for kind, rows in frame.groupby("kind", sort=False)),
    )
    return ServedGroups(findings=findings, comparison=comparison, groups=groups, frame=frame, worst=worst)


def _stage_finding(row: Any, common: dict[str, Any]) -> Finding:
    value = Interval(estimate=row.served, low=row.low, high=row.high, n=int(row.n))
    method, rule = WORDS.text("method of served"), TierRules().words()[row.group]
    return WORDS.finding("D3.served", value, segment=row.group, rule=rule, method=method, **common)


def _gain_finding(row: Any, smallest_pp: float, before: float | None, common: dict[str, Any]) -> Finding:
    gain = interval_of(row, "gain", n=int(row.n))
    p = p_of_nil(gain)
    return WORDS.finding(
        "D3.gain",
        gain,
        segment=row.group,
        method=WORDS.text("method of gain"),
        **worth(gain, smallest=smallest_pp, p=p, p_alone=p, p_before=before),
        **common,
    )


def _spread_finding(kind: str, rows: pd.DataFrame, seed: int, common: dict[str, Any]) -> Finding:
    n = rows["n"].to_numpy()
    hits = np.round(rows["raw"].to_numpy() * n / 100)
    estimate, low, high = pooled_shares(hits, n, seed=seed).spread
    value = Interval(estimate=estimate, low=low, high=high, n=int(n.sum()))
    method = WORDS.text("method of spread")
    return WORDS.finding(_SPREAD[kind], value, scale=100, groups=len(rows), method=method, **common)


def _worst_finding(one: Worst, common: dict[str, Any]) -> Finding:
    return WORDS.finding(
        _WORST[one.kind],
        one.gap,
        scale=100,
        segment=one.group,
        verdict="supported" if one.agreed and one.gap.low > 0 else "not settled",
        p_value=p_of_nil(one.gap),
        method=WORDS.text("method of worst"),
        candidates=len(one.compared),
        agreed=one.agreed,
        **common,
    )


def _told(rows: pd.DataFrame, circles: pd.DataFrame) -> list[str]:
    told = [
        f"{row.group} {interval(row.served, row.low, row.high, unit='%', decimals=0)}"
        for row in rows.itertuples()
    ]
    if len(circles):
        served = circles["served"]
        text = WORDS.text("circles told", circles=len(circles), least=served.min(), most=served.max())
        told.append(text)
    return told


def _bars(axes: Axes, rows: pd.DataFrame, overall: float) -> None:
    marks = [
        Mark(
            label=row.group,
            value=Interval(estimate=row.served, low=row.low, high=row.high, n=int(row.n)),
            colour=PALETTE[0] if row.kind == "stage" else PALETTE[2],
        )
        for row in rows.itertuples()
    ]
    forest(axes, marks, x="% of customers served (dashed: all)", zero=None)
    reference_line(axes, overall)


def _band(axes: Axes, circles: pd.DataFrame, overall: float) -> None:
    low, high = circles["low"], circles["high"]
    band_curve(axes, circles.index, circles["served"], low=low, high=high, marker="")
    reference_line(axes, overall, upright=False)
    axes.set_xlabel("circles of friends, worst served first")
    axes.set_ylabel("% of customers served")
    axes.set_ylim(bottom=0)


def _between(low: pd.Series, high: pd.Series) -> list[str]:
    return [
        WORDS.label("to", a=number(a, 0), b=number(b, 0)) if np.isfinite(a) else "–"
        for a, b in zip(low, high, strict=True)
    ]
