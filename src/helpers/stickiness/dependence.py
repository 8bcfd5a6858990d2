"""B10: how much of retention rests on sharing, and what would be left if sharing stopped?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.report import INK, MUTED, PALETTE, CannotAnswer, Finding, Picture, Skipped, canvas, question
from helpers.stickiness.drivers import DAYS, Drivers
from helpers.stickiness.exposed_weeks import exposed_weeks
from helpers.stickiness.words import finding_of, not_known, span
from methods.intervals.estimates import Interval, wilson

_QUESTION = "How much of retention rests on sharing, and how much on product, service and value?"
OWN, FRIENDS = "A1.adjusted_uplift_sharers", "A8.spillover_week"
CARRIES_PERCENT = 50.0  # sharing carries retention when more than this part of it would be lost
_SAID = {
    "nobody shared the order": "nobody shared the order",
    "no friend shared either": "nobody shared the order and no friend's share worked either",
}


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """What would be left of buying again within 90 days.

    now: % of the study's customers who bought again. left: one row a case (case, value, low, high in %,
    source). groups: one row a group of drivers: group, change, low, high (points by which retention would
    move were none of its drivers at work), all associations.
    """

    findings: tuple[Finding, ...]
    now: Interval
    left: pd.DataFrame
    groups: pd.DataFrame

    def draw(self) -> Picture:
        """What is left without sharing, beside what moves with each group of drivers."""
        last = self.left.iloc[-1]
        figure, axes = canvas(
            f"Without sharing, {last['value']:.0f} of {self.now.estimate:.0f} % would still come back",
            columns=2, width_inches=11, height_inches=3.2,
        )  # fmt: skip
        for panel, frame, value, label in (
            (axes[0, 0], self.left, "value", "case"), (axes[0, 1], self.groups, "change", "group"),
        ):  # fmt: skip
            arms = [frame[value] - frame["low"], frame["high"] - frame[value]]
            colors = PALETTE[0] if label == "case" else MUTED
            panel.errorbar(frame[value], range(len(frame)), xerr=arms, fmt="o", capsize=3, color=colors)
            panel.set_yticks(range(len(frame)), frame[label])
            panel.set_ylim(len(frame) - 0.5, -0.5)
        axes[0, 0].set_xlabel(f"% who buy again within {DAYS} days (95 % interval)")
        axes[0, 1].axvline(0, color=INK, lw=0.8)
        axes[0, 1].set_xlabel("points lost without it (association)")
        said = "; ".join(f"{row.case} {row.value:.1f} %" for row in self.left.itertuples())
        return Picture(figure, f"Left: share who buy again, {said}. Right: associations by group of drivers.")

    def table(self) -> pd.DataFrame:
        """One row a case: what is left, interval, and what it rests on."""
        names = {"case": "case", "value": "% who buy again", "low": "low", "high": "high", "source": "by"}
        frame = self.left[[*names]].rename(columns=names)
        frame.attrs = {
            "caption": f"Buying again within {DAYS} days, if sharing stopped",
            "formats": dict.fromkeys(("% who buy again", "low", "high"), ".1f"),
        }
        return frame


@question("B10", _QUESTION, needs=("orders.placed_at", "shares.posted_at"))
def dependence(
    shop: Shop, *, drivers: Drivers | Skipped, causes: Iterable[Finding] = (), level: float = 0.95
) -> Dependence:
    """Return how much retention would be left if nobody's order were shared, by what sharing is known to do.

    drivers: the answer of B7, whose customers are those of the share study. causes: findings of the chapter
    on sharing; OWN (what a share does to its author) and FRIENDS (to friends). Where OWN is absent the
    association of B7 stands in and says so. Raises (as a skip) when B7 was not answered.
    """
    if isinstance(drivers, Skipped):
        raise CannotAnswer(f"this rests on B7, which has no answer. {drivers.reason}")
    known = {finding.id: finding for finding in causes if finding.status == "answered"}
    again = drivers.study.repurchased
    now = wilson(int(again.sum()), len(again), level=level).scaled(100)
    own, by, shown = _own_loss(drivers, known)
    cases = [("as it is", now, "counted"), ("nobody shared the order", _less(now, own, level), by)]
    if FRIENDS in known and not shop.missing("ties"):
        friends = _friends_loss(shop, known[FRIENDS], cases[-1][1])
        both = _less(now, Interval(**_sum(own, friends), n=now.n, level=level), level)
        cases.append(("no friend shared either", both, f"{by}; effect of friends' shares (chapter 03)"))
    left = pd.DataFrame(
        [{"case": case, "value": one.estimate, "low": one.low, "high": one.high, "source": source}
         for case, one, source in cases]
    )  # fmt: skip
    groups = _groups(drivers, level)
    return Dependence(
        findings=(*_left_findings(cases, now, shown, level), *_group_findings(groups, now, level)),
        now=now, left=left, groups=groups,
    )  # fmt: skip


def _own_loss(drivers: Drivers, known: dict[str, Finding]) -> tuple[Interval, str, bool]:
    """Points of retention that own shares bring: the effect on those who shared, times their share."""
    names = [one.name for one in drivers.study.drivers]
    if "shared" not in names:
        raise CannotAnswer("too few customers shared, or too few did not, to say what their shares bring.")
    place = names.index("shared")
    did = float(drivers.study.design[:, 0, place].mean())
    if OWN in known:
        one = known[OWN]
        found = Interval(estimate=one.estimate, low=one.low, high=one.high, n=one.n, level=one.level)
        return found.scaled(did), f"effect on those who shared (chapter 03) times the {did:.0%} who did", True
    found = drivers.hazard.resting_on(place, level=drivers.level).scaled(100)
    return found, "association of B7 only: no effect of sharing was at hand", False


def _friends_loss(shop: Shop, effect: Finding, now: Interval) -> Interval:
    """Points that friends' shares bring, by the part of all purchases that they bring.

    The effect counts purchases added in weeks after a friend's share; over all weeks with a purchase that is
    a part of the pace. Buying at a pace less by that part leaves 1 - (1 - share)^(1 - part) who buy again.
    """
    counts = exposed_weeks(shop)
    per_point = counts.exposed / max(counts.bought, 1) / 100.0
    stays = 1.0 - now.estimate / 100.0

    def lost(points: float) -> float:
        return 100.0 * (stays ** (1.0 - points * per_point) - stays)

    return Interval(
        estimate=lost(effect.estimate), low=lost(effect.low), high=lost(effect.high), n=effect.n,
        level=effect.level,
    )  # fmt: skip


def _sum(one: Interval, two: Interval) -> dict[str, float]:
    """Sum of two amounts, errors joined as independent."""
    middle = one.estimate + two.estimate
    down = np.hypot(one.estimate - one.low, two.estimate - two.low)
    up = np.hypot(one.high - one.estimate, two.high - two.estimate)
    return {"estimate": middle, "low": float(middle - down), "high": float(middle + up)}


def _less(now: Interval, loss: Interval, level: float) -> Interval:
    turned = loss.scaled(-1)
    found = _sum(now, turned)
    return Interval(
        estimate=found["estimate"], low=max(found["low"], 0.0), high=min(found["high"], 100.0), n=now.n,
        level=level,
    )  # fmt: skip


def _groups(drivers: Drivers, level: float) -> pd.DataFrame:
    """Points by which retention would fall were all drivers of a group zero (negative: rise)."""
    by_group: dict[str, list[int]] = {}
    for place, one in enumerate(drivers.study.drivers):
        by_group.setdefault(one.group, []).append(place)
    rows = []
    for group, places in by_group.items():
        change = drivers.hazard.resting_on(*places, level=level).scaled(100)
        names = ", ".join(drivers.study.drivers[place].label.lower() for place in places)
        rows.append(
            {
                "group": group,
                "change": change.estimate,
                "low": change.low,
                "high": change.high,
                "names": names,
            }
        )
    return pd.DataFrame(rows)


def _left_findings(cases: list, now: Interval, causal: bool, level: float) -> list[Finding]:
    held = (
        "What a share does to its author and friends is as the chapter on sharing found it.",
        "Shares of earlier orders go on working, and nothing is put in the place of sharing.",
    )
    ids = (None, "B10.without_own_share", "B10.without_any_share")
    unit = f"% of customers who buy again in {DAYS} days"
    found = [
        finding_of(
            one, id=id, question=_QUESTION, unit=unit, method=f"share who bought again less {source}",
            assumptions=held if causal else ("An association stands in for the effect of sharing.",),
            verdict="reported" if causal else "not settled",
            reading=f"{span(now)} % of the customers now buy again; {span(one)} % would if {_SAID[case]}.",
        )
        for id, (case, one, source) in zip(ids, cases, strict=False) if id
    ]  # fmt: skip
    if len(cases) < 3:
        reason = f"what friends' shares do ({FRIENDS}) is not among the findings of this run."
        found.append(not_known("B10.without_any_share", reason, question=_QUESTION))
    return [*found, _resting(cases[-1][1], now, causal, level)]


def _resting(left: Interval, now: Interval, causal: bool, level: float) -> Finding:
    parts = [100.0 * (1.0 - value / now.estimate) for value in (left.estimate, left.high, left.low)]
    part = Interval(estimate=parts[0], low=parts[1], high=parts[2], n=now.n, level=level)
    verdict = (
        "supported" if part.high < CARRIES_PERCENT else "contradicted" if part.low > CARRIES_PERCENT else ""
    )
    words = {"supported": "sharing assists and does not carry", "contradicted": "sharing carries"}
    return finding_of(
        part,
        id="B10.resting_on_sharing",
        question=_QUESTION,
        unit="% of those who buy again",
        method="part of buying again that would be lost without own and friends' shares"
        if causal
        else "association of B7",
        verdict=(verdict or "not settled") if causal else "not settled",
        reading=f"{span(part)} % of buying again rests on sharing: "
        f"{words.get(verdict, 'whether sharing assists or carries is not settled')}.",
    )


def _group_findings(groups: pd.DataFrame, now: Interval, level: float) -> list[Finding]:
    return [
        finding_of(
            Interval(estimate=row.change, low=row.low, high=row.high, n=now.n, level=level),
            id=f"B10.{row.group.replace(' ', '_')}",
            question=_QUESTION,
            unit=f"pp of customers who buy again in {DAYS} days",
            method="discrete-time hazard of B7 with the group's drivers at zero for everybody",
            assumptions=("An association: other things may differ between those with and without.",),
            verdict="not settled" if row.low <= 0 <= row.high else "reported",
            reading=f"Without {row.names} ({row.group}), buying again would be "
            f"{abs(row.change):.1f} points {'lower' if row.change > 0 else 'higher'} by association "
            f"(change {-row.high:+.1f} to {-row.low:+.1f}).",
        )
        for row in groups.itertuples()
    ]
