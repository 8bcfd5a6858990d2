"""A7: what did a programme do that reached some before others?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from scipy.stats import norm

from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, canvas, question
from helpers.uplift.a07_programmes.programme_events import Outcome
from helpers.uplift.a07_programmes.programme_panel import ProgrammePanel, programme_panel
from methods.intervals.estimates import Interval
from methods.intervals.influence import excludes
from methods.staged.fixed_effects import two_way_fixed_effects
from methods.staged.group_time_att import StagedEffects, group_time_att
from methods.staged.randomisation_inference import randomisation_inference

FEW_UNITS, FEWEST_UNITS = 50, 6
CHANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class ProgrammeEffect:
    """The effect by time since the start, overall, before the start, and by the older regression.

    Numbers are in `panel.outcome.unit`. events: since_start (four-week periods), estimate, low, high.
    p_value: that the programme did nothing. before is None without a period before the start that could be
    compared; before_p: that nothing differed then.
    """

    programme: str
    panel: ProgrammePanel
    effects: StagedEffects
    overall: Interval
    p_value: float
    before: Interval | None
    before_p: float
    regression: Interval
    events: pd.DataFrame
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a stage, then the average and the older regression: stage, units, effect, low, high."""
        stages = self.effects.by("stage")
        size = self.effects.grid.start
        scaled = [_scaled(value, self.panel.outcome) for value in stages["estimate"]]
        frame = pd.DataFrame({"stage": [f"{number}" for number in range(1, len(stages) + 1)]})
        frame["units"] = [int((size == stage).sum()) for stage in stages["stage"]]
        frame["effect"] = scaled
        frame["low"], frame["high"] = (
            [_scaled(value, self.panel.outcome) for value in stages[name]] for name in ("low", "high")
        )
        if len(self.effects.grid.start) < FEW_UNITS:
            frame[["low", "high"]] = np.nan
        for name, interval in (
            ("all treated units and periods", self.overall),
            ("older regression", self.regression),
        ):
            treated = int(np.isfinite(size).sum())
            frame.loc[len(frame)] = [name, treated, interval.estimate, interval.low, interval.high]
        formats = dict.fromkeys(["effect", "low", "high"], "+.2f")
        frame.attrs = {
            "caption": f"{in_words(self.programme)}: effect in {self.panel.outcome.unit}",
            "formats": formats,
        }
        return frame

    def draw(self) -> Picture:
        """Draw the effect by time since the start, with bands that hold for all times together."""
        figure, axes = canvas(f"{in_words(self.programme)}: {ranged(self.overall)} {self.panel.outcome.unit}")
        self.draw_events(axes)
        figure.legend(loc="outside lower center", ncols=3)
        return Picture(figure, self.spoken())

    def draw_events(self, panel: Axes) -> None:
        """Draw the effect by time since the start into a panel."""
        panel.set(xlabel="four-week periods since the start", ylabel=self.panel.outcome.unit)
        for when, color, name in ((self.events["since_start"] < 0, PALETTE[6], "before"),
                                  (self.events["since_start"] >= 0, PALETTE[0], "after")):  # fmt: skip
            rows = self.events[when]
            panel.errorbar(
                rows["since_start"], rows["estimate"], fmt="o", color=color, label=name,
                yerr=[rows["estimate"] - rows["low"], rows["high"] - rows["estimate"]],
            )  # fmt: skip
        panel.axhline(0, color=INK, linewidth=0.8)
        panel.axvline(-0.5, color=INK, linewidth=0.8, linestyle=":")
        panel.axhline(self.regression.estimate, color=PALETTE[1], linestyle="--", label="older regression")

    def spoken(self) -> str:
        """Say what the picture shows."""
        last = self.events.iloc[-1]
        return (
            f"Effect of {in_words(self.programme)} by four-week periods since its start, with bands: on "
            f"average {ranged(self.overall)} {self.panel.outcome.unit}; {last['estimate']:.1f} after "
            f"{int(last['since_start'])} periods. The older regression says {self.regression.estimate:.1f}."
        )


def in_words(programme: str) -> str:
    """Return a programme's name as a reader would write it."""
    return programme.replace("_", " ").capitalize()


@question(
    "A7",
    "What did a programme do that reached some units before others?",
    needs=("orders.placed_at", "programmes.started_at"),
)
def programme_effect(
    shop,
    *,
    programme: str,
    outcome: str = "orders",
    periods_before: int = 3,
    controls: str = "not_yet",
    seed: int = 1,
) -> ProgrammeEffect:
    """Compare each stage's change since before its start with the change of those not yet reached.

    outcome: `orders`, or for programmes by category or seller `returns` or `response_hours`. periods_before:
    four-week periods shown before the first start. Intervals are clustered by unit; below 50 units they come
    from dealing the starts out anew. Raises CannotAnswer when nothing can be compared.
    """
    panel = programme_panel(
        shop, programme=programme, outcome=outcome, periods_before=periods_before, seed=seed
    )
    columns = {
        "unit": "unit_id",
        "period": "period",
        "outcome": "outcome",
        "start": "start",
        "weight": "weight",
    }
    units = panel.frame["unit_id"].nunique()
    if units < FEWEST_UNITS:
        raise CannotAnswer(f"{programme} has {units} units; fewer than {FEWEST_UNITS} cannot be compared")
    try:
        effects = group_time_att(panel.frame, **columns, controls=controls, seed=seed)
    except ValueError as limit:
        raise CannotAnswer(f"{programme} by {outcome}: {limit}") from limit
    return _result(panel, effects, programme=programme, controls=controls, seed=seed)


