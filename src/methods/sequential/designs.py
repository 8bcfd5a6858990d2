"""What it costs to look at a test while it runs: sample and power of each way to do so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from methods.result import Result
from methods.sequential.confidence_sequence import sequence_reach
from methods.sequential.spending import Limits, spending_limits

Design = Literal["fixed", "obrien_fleming", "pocock", "always_valid"]
DESIGNS: tuple[Design, ...] = ("fixed", "obrien_fleming", "pocock", "always_valid")


@dataclass(frozen=True, kw_only=True)
class DesignPrice(Result):
    """What one way to look costs against a test that is read once, at its end.

    sample: planned rows over those of that test, for the same power. mean_sample: rows used on average
    over those of that test, if the effect is as planned and the test stops at its first limit.
    power_without: the power if the sample is not raised. false_alarms: of tests without effect, 0 to 1.
    """

    design: Design
    looks: int
    sample: float
    mean_sample: float
    power_without: float
    false_alarms: float


def design_price(design: Design, *, looks: int, power: float = 0.8, level: float = 0.95) -> DesignPrice:
    """Return what a design costs in sample and power.

    design: "fixed" (read once, at the end), "obrien_fleming" or "pocock" (limits that spend the chance of a
        false alarm over the looks, see `spending_limits`), "always_valid" (the confidence sequence, which
        may be looked at as often as one likes and never needs an end; narrowest at the planned one).
    looks: equally spaced, the last at the planned end.
    power: chance to find the effect planned for.
    By integration over the looks (Jennison and Turnbull 2000, chapter 19).
    Raises ValueError for another design, below one look, or power outside 1 − level to 1.

    >>> price = design_price("obrien_fleming", looks=5)
    >>> round(price.sample, 3), round(price.mean_sample, 2)
    (1.025, 0.82)
    """
    if design not in DESIGNS or looks < 1 or not 0 < 1 - level < power < 1:
        raise ValueError(
            f"design {design!r} must be one of {DESIGNS}, looks {looks!r} 1 or more and power {power!r} lie "
            f"above {1 - level:.2g} and below 1"
        )
    limits = _limits(design, looks, level)
    once = float(norm.ppf((1 + level) / 2) + norm.ppf(power))
    drift = float(brentq(lambda size: limits.power(size) - power, 0.1, 6 * once, xtol=1e-6))
    sample = (drift / once) ** 2
    passing = limits.crossing(drift)
    stops = passing @ limits.fractions + (1 - passing.sum())
    return DesignPrice(
        design=design,
        looks=looks,
        sample=sample,
        mean_sample=float(stops * sample),
        power_without=limits.power(once),
        false_alarms=limits.false_alarms,
    )


def _limits(design: Design, looks: int, level: float) -> Limits:
    fractions = np.arange(1, looks + 1) / looks
    if design == "fixed":
        return Limits(fractions=np.ones(1), limits=np.array([norm.ppf((1 + level) / 2)]))
    if design == "always_valid":
        reach = sequence_reach(1.0, fractions, planned_n=1.0, level=level)
        return Limits(fractions=fractions, limits=reach)
    return spending_limits(fractions, shape=design, level=level)
