"""F5: what a reward for reviews brought where it came to some categories or sellers before others."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _
from ibis.expr.types import Table

from helpers.data.names import names_in
from helpers.data.shop import Shop
from helpers.data.staged_units import (
    HALF,
    PERIOD,
    PERIOD_DAYS,
    unit_periods,
    whole_periods,
    without_always_treated,
)
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Picture,
    canvas,
    effect_verdict,
    question,
    reference_line,
    words_beside,
)
from helpers.report.formats import interval
from methods.intervals.estimates import Interval
from methods.staged import StagedSummary, group_time_att, staged_summary

WORDS = words_beside(__file__)
NAMES = ("review_reward", "badge")
UNITS = {"category": "category", "seller": "seller_id"}
FEWEST_UNITS, PERIODS_BEFORE = 6, 4
# By finding: what of a review is averaged, and the number that 1 of it is told as.
_MEANS = {"F5.staged_pictures": ("pictured", 100.0), "F5.staged_length": ("length_characters", 1.0),
          "F5.staged_rating": ("rating", 1.0)}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Staged:
    """One reward. unit_kind: category or seller. treated, units: how many it reached, of how many.

    always: units left out, since it had reached them before reviews hold a period without it. reviews: of
    the logarithm of the number of reviews.
    """

    reward: str
    unit_kind: str
    treated: int
    units: int
    always: int
    reviews: StagedSummary = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class StagedRewards:
    """What every reward brought that came to some units before others."""

    rewards: tuple[Staged, ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a reward and period since its start: change of reviews in %, with its band."""
        parts = []
        for one in self.rewards:
            events = one.reviews.events
            numbers = {
                name: _percent(events[column])
                for name, column in (("% more reviews", "estimate"), ("from", "low"), ("to", "high"))
            }
            parts.append(
                pd.DataFrame({"reward": one.reward, "periods since": events["since_start"], **numbers})
            )
        frame = pd.concat(parts, ignore_index=True)
        frame.attrs = {
            "people": None,
            "caption": WORDS.text("caption"),
            "formats": {"periods since": ".0f", **dict.fromkeys(["% more reviews", "from", "to"], "+.1f")},
        }
        return frame

    def draw(self) -> Picture:
        """Draw the change of reviews by period since the start of each reward."""
        tests = {one.segment: one for one in self.findings if one.id == "F5.staged_reviews"}
        settled = [f"“{name}”" for name, one in tests.items() if one.verdict in ("supported", "contradicted")]
        told = [
            (one.reward, float(_percent(one.reviews.events["estimate"]).iloc[-1])) for one in self.rewards
        ]
        title, alt = WORDS.picture("staged", self.findings, settled=settled, told=told)
        x, y = "four-week periods since the start", "% more reviews"
        figure, axes = canvas(title, x=x, y=y, height_inches=3.8)
        for place, one in enumerate(self.rewards):
            events = one.reviews.events
            middle = _percent(events["estimate"])
            reach = [middle - _percent(events["low"]), _percent(events["high"]) - middle]
            across = events["since_start"] + 0.1 * place
            axes.errorbar(across, middle, yerr=reach, fmt="o", color=PALETTE[place % 6], label=one.reward)
        axes.axhline(0, color="black", linewidth=0.8)
        reference_line(axes, -0.5)
        axes.legend(loc="best")
        return Picture(figure, alt)


