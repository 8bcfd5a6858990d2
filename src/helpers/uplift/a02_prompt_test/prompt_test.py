"""A2: what did a randomly shown share prompt do, and what did sharing do to those whom it moved?"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from ibis import _

from helpers.data.drawn_sizes import drawn_sizes, verdict_on_sizes
from helpers.data.experiment import Experiment
from helpers.data.find_experiment import find_experiment
from helpers.data.panel import orders_just_before
from helpers.data.share_study import Study, drawn_study, share_study
from helpers.data.shop import Shop
from helpers.report import (
    PALETTE,
    CannotAnswer,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.formats import in_percent, interval
from helpers.report.plain_names import plain_name
from helpers.report.release import shares_by
from helpers.uplift.launch import Launch, drawn_effect, launch_findings, launch_of
from methods.intervals.estimates import Interval, wilson
from methods.regression.covariates import covariate_matrix
from methods.trials.encouragement import ComplierEffect, complier_effect, complier_profile
from methods.trials.intention_to_treat import OfferEffect, intention_to_treat
from methods.trials.sample_ratio import ALARM, SampleRatio

WORDS = words_beside(__file__)
KIND = "prompt"
# Of customers with an order in the window: fewer drawn at it, and the test was not drawn at orders.
MOSTLY = 0.5
# Few and strong: each further covariate costs a small test more than it sharpens it.
SHARPENERS = (
    "orders_before", "orders_90d_before", "days_since_last_order", "tenure_days", "shares_before", "friends",
)  # fmt: skip
PROFILE = ("orders_before", "shares_before", "friends", "tenure_days", "gender", "age_band")


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """What the draw did through sharing: the effect on those it moved, and who these are."""

    moved: ComplierEffect
    profile: pd.DataFrame

    @property
    def effect(self) -> Interval:
        """The effect of sharing on the moved, with the interval that is right however few they are.

        No more than everybody among them can be brought back, or kept away: what lies beyond is cut off.
        """
        estimate, low, high = np.clip([self.moved.effect.estimate, self.moved.low, self.moved.high], -1, 1)
        return dataclasses.replace(
            self.moved.effect, estimate=float(estimate), low=float(low), high=float(high)
        )

    @property
    def why_not(self) -> str:
        """Why the effect cannot be told: the key of a text; empty where it can."""
        if not self.moved.is_bounded:
            return "unbounded"
        return "not by sharing" if self.moved.low > 1 or self.moved.high < -1 else ""


@dataclass(frozen=True, kw_only=True)
class DrawnArm:
    """One arm against the control.

    what: the arm in words. segment: its name where the test has several, else None. offer: its effect on
    everyone drawn to it; launch: what may be decided by it. sharing: None where the shares are missing or
    cannot carry it, for the reason `why`.
    """

    name: str
    what: str
    segment: str | None
    offer: OfferEffect
    launch: Launch
    sharing: Sharing | None
    why: str

    @property
    def comparisons(self) -> list[tuple[str, Interval]]:
        """The effects with the names that the picture gives them."""
        of = f" ({self.segment})" if self.segment else ""
        rows = [(WORDS.label("drawn buying again all", of=of), self.offer.effect)]
        if self.sharing is not None:
            rows.insert(0, (WORDS.label("drawn sharing", of=of), self.sharing.moved.first_stage))
            if not self.sharing.why_not:
                rows.append((WORDS.label("sharing buying again those", of=of), self.sharing.effect))
        return rows


@dataclass(frozen=True, kw_only=True)
class PromptTest:
    """The draw, the effect of each arm on everyone drawn to it, and that of sharing on those it moved."""

    study: Study
    ratio: SampleRatio
    arms: tuple[DrawnArm, ...]
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row a trait: everyone, those moved to share, low, high; without shares one row an arm."""
        told = [arm for arm in self.arms if arm.sharing is not None]
        return _moved_frame(told) if told else self._arms_frame()

    def _arms_frame(self) -> pd.DataFrame:
        groups = self.study.frame.groupby("arm")["repurchased"].agg(["size", "mean"]).reset_index()
        frame = groups.set_axis(["arm", "customers", "bought again"], axis=1)
        frame.attrs = {
            "caption": WORDS.text("caption arms"),
            "formats": {"bought again": ".1%"},
            "people": "customers",
            "shares": {"bought again": 1},
        }
        return frame

    def draw(self) -> Picture:
        """Draw the effects with their intervals."""
        rows = [row for arm in self.arms for row in arm.comparisons]
        tests = [one for one in self.findings if one.id == "A2.intention_to_treat"]
        title, alt = WORDS.picture(
            "effects",
            self.findings,
            arms=len(self.arms),
            what=self.arms[0].what,
            settled=sum(one.verdict in ("supported", "contradicted") for one in tests),
            effects=[f"{name} {interval(*in_percent(value), unit='pp')}" for name, value in rows],
        )
        figure, axes = canvas(title, height_inches=1.3 + 0.5 * len(rows))
        marks = [
            Mark(label=name, value=value, scale=100, colour=PALETTE[0 if "all" in name else 6])
            for name, value in rows
        ]
        forest(axes, marks, x="percentage points")
        return Picture(figure, alt)


