"""A dose that nobody drew: what goes with it in the same units' other periods, and what came before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class LeadPlacebo(Result):
    """effect: of the dose of a period; lead: of that of the next period, which can have done nothing yet.

    Both change of the outcome a unit of dose, given units, periods and each other. units: whose dose varies.
    """

    units: int
    periods: int
    effect: Interval
    lead: Interval


def lead_placebo(outcome: np.ndarray, dose: np.ndarray, *, level: float = 0.95) -> LeadPlacebo:
    """Return what goes with a dose within units, beside what goes with the dose yet to come.

    outcome, dose: (units, periods), a whole panel. The last period only serves as lead. Means of units and
    periods are taken out, so that steady habits and common seasons cannot pass for an effect; what moves both
    dose and outcome of a unit can, and then the lead shows it (Angrist and Pischke 2009, ch. 5.2). Intervals
    by unit. Raises CannotAnswer with fewer than 25 units or 4 periods, or where the dose does not vary.

    >>> rng = np.random.default_rng(1)
    >>> dose = rng.binomial(1, 0.4, (300, 12))
    >>> found = lead_placebo(0.3 * dose + rng.normal(size=(300, 12)), dose)
    >>> found.effect.low < 0.3 < found.effect.high, found.lead.low < 0 < found.lead.high
    (True, True)
    """
    units, periods = outcome.shape
    if units < 25 or periods < 4:
        raise CannotAnswer(
            f"a panel of {units} by {periods} cannot tell an effect from a habit; at least 25 by 4 are needed"
        )
    y = _within(outcome[:, :-1])
    both = np.stack([_within(dose[:, :-1]), _within(dose[:, 1:])])
    gram = np.einsum("iut,jut->ij", both, both)
    if np.linalg.cond(gram) > 1e10:
        raise CannotAnswer("the dose does not vary within units and periods, so there is nothing to compare")
    inverse = np.linalg.inv(gram)
    found = inverse @ np.einsum("iut,ut->i", both, y)
    scores = np.einsum("iut,ut->ui", both, y - np.einsum("i,iut->ut", found, both))
    covariance = inverse @ (scores.T @ scores) @ inverse * units / (units - 1)
    effect, lead = (
        normal_interval(found[place], np.sqrt(covariance[place, place]), units, level=level)
        for place in range(2)
    )
    return LeadPlacebo(units=units, periods=periods, effect=effect, lead=lead)


def _within(values: np.ndarray) -> np.ndarray:
    """Values less the means of their unit and period."""
    values = values.astype(float)
    return values - values.mean(axis=1, keepdims=True) - values.mean(axis=0) + values.mean()
