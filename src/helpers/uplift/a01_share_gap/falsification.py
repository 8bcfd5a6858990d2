"""A1, third look: effects that must be nil, before sharing and where sharing is dealt out at random."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    follow_up,
    forest,
    nil_verdict,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.uplift.a01_share_gap.share_gap import ShareGap, share_gap
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.comparisons import shuffled_treatment
from methods.intervals.estimates import Interval, wilson
from methods.intervals.influence import excludes

WORDS = words_beside(__file__)
SPEND_COVARIATES = ("spend_before_cents", "index_value_cents")
NEGLIGIBLE = 0.1
ALARMS_ALLOWED = 0.05


@dataclass(frozen=True, kw_only=True)
class Falsification:
    """Checks that could have failed.

    effect: the effect under test. past_spend: "effect" of sharing on money spent before sharing, in standard
    deviations, adjusted (None where the shop has no prices). shuffled: effects of sharing dealt out at
    random.
    """

    effect: Interval
    past_spend: Interval | None
    shuffled: tuple[Interval, ...]
    findings: tuple[Finding, ...]

    @property
    def false_alarms(self) -> int:
        """How many of the shuffled effects have an interval that leaves zero out."""
        return sum(excludes(effect, 0) for effect in self.shuffled)

    def table(self) -> pd.DataFrame:
        """One row a check: check, result, what it should be."""
        alarms = WORDS.label("of", false_alarms=self.false_alarms, shuffled=len(self.shuffled))
        rows = [("sharing dealt out at random: false alarms", alarms, "about 1 in 20")]
        if self.past_spend is not None:
            spend = self.past_spend
            value = interval(spend.estimate, spend.low, spend.high, decimals=3)
            rows.insert(
                0, ("past spend, standard deviations", value, WORDS.label("within", negligible=NEGLIGIBLE))
            )
        frame = pd.DataFrame(rows, columns=["check", "result", "should be"])
        frame.attrs = {"people": None, "caption": WORDS.text("caption")}
        return frame

    def draw(self) -> Picture:
        """Draw the shuffled effects beside the real one."""
        real = interval(*in_percent(self.effect), unit="pp")
        title, alt = WORDS.picture(
            "shuffles", self.findings, alarms=self.false_alarms, shuffles=len(self.shuffled), real=real
        )
        figure, axes = canvas(title, height_inches=3.6)
        shuffled = sorted(self.shuffled, key=lambda effect: effect.estimate, reverse=True)
        marks = [Mark(label="real sharing", value=self.effect, scale=100)]
        marks += [Mark(label="", value=effect, scale=100, colour=PALETTE[6]) for effect in shuffled]
        forest(axes, marks, x="pp more customers who buy again")
        axes.set_yticks([0, (len(marks) + 1) / 2], ["real sharing", "dealt out\nat random"])
        return Picture(figure, alt)


@follow_up(WORDS, of=share_gap)
def falsification(gap: ShareGap, *, shuffles: int = 20, seed: int = 1) -> Falsification:
    """Return the checks of a share gap that could fail.

    shuffles: how often sharing is dealt out at random. Negative-control outcome: Lipsitch, Tchetgen Tchetgen
    and Cohen 2010 (Epidemiology).
    """
    past, past_raw = _past_spend(gap, seed=seed)
    shuffled = shuffled_treatment(
        gap.study.frame,
        outcome="repurchased",
        treatment="shared",
        covariates=gap.effect.covariates,
        times=shuffles,
        seed=seed,
    )
    findings = [_placebo_treatment(gap, shuffled)]
    if past is not None and past_raw is not None:
        findings.insert(0, _negative_control(gap, past, past_raw))
    return Falsification(effect=gap.effect.att, past_spend=past, shuffled=shuffled, findings=tuple(findings))


def _past_spend(gap: ShareGap, *, seed: int) -> tuple[Interval | None, Interval | None]:
    """Sharing cannot change what was spent before it; the two columns of money are taken out of the model."""
    spend = gap.study.frame["spend_to_landmark"].to_numpy(dtype=float)
    known = np.isfinite(spend)
    if not known.all() or np.ptp(spend) == 0:
        return None, None
    scaled = gap.study.frame.assign(past_spend=(spend - spend.mean()) / spend.std())
    rest = gap.effect.covariates.without(*SPEND_COVARIATES)
    try:
        effect = adjusted_effect(
            scaled, outcome="past_spend", treatment="shared", covariates=rest, seed=seed,
            learners=gap.effect.nuisances.learners, folds=2,
        )  # fmt: skip
    except CannotAnswer:
        return None, None
    return effect.att, effect.raw


def _negative_control(gap: ShareGap, past: Interval, past_raw: Interval) -> Finding:
    return WORDS.finding(
        "A1.negative_control",
        past,
        n=gap.effect.rows,
        method=WORDS.text("past spend method", method=gap.effect.method),
        assumptions=(WORDS.text("past spend assumption"), WORDS.text("negligible", margin=NEGLIGIBLE)),
        verdict=nil_verdict(past, margin=NEGLIGIBLE),
        raw=past_raw.estimate,
    )


def _placebo_treatment(gap: ShareGap, shuffled: tuple[Interval, ...]) -> Finding:
    alarms = sum(excludes(effect, 0) for effect in shuffled)
    share = wilson(alarms, len(shuffled))
    return WORDS.finding(
        "A1.placebo_treatment",
        share,
        scale=100,
        n=gap.effect.rows,
        method=WORDS.text("shuffle method", shuffles=len(shuffled)),
        assumptions=(WORDS.text("shuffle assumption"),),
        verdict="supported" if share.low <= ALARMS_ALLOWED else "contradicted",
        alarms=alarms,
        shuffles=len(shuffled),
    )