def _result(
    panel: ProgrammePanel, effects: StagedEffects, *, programme: str, controls: str, seed: int
) -> ProgrammeEffect:
    """Few units: errors from so few clusters come out too small, so the starts are dealt out anew."""
    overall, before, before_p = effects.overall("simple"), effects.before(), effects.pretrend_p
    p_value = float(2 * norm.sf(abs(overall.estimate) / overall.standard_error))
    events = effects.by("since_start", seed=seed)
    if effects.units < FEW_UNITS:
        placebo = randomisation_inference(effects, controls=controls, seed=seed)
        overall, before, before_p, events = placebo.overall, placebo.before, placebo.before_p, placebo.events
        p_value = placebo.p_value
    numbers = ["estimate", "low", "high"]
    result = ProgrammeEffect(
        programme=programme,
        panel=panel,
        effects=effects,
        overall=_in_unit(overall, panel.outcome),
        p_value=p_value,
        before=None if before is None else _in_unit(before, panel.outcome),
        before_p=before_p,
        regression=_in_unit(two_way_fixed_effects(effects.grid), panel.outcome),
        events=events.assign(**{name: _scaled(events[name], panel.outcome) for name in numbers}),
        findings=(),
    )
    return replace(result, findings=_findings(result))


def _scaled(value, outcome: Outcome):
    return 100 * np.expm1(value) if outcome.is_log else value


def _in_unit(interval: Interval, outcome: Outcome) -> Interval:
    return Interval(
        estimate=float(_scaled(interval.estimate, outcome)),
        low=float(_scaled(interval.low, outcome)),
        high=float(_scaled(interval.high, outcome)),
        n=interval.n,
        level=interval.level,
    )


def _findings(result: ProgrammeEffect) -> tuple[Finding, ...]:
    name = f"A7.{result.programme}_{result.panel.outcome.name}"
    few = result.effects.units < FEW_UNITS
    about = {
        "requirement": "A7",
        "question": programme_effect.question,
        "unit": result.panel.outcome.unit,
        "n": result.effects.units,
        "method": "group-time effects against not yet treated (Callaway–Sant'Anna), averaged over treated "
        "units and periods; " + ("interval by dealing the starts out anew" if few else "clustered by unit"),
        "assumptions": (
            "without the programme, those reached would have changed as those not yet reached did",
            "nobody changed before the start because of it",
        ),
    }
    found = [_effect_finding(result, name, about)]
    if result.before is not None:
        found.append(_before_finding(result, name, about))
    return tuple(found)


def _effect_finding(result: ProgrammeEffect, name: str, about: dict) -> Finding:
    overall, regression = result.overall, result.regression
    drifting = result.before_p < CHANCE
    settled = excludes(overall, 0) and not drifting
    verdict = (
        "not settled"
        if not settled
        else "supported"
        if overall.low * result.panel.outcome.aim > 0
        else "contradicted"
    )
    meaning = "a rise" if overall.low > 0 else "a fall"
    if not settled:
        why = "they differed before the start already" if drifting else "the range holds nought"
        meaning = f"not settled, for {why}"
    treated = int(np.isfinite(result.effects.grid.start).sum())
    return Finding(
        id=name,
        estimate=overall.estimate,
        low=overall.low,
        high=overall.high,
        level=overall.level,
        p_value=result.p_value,
        verdict=verdict,
        reading=(
            f"{in_words(result.programme)} changed {treated:,} of {result.effects.units:,} "
            f"{_plural(result)} by {ranged(overall)} {result.panel.outcome.unit}: {meaning}. "
            "A regression with unit and period effects, which takes units already reached as a yardstick "
            f"too, would say {ranged(regression)}."
        ),
        **about,
    )


def _before_finding(result: ProgrammeEffect, name: str, about: dict) -> Finding:
    before = result.before
    drifting = result.before_p < CHANCE
    judged = (
        "they were drifting apart already" if drifting else "no sign that they were drifting apart already"
    )
    return Finding(
        id=f"{name}_pretrend",
        estimate=before.estimate,
        low=before.low,
        high=before.high,
        level=before.level,
        verdict="contradicted" if drifting else "supported",
        reading=(
            f"Before {result.programme.replace('_', ' ')} began, the {_plural(result)} it would reach moved "
            f"by {ranged(before)} {result.panel.outcome.unit} a period beside the others "
            f"(p = {result.before_p:.2g} for no such move): {judged}."
        ),
        **about,
    )


def ranged(interval: Interval) -> str:
    """Return an estimate in its own unit as "+1.0 (+0.6 to +1.4)"."""
    return f"{interval.estimate:+.1f} ({interval.low:+.1f} to {interval.high:+.1f})"


def _plural(result: ProgrammeEffect) -> str:
    return {"category": "categories", "seller": "sellers", "customer": "customers"}[result.panel.unit_kind]
