"""A1: how much of the gap between sharers and others does sharing cause, and how much is who shares?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
from scipy.stats import norm

from helpers.data.panel import index_orders
from helpers.data.past_outcomes import past_outcomes
from helpers.data.share_study import Study, share_study
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    bars,
    canvas,
    claim_p,
    claim_verdict,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.plain_names import plain_name
from helpers.report.release import shares_by
from helpers.uplift.a01_share_gap.open_study import in_words, open_study
from helpers.uplift.gates import counted
from methods.adjust.adjusted_effect import AdjustedEffect, adjusted_effect
from methods.adjust.bootstrap_coverage import BootstrapCoverage, simulated_coverage, with_coverage
from methods.adjust.comparisons import regression_adjusted, weighted_difference
from methods.adjust.treatment_rules import TreatmentRule
from methods.intervals.estimates import Interval

CLAIMED_PERCENT = 37.0
POWER = 0.8
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class ShareGap:
    """The raw gap and what is left of it; `study` and `effect` feed the checks of the next sections.

    trust: of the intervals for "ate" and "att", from simulated copies; empty where none were drawn.
    past: one row a customer of the study, outcomes settled before the order, 0 and 1.
    """

    study: Study
    effect: AdjustedEffect
    trust: dict[str, BootstrapCoverage]
    past: pd.DataFrame
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
        caption = WORDS.text("caption")
        frame.attrs = {"caption": caption, "formats": formats, "people": "customers"}
        return frame

    def draw(self) -> Picture:
        """Draw the raw gap split in two, above the estimate and interval of every way of comparing."""
        att, rest = 100 * self.effect.att.estimate, 100 * self.effect.self_selection.estimate
        rows = self._comparisons()
        spoken = [f"{name} {interval(*in_percent(value), unit='pp')}" for name, value in rows]
        raw = 100 * self.effect.raw.estimate
        title, alt = WORDS.picture("gap", self.findings, raw=raw, comparisons=spoken)
        figure, axes = canvas(title, x="pp more customers who buy again", height_inches=4.2)
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[0 if "doubly" in name else 6])
            for name, value in rows
        ]
        split = ["the raw gap, split"]
        forest(axes, marks)
        bars(axes, split, [att], colour=PALETTE[0], label="after adjustment", shift=len(rows))
        bars(axes, split, [rest], left=[att], colour=PALETTE[4], label="who shares", shift=len(rows))
        axes.set_yticks(range(len(rows) + 1), [*(mark.label for mark in marks), *split])
        axes.set_ylim(len(rows) + 0.6, -0.5)
        axes.legend(loc="center right")
        return Picture(figure, alt)

    def _comparisons(self) -> list[tuple[str, Interval]]:
        rows = [
            ("raw gap", self.effect.raw),
            ("regression", self.regression),
            ("weighting", self.weighting),
            ("doubly robust, all customers", self.effect.ate),
            ("doubly robust, sharers", self.effect.att),
        ]
        return [(name, value) for name, value in rows if value is not None]


@question(WORDS, needs=("orders.placed_at", "shares.posted_at"))
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
    data set, which are widened, or verdicts withheld, where they fail (`simulated_coverage`); 0 for none.
    Kinds of whom nobody, or everybody, shared (`treatment_rules`) are told by name and left out of it all.
    Raises CannotAnswer when too few ordered, shared, or can be compared, and where all or none bought again.
    """
    study = share_study(shop, enrol_days=enrol_days, landmark_hours=landmark_hours, outcome_days=outcome_days)
    study, rules = open_study(study)
    _demand_differences(study)
    effect = adjusted_effect(
        study.frame, outcome="repurchased", treatment="shared", covariates=study.covariates, seed=seed
    )
    outcome, shared = study.frame["repurchased"].to_numpy(), study.frame["shared"].to_numpy()
    trust = simulated_coverage(effect, outcome, shared, times=copies, seed=seed) if copies else {}
    effect = with_coverage(effect, trust)
    return ShareGap(
        study=study,
        effect=effect,
        trust=trust,
        past=past_outcomes(
            shop, index_orders(shop, start=study.start, end=study.end), study.frame["customer_id"].tolist()
        ),
        regression=regression_adjusted(outcome, shared, effect.covariates),
        weighting=weighted_difference(outcome, shared, effect.nuisances.propensity),
        findings=(
            *_open_to_some(study, rules),
            *_raw_findings(study, effect, claimed_percent),
            *_causal_findings(study, effect, trust, claimed_percent, rules),
            _detectable(effect, claimed_percent),
        ),
    )


def _demand_differences(study: Study) -> None:
    again = study.frame["repurchased"]
    if again.nunique() < 2:
        facts = {"rows": len(again), "outcome_days": study.outcome_days}
        raise CannotAnswer(WORDS.text("all alike", everybody=bool(again.iloc[0] == 1), **facts) + ".")


def _open_to_some(study: Study, rules: tuple[TreatmentRule, ...]) -> list[Finding]:
    if not rules:
        return []
    kept, enrolled = len(study.frame), len(rules[0].of_kind)
    found = counted(
        WORDS,
        "A1.open_to_sharing",
        kept / enrolled,
        n=enrolled,
        method=WORDS.text("rule method"),
        rules=list(map(in_words, rules)),
        kept=kept,
        enrolled=enrolled,
    )
    return [found]