def _moved_frame(arms: list[DrawnArm]) -> pd.DataFrame:
    parts = [arm.sharing.profile.assign(arm=arm.segment or "") for arm in arms if arm.sharing is not None]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.rename(columns={"covariate": "trait", "compliers": "moved by the prompt"})
    frame["trait"] = frame["trait"].map(plain_name)
    if not frame["arm"].any():
        frame = frame.drop(columns="arm")
    formats = dict.fromkeys(["everyone", "moved by the prompt", "low", "high"], ".2f")
    frame.attrs = {"people": None, "caption": WORDS.text("caption moved"), "formats": formats}
    return frame


@question(WORDS, needs=("orders.placed_at", "experiments"))
def prompt_test(
    shop: Shop,
    *,
    experiment: str = "",
    enrol_days: int = 56,
    landmark_hours: int = 48,
    outcome_days: int = 90,
    margin_pp: float = 2.0,
) -> PromptTest:
    """Compare customers drawn to see the prompt at their order with those drawn not to see it.

    Enrolled as in `share_gap`, and drawn between order and landmark (or at an unknown time). Where most were
    drawn at another order of theirs, that one enrols them. A test whose customers were mostly drawn at other
    moments than an order is followed from its draw instead, without a landmark; then nothing is said of
    sharing. experiment: name of the test; empty means the one declared as
    a prompt (see `find_experiment`), whose declared control, planned shares, outcome_days and margin hold.
    margin_pp: smallest gain worth having, and the loss that a guardrail must rule out (`trial_looks`). Every
    arm beside the control is compared with it. The effect of sharing needs shares; that of the draw does
    not. Raises CannotAnswer without such a test, where whole groups were drawn (`cashback_test` counts
    these), where what was recorded is to judge it, with too few in an arm, or where all or none bought again.
    """
    test = find_experiment(shop, kind=KIND, name=experiment)
    if test.outcome == "recorded":
        raise CannotAnswer(WORDS.text("recorded", experiment=repr(test.name)) + ".")
    arms = _arms(shop, test)
    windows = {"landmark_hours": landmark_hours, "outcome_days": test.outcome_days or outcome_days}
    study = _at_orders(shop, arms, enrol_days=enrol_days, **windows)
    if study is None:
        study = _at_their_orders(shop, arms, test, **windows)
    if study is None:
        study = _at_the_draw(shop, arms, test, outcome_days=windows["outcome_days"])
    frame = study.frame
    _demand_differences(study, test)
    drawn = frame["arm"].unique()
    ratio = drawn_sizes(shop, frame["arm"], frame["assigned_at"], planned=test.shares(sorted(drawn)))
    others = sorted(set(drawn) - {test.control})
    compared = tuple(
        _drawn_arm(shop, study, arm, test, several=len(others) > 1, margin_pp=margin_pp) for arm in others
    )
    findings = tuple(found for arm in compared for found in _findings(study, ratio, test, arm))
    return PromptTest(study=study, ratio=ratio, arms=compared, findings=findings)


def _arms(shop: Shop, test: Experiment) -> pd.DataFrame:
    """Customers of the test by arm and moment of their draw, which was each customer's own."""
    rows = shop["experiments"]
    rows = rows.filter(rows.experiment == test.name)
    arms = rows.select("customer_id", "arm", "assigned_at", "cluster").execute()
    if test.control not in set(arms["arm"]):
        facts = {"experiment": test.name, "control": test.control, "arms": sorted(set(arms["arm"]))}
        raise CannotAnswer(WORDS.text("no control", **facts) + ".")
    if arms["cluster"].dropna().duplicated().any():
        raise CannotAnswer(WORDS.text("by group", experiment=repr(test.name)) + ".")
    return arms.drop(columns="cluster")


