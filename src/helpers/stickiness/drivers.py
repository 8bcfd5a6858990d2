"""B7: which of the four drivers goes with retention, and which of them is known to move it?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from helpers.data.shop import Shop
from helpers.report import INK, MUTED, PALETTE, Finding, Picture, canvas, question
from helpers.stickiness.driver_facts import PERIOD_DAYS, PERIODS
from helpers.stickiness.driver_study import Driver, DriverStudy, driver_study
from helpers.stickiness.words import finding_of, not_known, span
from methods.customers.discrete_hazard import Hazard, fit_hazard
from methods.intervals.estimates import Interval, wilson
from methods.intervals.multiplicity import benjamini_hochberg

_QUESTION = "Which of the four drivers moves retention: product and service, social, trust, personalisation?"
DAYS = PERIODS * PERIOD_DAYS
# Only effects on buying itself: what a programme does to returns or to answers is no cause of coming back.
CAUSAL = {
    "shared": {
        "A1.adjusted_uplift_sharers": "of sharing, on those who shared",
        "A2.complier_effect": "of sharing, on those whom a prompt moved",
    },
    "friends_shared": {"A8.spillover_week": "of friends' shares, in a week"},
}
_BY = (
    f"discrete-time hazard over {PERIODS} periods of {PERIOD_DAYS} days with covariates known before each; "
    f"standardised to the share who buy again within {DAYS} days; errors by customer"
)
_ASSUMPTIONS = (
    "An association: customers with and without the driver may differ in what no table shows.",
    "What was known at the order stands between no driver and the return.",
)


@dataclass(frozen=True, kw_only=True)
class Drivers:
    """What each driver goes with, in points of the customers who buy again.

    rows: one row a driver (name, group, driver, with_it in % of the customers, effect, low, high in points,
    p_adjusted, cause: what another chapter found of its cause). study, hazard: what it was worked out from.
    """

    findings: tuple[Finding, ...]
    rows: pd.DataFrame
    study: DriverStudy
    hazard: Hazard
    level: float

    def draw(self) -> Picture:
        """Each driver's association with its interval around zero, grouped."""
        clear = self.rows[self.rows["p_adjusted"] < 1 - self.level]
        names = " and ".join(clear["driver"].str.lower()) or "no driver"
        figure, panel = canvas(
            f"Beyond chance, {names} {'go' if len(clear) > 1 else 'goes'} with coming back",
            x=f"points of the customers who buy again within {DAYS} days (95 % interval)",
            height_inches=1.4 + 0.42 * len(self.rows),
        )
        for place, row in enumerate(self.rows.itertuples()):
            color = PALETTE[0] if row.p_adjusted < 1 - self.level else MUTED
            panel.plot([row.low, row.high], [place, place], color=color, lw=2)
            panel.plot(row.effect, place, "o", color=color)
        panel.axvline(0, color=INK, lw=0.8)
        labels = [f"{row.driver} ({row.group})" for row in self.rows.itertuples()]
        panel.set_yticks(range(len(self.rows)), labels)
        panel.invert_yaxis()
        said = "; ".join(f"{row.driver} {row.effect:+.1f}" for row in self.rows.itertuples())
        return Picture(figure, f"Intervals of each driver's association with retention, in points: {said}.")

    def table(self) -> pd.DataFrame:
        """One row a driver: association in points, interval, adjusted p, and what is known of its cause."""
        names = {
            "group": "group", "driver": "driver", "with_it": "% with it", "effect": "points", "low": "low",
            "high": "high", "p_adjusted": "p, adjusted", "cause": "cause, by another chapter",
        }  # fmt: skip
        frame = self.rows[[*names]].rename(columns=names)
        left = "; ".join(f"{name.lower()} {why}" for name, why in self.study.left_out.items())
        meanings = " ".join(f"{one.label}: {one.meaning}." for one in self.study.drivers)
        frame.attrs = {
            "caption": f"Association with buying again within {DAYS} days, points. {meanings}"
            + (f" Left out: {left}." if left else ""),
            "formats": dict.fromkeys(("points", "low", "high"), "+.1f")
            | {"% with it": ".1f", "p, adjusted": ".3f"},
        }
        return frame


