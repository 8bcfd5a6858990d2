"""A7: what did a programme do that reached some before others?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from helpers.data.shop import Shop
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
from helpers.report.finding_view import FindingView
from helpers.report.formats import interval, short_unit
from helpers.uplift.a07_programmes.programme_events import Outcome
from helpers.uplift.a07_programmes.programme_panel import ProgrammePanel, programme_panel
from methods.intervals.estimates import Interval
from methods.staged.fixed_effects import two_way_fixed_effects
from methods.staged.group_time_att import StagedEffects, group_time_att
from methods.staged.staged_summary import staged_summary

FEWEST_UNITS = 6
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class ProgrammeEffect:
    """The effect by time since the start, overall, before the start, and by the older regression.

    Numbers are in `unit`. events: since_start (four-week periods), estimate, low, high. p_value: that the
    programme did nothing. before is None without a period before the start that could be compared;
    just_before is the last of them alone; before_p: that nothing differed, in the periods together or in the
    last, for both looks. few: whether so few units move the effect that their starts are dealt out anew.
    doubt: of `StagedSummary`; without_drift: the effect less a drift as before, where one that may be there
    would make all of it, else None.
    """

    programme: str
    panel: ProgrammePanel
    effects: StagedEffects
    overall: Interval
    p_value: float
    before: Interval | None
    just_before: Interval | None
    before_p: float
    few: bool
    doubt: str
    without_drift: Interval | None
    regression: Interval
    events: pd.DataFrame
    findings: tuple[Finding, ...]

    @property
    def unit(self) -> str:
        """Of what is measured, as its finding has it."""
        return WORDS.registry[self.panel.outcome.finding].unit

    def table(self) -> pd.DataFrame:
        """One row a stage, then the average and the older regression: stage, units, effect, low, high."""
        stages = self.effects.by("stage")
        start = self.effects.grid.start
        frame = pd.DataFrame({"stage": [f"{number}" for number in range(1, len(stages) + 1)]})
        frame["units"] = [int((start == stage).sum()) for stage in stages["stage"]]
        for name, column in (("effect", "estimate"), ("low", "low"), ("high", "high")):
            frame[name] = [_scaled(value, self.panel.outcome) for value in stages[column]]
        if self.few:
            frame[["low", "high"]] = np.nan
        treated = int(np.isfinite(start).sum())
        for name, one in (("all stages", self.overall), ("older regression", self.regression)):
            frame.loc[len(frame)] = [name, treated, one.estimate, one.low, one.high]
        # Sellers and categories are no people.
        frame["customers"] = frame["units"] if self.panel.unit_kind == "customer" else 0
        caption = WORDS.text("caption", programme=in_words(self.programme), unit=self.unit)
        frame.attrs = {
            "people": "customers",
            "unseen": ("customers",),
            "caption": caption,
            "formats": dict.fromkeys(["effect", "low", "high"], "+.2f"),
        }
        return frame

    def draw(self) -> Picture:
        """Draw the effect by time since the start, with bands that hold for all times together."""
        figure, axes = canvas(headline(self, self.findings))
        self.draw_events(axes)
        figure.legend(loc="outside lower center", ncols=3)
        return Picture(figure, spoken(self, self.findings))

    def draw_events(self, panel: Axes) -> None:
        """Draw the effect by time since the start into a panel."""
        panel.set(xlabel="four-week periods since the start", ylabel=self.unit)
        for when, colour, name in ((self.events["since_start"] < 0, PALETTE[6], "before"),
                                   (self.events["since_start"] >= 0, PALETTE[0], "after")):  # fmt: skip
            rows = self.events[when]
            panel.errorbar(
                rows["since_start"], rows["estimate"], fmt="o", color=colour, label=name,
                yerr=[rows["estimate"] - rows["low"], rows["high"] - rows["estimate"]],
            )  # fmt: skip
        panel.axhline(0, color="black", linewidth=0.8)
        reference_line(panel, -0.5)
        panel.axhline(self.regression.estimate, color=PALETTE[1], linestyle="--", label="older regression")


def in_words(programme: str) -> str:
    """Return a programme's name as a reader would write it."""
    return programme.replace("_", " ").capitalize()


def headline(answer: ProgrammeEffect, findings: tuple[Finding, ...]) -> str:
    """Return a programme and its effect, where that is settled; `findings` as they were judged."""
    return WORDS.text("headline", programme=in_words(answer.programme), effect=_view(answer, findings))


def spoken(answer: ProgrammeEffect, findings: tuple[Finding, ...]) -> str:
    """Say what a programme's picture shows."""
    last = answer.events.iloc[-1]
    return WORDS.text(
        "spoken",
        programme=in_words(answer.programme),
        effect=_view(answer, findings),
        last=float(last["estimate"]),
        periods=int(last["since_start"]),
        regression=answer.regression.estimate,
    )


def _view(answer: ProgrammeEffect, findings: tuple[Finding, ...]) -> FindingView:
    key = (answer.panel.outcome.finding, answer.programme)
    return FindingView(next(finding for finding in findings if finding.key == key))