def _at_orders(
    shop: Shop, arms: pd.DataFrame, *, enrol_days: int, landmark_hours: int, outcome_days: int
) -> Study | None:
    """Customers enrolled at an order and drawn at it; None where most were drawn at another moment.

    Anyone drawn before the order could have ordered because of the draw.
    """
    windows = {"landmark_hours": landmark_hours, "outcome_days": outcome_days}
    known = arms["assigned_at"].notna()
    try:
        study = share_study(shop, enrol_days=enrol_days, **windows)
    except CannotAnswer:
        if known.any():
            return None
        raise
    frame = study.frame.merge(arms, on="customer_id", how="inner", validate="one_to_one")
    drawn = frame["assigned_at"].isna() | (
        (frame["assigned_at"] >= frame["index_at"]) & (frame["assigned_at"] < frame["landmark_at"])
    )
    if (known.any() and drawn.sum() < MOSTLY * len(frame)) or frame.empty:
        return None
    return dataclasses.replace(study, frame=frame[drawn].reset_index(drop=True))


def _at_their_orders(
    shop: Shop, arms: pd.DataFrame, test: Experiment, *, landmark_hours: int, outcome_days: int
) -> Study | None:
    """Customers enrolled at the order that they were drawn at; None where most were drawn at none."""
    rows = shop["experiments"].filter((_.experiment == test.name) & _.assigned_at.notnull())
    windows = {"landmark_hours": landmark_hours, "outcome_days": outcome_days}
    index = orders_just_before(shop, rows.select("customer_id", "assigned_at"), hours=landmark_hours)
    followed = dt.timedelta(hours=landmark_hours, days=outcome_days)
    watched = (arms["assigned_at"] <= shop.end - followed).sum()
    try:
        study = drawn_study(shop, index, **windows)
    except CannotAnswer:
        return None
    if len(study.frame) < MOSTLY * watched:
        return None
    frame = study.frame.merge(arms, on="customer_id", how="inner", validate="one_to_one")
    return dataclasses.replace(study, frame=frame)


def _at_the_draw(shop: Shop, arms: pd.DataFrame, test: Experiment, *, outcome_days: int) -> Study:
    rows = shop["experiments"].filter((_.experiment == test.name) & _.assigned_at.notnull())
    study = drawn_study(shop, rows.select("customer_id", index_at="assigned_at"), outcome_days=outcome_days)
    frame = study.frame.merge(arms, on="customer_id", how="inner", validate="one_to_one")
    return dataclasses.replace(study, frame=frame)


def _demand_differences(study: Study, test: Experiment) -> None:
    frame = study.frame
    if test.control not in set(frame["arm"]) or frame["arm"].nunique() < 2:
        raise CannotAnswer(WORDS.text("one arm", rows=len(frame), experiment=repr(test.name)))
    if frame["repurchased"].nunique() < 2:
        everybody, days = bool(frame["repurchased"].iloc[0] == 1), study.outcome_days
        raise CannotAnswer(
            WORDS.text("all alike", everybody=everybody, rows=len(frame), outcome_days=days) + "."
        )


def _drawn_arm(
    shop: Shop, study: Study, arm: str, test: Experiment, *, several: bool, margin_pp: float
) -> DrawnArm:
    frame = study.frame[study.frame["arm"].isin([test.control, arm])].reset_index(drop=True)
    frame = frame.assign(prompted=(frame["arm"] == arm).astype(float))
    offer = intention_to_treat(frame, outcome="repurchased", treatment="prompted", covariates=SHARPENERS)
    launch = launch_of(
        shop,
        test,
        frame,
        measured=offer.effect,
        effect=functools.partial(drawn_effect, treated="prompted", covariates=SHARPENERS),
        plain=functools.partial(drawn_effect, treated="prompted"),
        treated="prompted",
        outcome_days=study.outcome_days,
        margin_pp=margin_pp,
        of_all=len(frame) / len(study.frame),
    )
    sharing, why = None, WORDS.text("no shares" if study.landmark_hours else "no order")
    if study.landmark_hours and not shop.missing("shares.posted_at"):
        try:
            sharing, why = _sharing(frame), ""
        except CannotAnswer as limit:
            why = str(limit)
    return DrawnArm(
        name=arm,
        what=WORDS.text("what", named=several or test.kind != KIND, arm=arm),
        segment=arm if several else None,
        offer=offer,
        launch=launch,
        sharing=sharing,
        why=why,
    )


