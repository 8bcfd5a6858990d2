"""A1: how much of the gap between sharers and others does sharing cause, and how much is who shares?"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from helpers.report import INK, PALETTE, Finding, Picture, canvas, question
from helpers.report.plain_names import plain_name
from helpers.uplift.study import Study, share_study
from helpers.uplift.wording import (
    POINTS,
    claim_p,
    claim_verdict,
    effect_verdict,
    in_percent,
    percent,
    points,
    stated,
)
from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.bootstrap_coverage import Trust, promise, simulated_trust, with_trust
from methods.adjust.comparisons import regression_adjusted, weighted_difference
from methods.intervals.estimates import Interval

CLAIMED_PERCENT = 37.0


@dataclass(frozen=True, kw_only=True)
class ShareGap:
    """The raw gap and what is left of it; `study` and `effect` feed the checks of the next sections.

    trust: of the intervals for "ate" and "att", from simulated copies; empty where none were drawn.
    """

    study: Study
    effect: AdjustedEffect
    trust: dict[str, Trust]
    regression: Interval
    weighting: Interval
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a way of comparing: comparison, points, low, high, customers."""
        n, effect = self.effect.rows, self.effect
        rows = [(name, *in_percent(value), n) for name, value in self._comparisons()]
        rows += [("what sharers would do anyway (self-selection)", *in_percent(effect.self_selection), n)]
        frame = pd.DataFrame(rows, columns=["comparison", "points", "low", "high", "customers"])
        formats = {"points": "+.1f", "low": "+.1f", "high": "+.1f", "customers": ",d"}
        caption = "Difference in the share of customers who bought again, in percentage points"
        frame.attrs = {"caption": caption, "formats": formats, "people": "customers"}
        return frame

    def draw(self) -> Picture:
        """Draw the raw gap split in two, above the estimate and interval of every way of comparing."""
        att, rest = 100 * self.effect.att.estimate, 100 * self.effect.self_selection.estimate
        raw = 100 * self.effect.raw.estimate
        title = f"Sharers come back {raw:.1f} points more often; sharing itself accounts for {att:.1f}"
        figure, axes = canvas(title, x="points more customers who buy again", height_inches=4.2)
        axes.barh([0], [att], color=PALETTE[0], label=f"caused by sharing: {att:.1f}")
        axes.barh([0], [rest], left=[att], color=PALETTE[4], label=f"who shares: {rest:.1f}")
        rows = self._comparisons()
        for place, (_, value) in enumerate(rows, start=1):
            middle, low, high = in_percent(value)
            colour = PALETTE[0] if "doubly" in rows[place - 1][0] else PALETTE[6]
            axes.errorbar([middle], [place], xerr=[[middle - low], [high - middle]], fmt="o", color=colour)
        axes.axvline(0, color=INK, linewidth=0.8)
        axes.set_yticks(range(len(rows) + 1), ["the raw gap, split", *(name for name, _ in rows)])
        axes.invert_yaxis()
        axes.legend(loc="lower right")
        spoken = "; ".join(f"{name} {points(value)}" for name, value in rows)
        return Picture(
            figure, f"The raw gap is {att:.1f} points of effect and {rest:.1f} of who shares: {spoken}."
        )

    def _comparisons(self) -> list[tuple[str, Interval]]:
        rows = [
            ("raw gap", self.effect.raw),
            ("regression", self.regression),
            ("weighting", self.weighting),
            ("doubly robust, all customers", self.effect.ate),
            ("doubly robust, sharers", self.effect.att),
        ]
        return [(name, value) for name, value in rows if value is not None]


@question(
    "A1",
    "Do customers who share come back because they share, or because of who they are?",
    needs=("orders.placed_at", "shares.posted_at"),
)
def share_gap(
    shop,
    *,
    enrol_days: int = 56,
    landmark_hours: int = 48,
    outcome_days: int = 90,
    claimed_percent: float = CLAIMED_PERCENT,
    copies: int = 0,
    seed: int = 1,
) -> ShareGap:
    """Compare customers who shared their order within `landmark_hours` with those who did not.

    Enrolled: the first order of each customer in the last `enrol_days` whose `outcome_days` after the
    landmark are fully in the data. copies: simulated with and without effect to check the intervals on this
    data set, which are widened, or verdicts withheld, where they fail (`simulated_trust`); 0 checks nothing.
    Raises CannotAnswer when too few ordered, shared, or can be compared.
    """
    study = share_study(shop, enrol_days=enrol_days, landmark_hours=landmark_hours, outcome_days=outcome_days)
    effect = adjusted_effect(
        study.frame, outcome="repurchased", treatment="shared", covariates=study.covariates, seed=seed
    )
    outcome, shared = study.frame["repurchased"].to_numpy(), study.frame["shared"].to_numpy()
    trust = simulated_trust(effect, outcome, shared, times=copies, seed=seed) if copies else {}
    effect = with_trust(effect, trust)
    return ShareGap(
        study=study,
        effect=effect,
        trust=trust,
        regression=regression_adjusted(outcome, shared, effect.covariates),
        weighting=weighted_difference(outcome, shared, effect.nuisances.propensity),
        findings=(
            *_raw_findings(study, effect, claimed_percent),
            *_causal_findings(study, effect, trust, claimed_percent),
        ),
    )


