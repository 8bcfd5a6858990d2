"""E2: what does a request to share bring at once, and how does that wear off?"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.shop import Shop
from helpers.guardrails.e02_prompts.chances_kept import chances_kept
from helpers.guardrails.e02_prompts.prompt_log import PAST_DAYS, read_prompts, weeks_of
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    nil_verdict,
    question,
    words_beside,
)
from helpers.report.formats import count, in_percent, interval
from helpers.report.release import events_by
from methods.intervals.estimates import Interval
from methods.staged.lead_placebo import lead_placebo
from methods.trials.centred_least_squares import LEAST_CHANCE, centred_least_squares

WORDS = words_beside(__file__)
FEWEST_ASKED = 25
LEAST_MARGIN = 0.01  # how far from nil the weeks before may lie, where half of the effect is less
CHANCE_MARGIN = 0.05  # how far requests sent may lie from their chances and be called as recorded
_NAMES: dict[str, Any] = {
    "outcome": "shared",
    "prompted": "asked",
    "chance": "chance",
    "person": "customer_id",
}


@dataclass(frozen=True, kw_only=True)
class PromptAnswers:
    """What requests bring at once. effects: name to share of moments. rows: moments, or customers' weeks."""

    is_drawn: bool
    effects: dict[str, Interval]
    rows: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a number of requests before (or a kind of week): moments, customers, who shared."""
        by_group = self.rows.groupby(["before", "asked"])
        table = pd.DataFrame(
            {
                "requests before": [str(before) for before, _ in by_group.groups],
                "asked": ["yes" if asked else "no" for _, asked in by_group.groups],
                "customers": by_group["customer_id"].nunique().to_numpy(),
                "moments": by_group.size().to_numpy(),
                "shared": by_group["shared"].mean().to_numpy(),
                "who shared": by_group.apply(_sharers, include_groups=False).to_numpy(),
            }
        )
        table.attrs = {
            "caption": WORDS.text("caption", drawn=self.is_drawn),
            "formats": {"shared": ".1%"},
            "people": "customers",
            "unseen": ["who shared"],
        }
        return table

    def draw(self) -> Picture:
        """Draw the effects with their intervals."""
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value in self.effects.items()]
        worn = any(one.id == "E2.prompt_fatigue" and one.verdict == "contradicted" for one in self.findings)
        title, alt = WORDS.picture("prompts", self.findings, effects=spoken, worn=worn)
        figure, axes = canvas(title, height_inches=1.4 + 0.4 * len(self.effects))
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[min(place, 1)])
            for place, (name, value) in enumerate(self.effects.items())
        ]
        forest(axes, marks, x="pp of moments at which customers share")
        return Picture(figure, alt)


def _sharers(rows: pd.DataFrame) -> int:
    return int(rows.loc[rows["shared"] > 0, "customer_id"].nunique())


@question(WORDS, needs=("prompts.asked_at", "prompts.shared"))
def prompt_answers(shop: Shop) -> PromptAnswers:
    """Return what a request to share brings at once, and what requests of the days before take from that.

    Where requests were sent with chances between 1 and 99 % that the table holds, they are compared as drawn,
    behind a check that as many were sent as the chances say, over all and by what was known before.
    Else the weeks of the same customers are, behind a check of the week before. Raises CannotAnswer where
    neither can be.
    """
    prompts = read_prompts(shop)
    drawn = prompts["chance"].between(LEAST_CHANCE, 1 - LEAST_CHANCE)
    return _as_drawn(prompts[drawn]) if drawn.any() else _as_logged(shop, prompts)


def _as_drawn(rows: pd.DataFrame) -> PromptAnswers:
    rows = rows.assign(before=rows["before_7"].clip(upper=2).astype(int))
    found = centred_least_squares(rows, **_NAMES, controls=["before_7"])
    persons = rows["customer_id"].nunique()
    about: dict[str, Any] = {
        "method": WORDS.text("method"),
        "assumptions": (WORDS.text("drawn"), WORDS.text("no feedback")),
        "persons": persons,
    }
    findings = [
        _kept(rows, persons),
        WORDS.finding(
            "E2.prompt_effect",
            found.effect,
            scale=100,
            p_value=found.p_value,
            verdict=effect_verdict(found.effect),
            tells=tuple(events_by(rows, "shared", "asked", who="customer_id").values()),
            unprompted=found.unprompted,
            customers=persons,
            **about,
        ),
    ]
    effects = {"a request": found.effect}
    for days in PAST_DAYS:
        moved = centred_least_squares(rows, **_NAMES, moderator=f"before_{days}")
        past = f"past {count(days, 'day')}"  # a segment: a key of findings
        if moved.slope is None or moved.slope_p is None:
            findings.append(
                WORDS.skip("E2.prompt_fatigue", WORDS.text("always as many before"), segment=past)
            )
            continue
        effects[WORDS.label("each of the more", past=past)] = moved.slope
        findings.append(
            WORDS.finding(
                "E2.prompt_fatigue",
                moved.slope,
                scale=100,
                p_value=moved.slope_p,
                verdict=effect_verdict(moved.slope),
                segment=past,
                past=past,
                **about,
            )
        )
    return PromptAnswers(is_drawn=True, effects=effects, rows=rows, findings=tuple(findings))


def _kept(rows: pd.DataFrame, persons: int) -> Finding:
    found = chances_kept(rows)
    if found is None:
        return WORDS.skip("E2.chances_kept", WORDS.text("few drawn"))
    gap = found.gap
    verdict = nil_verdict(gap, margin=CHANCE_MARGIN)
    if verdict == "contradicted" and not found.fails:  # no more than a chance noted with two digits
        verdict = "not settled"
    return WORDS.finding(
        "E2.chances_kept",
        gap,
        scale=100,
        verdict=verdict,
        method=WORDS.text("kept method", groups=found.groups),
        assumptions=(WORDS.text("one by one"),),
        persons=persons,
        n=len(rows),
        where=found.where,
        sent=found.sent,
        said=found.said,
        groups=found.groups,
    )


def _as_logged(shop: Shop, prompts: pd.DataFrame) -> PromptAnswers:
    if shop.missing("shares.posted_at") or not (prompts["asked"] == 1).any():
        raise CannotAnswer(WORDS.text("neither drawn nor dated"))
    outcome, dose, ids = weeks_of(shop, prompts)
    if len(ids) < FEWEST_ASKED:
        raise CannotAnswer(WORDS.text("few", asked=len(ids), fewest=FEWEST_ASKED))
    found = lead_placebo(outcome, dose)
    margin = max(LEAST_MARGIN, abs(found.effect.estimate) / 2)
    before = nil_verdict(found.lead, margin=margin)
    doubt = {"contradicted": WORDS.text("doubt lead"), "not settled": WORDS.text("doubt wide")}.get(
        before, ""
    )
    about: dict[str, Any] = {
        "method": WORDS.text("logged method"),
        "assumptions": (WORDS.text("not drawn"),),
        "persons": len(ids),
        "n": int(outcome.size),
    }
    findings = (
        WORDS.finding("E2.lead_placebo", found.lead, scale=100, verdict=before, **about),
        WORDS.finding(
            "E2.logged_prompts",
            found.effect,
            scale=100,
            verdict=effect_verdict(found.effect, doubt=doubt),
            doubt=doubt,
            **about,
        ),
    )
    rows = pd.DataFrame(
        {
            "customer_id": np.repeat(ids, outcome.shape[1]),
            "asked": dose.ravel(),
            "shared": outcome.ravel(),
            "before": "–",
        }
    )
    effects = {"this week's request": found.effect, "next week's request": found.lead}
    return PromptAnswers(is_drawn=False, effects=effects, rows=rows, findings=findings)