@question(WORDS, needs=("orders.placed_at", "programmes.started_at"))
def programme_effect(
    shop: Shop,
    *,
    programme: str,
    outcome: str = "orders",
    periods_before: int = 3,
    controls: str = "not_yet",
    seed: int = 1,
) -> ProgrammeEffect:
    """Compare each stage's change since before its start with the change of those not yet reached.

    outcome: `orders`, or for programmes by category or seller `returns` or `response_hours`. periods_before:
    four-week periods shown before the first start. Units that the programme had reached before the data hold
    a period without it are left out and counted. Intervals are clustered by unit; where few units move
    the effect, they come from dealing the starts out anew. Raises CannotAnswer when nothing can be compared.
    """
    panel = programme_panel(
        shop, programme=programme, outcome=outcome, periods_before=periods_before, seed=seed
    )
    columns: dict[str, Any] = {
        "unit": "unit_id",
        "period": "period",
        "outcome": "outcome",
        "start": "start",
        "weight": "weight",
    }
    units = panel.frame["unit_id"].nunique()
    if units < FEWEST_UNITS:
        raise CannotAnswer(
            WORDS.text("few units", programme=programme, found=units, fewest_units=FEWEST_UNITS)
        )
    try:
        effects = group_time_att(panel.frame, **columns, controls=controls, seed=seed)
        regression = two_way_fixed_effects(effects.grid)
        if not effects.overall("simple").standard_error > 0:
            raise CannotAnswer(WORDS.text("units alike"))
        return _result(panel, effects, regression, programme=programme, seed=seed)
    except (CannotAnswer, ValueError) as limit:
        raise CannotAnswer(
            WORDS.text("outcome of programme", programme=programme, outcome=outcome, limit=limit)
        ) from limit


def _result(
    panel: ProgrammePanel,
    effects: StagedEffects,
    regression: Interval,
    *,
    programme: str,
    seed: int,
) -> ProgrammeEffect:
    found = staged_summary(effects, seed=seed)
    before, just_before, events = found.before, found.just_before, found.events
    left = found.left
    numbers = ["estimate", "low", "high"]
    result = ProgrammeEffect(
        programme=programme,
        panel=panel,
        effects=effects,
        overall=_in_unit(found.overall, panel.outcome),
        p_value=found.p_value,
        before=None if before is None else _in_unit(before, panel.outcome),
        just_before=None if just_before is None else _in_unit(just_before, panel.outcome),
        before_p=found.before_p,
        few=found.few,
        doubt=found.doubt,
        without_drift=None if left is None else _in_unit(left, panel.outcome),
        regression=_in_unit(regression, panel.outcome),
        events=events.assign(**{name: _scaled(events[name], panel.outcome) for name in numbers}),
        findings=(),
    )
    return replace(result, findings=_findings(result))


def _scaled(value: Any, outcome: Outcome) -> Any:
    return 100 * np.expm1(value) if outcome.is_log else value


def _in_unit(one: Interval, outcome: Outcome) -> Interval:
    return Interval(
        estimate=float(_scaled(one.estimate, outcome)),
        low=float(_scaled(one.low, outcome)),
        high=float(_scaled(one.high, outcome)),
        n=one.n,
        level=one.level,
    )


def _findings(result: ProgrammeEffect) -> tuple[Finding, ...]:
    name, aim = result.panel.outcome.finding, result.panel.outcome.aim
    about: dict[str, Any] = {
        "segment": result.programme,
        "n": result.effects.units,
        "method": WORDS.text("method", few=result.few, controls=result.effects.controls),
        "assumptions": (
            WORDS.text("assumption alike"),
            WORDS.text("assumption not before"),
        ),
        "programme": in_words(result.programme),
    }
    effect = WORDS.finding(
        name,
        result.overall,
        p_value=result.p_value,
        verdict=effect_verdict(result.overall.scaled(aim), doubt=result.doubt),
        treated=int(np.isfinite(result.effects.grid.start).sum()),
        unit_kind=result.panel.unit_kind,
        always=result.panel.always,
        later=result.panel.later,
        gaps=result.effects.dropped,
        doubt=result.doubt,
        steady=_without_drift(result),
        **about,
    )
    return effect, *_before_finding(result, about)


def _before_finding(result: ProgrammeEffect, about: dict[str, Any]) -> tuple[Finding, ...]:
    """The check: it passes where no move as large as the effect itself is left possible."""
    before = result.before
    if before is None:
        return ()
    largest = max(abs(before.low), abs(before.high))
    small = largest < abs(result.overall.estimate)
    return (
        WORDS.finding(
            f"{result.panel.outcome.finding}_pretrend",
            before,
            last=_last_alone(result),
            verdict="contradicted" if result.doubt == "drifting" else "supported" if small else "not settled",
            p=None if math.isnan(result.before_p) else result.before_p,
            **about,
        ),
    )


def _without_drift(result: ProgrammeEffect) -> str:
    """What is left of the effect where a drift went on that the periods before leave possible; else empty."""
    left = result.without_drift
    return "" if left is None else interval(left.estimate, left.low, left.high, unit=short_unit(result.unit))


def _last_alone(result: ProgrammeEffect) -> str:
    """What stood in the last period before the start, where there were others too; else empty."""
    last = result.just_before
    if last is None:
        return ""
    return interval(last.estimate, last.low, last.high, unit=short_unit(result.unit))