def _raw_findings(study: Study, effect: AdjustedEffect, claimed_percent: float) -> list[Finding]:
    about = {
        "requirement": "A1",
        "question": share_gap.question,
        "n": effect.rows,
        "method": f"difference of shares, landmark {study.landmark_hours} h, normal interval",
        "assumptions": ("describes the two groups; says nothing about cause",),
    }
    outcome, shared = study.frame["repurchased"], study.frame["shared"] == 1
    gap = stated(
        effect.raw,
        id="A1.raw_gap",
        unit=POINTS,
        reading=(
            f"Of {effect.rows:,} customers with an order in the window, {effect.treated_rows:,} shared it "
            f"within {study.landmark_hours} hours. {outcome[shared].mean():.1%} of them bought again in the "
            f"{study.outcome_days} days after that, against {outcome[~shared].mean():.1%} of the others: "
            f"a raw gap of {points(effect.raw)}."
        ),
        **about,
    )
    if effect.relative_raw is None:
        return [gap]
    verdict = claim_verdict(effect.relative_raw, claimed_percent=claimed_percent)
    beside = "is more than" if 100 * effect.relative_raw.high < claimed_percent else "is less than"
    words = {"supported": "fits", "contradicted": beside, "not settled": "is not settled by"}[verdict]
    reading = (
        f"Put as a ratio, sharers bought again {percent(effect.relative_raw)} more often; the repeated "
        f"figure of {claimed_percent:.0f} % {words} the raw gap, before asking who shares."
    )
    relative = stated(
        effect.relative_raw, id="A1.raw_gap_relative", unit="% of the others' share", verdict=verdict,
        reading=reading, p_value=claim_p(effect.relative_raw, claimed_percent=claimed_percent), **about,
    )  # fmt: skip
    return [gap, relative]


def _causal_findings(
    study: Study, effect: AdjustedEffect, trust: dict[str, Trust], claimed_percent: float
) -> list[Finding]:
    about = {
        "requirement": "A1",
        "question": share_gap.question,
        "n": effect.rows,
        "method": f"{effect.method}, landmark {study.landmark_hours} h",
        "assumptions": assumptions(effect),
    }
    doubts = {
        name: effect.overlap.warning or (trust[name].withheld if name in trust else "")
        for name in ("ate", "att")
    }
    said = {name: promise(found) for name, found in trust.items()}
    doubt = doubts["att"]
    return [
        _everyone(effect, about, doubts["ate"], said.get("ate", "")),
        stated(
            effect.att,
            id="A1.adjusted_uplift_sharers",
            unit=POINTS,
            verdict=effect_verdict(effect.att, doubt=doubt),
            reading=(
                f"Compared with customers like themselves, those who shared came back {points(effect.att)} "
                f"more often than they would have without sharing.{said.get('att', '')}{_but(doubt)}"
            ),
            **about,
        ),
        stated(
            effect.self_selection,
            id="A1.self_selection",
            unit=POINTS,
            reading=(
                f"{points(effect.self_selection)} of the raw gap of {100 * effect.raw.estimate:.1f} points "
                "would be there without any sharing: customers who share are ones who buy again anyway."
            ),
            **about,
        ),
        *_relative(effect, about, doubt, claimed_percent),
    ]


def _everyone(effect: AdjustedEffect, about: dict, doubt: str, said: str) -> Finding:
    if effect.ate is None:
        reason = f"Not answered for all customers: {doubt}."
        return Finding(
            id="A1.adjusted_uplift", requirement="A1", question=about["question"], status="skipped",
            reason=reason, reading=reason, level=None,
        )  # fmt: skip
    verdict = effect_verdict(effect.ate, doubt=doubt)
    meaning = {
        "supported": "sharing does bring customers back",
        "contradicted": "sharing keeps customers away",
        "not settled": "whether sharing brings back the average customer is not settled",
    }[verdict]
    reading = (
        f"Had every customer shared rather than none, {points(effect.ate)} more would have bought again: "
        f"{meaning}.{said}{_but(doubt)}"
    )
    return stated(effect.ate, id="A1.adjusted_uplift", unit=POINTS, verdict=verdict, reading=reading, **about)


def _relative(effect: AdjustedEffect, about: dict, doubt: str, claimed_percent: float) -> list[Finding]:
    if effect.relative_att is None:
        return []
    verdict = claim_verdict(effect.relative_att, claimed_percent=claimed_percent, doubt=doubt)
    words = {
        "supported": f"an effect of {claimed_percent:.0f} % fits",
        "contradicted": f"as an effect of sharing, {claimed_percent:.0f} % is contradicted",
        "not settled": f"whether the effect is {claimed_percent:.0f} % is not settled",
    }[verdict]
    lift = percent(effect.relative_att)
    reading = f"As a ratio, sharing raised the share of sharers who came back by {lift}: {words}."
    return [
        stated(
            effect.relative_att, id="A1.relative_uplift_sharers", verdict=verdict, reading=reading,
            unit="% of the share without sharing",
            p_value=claim_p(effect.relative_att, claimed_percent=claimed_percent), **about,
        )
    ]  # fmt: skip


def assumptions(effect: AdjustedEffect) -> tuple[str, ...]:
    """Return what the adjusted figures rest on, in words."""
    seen = len(set(effect.covariates.sources))
    said = [
        f"nothing unseen drives both sharing and buying again, once {seen} traits known before are equal",
        "one customer's sharing does not change whether another comes back (looked at in A8)",
    ]
    if effect.covariates.dropped:
        said.append(f"not available here: {', '.join(map(plain_name, effect.covariates.dropped))}")
    if effect.overlap.trimmed_share > 0:
        said.append(f"{effect.overlap.trimmed_share:.2%} of customers without counterpart were left out")
    return tuple(said)


def _but(doubt: str) -> str:
    return f" But {doubt}, so this is not settled." if doubt else ""
