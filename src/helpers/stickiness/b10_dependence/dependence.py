"""B10: how much of retention rests on sharing, and what would be left if sharing stopped?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from helpers.data.driver_study import OUTCOME_DAYS, DriverStudy
from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    CannotAnswer,
    Failed,
    Finding,
    Mark,
    Picture,
    Skipped,
    Verdict,
    canvas,
    forest,
    question,
    words_beside,
)
from helpers.report.finding_view import FindingView
from helpers.report.judging import SETTLED
from helpers.report.verdicts import p_of_nil
from helpers.stickiness.b10_dependence.exposed_weeks import exposed_weeks
from methods.customers.discrete_hazard import Hazard
from methods.intervals.estimates import Interval, wilson

WORDS = words_beside(__file__)
OWN, FRIENDS = "A1.adjusted_uplift_sharers", "A8.spillover_week"
_ON_SHARING = ("B10.resting_on_sharing", "B10.without_own_share", "B10.without_any_share")
CARRIES_PERCENT = 50.0  # sharing carries retention when more than this part of it would be lost


class KnownDrivers(Protocol):
    """What B7 found: its study and the hazard fitted to it."""

    @property
    def study(self) -> DriverStudy: ...

    @property
    def hazard(self) -> Hazard: ...


@dataclass(frozen=True, kw_only=True)
class Case:
    """What would be left of buying again (%), and by what it is known."""

    name: str
    left: Interval
    by: str


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of drivers and the points of buying again that rest on them, by association."""

    name: str
    drivers: tuple[str, ...]
    change: Interval


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """What would be left of buying again within 90 days.

    cases: as it is (% of the study's customers who bought again), without own shares and, where friends'
    shares are known, without those either; as it is alone where chapter 03 withholds what sharing does.
    groups: the groups of drivers. causal: whether the effect of sharing was at hand and settled, and no
    association had to stand in.
    """

    findings: tuple[Finding, ...]
    cases: tuple[Case, ...]
    groups: tuple[Group, ...]
    causal: bool

    def draw(self) -> Picture:
        """What is left without sharing, beside what moves with each group of drivers."""
        cases = [(one.name, one.left.estimate) for one in self.cases]
        facts: dict[str, Any] = {"now": self.cases[0].left, "left": cases[-1][1], "cases": cases}
        facts |= {"causal": self.causal, "withheld": len(cases) == 1, "friends": len(cases) > 2}
        title, alt = WORDS.picture("left", self.findings, **facts)
        figure, axes = canvas(title, columns=2, width_inches=11, height_inches=3.2)
        left = [Mark(label=one.name, value=one.left, colour=PALETTE[0]) for one in self.cases]
        forest(axes[0, 0], left, zero=None, x=WORDS.label("who buy again within", outcome_days=OUTCOME_DAYS))
        groups = [Mark(label=one.name, value=one.change, colour=MUTED) for one in self.groups]
        forest(axes[0, 1], groups, x="points lost without it (association)")
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a case: what is left, interval, and what it rests on."""
        rows = [(one.name, one.left.estimate, one.left.low, one.left.high, one.by) for one in self.cases]
        frame = pd.DataFrame(rows, columns=["case", "% who buy again", "low", "high", "by"])
        frame.attrs = {
            "people": None,
            "caption": WORDS.text("caption", days=OUTCOME_DAYS, causal=self.causal),
            "formats": dict.fromkeys(("% who buy again", "low", "high"), ".1f"),
        }
        return frame


@question(WORDS, needs=("orders.placed_at", "shares.posted_at"))
def dependence(
    shop: Shop,
    drivers: KnownDrivers | Skipped | Failed,
    *,
    causes: Iterable[Finding] = (),
    level: float = 0.95,
) -> Dependence:
    """Return how much retention would be left if nobody's order were shared, by what sharing is known to do.

    drivers: the answer of B7, whose customers are those of the share study. causes: findings of the chapter
    on sharing; OWN (what a share does to its author) and FRIENDS (to friends). Where OWN is absent the
    association of B7 stands in and says so; where it is not settled its number stays, as an association;
    where the chapter withholds it nothing stands in, for what was withheld there is not told here.
    Raises CannotAnswer when B7 was not answered.
    """
    if isinstance(drivers, Skipped | Failed):
        raise CannotAnswer(WORDS.text("no drivers", reason=drivers.reason))
    causes = tuple(causes)
    known = {finding.id: finding for finding in causes if finding.status == "answered"}
    again = drivers.study.repurchased
    now = wilson(int(again.sum()), len(again), level=level).scaled(100)
    groups = _groups(drivers, level=level)
    withheld = [one.reason for one in causes if one.id == OWN and one.status != "answered"]
    if withheld and OWN not in known:
        return _withheld(now, groups, reason=str(withheld[0]))
    left_open = OWN in known and known[OWN].verdict not in SETTLED
    causal = OWN in known and not left_open
    own, by = _own_loss(drivers, known, level=level)
    cases = [
        Case(name=WORDS.text("as it is"), left=now, by=WORDS.text("counted")),
        Case(name=WORDS.text("nobody shared" if causal else "less own"), left=_less(now, own), by=by),
    ]
    if FRIENDS in known and not shop.missing("ties"):
        lost = _sum(own, _friends_loss(shop, known[FRIENDS], cases[-1].left))
        both = _less(now, lost)
        name = WORDS.text("no friend either" if causal else "less friends")
        cases.append(Case(name=name, left=both, by=WORDS.text("by friends", by=by)))
    return Dependence(
        findings=(
            _resting(cases, causal=causal, left_open=left_open),
            *_left_findings(cases, causal=causal, left_open=left_open),
            *(_group_finding(one) for one in groups),
        ),
        cases=tuple(cases),
        groups=groups,
        causal=causal,
    )


def _withheld(now: Interval, groups: tuple[Group, ...], *, reason: str) -> Dependence:
    """The answer where chapter 03 withholds what sharing does: how many buy again, and the associations."""
    why = WORDS.text("withheld", reason=reason.rstrip("."))
    return Dependence(
        findings=(*(WORDS.skip(id, why) for id in _ON_SHARING), *(_group_finding(one) for one in groups)),
        cases=(Case(name=WORDS.text("as it is"), left=now, by=WORDS.text("counted")),),
        groups=groups,
        causal=False,
    )


def _own_loss(drivers: KnownDrivers, known: dict[str, Finding], *, level: float) -> tuple[Interval, str]:
    """Points of retention that own shares bring: the effect on those who shared, times their share."""
    names = [one.name for one in drivers.study.drivers]
    if "shared" not in names:
        raise CannotAnswer(WORDS.text("few shared"))
    place = names.index("shared")
    did = float(drivers.study.design[:, 0, place].mean())
    if OWN in known:
        by = "by effect" if known[OWN].verdict in SETTLED else "by open effect"
        return _interval(known[OWN]).scaled(did), WORDS.text(by, share=did)
    found = drivers.hazard.resting_on(place, level=level).scaled(100)
    return found, WORDS.text("by association")


def _interval(finding: Finding) -> Interval:
    """The interval of an answered finding of another chapter."""
    found = FindingView(finding)
    level = 0.95 if finding.level is None else finding.level
    return Interval(estimate=found.estimate, low=found.low, high=found.high, n=finding.n or 0, level=level)


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

    found = _interval(effect)
    return replace(found, estimate=lost(found.estimate), low=lost(found.low), high=lost(found.high))


def _sum(one: Interval, two: Interval) -> Interval:
    """Sum of two amounts, errors joined as independent; n and level of the first."""
    middle = one.estimate + two.estimate
    down = np.hypot(one.estimate - one.low, two.estimate - two.low)
    up = np.hypot(one.high - one.estimate, two.high - two.estimate)
    low, high = float(middle - down), float(middle + up)
    return Interval(estimate=middle, low=low, high=high, n=one.n, level=one.level)


def _less(now: Interval, loss: Interval) -> Interval:
    found = _sum(now, loss.scaled(-1))
    return replace(found, low=max(found.low, 0.0), high=min(found.high, 100.0))


def _groups(drivers: KnownDrivers, *, level: float) -> tuple[Group, ...]:
    """Points by which retention would fall were all drivers of a group zero (negative: rise)."""
    by_group: dict[str, list[int]] = {}
    for place, one in enumerate(drivers.study.drivers):
        by_group.setdefault(one.group, []).append(place)
    return tuple(
        Group(
            name=group,
            drivers=tuple(drivers.study.drivers[place].label for place in places),
            change=drivers.hazard.resting_on(*places, level=level).scaled(100),
        )
        for group, places in by_group.items()
    )


def _left_findings(cases: list[Case], *, causal: bool, left_open: bool) -> list[Finding]:
    stands_in = (WORDS.text("left open" if left_open else "stands in"),)
    held = (WORDS.text("held"), WORDS.text("earlier")) if causal else stands_in
    found = [
        WORDS.finding(
            id,
            case.left,
            method=WORDS.text("less", by=case.by),
            assumptions=held,
            verdict="reported" if causal else "not settled",
            now=cases[0].left,
            causal=causal,
            left_open=left_open,
        )
        for id, case in zip(("B10.without_own_share", "B10.without_any_share"), cases[1:], strict=False)
    ]
    if len(cases) < 3:
        found.append(WORDS.skip("B10.without_any_share", WORDS.text("no friends' shares", id=FRIENDS)))
    return found


def _resting(cases: list[Case], *, causal: bool, left_open: bool) -> Finding:
    """The part of buying again that rests on sharing, where that of own and of friends' shares is known."""
    if len(cases) < 3:
        return WORDS.skip("B10.resting_on_sharing", WORDS.text("no friends' shares", id=FRIENDS))
    now, left = cases[0].left, cases[-1].left
    parts = [100.0 * (1.0 - value / now.estimate) for value in (left.estimate, left.high, left.low)]
    part = Interval(estimate=parts[0], low=parts[1], high=parts[2], n=now.n, level=now.level)
    half = CARRIES_PERCENT
    from_half = replace(part, estimate=part.estimate - half, low=part.low - half, high=part.high - half)
    return WORDS.finding(
        "B10.resting_on_sharing",
        part,
        method=WORDS.text("part") if causal else cases[1].by,
        verdict=_assists(part) if causal else "not settled",
        p_value=p_of_nil(from_half),
        causal=causal,
        left_open=left_open,
    )


def _assists(part: Interval) -> Verdict:
    if part.high < CARRIES_PERCENT:
        return "supported"
    return "contradicted" if part.low > CARRIES_PERCENT else "not settled"


def _group_finding(group: Group) -> Finding:
    settled = group.change.low > 0 or group.change.high < 0
    return WORDS.finding(
        "B10.without_group",
        group.change,
        segment=group.name,
        method=WORDS.text("group"),
        assumptions=(WORDS.text("association"),),
        verdict="reported" if settled else "not settled",
        names=group.drivers,
    )
