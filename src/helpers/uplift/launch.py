"""What a test may be acted on: the decision by a rule set beforehand, its weekly looks, and "no effect"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.experiment import Experiment
from helpers.data.shop import Shop
from helpers.data.trial_looks import HAPPENED, Effect, TrialLooks, trial_looks
from helpers.report import CannotAnswer, Finding, words_beside
from helpers.report.finding import Verdict
from helpers.report.words import Words
from methods.intervals.estimates import Interval
from methods.trials.equivalence import Equivalence, equivalence
from methods.trials.intention_to_treat import intention_to_treat

WORDS = words_beside(__file__)
# Decisions on the goal stand and fall with the declared test of it; others have grounds of their own.
_VERDICTS: dict[str, Verdict] = {
    "gain": "supported",
    "harm": "contradicted",
    "too small": "reported",
    "guardrail": "reported",
}


@dataclass(frozen=True, kw_only=True)
class Launch:
    """One arm beside the control, ready to be decided on.

    effect: as its question measured it, a share. looks: None where no week has enough buyers, for the reason
    `why`. margin_pp: smallest gain worth having, and the loss that a guardrail must rule out, points.
    running: the test's window is not over.
    """

    effect: Interval
    looks: TrialLooks | None
    why: str
    margin_pp: float
    running: bool

    @property
    def nothing(self) -> Equivalence | None:
        """Whether the effect is within the margin; None where nothing varied."""
        if self.effect.low == self.effect.high:
            return None
        return equivalence(self.effect, margin=self.margin_pp / 100)

    @property
    def surely_small(self) -> bool:
        """Whether the interval of the decision, wider than that of `nothing`, rules out the margin too."""
        return bool(max(abs(self.effect.low), abs(self.effect.high)) < self.margin_pp / 100)


def drawn_effect(rows: pd.DataFrame, *, treated: str, covariates: tuple[str, ...] = ()) -> Interval:
    """Return the effect on what has happened so far, customers compared as drawn; treated: a 0/1 column."""
    return intention_to_treat(rows, outcome=HAPPENED, treatment=treated, covariates=covariates).effect


def launch_of(
    shop: Shop,
    test: Experiment,
    frame: pd.DataFrame,
    *,
    measured: Interval,
    effect: Effect,
    plain: Effect,
    treated: str,
    outcome_days: int,
    margin_pp: float,
    planned_days: int = 0,
    of_all: float = 1.0,
) -> Launch:
    """Look at one arm of a test beside its control.

    frame, treated, outcome_days, effect, plain, planned_days: as of `trial_looks`. measured: the effect of
    all rows. margin_pp: where the test declares none. of_all: part of the test's customers in these arms.
    """
    margin = test.margin_pp or margin_pp
    looks, why = None, ""
    try:
        looks = trial_looks(
            shop,
            frame,
            experiment=test.name,
            treated=treated,
            outcome_days=outcome_days,
            effect=effect,
            plain=plain,
            margin_pp=margin,
            planned_customers=test.planned_customers * of_all,
            planned_days=planned_days if planned_days > outcome_days else 0,
        )
    except CannotAnswer:
        why = WORDS.text("too few")
    running = planned_days > outcome_days
    return Launch(effect=measured, looks=looks, why=why, margin_pp=margin, running=running)


def launch_findings(
    words: Words,
    launch: Launch,
    *,
    n: int,
    segment: str | None,
    arm: str,
    doubt: str,
    costs: bool,
    sooner: bool = False,
) -> list[Finding]:
    """Return the decision, the looks while it ran, and whether there is no effect to speak of.

    words: the question's own, whose registry has `decision`, `while_running` and `no_effect`. arm: its name
    where the test has several, else empty. doubt: what is wrong with the draw, else empty. costs: whether
    what was tried is paid for, which the rule does not weigh. sooner: whether purchases may only have been
    brought forward, which it does not weigh either.
    """
    about: dict[str, Any] = {"n": n, "segment": segment, "scale": 100, "arm": arm, "margin": launch.margin_pp}
    of, looks = words.requirement, launch.looks
    if looks is None:
        ids = (f"{of}.decision", f"{of}.while_running")
        found = [words.skip(id, f"{launch.why}.", segment=segment) for id in ids]
    else:
        found = [
            _decision(words, launch, looks, doubt, {**about, "costs": costs, "sooner": sooner}),
            _while_running(words, looks, about),
        ]
    nothing = launch.nothing
    if nothing is None:
        return [*found, words.skip(f"{of}.no_effect", WORDS.text("nothing varied") + ".", segment=segment)]
    return [*found, _no_effect(words, nothing, bool(doubt) or launch.running, launch.surely_small, about)]


def _decision(words: Words, launch: Launch, looks: TrialLooks, doubt: str, about: dict[str, Any]) -> Finding:
    decision = looks.decision
    return words.finding(
        f"{words.requirement}.decision",
        launch.effect if looks.goal.ended else looks.goal.always,
        method=WORDS.text("rule", guarded=list(looks.guardrails), margin=launch.margin_pp),
        verdict="not settled" if doubt else _VERDICTS.get(decision.reason, "not settled"),
        reason="doubt" if doubt else decision.reason,
        running=decision.action == "keep running",
        guarded=list(looks.guardrails),
        losers=list(decision.guardrails),
        **about,
    )


def _while_running(words: Words, looks: TrialLooks, about: dict[str, Any]) -> Finding:
    goal = looks.goal
    return words.finding(
        f"{words.requirement}.while_running",
        goal.always,
        method=WORDS.text("looks method", looks=len(goal.looks)),
        p_value=goal.p_value,
        always=goal.first_week("always"),
        planned=goal.first_week("planned"),
        **about,
    )


def _no_effect(
    words: Words, nothing: Equivalence, is_open: bool, surely: bool, about: dict[str, Any]
) -> Finding:
    beyond = nothing.effect.low > nothing.margin or nothing.effect.high < -nothing.margin
    verdict: Verdict = "supported" if nothing.is_equivalent else "contradicted" if beyond else "not settled"
    return words.finding(
        f"{words.requirement}.no_effect",
        nothing.effect,
        method=WORDS.text("equivalence method"),
        p_value=nothing.p_value,
        verdict="not settled" if is_open else verdict,
        surely=surely,
        **about,
    )
