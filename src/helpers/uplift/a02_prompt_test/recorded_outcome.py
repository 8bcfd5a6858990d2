"""A2 for any test: what each drawn arm did to the outcome that was recorded with it, orders or none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from helpers.data.drawn_sizes import drawn_sizes, verdict_on_sizes
from helpers.data.even_strata import demand_even_strata
from helpers.data.experiment import Experiment
from helpers.data.find_experiment import experiment_named
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
from helpers.report.formats import interval
from helpers.report.reasons import bare
from helpers.report.release import Entry, is_few, shares_by
from helpers.uplift.a02_prompt_test.lost_outcomes import LostOutcomes, lost_outcomes
from methods.intervals.estimates import Interval, share_difference, wilson
from methods.trials.intention_to_treat import intention_to_treat
from methods.trials.sample_ratio import ALARM, SampleRatio

WORDS = words_beside(__file__)
FEWEST_IN_ARM = 2
SIDES = ("having", "others")  # units with and without an outcome of yes; all of them where it is an amount


@dataclass(frozen=True, kw_only=True)
class RecordedArm:
    """One arm of one test against its control.

    effect: difference of the recorded outcome, as a share where `shares`. treated_mean, control_mean: means;
    told: on whom they rest.
    ratio: sizes of all arms of the test, as drawn, against the plan, in groups where whole ones were drawn.
    lost: units without an outcome.
    """

    test: Experiment
    arm: str
    shares: bool
    effect: Interval
    treated_mean: float
    control_mean: float
    told: tuple[Entry, ...]
    method: str
    ratio: SampleRatio
    by_group: bool
    lost: LostOutcomes

    @property
    def segment(self) -> str:
        """The test and the arm, as findings name them."""
        return f"{self.test.name}: {self.arm}"


@dataclass(frozen=True, kw_only=True)
class RecordedOutcome:
    """Every arm whose outcome was recorded, with its findings; an arm too small to compare has a skip."""

    arms: tuple[RecordedArm, ...]
    groups: pd.DataFrame
    findings: tuple[Finding, ...]

    def table(self) -> pd.DataFrame:
        """One row an arm: test, arm, units, mean recorded."""
        frame = self.groups.copy()
        frame.attrs = {
            "caption": WORDS.text("caption"),
            "formats": {"mean recorded": ",.4g", "units": ","},
            "people": "units",
            "unseen": SIDES,
            "within": "test",
        }
        return frame

    def draw(self) -> Picture:
        """Draw each effect with its interval, shares and other outcomes apart."""
        effects = [one for one in self.findings if one.id == "A2.recorded_effect"]
        settled = sum(one.verdict in ("supported", "contradicted") for one in effects)
        said = [f"{arm.segment} {_spoken(arm)}" for arm in self.arms]
        title, alt = WORDS.picture("effects", (), settled=settled, arms=len(self.arms), effects=said)
        kinds = sorted({arm.shares for arm in self.arms}, reverse=True)
        figure, axes = canvas(title, rows=len(kinds), height_inches=1.4 + 0.45 * len(self.arms))
        panels = [axes] if len(kinds) == 1 else list(axes[:, 0])
        for panel, shares in zip(panels, kinds, strict=True):
            marks = [
                Mark(label=arm.segment, value=arm.effect, scale=100 if shares else 1, colour=PALETTE[0])
                for arm in self.arms
                if arm.shares == shares
            ]
            forest(panel, marks, x="percentage points" if shares else "units of the outcome")
        return Picture(figure, alt)


@question(WORDS, needs=("experiments.outcome",))
def recorded_outcome(shop: Shop) -> RecordedOutcome:
    """Compare every arm with its test's control on the outcome recorded in `experiments.outcome`.

    Outcomes of 0 and 1 are compared as shares, others as means; where a cluster of the draw is known, groups
    are counted and not units. Units without an outcome are counted, and settle nothing where the arms lost
    different shares of theirs or too many. A test without a control, or whose outcome never varies, is a
    skip of its own beside those that answer. Control and planned shares are those declared of each test; one
    declared to be judged by what was bought is left to the questions that count purchases. Raises
    CannotAnswer where no test has an outcome in two arms, or none of them varies.
    """
    drawn = shop["experiments"].select("experiment", "arm", "cluster", "assigned_at", "outcome").execute()
    drawn["outcome"] = drawn["outcome"].astype(float)
    recorded = drawn[drawn["outcome"].notna()]
    parts = [(experiment_named(shop, str(name)), part) for name, part in recorded.groupby("experiment")]
    tests = [(test, part) for test, part in parts if _is_test(part, test)]
    if not tests:
        controls = sorted({test.control for test, _ in parts})
        raise CannotAnswer(
            WORDS.text("no outcome", controls=controls, arms=sorted(recorded["arm"].unique()), test="")
        )
    varied = [test for test, part in tests if part["outcome"].nunique() > 1]
    if not varied:
        raise CannotAnswer(WORDS.text("constant", lost=len(drawn) - len(recorded), test=""))
    answers = [one for test in varied for one in _arms(shop, drawn[drawn["experiment"] == test.name], test)]
    arms = tuple(one for one in answers if isinstance(one, RecordedArm))
    silent = (*_silent(parts, tests, drawn), *(one for one in answers if isinstance(one, Finding)))
    if not arms:
        raise CannotAnswer(" ".join(bare(one.reason) for one in silent))
    groups = pd.concat([part for test, part in tests if test in varied]).groupby(["experiment", "arm"])
    sizes = groups["outcome"].agg(["size", "mean"]).reset_index()
    is_share = sizes["experiment"].map(
        {str(name): part["outcome"].isin([0, 1]).all() for name, part in recorded.groupby("experiment")}
    )
    having = (sizes["size"] * sizes["mean"]).where(is_share, sizes["size"]).round()
    sizes = sizes.assign(having=having, others=(sizes["size"] - having).where(is_share, sizes["size"]))
    return RecordedOutcome(
        arms=arms,
        groups=sizes.set_axis(["test", "arm", "units", "mean recorded", *SIDES], axis=1),
        findings=(*(found for arm in arms for found in _findings(arm)), *silent),
    )


def _is_test(part: pd.DataFrame, test: Experiment) -> bool:
    sizes = part["arm"].value_counts()
    compared = test.control in sizes and (sizes >= FEWEST_IN_ARM).sum() > 1
    return compared and sizes[test.control] >= FEWEST_IN_ARM and test.outcome != "bought"


def _silent(
    parts: list[tuple[Experiment, pd.DataFrame]],
    tests: list[tuple[Experiment, pd.DataFrame]],
    drawn: pd.DataFrame,
) -> Iterator[Finding]:
    """A skip for each test with recorded outcomes that cannot be compared, with its reason."""
    compared = {test.name for test, _ in tests}
    for test, part in parts:
        if test.outcome == "bought":
            continue
        if test.name not in compared:
            arms = sorted(part["arm"].unique())
            reason = WORDS.text("no outcome", controls=[test.control], arms=arms, test=test.name)
        elif part["outcome"].nunique() < 2:
            lost = int((drawn["experiment"] == test.name).sum()) - len(part)
            reason = WORDS.text("constant", lost=lost, test=test.name)
        else:
            continue
        yield WORDS.skip("A2.recorded_effect", f"{reason}.", segment=test.name)


def _arms(shop: Shop, units: pd.DataFrame, test: Experiment) -> Iterator[RecordedArm | Finding]:
    """Each arm of a test against its control; a skip for one that is too small to compare."""
    experiment, control = test.name, test.control
    try:
        demand_even_strata(shop, test)
        plan = test.shares(sorted(units["arm"].unique()))
    except CannotAnswer as limit:
        yield WORDS.skip("A2.recorded_effect", f"{limit}.", segment=experiment)
        return
    drawn = units.drop_duplicates("cluster") if _by_group(units) else units
    ratio = drawn_sizes(shop, drawn["arm"], drawn["assigned_at"], planned=plan)
    shares = bool(units["outcome"].dropna().isin((0.0, 1.0)).all())
    for arm in sorted(set(units["arm"]) - {control}):
        pair = units[units["arm"].isin((control, arm))]
        pair = pair.assign(drawn=(pair["arm"] == arm).astype(float))
        known = pair[pair["outcome"].notna()]
        means = known.groupby("arm")["outcome"].mean()
        try:
            effect, method = _effect(known, shares=shares)
        except CannotAnswer as limit:
            yield WORDS.skip("A2.recorded_effect", f"{limit}.", segment=f"{experiment}: {arm}")
            continue
        yield RecordedArm(
            test=test,
            arm=str(arm),
            shares=shares,
            effect=effect,
            treated_mean=float(means[arm]),
            control_mean=float(means[control]),
            told=shares_by(known, "outcome", "arm"),
            method=method,
            ratio=ratio,
            by_group=len(drawn) < len(units),
            lost=lost_outcomes(pair),
        )


def _by_group(part: pd.DataFrame) -> bool:
    """Whether every unit's group is known and lies in one arm, so that groups were drawn."""
    return bool(part["cluster"].notna().all() and (part.groupby("cluster")["arm"].nunique() == 1).all())


