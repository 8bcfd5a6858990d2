"""A1, third look: effects that must be nil, and how strong something unseen would have to be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report import INK, PALETTE, CannotAnswer, Finding, Picture, Skipped, canvas
from helpers.report.plain_names import plain_name
from helpers.uplift.a01_share_gap.share_gap import ShareGap
from helpers.uplift.wording import in_percent, stated
from methods.adjust.adjusted_effect import adjusted_effect
from methods.adjust.comparisons import shuffled_treatment
from methods.adjust.sensitivity import Benchmark, benchmarks, e_value
from methods.intervals.estimates import Interval, wilson
from methods.intervals.influence import excludes

SPEND_COVARIATES = ("spend_before_cents", "index_value_cents")
NEGLIGIBLE = 0.1
TWINS_LISTED = 4


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """Checks that could have failed.

    past_spend: "effect" of sharing on money spent before sharing, in standard deviations, adjusted
    (None where the shop has no prices); past_spend_raw: unadjusted. shuffled: effects of sharing dealt out
    at random. twins: unseen twins of the covariates, the most harmful first. effect: the effect under test.
    """

    effect: Interval
    past_spend: Interval | None
    past_spend_raw: Interval | None
    shuffled: tuple[Interval, ...]
    twins: tuple[Benchmark, ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a check: check, result, what it should be."""
        false_alarms = sum(excludes(effect, 0) for effect in self.shuffled)
        mark = self.twins[0]
        rows = [
            (
                "sharing dealt out at random: false alarms",
                f"{false_alarms} of {len(self.shuffled)}",
                "about 1 in 20",
            ),
            ("robustness value of the estimate", f"{mark.robustness:.1%}", "the larger the better"),
            ("robustness value of the interval", f"{mark.robustness_of_interval:.1%}", "above 0"),
            *[
                (
                    f"regression estimate with an unseen twin of “{plain_name(twin.covariate)}” (explains "
                    f"{twin.treatment_share:.1%} of sharing, {twin.outcome_share:.1%} of buying)",
                    f"{100 * twin.remaining:.1f} instead of {100 * mark.estimate:.1f} points",
                    "same sign",
                )
                for twin in self.twins[:TWINS_LISTED]
            ],
        ]
        if self.past_spend is not None:
            spend = self.past_spend
            value = f"{spend.estimate:+.3f} ({spend.low:+.3f} to {spend.high:+.3f})"
            rows.insert(0, ("past spend, standard deviations", value, f"within ±{NEGLIGIBLE}"))
        frame = pd.DataFrame(rows, columns=["check", "result", "should be"])
        frame.attrs = {"caption": "Checks on the effect of sharing that could have failed"}
        return frame

    def draw(self) -> Picture:
        """Draw the shuffled effects beside the real one."""
        false_alarms = sum(excludes(effect, 0) for effect in self.shuffled)
        title = f"Sharing dealt out at random: {false_alarms} false alarms in {len(self.shuffled)} shuffles"
        figure, axes = canvas(title, x="points more customers who buy again", height_inches=3.6)
        effects = [*sorted(self.shuffled, key=lambda effect: effect.estimate), self.effect]
        for place, effect in enumerate(effects):
            middle, low, high = in_percent(effect)
            colour = PALETTE[0] if effect is self.effect else PALETTE[6]
            axes.errorbar([middle], [place], xerr=[[middle - low], [high - middle]], fmt="o", color=colour)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks([(len(effects) - 2) / 2, len(effects) - 1], ["shuffled", "real sharing"])
        value, low, high = in_percent(self.effect)
        alt = (
            f"{len(self.shuffled)} effects of sharing dealt out at random, {false_alarms} of them with an "
            f"interval that leaves zero out; real sharing: {value:.1f} points ({low:.1f} to {high:.1f})."
        )
        return Picture(figure, alt)


