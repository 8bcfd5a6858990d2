"""F5: what rewards for reviews do to how many, how good and whose, where a lot gave or held them back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from helpers.data.activity_draws import CONTROL, FEWEST, ActivityDraws, drawn_kinds, read_draws
from helpers.data.shop import Shop
from helpers.incentives.f05_content.written_reviews import with_reviews
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
from helpers.report.formats import interval
from helpers.report.release import shares_by
from helpers.report.told import interval_told
from helpers.report.verdicts import p_of_nil
from methods.intervals.estimates import Interval
from methods.trials import intention_to_treat, ratio_effect

WORDS = words_beside(__file__)
KINDS = ("review_reward", "badge")
BADGE = "badge"
_KNOWN_BEFORE = ("orders_before", "reviews_before")


@dataclass(frozen=True, kw_only=True)
class ContentRewards:
    """The test of rewards: rows (one a customer) and findings of each arm. effects: of the picture."""

    rows: pd.DataFrame = field(repr=False)
    days: int
    effects: tuple[tuple[str, Interval], ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an arm: customers, reviews per 100, with pictures, characters and stars of a review."""
        sums = self.rows.groupby("arm")[
            ["reviews", "pictured", "seen", "characters", "lengths", "stars", "rated"]
        ].sum()
        pictured = sums["pictured"].where(sums["seen"] > 0)
        people = self.rows.groupby("arm").size()
        frame = pd.DataFrame(
            {
                "arm": people.index,
                "customers": people.to_numpy(),
                "reviews per 100": 100 * (sums["reviews"] / people).to_numpy(),
                "with pictures per 100": 100 * (pictured / people).to_numpy(),
                "characters": (sums["characters"] / sums["lengths"]).to_numpy(),
                "stars": (sums["stars"] / sums["rated"]).to_numpy(),
            }
        )
        formats = {
            "reviews per 100": ".1f",
            "with pictures per 100": ".1f",
            "characters": ".0f",
            "stars": ".2f",
        }
        frame.attrs = {
            "people": "customers",
            "formats": formats,
            "caption": WORDS.text("caption", days=self.days),
        }
        return frame

    def draw(self) -> Picture:
        """Draw how many reviews each reward adds, a badge also to those short of it and those who had it."""
        told = [f"{name} {_told(value)}" for name, value in self.effects]
        tests = [one for one in self.findings if one.id == "F5.added_reviews"]
        settled = [f"“{one.segment}”" for one in tests if one.verdict in ("supported", "contradicted")]
        title, alt = WORDS.picture("rewards", self.findings, told=told, settled=settled)
        figure, axes = canvas(title, height_inches=1.1 + 0.45 * len(self.effects))
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[6 if "," in name else 0])
            for name, value in self.effects
        ]
        forest(axes, marks, x="more reviews per 100 customers")
        return Picture(figure, alt)


def _told(value: Interval) -> str:
    """An effect per 100 customers, with no more digits than its sentence."""
    of_100 = interval_told(value.scaled(100))
    return interval(of_100.estimate, of_100.low, of_100.high)


@question(WORDS, needs=("activities.arm", "activities.happened_at", "reviews.posted_at", "orders.placed_at"))
def content_rewards(shop: Shop, *, outcome_days: int = 84, badge_reviews: int = 3) -> ContentRewards:
    """Compare customers offered a reward for reviews by lot with those from whom it was held back.

    The lot is read from activities of the kind `review_reward`, else `badge`, with an arm `control`.
    outcome_days: how long customers are followed. badge_reviews: reviews that a badge asks; whoever had as
    many before the lot earned it at once. Raises CannotAnswer without such a lot, or with fewer than 25
    customers an arm.
    """
    kind = next((kind for kind in KINDS if kind in drawn_kinds(shop)), None)
    if kind is None:
        raise CannotAnswer(WORDS.text("nobody") + ".")
    draws = read_draws(shop, kind=kind, days=outcome_days, outcome="reviews")
    rows = with_reviews(shop, draws)
    doubt = WORDS.text("doubt ratio", day=draws.ratio.lost_day) if draws.ratio.alarm else ""
    findings: list[Finding] = []
    effects: list[tuple[str, Interval]] = []
    for arm in draws.arms:
        own = rows[rows["arm"].isin([CONTROL, arm])]
        own = own.assign(treated=(own["arm"] == arm).astype(float))
        test = _Arm(rows=own, draws=draws, arm=arm, badge_at=badge_reviews, doubt=doubt)
        for finding, effect, name in test.asked():
            findings.append(finding)
            if effect is not None and name:
                effects.append((name, effect))
    return ContentRewards(rows=rows, days=outcome_days, effects=tuple(effects), findings=tuple(findings))