def _effect(pair: pd.DataFrame, *, shares: bool) -> tuple[Interval, str]:
    """Whole groups where they were drawn; Newcombe's interval for shares, which holds with few events too."""
    if pair["drawn"].nunique() < 2:
        raise CannotAnswer(WORDS.text("no outcome of arm"))
    if pair["cluster"].notna().all():
        found = intention_to_treat(pair, outcome="outcome", treatment="drawn", cluster="cluster")
        return found.effect, WORDS.text("method clusters")
    if shares:
        counts = pair.groupby("drawn")["outcome"].agg(["sum", "size"])
        (control, of_control), (treated, of_treated) = counts.loc[0.0], counts.loc[1.0]
        return share_difference(treated, of_treated, control, of_control), WORDS.text("method shares")
    return intention_to_treat(pair, outcome="outcome", treatment="drawn").effect, WORDS.text("method means")


def _doubt(arm: RecordedArm) -> str:
    """Why no verdict can rest on the arm, the gravest reason alone."""
    if arm.lost.unequal or arm.lost.too_many or arm.lost.could_make(arm.effect):
        why = "unequal" if arm.lost.unequal else "" if arm.lost.too_many else "nearly"
        return WORDS.text("doubt lost", why=why, of_arm=arm.lost.of_arm, of_control=arm.lost.of_control)
    return _doubt_of_draw(arm)


