"""F7: what greetings, check-ins, streaks and tutorials bring where a lot gave or held them back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.activity_draws import (
    CONTROL,
    FEWEST,
    ActivityDraws,
    drawn_kinds,
    orders_after,
    read_draws,
    visited_after,
)
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.reasons import bare
from helpers.report.release import shares_by
from helpers.report.verdicts import p_of_nil
from methods.intervals.estimates import Interval
from methods.trials import intention_to_treat

WORDS = words_beside(__file__)
STREAK = "streak"
ELSEWHERE = ("invitation", "review_reward", "badge")  # what F5 and F6 ask
USUAL_DAYS = {"greeting": 28, STREAK: 28}
OTHER_DAYS = 56
_UNFAIR = 0.001  # of orders before the lot


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one arm of one kind did to one outcome. name: of the picture's row. base: share without it."""

    kind: str
    name: str
    what: str
    effect: Interval
    base: float
    rows: pd.DataFrame
    days: int
    doubt: str


@dataclass(frozen=True, kw_only=True)
class Activities:
    """Every kind that was drawn by lot, seen and buying."""

    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a kind and arm: customers, seen and bought."""
        parts: dict[tuple[str, str], dict[str, Any]] = {}
        for one in self.outcomes:
            for arm, rows in one.rows.groupby("arm"):
                row = parts.setdefault((one.kind, str(arm)), {"customers": len(rows)})
                row["seen" if one.what == "seen" else "bought"] = float(rows[one.what].mean())
        frame = pd.DataFrame(
            [{"activity": kind.replace("_", " "), "arm": arm, **row} for (kind, arm), row in parts.items()]
        )
        shares = {name: 1 for name in ("seen", "bought") if name in frame}
        frame.attrs = {
            "people": "customers",
            "shares": shares,
            "formats": dict.fromkeys(shares, ".1%"),
            "caption": WORDS.text("caption"),
        }
        return frame

    def draw(self) -> Picture:
        """Draw the effect of each activity on being seen and on buying."""
        spoken = [f"{one.name} {interval(*in_percent(one.effect), unit='pp')}" for one in self.outcomes]
        settled = {
            finding.key for finding in self.findings if finding.verdict in ("supported", "contradicted")
        }
        title, alt = WORDS.picture(
            "activities",
            self.findings,
            effects=spoken,
            seen=_kinds(settled, "visit"),
            buying=_kinds(settled, "buy"),
        )
        figure, axes = canvas(title, height_inches=1.1 + 0.4 * len(self.outcomes))
        marks = [
            Mark(
                label=one.name, value=one.effect, scale=100, colour=PALETTE[0 if one.what == "bought" else 6]
            )
            for one in self.outcomes
        ]
        forest(axes, marks, x="pp more customers")
        return Picture(figure, alt)


def _kinds(settled: set[tuple[str, str | None]], outcome: str) -> list[str]:
    names = [
        WORDS.text("name", kind=segment, arm="")
        for id, segment in sorted(settled)
        if segment and outcome in id
    ]
    return [name[:1].upper() + name[1:] if place == 0 else name for place, name in enumerate(names)]


@question(WORDS, needs=("activities.arm", "activities.happened_at", "orders.placed_at"))
def activities(shop: Shop) -> Activities:
    """Compare customers who were given an activity by lot with those from whom it was held back.

    Every kind in `activities` with an arm `control` is asked, but for those that F5 and F6 ask; customers are
    followed for 28 days after a greeting or a streak about to break, else 56. Being seen is any event. Of a
    streak the arm `control` is the one that ended, and its effect is ended against kept. Raises CannotAnswer
    where no kind was drawn by lot, or none with 25 customers an arm.
    """
    kinds = [kind for kind in drawn_kinds(shop) if kind not in ELSEWHERE]
    if not kinds:
        raise CannotAnswer(WORDS.text("nobody") + ".")
    outcomes, skips = [], []
    for kind in kinds:
        try:
            draws = read_draws(shop, kind=kind, days=USUAL_DAYS.get(kind, OTHER_DAYS))
        except CannotAnswer as limit:
            skips += [WORDS.skip(id, f"{limit}.", segment=segment) for id, segment in _ids(kind)]
            continue
        outcomes += _outcomes(shop, draws)
    if not outcomes:
        raise CannotAnswer(bare(skips[0].reason))
    answered = tuple(_finding(one) for one in outcomes)
    return Activities(outcomes=tuple(outcomes), findings=(*answered, *skips))


def _ids(kind: str) -> list[tuple[str, str | None]]:
    if kind == STREAK:
        return [("F7.streak_end_visits", None), ("F7.streak_end_buying", None)]
    return [("F7.visit_uplift", kind), ("F7.buy_uplift", kind)]


def _outcomes(shop: Shop, draws: ActivityDraws) -> list[Outcome]:
    """Being seen and buying, of each arm against control.

    An outcome that is alike for all is left out, and one that is known of too few.
    """
    frame = draws.frame.assign(bought=(orders_after(shop, draws) > 0).astype(float))
    measured = ["bought"]
    if not shop.missing("events.happened_at"):
        frame["seen"] = visited_after(shop, draws)
        measured.insert(0, "seen")
    found = []
    for arm in draws.arms:
        for what in measured:
            rows = frame[frame["arm"].isin([CONTROL, arm]) & frame[what].notna()]
            if frame[what].nunique() > 1 and _fewest(rows, arm) >= FEWEST:
                found.append(_outcome(draws, rows, what, arm))
    return found


def _fewest(rows: pd.DataFrame, arm: str) -> int:
    return int(rows["arm"].value_counts().reindex([CONTROL, arm], fill_value=0).min())


def _outcome(draws: ActivityDraws, rows: pd.DataFrame, what: str, arm: str) -> Outcome:
    given = (rows["arm"] == arm).astype(float)
    treated = 1 - given if draws.kind == STREAK else given
    rows = rows.assign(treated=treated)
    found = intention_to_treat(rows, outcome=what, treatment="treated", covariates=["orders_before"])
    several = arm if len(draws.arms) > 1 else ""
    kind = f"{draws.kind}: {several}" if several else draws.kind
    ended = draws.kind == STREAK
    name = f"{'streak ended' if ended else kind.replace('_', ' ')}, {what}"
    return Outcome(
        kind=kind,
        name=name,
        what=what,
        effect=found.effect,
        base=found.control_observed,
        rows=rows,
        days=draws.days,
        doubt=_doubt(draws, rows),
    )


def _doubt(draws: ActivityDraws, rows: pd.DataFrame) -> str:
    if draws.ratio.alarm:
        return WORDS.text("doubt ratio", day=draws.ratio.lost_day)
    before = intention_to_treat(rows, outcome="orders_before", treatment="treated").effect
    p = p_of_nil(before)
    return WORDS.text("doubt before", p=p) if p < _UNFAIR else ""


def _finding(one: Outcome) -> Finding:
    kind, _, arm = one.kind.partition(": ")
    if kind == STREAK:
        id, segment = "F7.streak_end_visits" if one.what == "seen" else "F7.streak_end_buying", arm or None
    else:
        id, segment = "F7.visit_uplift" if one.what == "seen" else "F7.buy_uplift", one.kind
    it = WORDS.text("name", kind=kind, arm=arm)
    return WORDS.finding(
        id,
        one.effect,
        scale=100,
        segment=segment,
        p_value=p_of_nil(one.effect),
        method=WORDS.text("method"),
        assumptions=(WORDS.text("drawn"), WORDS.text("alone")),
        verdict=effect_verdict(one.effect, doubt=one.doubt),
        tells=shares_by(one.rows, one.what, "treated"),
        base=one.base,
        days=one.days,
        doubt=one.doubt,
        it=it,
        what=it[:1].upper() + it[1:],
    )
