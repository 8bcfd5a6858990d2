"""A2: what did a randomly shown share prompt do, and what did sharing do to those whom it moved?"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pandas as pd

from helpers.data.share_study import Study, share_study
from helpers.report import CannotAnswer, Finding, Picture, canvas, question
from helpers.report.plain_names import plain_name
from helpers.uplift.drawn_intervals import draw_intervals
from helpers.uplift.wording import POINTS, effect_verdict, in_percent, percent, points, stated
from methods.intervals.estimates import wilson
from methods.regression.covariates import covariate_matrix
from methods.trials.encouragement import ComplierEffect, complier_effect, complier_profile
from methods.trials.intention_to_treat import OfferEffect, SampleRatio, intention_to_treat, sample_ratio

# Few and strong: each further covariate costs a small test more than it sharpens it.
SHARPENERS = (
    "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days", "shares_before", "friends",
)  # fmt: skip
PROFILE = ("orders_before", "shares_before", "friends", "tenure_days", "gender", "age_band")


@dataclass(frozen=True, kw_only=True)
class PromptTest:
    """The prompt's draw, its effect on everyone prompted, and the effect of sharing on those it moved."""

    ratio: SampleRatio
    offer: OfferEffect
    moved: ComplierEffect
    profile: pd.DataFrame
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a trait: covariate, everyone, those moved by the prompt, low, high."""
        frame = self.profile.rename(columns={"covariate": "trait", "compliers": "moved by the prompt"})
        frame["trait"] = frame["trait"].map(plain_name)
        formats = dict.fromkeys(["everyone", "moved by the prompt", "low", "high"], ".2f")
        frame.attrs = {"caption": "Who was moved to share by the prompt (means, shares)", "formats": formats}
        return frame

    def draw(self) -> Picture:
        """Draw the three effects with their intervals."""
        rows = [
            ("prompt → sharing", self.moved.first_stage),
            ("prompt → buying again, all prompted", self.offer.effect),
        ]
        if self.moved.is_bounded:
            bounds = {"low": self.moved.low, "high": self.moved.high}
            moved = dataclasses.replace(self.moved.effect, **bounds)
            rows.append(("sharing → buying again, those moved", moved))
        itt = in_percent(self.offer.effect)
        direction = "raised" if itt[1] > 0 else "lowered" if itt[2] < 0 else "has not clearly changed"
        figure, axes = canvas(
            f"The prompt {direction} repurchase: {itt[0]:+.1f} points ({itt[1]:+.1f} to {itt[2]:+.1f})",
            height_inches=2.8,
        )
        spoken = draw_intervals(axes, rows, x="points")
        return Picture(figure, f"Effects of the randomised prompt with intervals: {spoken}.")


@question(
    "A2",
    "Does a randomly shown share prompt raise repurchase, and what does sharing do to those it moves?",
    needs=("orders.placed_at", "shares.posted_at", "experiments"),
)
def prompt_test(
    shop,
    *,
    experiment: str = "share_prompt",
    control: str = "control",
    planned_share: float = 0.5,
    enrol_days: int = 56,
    landmark_hours: int = 48,
    outcome_days: int = 90,
) -> PromptTest:
    """Compare customers drawn to see the prompt at their order with those drawn not to see it.

    Enrolled as in `share_gap`, and drawn between order and landmark (or at an unknown time). planned_share:
    of customers meant to see the prompt. Raises CannotAnswer without such a test or with too few in an arm.
    """
    study = share_study(shop, enrol_days=enrol_days, landmark_hours=landmark_hours, outcome_days=outcome_days)
    frame = _with_arms(shop, study, experiment=experiment, control=control)
    planned = {"control": 1 - planned_share, "prompt": planned_share}
    ratio = sample_ratio(frame["prompted"].map({0.0: "control", 1.0: "prompt"}), planned=planned)
    offer = intention_to_treat(frame, outcome="repurchased", treatment="prompted", covariates=SHARPENERS)
    few = covariate_matrix(frame, SHARPENERS)
    moved = complier_effect(
        frame, outcome="repurchased", treatment="shared", instrument="prompted", covariates=few
    )
    profile = complier_profile(frame, treatment="shared", instrument="prompted", covariates=PROFILE)
    findings = _findings(study, ratio, offer, moved)
    return PromptTest(ratio=ratio, offer=offer, moved=moved, profile=profile, findings=findings)


def _with_arms(shop, study: Study, *, experiment: str, control: str) -> pd.DataFrame:
    """Join the drawn arms to the study; anyone drawn before the order could have ordered because of it."""
    rows = shop["experiments"]
    arms = rows.filter(rows.experiment == experiment).select("customer_id", "arm", "assigned_at").execute()
    if arms.empty:
        raise CannotAnswer(f"no customer took part in a test named {experiment!r}")
    if control not in set(arms["arm"]):
        raise CannotAnswer(f"the test {experiment!r} has no arm named {control!r}")
    frame = study.frame.merge(arms, on="customer_id", how="inner", validate="one_to_one")
    drawn = frame["assigned_at"].isna() | (
        (frame["assigned_at"] >= frame["index_at"]) & (frame["assigned_at"] < frame["landmark_at"])
    )
    frame = frame[drawn].reset_index(drop=True)
    frame = frame.assign(prompted=(frame["arm"] != control).astype(float))
    if frame["prompted"].nunique() < 2:
        raise CannotAnswer(f"the {len(frame)} enrolled customers of {experiment!r} are all in one arm")
    return frame


def _findings(
    study: Study, ratio: SampleRatio, offer: OfferEffect, moved: ComplierEffect
) -> tuple[Finding, ...]:
    about = {"requirement": "A2", "question": prompt_test.question, "n": offer.rows}
    doubt = "the arms do not have the planned sizes, so the draw cannot be trusted" if ratio.alarm else ""
    return (
        _ratio_finding(ratio, about, doubt),
        stated(
            moved.first_stage,
            id="A2.first_stage",
            unit=POINTS,
            method=f"least squares with covariates, robust interval; F {moved.first_stage_f:.0f}",
            assumptions=("the prompt was drawn at random",),
            reading=(
                f"The prompt raised the share of customers who posted their order within "
                f"{study.landmark_hours} hours by {points(moved.first_stage)}: these are the customers it "
                f"moved, and the table says who they are. {_strength(moved)}"
            ),
            **about,
        ),
        _offer_finding(study, offer, about, doubt),
        _moved_finding(moved, about, doubt),
    )


def _strength(moved: ComplierEffect) -> str:
    """Say whether the prompt moves enough customers to learn from it (the weak-instrument check)."""
    if moved.is_weak:
        return f"It moves too few to learn from them safely (F {moved.first_stage_f:.0f}, weak below 10)."
    return f"It moves enough of them to learn from (F {moved.first_stage_f:.0f}; below 10 would be weak)."


def _ratio_finding(ratio: SampleRatio, about: dict, doubt: str) -> Finding:
    planned = ratio.expected["prompt"] / ratio.counts.sum()
    estimate = wilson(float(ratio.counts["prompt"]), float(ratio.counts.sum()))
    judged = doubt or "no sign that the draw went wrong"
    return stated(
        estimate,
        id="A2.sample_ratio",
        unit="% of customers",
        method="chi-square test of the arm sizes",
        assumptions=(f"{planned:.0%} were meant to see the prompt",),
        verdict="contradicted" if doubt else "supported",
        reading=(
            f"{percent(estimate)} of {ratio.counts.sum():,} customers were drawn to see the prompt, planned "
            f"{planned:.0%} (p = {ratio.p_value:.2g}): {judged}."
        ),
        **about,
    )


def _offer_finding(study: Study, offer: OfferEffect, about: dict, doubt: str) -> Finding:
    verdict = effect_verdict(offer.effect, doubt=doubt)
    meaning = {
        "supported": "the prompt raises repurchase",
        "contradicted": "the prompt lowers repurchase",
        "not settled": f"whether the prompt changes repurchase is not settled{_for(doubt)}",
    }[verdict]
    return stated(
        offer.effect,
        id="A2.intention_to_treat",
        unit=POINTS,
        method="difference of shares, regression-adjusted by pre-period covariates (CUPED), HC2 interval",
        assumptions=("the prompt was drawn at random", "one customer's prompt does not move another"),
        verdict=verdict,
        reading=(
            f"Of those shown the prompt, {offer.treated_mean:.1%} bought again within {study.outcome_days} "
            f"days, against {offer.control_mean:.1%}: a difference of {points(offer.effect)}, whether or not "
            f"they then shared; {meaning}. What was known beforehand removed "
            f"{max(offer.variance_saved, 0):.0%} of the noise."
        ),
        **about,
    )


def _moved_finding(moved: ComplierEffect, about: dict, doubt: str) -> Finding:
    if not moved.is_bounded:
        reason = (
            "Not settled: the prompt moved too few customers to share "
            f"({points(moved.first_stage)}) to bound the effect of sharing on them."
        )
        return Finding(
            id="A2.complier_effect", requirement="A2", question=about["question"], status="skipped",
            reason=reason, reading=reason, level=None,
        )  # fmt: skip
    weak = f"the prompt moved few customers (F {moved.first_stage_f:.0f})" if moved.is_weak else ""
    effect = moved.effect
    interval = dataclasses.replace(effect, low=moved.low, high=moved.high)
    verdict = effect_verdict(interval, doubt=doubt or weak)
    meaning = {
        "supported": "sharing brought them back",
        "contradicted": "sharing kept them away",
        "not settled": "too wide to say whether sharing brought them back",
    }[verdict]
    return stated(
        interval,
        id="A2.complier_effect",
        unit=POINTS,
        method="two-stage least squares with the prompt as instrument; Anderson–Rubin interval",
        assumptions=(
            "the prompt changes repurchase only through sharing",
            "it stopped nobody from sharing who would have shared without it",
        ),
        verdict=verdict,
        reading=(
            f"Among customers who shared only because they were asked, sharing changed the share who bought "
            f"again by {points(interval)}: {meaning}{'; ' + weak if weak else ''}."
        ),
        **about,
    )


def _for(doubt: str) -> str:
    return f", for {doubt}" if doubt else ""