def _doubt_of_draw(arm: RecordedArm) -> str:
    asked = {"day": arm.ratio.lost_day, "declared": bool(arm.test.planned)}
    return WORDS.text("doubt ratio", **asked) if arm.ratio.alarm else ""


def _findings(arm: RecordedArm) -> Iterator[Finding]:
    doubt = _doubt(arm)
    about: dict[str, Any] = {"segment": arm.segment, "experiment": arm.test.name, "arm": arm.arm}
    yield WORDS.finding(
        "A2.recorded_effect",
        arm.effect,
        scale=100 if arm.shares else 1,
        unit="" if arm.shares else "units of the outcome",
        method=arm.method,
        assumptions=(WORDS.text("drawn"), WORDS.text("apart")),
        verdict=effect_verdict(arm.effect, doubt=doubt),
        shares=arm.shares,
        treated_mean=arm.treated_mean,
        control_mean=arm.control_mean,
        tells=arm.told,
        doubt=doubt,
        lost=arm.lost.lost,
        few_lost=bool(is_few(arm.lost.lost)),
        units=arm.lost.units,
        **about,
    )
    arms, everyone = list(arm.ratio.counts.index), float(arm.ratio.counts.sum())
    yield WORDS.finding(
        "A2.recorded_ratio",
        wilson(float(arm.ratio.counts[arm.arm]), everyone),
        scale=100,
        method=WORDS.text("ratio method"),
        verdict=verdict_on_sizes(arm.ratio, arm.test),
        planned=arm.test.shares(arms)[arm.arm],
        declared=bool(arm.test.planned),
        absent=arm.test.absent(arms),
        chance=arm.ratio.p_value,
        alarm=ALARM,
        counted="group" if arm.by_group else "unit",
        doubt=_doubt_of_draw(arm),
        fails=arm.ratio.alarm,
        **about,
    )


def _spoken(arm: RecordedArm) -> str:
    value = arm.effect.scaled(100) if arm.shares else arm.effect
    return interval(value.estimate, value.low, value.high, unit="pp" if arm.shares else "")