def _sharing(frame: pd.DataFrame) -> Sharing:
    frame = frame[frame["shared"].notna()]
    columns: dict[str, Any] = {"treatment": "shared", "instrument": "prompted"}
    few = covariate_matrix(frame, SHARPENERS)
    return Sharing(
        moved=complier_effect(frame, outcome="repurchased", covariates=few, **columns),
        profile=complier_profile(frame, covariates=PROFILE, **columns),
    )


def _findings(study: Study, ratio: SampleRatio, test: Experiment, arm: DrawnArm) -> list[Finding]:
    asked = {"day": ratio.lost_day, "declared": bool(test.planned), "experiment": test.name}
    doubt = WORDS.text("doubt ratio", **asked) if ratio.alarm else ""
    about: dict[str, Any] = {"n": arm.offer.rows, "segment": arm.segment, "scale": 100, "what": arm.what}
    found = [_offer(study, arm, about, doubt), *_launch(arm, doubt)]
    if arm.sharing is None:
        skips = ("A2.complier_effect", "A2.first_stage")
        found += [WORDS.skip(id, f"{arm.why}.", segment=arm.segment) for id in skips]
    else:
        found += [_moved(arm, arm.sharing, about, doubt), _first_stage(study, arm.sharing, about)]
    return [*found, _ratio(ratio, test, arm, about, doubt)]


def _offer(study: Study, arm: DrawnArm, about: dict, doubt: str) -> Finding:
    return WORDS.finding(
        "A2.intention_to_treat",
        arm.offer.effect,
        method=WORDS.text("offer method"),
        assumptions=(WORDS.text("drawn", what=arm.what), WORDS.text("apart")),
        verdict=effect_verdict(arm.offer.effect, doubt=doubt),
        outcome_days=study.outcome_days,
        at_draw=not study.landmark_hours,
        treated_mean=arm.offer.treated_observed,
        untreated=100 * arm.offer.control_observed,
        control_mean=arm.offer.control_observed,
        levelled=arm.offer.effect != arm.offer.unadjusted,
        tells=shares_by(study.frame, "repurchased", "arm"),
        doubt=doubt,
        **about,
    )


def _launch(arm: DrawnArm, doubt: str) -> list[Finding]:
    about: dict[str, Any] = {"n": arm.offer.rows, "segment": arm.segment, "arm": arm.segment or ""}
    return launch_findings(WORDS, arm.launch, doubt=doubt, costs=False, **about)


def _moved(arm: DrawnArm, sharing: Sharing, about: dict, doubt: str) -> Finding:
    moved = sharing.moved
    if sharing.why_not:
        first, bought = (
            interval(*in_percent(value), unit="pp") for value in (moved.first_stage, moved.reduced_form)
        )
        reason = WORDS.text(sharing.why_not, what=arm.what, moved=first, bought=bought)
        return WORDS.skip("A2.complier_effect", f"{reason}.", segment=arm.segment)
    return WORDS.finding(
        "A2.complier_effect",
        sharing.effect,
        method=WORDS.text("moved method"),
        assumptions=(WORDS.text("only through", what=arm.what), WORDS.text("no defiers")),
        verdict=effect_verdict(sharing.effect, doubt=doubt or ("weak" if moved.is_weak else "")),
        weak=moved.is_weak,
        first_stage_f=moved.first_stage_f,
        doubt=doubt,
        **about,
    )


def _first_stage(study: Study, sharing: Sharing, about: dict) -> Finding:
    moved = sharing.moved
    return WORDS.finding(
        "A2.first_stage",
        moved.first_stage,
        method=WORDS.text("first stage method", first_stage_f=moved.first_stage_f),
        assumptions=(WORDS.text("drawn", what=about["what"]),),
        landmark_hours=study.landmark_hours,
        weak=moved.is_weak,
        first_stage_f=moved.first_stage_f,
        **about,
    )


def _ratio(ratio: SampleRatio, test: Experiment, arm: DrawnArm, about: dict, doubt: str) -> Finding:
    everyone, planned = float(ratio.counts.sum()), test.shares(list(ratio.counts.index))[arm.name]
    return WORDS.finding(
        "A2.sample_ratio",
        wilson(float(ratio.counts[arm.name]), everyone),
        method=WORDS.text("ratio method"),
        assumptions=(WORDS.text("ratio assumption", planned=planned, what=arm.what),),
        verdict=verdict_on_sizes(ratio, test),
        p_value=ratio.p_value,
        chance=ratio.p_value,
        alarm=ALARM,
        planned=planned,
        declared=bool(test.planned),
        absent=test.absent(ratio.counts.index),
        doubt=doubt,
        fails=ratio.alarm,
        **{**about, "n": int(everyone)},
    )