@question(WORDS, needs=("programmes.started_at", "reviews.posted_at", "reviews.item_id", "items"))
def staged_rewards(shop: Shop, *, review_programmes: str = "", seed: int = 1) -> StagedRewards:
    """Compare reviews of categories or sellers since a reward came with those of units not yet reached.

    review_programmes: names in the programmes table, with commas between; empty takes `review_reward` and
    `badge`. Reviews count in the four-week period in which they were posted. Where few units move the
    effect, intervals come from dealing the starts out anew. Raises CannotAnswer where no such reward can be
    compared.
    """
    names = names_in(review_programmes)
    known = _started(shop)
    wanted = names or [name for name in NAMES if name in known]
    if not wanted:
        raise CannotAnswer(WORDS.text("none") + ".")
    rewards, findings, limits = [], [], []
    for name in wanted:
        try:
            one, told = _answered(shop, name, known.get(name), seed)
            rewards.append(one)
            findings += told
        except CannotAnswer as limit:
            limits.append(str(limit))
            findings.append(WORDS.skip("F5.staged_reviews", f"{limit}.", segment=name))
    if not rewards:
        raise CannotAnswer("; ".join(limits) + ".")
    return StagedRewards(rewards=tuple(rewards), findings=tuple(findings))


def _started(shop: Shop) -> dict[str, str]:
    """The programmes by category or seller that have started, and the kind of their units."""
    table = shop["programmes"]
    rows = table.filter(table.unit_kind.isin(list(UNITS)) & (table.started_at < shop.end))
    found = rows.select("programme", "unit_kind").distinct().order_by("programme", "unit_kind").execute()
    return dict(zip(found["programme"], found["unit_kind"], strict=True))


def _answered(shop: Shop, name: str, kind: str | None, seed: int) -> tuple[Staged, list[Finding]]:
    if kind is None:
        raise CannotAnswer(WORDS.text("no such programme", name=name))
    table = shop["programmes"]
    units = table.filter((table.programme == name) & (table.unit_kind == kind)).order_by("unit_id").execute()
    units["started_at"] = units["started_at"].where(units["started_at"] < pd.Timestamp(shop.end))
    reviews = _reviews(shop, kind)
    earliest = pd.Timestamp(reviews.at.min().execute()).to_pydatetime()
    if pd.isna(earliest):
        raise CannotAnswer(WORDS.text("not recorded"))
    units, always = without_always_treated(units, earliest)
    if len(units) < FEWEST_UNITS:
        raise CannotAnswer(WORDS.text("few units", name=name, found=len(units), fewest=FEWEST_UNITS))
    start_at = units["started_at"].min().to_pydatetime()
    before, after = whole_periods(earliest, start_at, shop.known_until("reviews"))
    if before < 1 or after < 1:
        raise CannotAnswer(
            WORDS.text("few periods", name=name, before=before, after=after, period_days=PERIOD_DAYS)
        )
    before = min(before, PERIODS_BEFORE)
    panel = _Panel(
        reviews=reviews, units=units, first_at=start_at - before * PERIOD, periods=before + after, seed=seed
    )
    summary, used = panel.compared(name, None)
    one = Staged(
        reward=name,
        unit_kind=kind,
        treated=int(units["started_at"].notna().sum()),
        units=used,
        always=always,
        reviews=summary,
    )
    return one, list(_findings(one, panel))


def _reviews(shop: Shop, kind: str) -> Table:
    items = shop["items"].select("item_id", unit_id=_[UNITS[kind]])
    reviews = shop["reviews"].filter(_.posted_at.notnull() & _.item_id.notnull())
    kept = {"at": reviews.posted_at, "item_id": reviews.item_id}
    kept |= {
        name: reviews[name].cast("float64")
        for name in ("length_characters", "rating")
        if name in reviews.columns
    }
    if "pictures" in reviews.columns:
        kept["pictured"] = (reviews.pictures > 0).cast("float64")
    return reviews.select(**kept).join(items, "item_id").filter(_.unit_id.notnull())