@dataclass(frozen=True, kw_only=True)
class _Arm:
    """One arm and the control. rows: with `treated`."""

    rows: pd.DataFrame
    draws: ActivityDraws
    arm: str
    badge_at: int
    doubt: str

    def asked(self) -> Iterator[tuple[Finding, Interval | None, str]]:
        """Yield each finding with its effect and its name in the picture (empty: not drawn)."""
        yield self._sum("F5.added_reviews", "reviews", self.rows, name=self.arm, test=True)
        yield self._pictured()
        yield self._ratio("F5.length_change", "characters", "lengths")
        yield self._ratio("F5.rating_change", "stars", "rated")
        yield self._first()
        is_badge = BADGE in (self.arm, self.draws.kind)
        before = self.rows["reviews_before"]
        for id, has, what in (
            ("F5.badge_short", before < self.badge_at, "short of it"),
            ("F5.badge_earned", before >= self.badge_at, "had it at once"),
        ):
            if is_badge:
                yield self._sum(id, "reviews", self.rows[has], name=f"{self.arm}, {what}")

    def _sum(
        self, id: str, outcome: str, rows: pd.DataFrame, *, name: str = "", test: bool = False
    ) -> tuple[Finding, Interval | None, str]:
        if not _enough(rows):
            return self._skip(id, WORDS.text("few", fewest=FEWEST, what=name or outcome)), None, ""
        found = intention_to_treat(rows, outcome=outcome, treatment="treated", covariates=_KNOWN_BEFORE)
        judged: dict[str, Any] = {}
        if test:
            judged = {
                "p_value": p_of_nil(found.effect),
                "verdict": effect_verdict(found.effect, doubt=self.doubt),
            }
        elif id == "F5.with_pictures":
            judged = {"verdict": effect_verdict(found.effect, doubt=self.doubt)}
        finding = self._told(
            id,
            found.effect,
            scale=100,
            base=100 * found.control_observed,
            method=WORDS.text("method"),
            **judged,
        )
        return finding, found.effect, name

    def _pictured(self) -> tuple[Finding, Interval | None, str]:
        if self.rows.groupby("treated")["seen"].sum().min() == 0:
            return self._skip("F5.with_pictures", WORDS.text("no pictures")), None, ""
        return self._sum("F5.with_pictures", "pictured", self.rows)

    def _ratio(self, id: str, top: str, bottom: str) -> tuple[Finding, None, str]:
        if self.rows.groupby("treated")[bottom].sum().min() == 0:
            return self._skip(id, WORDS.text("no writers")), None, ""
        found = ratio_effect(self.rows, numerator=top, denominator=bottom, treatment="treated")
        if found.effect.low == found.effect.high:
            return self._skip(id, WORDS.text("all alike", every=found.control_ratio, what=top)), None, ""
        finding = self._told(
            id,
            found.effect,
            base=found.control_ratio,
            n=len(self.rows),
            method=WORDS.text("ratio method"),
            assumed=WORDS.text("writers"),
        )
        return finding, None, ""

    def _first(self) -> tuple[Finding, None, str]:
        id, rows = "F5.first_reviewers", self.rows[self.rows["reviews_before"] == 0]
        if not _enough(rows):
            return self._skip(id, WORDS.text("few", fewest=FEWEST, what="written none before")), None, ""
        rows = rows.assign(wrote=(rows["reviews"] > 0).astype(float))
        found = intention_to_treat(rows, outcome="wrote", treatment="treated", covariates=["orders_before"])
        finding = self._told(
            id,
            found.effect,
            scale=100,
            base=found.control_observed,
            method=WORDS.text("method"),
            tells=shares_by(rows, "wrote", "treated"),
        )
        return finding, None, ""

    def _told(self, id: str, effect: Interval, *, assumed: str = "", **more: Any) -> Finding:
        return WORDS.finding(
            id,
            effect,
            segment=self.arm,
            assumptions=tuple(filter(None, (WORDS.text("drawn"), assumed))),
            reward=self.arm,
            days=self.draws.days,
            badge_at=self.badge_at,
            doubt=self.doubt,
            **more,
        )

    def _skip(self, id: str, reason: str) -> Finding:
        return WORDS.skip(id, f"{reason}.", segment=self.arm)


def _enough(rows: pd.DataFrame) -> bool:
    return bool(min((rows["treated"] == 0).sum(), (rows["treated"] == 1).sum()) >= FEWEST)