def _raw_findings(study: Study, effect: AdjustedEffect, claimed_percent: float) -> list[Finding]:
    common: dict[str, Any] = {
        "method": WORDS.text("raw method", landmark_hours=study.landmark_hours),
        "assumptions": (WORDS.text("raw assumption"),),
        "n": effect.rows,
        "scale": 100,
    }
    outcome, shared = study.frame["repurchased"], study.frame["shared"] == 1
    gap = WORDS.finding(
        "A1.raw_gap",
        effect.raw,
        sharers=effect.treated_rows,
        landmark_hours=study.landmark_hours,
        outcome_days=study.outcome_days,
        tells=shares_by(study.frame, "repurchased", "shared"),
        rate_of_sharers=outcome[shared].mean(),
        rate_of_others=outcome[~shared].mean(),
        **common,
    )
    if effect.relative_raw is None:
        return [gap]
    relative = WORDS.finding(
        "A1.raw_gap_relative",
        effect.relative_raw,
        verdict=claim_verdict(effect.relative_raw, claimed_percent=claimed_percent),
        p_value=claim_p(effect.relative_raw, claimed_percent=claimed_percent),
        claimed=claimed_percent,
        **common,
    )
    return [gap, relative]


def _causal_findings(
    study: Study,
    effect: AdjustedEffect,
    trust: dict[str, BootstrapCoverage],
    claimed_percent: float,
    rules: tuple[TreatmentRule, ...] = (),
) -> list[Finding]:
    common: dict[str, Any] = {
        "method": WORDS.text("method landmark", method=effect.method, hours=study.landmark_hours),
        "assumptions": assumptions(effect, rules),
        "n": effect.rows,
        "scale": 100,
    }
    doubt = {name: effect.doubt or _withheld(trust.get(name)) for name in ("ate", "att")}
    widened = {name: trust[name].widened if name in trust else 1.0 for name in ("ate", "att")}
    found = [
        _everyone(effect, {**common, "closed": bool(rules)}, doubt["ate"], widened["ate"]),
        WORDS.finding(
            "A1.adjusted_uplift_sharers",
            effect.att,
            verdict=effect_verdict(effect.att, doubt=doubt["att"]),
            doubt=doubt["att"],
            widened=widened["att"],
            **common,
        ),
        WORDS.finding("A1.self_selection", effect.self_selection, raw=100 * effect.raw.estimate, **common),
    ]
    if effect.overlap.warning and effect.ato is not None:
        found.append(
            WORDS.finding("A1.uplift_where_alike", effect.ato, carried=round(effect.ato_rows), **common)
        )
    if effect.relative_att is not None:
        found.append(_relative(effect, effect.relative_att, common, doubt["att"], claimed_percent))
    return found


def _detectable(effect: AdjustedEffect, claimed_percent: float) -> Finding:
    """Whether so many customers could show the repeated figure at all; else no number is worth a look."""
    smallest = effect.att.standard_error * (norm.ppf(0.5 + effect.att.level / 2) + norm.ppf(POWER))
    claimed = claimed_percent / 100 * effect.untreated_mean_of_treated.estimate
    return counted(
        WORDS,
        "A1.detectable",
        smallest,
        n=effect.rows,
        method=WORDS.text("detectable method"),
        fails=smallest > claimed,
        claimed=100 * claimed,
    )


def _withheld(trust: BootstrapCoverage | None) -> str:
    if trust is None or not trust.withheld:
        return ""
    return WORDS.text("withheld", held=trust.coverage.estimate, widened=trust.widened)


def _everyone(effect: AdjustedEffect, common: dict[str, Any], doubt: str, widened: float) -> Finding:
    if effect.ate is None:
        return WORDS.skip("A1.adjusted_uplift", f"{doubt}.")
    verdict = effect_verdict(effect.ate, doubt=doubt)
    return WORDS.finding(
        "A1.adjusted_uplift", effect.ate, verdict=verdict, doubt=doubt, widened=widened, **common
    )


def _relative(
    effect: AdjustedEffect, lift: Interval, common: dict[str, Any], doubt: str, claimed_percent: float
) -> Finding:
    return WORDS.finding(
        "A1.relative_uplift_sharers",
        lift,
        verdict=claim_verdict(lift, claimed_percent=claimed_percent, doubt=doubt),
        p_value=claim_p(lift, claimed_percent=claimed_percent),
        claimed=claimed_percent,
        **common,
    )


def assumptions(effect: AdjustedEffect, rules: tuple[TreatmentRule, ...] = ()) -> tuple[str, ...]:
    """Return what the adjusted figures rest on, in words."""
    said = [
        WORDS.text("assumption unseen", traits=len(set(effect.covariates.sources))),
        WORDS.text("assumption islands"),
    ]
    if effect.covariates.dropped:
        said.append(
            WORDS.text("assumption missing", dropped=list(map(plain_name, effect.covariates.dropped)))
        )
    if rules:
        said.append(WORDS.text("assumption open", rules=list(map(in_words, rules))))
    if effect.overlap.trimmed_share > 0:
        said.append(WORDS.text("assumption trimmed", trimmed=effect.overlap.trimmed_share))
    if effect.overlap.trimmed_treated_share > 0:
        said.append(WORDS.text("assumption population", population=effect.population))
    return tuple(said)
