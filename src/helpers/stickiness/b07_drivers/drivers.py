"""B7: which of the four drivers goes with retention, and which of them is known to move it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.data.driver_facts import PERIOD_DAYS, PERIODS
from helpers.data.driver_study import DRIVERS, OUTCOME_DAYS, Driver, DriverStudy, driver_study
from helpers.data.shop import Shop
from helpers.report import (
    MUTED,
    PALETTE,
    Finding,
    Mark,
    Picture,
    canvas,
    effect_verdict,
    forest,
    question,
    words_beside,
)
from helpers.report.finding_view import FindingView
from helpers.report.formats import interval
from helpers.report.release import Entry, share_of
from helpers.report.verdicts import p_of_nil
from methods.customers.discrete_hazard import Hazard, fit_hazard
from methods.intervals.estimates import Interval, wilson

# Of other chapters, only effects on buying itself: what a programme does to returns or to answers is no
# cause of coming back.
CAUSAL = {
    "B7.shared": ("A1.adjusted_uplift_sharers", "A2.complier_effect"),
    "B7.friends_shared": ("A8.spillover_week",),
}
WORDS = words_beside(__file__)


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """What each driver goes with, in points of the customers who buy again.

    effects: id of a driver to its association, in points. causes: id of a driver to what another chapter
    found of its cause. study, hazard: what they were worked out from.
    """

    findings: tuple[Finding, ...]
    effects: dict[str, Interval]
    causes: dict[str, tuple[FindingView, ...]]
    study: DriverStudy
    hazard: Hazard
    level: float

    def draw(self) -> Picture:
        """Each driver's association with its interval around zero; those not settled are grey."""
        settled = {finding.id for finding in self.findings if FindingView(finding).settled}
        labels = {one.id: one.label for one in self.study.drivers}
        title, alt = WORDS.picture(
            "drivers",
            self.findings,
            clear=[label for id, label in labels.items() if id in settled],
            rows=[(label, self.effects[id].estimate) for id, label in labels.items()],
        )
        marks = [
            Mark(
                label=f"{one.label} ({one.group})",
                value=self.effects[one.id],
                colour=PALETTE[0] if one.id in settled else MUTED,
            )
            for one in self.study.drivers
        ]
        figure, panel = canvas(title, height_inches=1.4 + 0.42 * len(marks))
        forest(panel, marks, x=WORDS.label("points of the customers", outcome_days=OUTCOME_DAYS))
        return Picture(figure, alt)

    def table(self) -> pd.DataFrame:
        """One row a driver: association in points, interval, p, verdict, and what is known of its cause."""
        found = {finding.id: finding for finding in self.findings}
        frame = pd.DataFrame([self._row(one, found[one.id]) for one in self.study.drivers])
        frame.attrs = {
            "caption": WORDS.text("caption", days=OUTCOME_DAYS, left_out=[*self.study.left_out.values()]),
            "formats": {"% with it": ".1f", "p": "p"},
            "people": "customers",
            "unseen": ("with", "without"),
        }
        return frame

    def _row(self, one: Driver, finding: Finding) -> dict[str, object]:
        place = self.study.drivers.index(one)
        effect, known = self.effects[one.id], self.causes[one.id]
        return {
            "group": one.group,
            "driver": one.label,
            "customers": int(self.study.among[one.name].sum()),
            "% with it": 100 * self.study.design[self.study.among[one.name], :, place].mean(),
            "points": interval(effect.estimate, effect.low, effect.high),
            "p": finding.p_value if finding.adjusted_p is None else finding.adjusted_p,
            "verdict": finding.verdict,
            "cause, by chapter 03": WORDS.text("known", known=known) if known else WORDS.text("unknown"),
            **dict(zip(("with", "without"), _share(self.study, one).sides or (0, 0), strict=True)),
        }


@question(WORDS, needs=("orders.placed_at",), one_of=tuple(one.needs for one in DRIVERS))
def drivers(
    shop: Shop,
    *,
    causes: Iterable[Finding] = (),
    enrol_days: int = 56,
    personal_policy: str = "personal",
    level: float = 0.95,
) -> Drivers:
    """Return how each recorded driver goes with buying again in the 90 days after an order's 48 hours.

    causes: findings of other chapters; those that bear on a driver's cause are set beside its association.
    enrol_days: length of the window in which a customer's first order enrols, ending 92 days before the end.
    personal_policy: the policy of the impressions that counts as personal.
    Raises CannotAnswer below 200 followed customers, where nobody or everybody came back, or where no driver
    is recorded.
    """
    study = driver_study(shop, enrol_days=enrol_days, personal_policy=personal_policy)
    hazard = fit_hazard(study.design, study.happened, penalty=study.penalty)
    effects = {
        one.id: hazard.effect(place, on=study.on[one.name], among=study.among[one.name], level=level)
        for place, one in enumerate(study.drivers)
    }
    told = _told(study, causes)
    return Drivers(
        findings=(
            _base(study, level),
            *(_finding(one, effects[one.id], told[one.id], study) for one in study.drivers),
            *(WORDS.skip(id, f"{reason}.") for id, reason in study.left_out.items()),
        ),
        effects={id: effect.scaled(100) for id, effect in effects.items()},
        causes=told,
        study=study,
        hazard=hazard,
        level=level,
    )


def _told(study: DriverStudy, causes: Iterable[Finding]) -> dict[str, tuple[FindingView, ...]]:
    """What other chapters found of each driver's cause; one id may be answered of several arms."""
    known = [FindingView(finding) for finding in causes if finding.status == "answered"]
    return {
        one.id: tuple(view for id in CAUSAL.get(one.id, ()) for view in known if view.finding.id == id)
        for one in study.drivers
    }


def _share(study: DriverStudy, one: Driver) -> Entry:
    """Whom a driver ever reached, of those it can reach."""
    met = study.design[study.among[one.name], :, study.drivers.index(one)] > 0
    return share_of(one.label, float(met.any(axis=1).mean()), len(met))


def _finding(one: Driver, effect: Interval, known: tuple[FindingView, ...], study: DriverStudy) -> Finding:
    return WORDS.finding(
        one.id,
        effect,
        scale=100,
        method=WORDS.text("method", periods=PERIODS, period_days=PERIOD_DAYS, days=OUTCOME_DAYS),
        assumptions=(WORDS.text("association"), WORDS.text("between")),
        verdict=effect_verdict(effect),
        p_value=p_of_nil(effect),
        known=known,
        tells=(_share(study, one),),
        days=OUTCOME_DAYS,
    )


def _base(study: DriverStudy, level: float) -> Finding:
    again = study.repurchased
    return WORDS.finding(
        "B7.repurchase",
        wilson(int(np.sum(again)), len(again), level=level),
        scale=100,
        method="Wilson interval",
        start=f"{study.start:%Y-%m-%d}",
        end=f"{study.end:%Y-%m-%d}",
        days=OUTCOME_DAYS,
    )