@dataclass(frozen=True, kw_only=True)
class _Panel:
    """Units by periods of four weeks. units: unit_id, started_at. first_at: when period 1 begins."""

    reviews: Table
    units: pd.DataFrame
    first_at: dt.datetime
    periods: int
    seed: int

    def frame(self, column: str | None) -> pd.DataFrame:
        """One row a unit and period: outcome (log of the number of reviews, or a mean), start, weight."""
        events = self.reviews.mutate(value=ibis.literal(1.0) if column is None else self.reviews[column])
        events = events.filter(_.value.notnull()).select("unit_id", "at", "value")
        rows = unit_periods(events, self.units, self.first_at, periods=self.periods)
        count = rows["count"]
        logs, mean = np.log(count + HALF), rows["value"] / count.where(count > 0)
        return rows[["unit_id", "period", "start", "weight"]].assign(outcome=logs if column is None else mean)

    def compared(self, name: str, column: str | None) -> tuple[StagedSummary, int]:
        """Return the effects summed up, and of how many units; raises CannotAnswer."""
        frame = self.frame(column)
        if frame["outcome"].isna().all():
            raise CannotAnswer(WORDS.text("not recorded"))
        columns: dict[str, Any] = {one: one for one in ("period", "outcome", "start", "weight")}
        try:
            effects = group_time_att(frame, unit="unit_id", **columns, seed=self.seed)
            if effects.units < FEWEST_UNITS or not effects.overall("simple").standard_error > 0:
                raise ValueError(WORDS.text("units alike"))
            return staged_summary(effects, seed=self.seed), effects.units
        except (CannotAnswer, ValueError) as limit:
            raise CannotAnswer(WORDS.text("not compared", name=name, limit=limit)) from limit


def _findings(one: Staged, panel: _Panel) -> Iterator[Finding]:
    found = one.reviews
    about: dict[str, Any] = {"segment": one.reward, "reward": one.reward, "unit_kind": one.unit_kind}
    said: dict[str, Any] = {"method": WORDS.text("method", few=found.few), "n": one.units}
    alike = WORDS.text("alike")
    change = _as_percent(found.overall)
    yield WORDS.finding(
        "F5.staged_reviews",
        change,
        p_value=found.p_value,
        verdict=effect_verdict(change, doubt=found.doubt),
        treated=one.treated,
        always=one.always,
        doubt=found.doubt,
        steady=_without_drift(found),
        assumptions=(alike,),
        **said,
        **about,
    )
    if found.before is not None:
        before = _as_percent(found.before)
        small = max(abs(before.low), abs(before.high)) < abs(change.estimate)
        yield WORDS.finding(
            "F5.staged_reviews_before",
            before,
            verdict="contradicted" if found.doubt == "drifting" else "supported" if small else "not settled",
            p=None if math.isnan(found.before_p) else found.before_p,
            assumptions=(alike,),
            **said,
            **about,
        )
    for id, (column, scale) in _MEANS.items():
        yield _mean(id, column, scale, one, panel, about)


def _without_drift(found: StagedSummary) -> str:
    """What is left where a drift went on that the periods before leave possible; else empty."""
    if found.left is None:
        return ""
    left = _as_percent(found.left)
    return interval(left.estimate, left.low, left.high, unit="%")


def _mean(id: str, column: str, scale: float, one: Staged, panel: _Panel, about: dict[str, Any]) -> Finding:
    """What a review is like where the reward came; nothing where that moved before the start already."""
    try:
        if column not in panel.reviews.columns:
            raise CannotAnswer(WORDS.text("not recorded"))
        found, units = panel.compared(one.reward, column)
        if found.doubt == "drifting":
            raise CannotAnswer(WORDS.text("moved before"))
    except CannotAnswer as limit:
        return WORDS.skip(id, f"{limit}.", segment=one.reward)
    return WORDS.finding(
        id,
        found.overall.scaled(scale),
        method=WORDS.text("method", few=found.few),
        assumptions=(WORDS.text("alike"), WORDS.text("writers")),
        n=units,
        **about,
    )


def _percent(value: Any) -> Any:
    return 100 * np.expm1(value)


def _as_percent(one: Interval) -> Interval:
    ends = (float(_percent(end)) for end in (one.estimate, one.low, one.high))
    estimate, low, high = ends
    return Interval(estimate=estimate, low=low, high=high, n=one.n, level=one.level)