@question("B7", _QUESTION, needs=("orders.placed_at",))
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
    Raises (as a skip) below 200 followed customers or where no driver is recorded.
    """
    study = driver_study(shop, enrol_days=enrol_days, personal_policy=personal_policy)
    hazard = fit_hazard(study.design, study.happened, penalty=study.penalty)
    effects = [
        hazard.effect(place, on=study.on[one.name], among=study.among[one.name], level=level)
        for place, one in enumerate(study.drivers)
    ]  # fmt: skip
    p_values = benjamini_hochberg([2 * norm.sf(abs(e.estimate) / e.standard_error) for e in effects])
    known = {finding.id: finding for finding in causes if finding.status == "answered"}
    rows = [
        _row(place, one, effect.scaled(100), p, study, known)
        for place, (one, effect, p) in enumerate(zip(study.drivers, effects, p_values, strict=True))
    ]
    found = [
        _finding(one, effect.scaled(100), p, known, level)
        for one, effect, p in zip(study.drivers, effects, p_values, strict=True)
    ]
    return Drivers(
        findings=(*found, *_absent(study), _base(study, level)),
        rows=pd.DataFrame(rows),
        study=study,
        hazard=hazard,
        level=level,
    )


def _row(
    place: int, one: Driver, effect: Interval, p: float, study: DriverStudy, known: dict[str, Finding]
) -> dict:
    reached = study.design[study.among[one.name], :, place]
    return {
        "name": one.name, "group": one.group, "driver": one.label, "with_it": 100 * reached.mean(),
        "effect": effect.estimate, "low": effect.low, "high": effect.high, "p_adjusted": p,
        "cause": _cause(one, known) or "not known: an association only",
    }  # fmt: skip


def _cause(one: Driver, known: dict[str, Finding]) -> str:
    found = [(words, known[id]) for id, words in CAUSAL.get(one.name, {}).items() if id in known]
    return "; ".join(
        f"effect {words}: {f.estimate:+.2f} ({f.low:+.2f} to {f.high:+.2f}) {f.unit}" for words, f in found
    )


def _finding(one: Driver, effect: Interval, p: float, known: dict[str, Finding], level: float) -> Finding:
    clear = p < 1 - level
    cause = _cause(one, known)
    return finding_of(
        effect,
        id=f"B7.{one.name}",
        question=_QUESTION,
        unit=f"pp of customers who buy again in {DAYS} days",
        method=_BY + "; Benjamini-Hochberg over the drivers",
        assumptions=_ASSUMPTIONS,
        verdict="reported" if clear else "not settled",
        reading=f"{one.label} ({one.meaning}) goes with {span(effect)} points of buying again"
        f"{'' if clear else ', which chance can explain'}; an association. "
        + (f"Chapter 03 says of the cause: {cause}." if cause else "Its cause is not known."),
    )


def _absent(study: DriverStudy) -> list[Finding]:
    reasons = "; ".join(f"{name.lower()} {why}" for name, why in study.left_out.items())
    return [not_known("B7.left_out", f"{reasons}.", question=_QUESTION)] if reasons else []


def _base(study: DriverStudy, level: float) -> Finding:
    again = study.repurchased
    share = wilson(int(np.sum(again)), len(again), level=level).scaled(100)
    return finding_of(
        share,
        id="B7.repurchase",
        question=_QUESTION,
        unit=f"% of customers who buy again in {DAYS} days",
        method="Wilson interval",
        reading=f"Of {len(again):,} customers who ordered between {study.start:%Y-%m-%d} and "
        f"{study.end:%Y-%m-%d}, {span(share)} % bought again in the {DAYS} days after the first 48 hours.",
    )