def doubts(gap: ShareGap | Skipped, *, shuffles: int = 20, seed: int = 1) -> Doubts | Skipped:
    """Return the checks of a share gap; a skipped gap stays skipped.

    shuffles: how often sharing is dealt out at random. Negative-control outcome: Lipsitch, Tchetgen Tchetgen
    and Cohen 2010 (Epidemiology).
    """
    if isinstance(gap, Skipped):
        return gap
    frame, covariates = gap.study.frame, gap.effect.covariates
    past, past_raw = _past_spend(gap, seed=seed)
    shuffled = shuffled_treatment(
        frame, outcome="repurchased", treatment="shared", covariates=covariates, times=shuffles, seed=seed
    )
    twins = benchmarks(covariates, frame["shared"].to_numpy(), frame["repurchased"].to_numpy())
    findings = [_placebo_treatment(gap, shuffled), _unseen(gap, twins[0])]
    if past is not None:
        findings.insert(0, _negative_control(gap, past, past_raw))
    return Doubts(
        effect=gap.effect.att, past_spend=past, past_spend_raw=past_raw, shuffled=shuffled, twins=twins,
        findings=tuple(findings),
    )  # fmt: skip


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
            learners=gap.effect.nuisances.learners,
        )  # fmt: skip
    except CannotAnswer:
        return None, None
    return effect.att, effect.raw


def _negative_control(gap: ShareGap, past: Interval, past_raw: Interval) -> Finding:
    verdict = _nil_verdict(past)
    outcome = {
        "supported": "the adjusted groups had spent alike, as they should",
        "not settled": "too few customers to tell whether the adjusted groups had spent alike",
        "contradicted": "the adjusted groups had NOT spent alike: something is left that was not measured",
    }[verdict]
    return Finding(
        id="A1.negative_control",
        requirement="A1",
        question="Does sharing seem to change what lies before it?",
        estimate=past.estimate,
        low=past.low,
        high=past.high,
        unit="standard deviations of past spend",
        n=gap.effect.rows,
        method=f"{gap.effect.method} of log past spend; money left out of the covariates",
        assumptions=("sharing cannot change spend up to the order", f"below {NEGLIGIBLE} counts as nil"),
        verdict=verdict,
        reading=(
            f"Money spent up to the order cannot be an effect of sharing it. Unadjusted, sharers had spent "
            f"{past_raw.estimate:+.2f} standard deviations more; adjusted {past.estimate:+.2f} "
            f"({past.low:+.2f} to {past.high:+.2f}): {outcome}."
        ),
    )


def _nil_verdict(past: Interval) -> str:
    """An effect that must be nil is shown to be so only when the whole interval is negligible."""
    if max(abs(past.low), abs(past.high)) < NEGLIGIBLE:
        return "supported"
    return "contradicted" if excludes(past, 0) else "not settled"


def _placebo_treatment(gap: ShareGap, shuffled: tuple[Interval, ...]) -> Finding:
    alarms = sum(excludes(effect, 0) for effect in shuffled)
    share = wilson(alarms, len(shuffled))
    judged = "as the method promises" if share.low <= 0.05 else "more than the method promises"
    return stated(
        share,
        id="A1.placebo_treatment",
        requirement="A1",
        question="Does sharing seem to work where it was dealt out at random?",
        unit="% of shuffles",
        n=gap.effect.rows,
        method=f"the adjusted comparison on {len(shuffled)} random shufflings of who shared",
        assumptions=("a share dealt out at random can do nothing",),
        verdict="supported" if share.low <= 0.05 else "contradicted",
        reading=(
            f"Dealt out at random, sharing must do nothing: {alarms} of {len(shuffled)} shuffles raised a "
            f"false alarm, where 1 in 20 may: {judged}."
        ),
    )


def _unseen(gap: ShareGap, mark: Benchmark) -> Finding:
    """E-values of the estimate and of the ends of its interval; 1 where the interval holds no effect."""
    lift = gap.effect.relative_att
    if lift is None:
        raise CannotAnswer("nobody among the comparable customers bought again")
    ends = sorted(e_value(1 + value) for value in (lift.low, lift.high))
    low = 1.0 if not excludes(lift, 0) else ends[0]
    middle = e_value(1 + lift.estimate)
    return Finding(
        id="A1.e_value",
        requirement="A1",
        question="How strong would something unseen have to be to explain the effect away?",
        estimate=middle,
        low=low,
        high=max(ends[1], middle),
        unit="risk ratio",
        n=gap.effect.rows,
        method="E-value of the relative effect on sharers; benchmark by omitted-variable bounds",
        assumptions=("the unseen trait acts on the ratio scale",),
        reading=(
            f"To explain the effect away, something unseen would have to make both sharing and buying again "
            f"{middle:.1f} times as likely ({low:.1f} times to make the interval touch no effect). An unseen "
            f"twin of the strongest trait we see ({plain_name(mark.covariate)}) would change the plain "
            f"regression estimate from {100 * mark.estimate:.1f} to {100 * mark.remaining:.1f} points."
        ),
    )
