"""A1: what the comparison finds where sharing can have done nothing, and the effect with that taken off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from helpers.data.past_outcomes import TWINS
from helpers.report import (
    PALETTE,
    Finding,
    Mark,
    Picture,
    canvas,
    follow_up,
    forest,
    nil_verdict,
    words_beside,
)
from helpers.report.finding import HasFindings
from helpers.report.finding_view import FindingView
from helpers.report.formats import in_percent, interval
from helpers.uplift.a01_share_gap.share_gap import ShareGap, share_gap
from methods.adjust.adjusted_effect import AdjustedEffect
from methods.adjust.empirical_calibration import Calibrated
from methods.adjust.known_zeros import KnownZeros, calibrated_on, known_zeros
from methods.intervals.estimates import Interval

WORDS = words_beside(__file__)
BY_LOT = "of those a prompt moved, by lot (A2)"


@dataclass(frozen=True, kw_only=True)
class KnownEffects:
    """What the comparison finds on outcomes that sharing cannot have moved.

    effect: under test. zeros: the outcomes, in log odds; `scale` brings them to shares of buying again.
    calibrated: the effect with it taken off, None where these
    outcomes cannot tell (then a finding says why). trial: the effect of sharing on those whom a prompt shown
    by lot moved, where a test gives one: a known effect that is not nil, of other customers.
    """

    effect: AdjustedEffect
    zeros: KnownZeros
    calibrated: Calibrated | None
    trial: Interval | None
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an outcome: raw, adjusted with its interval, and whether it holds nil once calibrated."""
        rows = [("bought again (asked for)", *self._points(self.effect.raw, self.effect.att), self._own())]
        if self.trial is not None:
            rows.append((BY_LOT, np.nan, *in_percent(self.trial), "–"))
        held = self._held()
        for place, name in enumerate(self.zeros.names):
            raw, adjusted = self.zeros.raw[place], self.zeros.adjusted[place]
            pair = raw.scaled(self.zeros.scale), adjusted.scaled(self.zeros.scale)
            rows.append((name, *self._points(*pair), held[place]))
        frame = pd.DataFrame(rows, columns=["outcome", "raw", "adjusted", "low", "high", "calibrated"])
        formats = dict.fromkeys(("raw", "adjusted", "low", "high"), "+.1f")
        frame.attrs = {"people": None, "caption": WORDS.text("caption"), "formats": formats}
        return frame

    def _points(self, raw: Interval, adjusted: Interval) -> tuple[float, float, float, float]:
        return (100 * raw.estimate, *in_percent(adjusted))

    def _own(self) -> str:
        return "withheld" if self.calibrated is None else interval(*in_percent(self.calibrated.calibrated))

    def _held(self) -> list[str]:
        if self.calibrated is None or not self.calibrated.left_out:
            return ["–"] * len(self.zeros.names)
        return ["nil" if one.low <= 0 <= one.high else "off" for one in self.calibrated.left_out]

    def draw(self) -> Picture:
        """Draw the effect raw, adjusted and calibrated, above each outcome adjusted."""
        shown = [("raw gap", self.effect.raw, 6), ("adjusted", self.effect.att, 0)]
        if self.calibrated:
            shown.append(("calibrated", self.calibrated.calibrated, 4))
        if self.trial is not None:
            shown.append((BY_LOT, self.trial, 2))
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value, _ in shown]
        title, alt = WORDS.picture(
            "zeros",
            self.findings,
            error=100 * self.zeros.mean_error.estimate,
            controls=len(self.zeros.names),
            effects=spoken,
        )
        figure, axes = canvas(title, height_inches=5.0)
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[tone]) for name, value, tone in shown
        ]
        marks += [
            Mark(label=name, value=value, scale=100 * self.zeros.scale, colour=PALETTE[6])
            for name, value in zip(self.zeros.names, self.zeros.adjusted, strict=True)
        ]
        forest(axes, marks, x="pp, as if of customers who buy again")
        return Picture(figure, alt)


@follow_up(WORDS, of=share_gap)
def known_effects(gap: ShareGap, *, trial: HasFindings | None = None, seed: int = 1) -> KnownEffects:
    """Return the errors of the comparison on outcomes settled before the order, and the effect calibrated.

    trial: the answer of a test of a share prompt, whose effect of sharing stands beside, where it has one.
    The traits that count the same as these outcomes are left out of the covariates. Where the outcomes do not
    feel who shares, or share nothing with buying again, calibration is withheld with its reason.
    Raises CannotAnswer where fewer than five of them came often enough.
    """
    frame, effect = gap.study.frame, gap.effect
    zeros = known_zeros(
        frame["repurchased"].to_numpy(),
        frame["shared"].to_numpy(),
        gap.past.to_numpy(),
        effect.covariates.without(*TWINS),
        names=tuple(gap.past.columns),
        seed=seed,
    )
    calibrated, why = _taken_off(zeros, effect)
    return KnownEffects(
        effect=effect,
        zeros=zeros,
        calibrated=calibrated,
        trial=_by_lot(trial),
        findings=(_error(effect, zeros), _calibrated(effect, zeros, calibrated, why)),
    )


def _by_lot(trial: HasFindings | None) -> Interval | None:
    """The effect of sharing that a randomised prompt found, in shares; None without one."""
    for finding in trial.findings if trial is not None else ():
        if finding.id == "A2.complier_effect" and finding.status == "answered":
            view = FindingView(finding)
            found = Interval(
                estimate=view.estimate, low=view.low, high=view.high, n=finding.n or 1, level=view.level
            )
            return found.scaled(0.01)
    return None


def _taken_off(zeros: KnownZeros, effect: AdjustedEffect) -> tuple[Calibrated | None, str]:
    """The effect calibrated, or why it is not."""
    if zeros.refused:
        return None, WORDS.text("unrelated" if zeros.is_felt else "unfelt")
    found = calibrated_on(zeros, effect.att)
    return (None, found.withheld) if found.withheld else (found, "")


def _common(zeros: KnownZeros) -> dict[str, Any]:
    return {
        "scale": 100,
        "method": WORDS.text("method", controls=len(zeros.names)),
        "controls": len(zeros.names),
    }


def _error(effect: AdjustedEffect, zeros: KnownZeros) -> Finding:
    """An error below one standard error of the effect counts as nil: it would hardly move what is said."""
    raw, error = np.mean([abs(one.estimate) for one in zeros.raw]), zeros.mean_error
    return WORDS.finding(
        "A1.known_zero_error",
        error,
        n=effect.rows,
        assumptions=(WORDS.text("assumption nil"),),
        verdict=nil_verdict(error, margin=effect.att.standard_error),
        raw=100 * zeros.scale * raw,
        blind=not zeros.is_felt,
        unrelated=bool(zeros.refused),
        **_common(zeros),
    )


def _calibrated(
    effect: AdjustedEffect, zeros: KnownZeros, calibrated: Calibrated | None, why: str
) -> Finding:
    if calibrated is None:
        return WORDS.skip("A1.calibrated_uplift_sharers", f"{why}.")
    return WORDS.finding(
        "A1.calibrated_uplift_sharers",
        calibrated.calibrated,
        n=effect.rows,
        assumptions=(WORDS.text("assumption nil"), WORDS.text("assumption alike")),
        wider=calibrated.width_ratio,
        held=calibrated.held,
        **_common(zeros),
    )
