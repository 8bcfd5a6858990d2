"""That nothing happened: an effect shown to be smaller than a margin that was declared beforehand."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.stats import norm

from methods.intervals.estimates import Interval
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class Equivalence(Result):
    """What the data say on "the effect is smaller than the margin, whichever way".

    effect: with the interval that decides (90 % for a 5 % test). p_value: of an effect as large as the
    margin. is_equivalent: whether the whole interval lies within ±margin.
    """

    effect: Interval
    margin: float
    p_value: float
    is_equivalent: bool


def equivalence(effect: Interval, *, margin: float, alpha: float = 0.05) -> Equivalence:
    """Return whether an effect is equivalent to none: two one-sided tests (Schuirmann 1987).

    effect: with its interval; the standard error is read off it, so that one of few groups counts as such.
    margin: largest effect that does not matter, above 0, in the effect's unit, declared before the data
        were seen.
    alpha: chance of calling an effect of the margin's size none.
    Raises ValueError for a margin or an alpha outside 0 to 1, and where the interval has no width.
    Source: Schuirmann (1987), Journal of Pharmacokinetics and Biopharmaceutics 15.

    >>> effect = Interval(estimate=0.002, low=-0.0096, high=0.0136, n=9_000)
    >>> found = equivalence(effect, margin=0.02)
    >>> found.is_equivalent, round(found.p_value, 3), round(found.effect.high, 4)
    (True, 0.001, 0.0117)
    """
    error = error_of(effect)
    if not margin > 0 or not 0 < alpha < 0.5 or not error > 0:
        raise ValueError(
            f"margin {margin!r} must be above 0, alpha {alpha!r} between 0 and 0.5, and the interval of the "
            f"effect must have a width ({effect.low:g} to {effect.high:g})"
        )
    reach = float(norm.ppf(1 - alpha)) * error
    inner = Interval(
        estimate=effect.estimate,
        low=effect.estimate - reach,
        high=effect.estimate + reach,
        n=effect.n,
        level=1 - 2 * alpha,
        standard_error=error,
    )
    p_value = float(norm.sf((margin - abs(effect.estimate)) / error))
    return Equivalence(effect=inner, margin=margin, p_value=p_value, is_equivalent=p_value < alpha)


def error_of(effect: Interval) -> float:
    """Return the standard error that the interval's width stands for.

    >>> round(error_of(Interval(estimate=0.0, low=-1.96, high=1.96, n=9)), 3)
    1.0
    """
    return (effect.high - effect.low) / 2 / float(norm.ppf((1 + effect.level) / 2))


def equivalence_sample_per_arm(
    base: float, margin: float, *, power: float = 0.8, alpha: float = 0.05
) -> float:
    """Return how many customers each of two equal arms needs to show that a share does not change.

    base: the share (0 to 1), the same in both arms.
    margin: as of `equivalence`.
    power: chance of showing it. alpha: as of `equivalence`.
    Raises ValueError outside the ranges. Source: Chow, Shao and Wang (2008), Sample Size Calculations in
    Clinical Research, section 4.2.

    >>> round(equivalence_sample_per_arm(0.10, 0.01))
    15415
    """
    if not (0 < base < 1 and 0 < margin < 1 and 0 < power < 1 and 0 < alpha < 0.5):
        raise ValueError(
            f"base {base!r}, margin {margin!r} and power {power!r} must lie between 0 and 1, alpha {alpha!r} "
            "between 0 and 0.5"
        )
    spread = float(norm.ppf(1 - alpha) + norm.ppf((1 + power) / 2)) * math.sqrt(2 * base * (1 - base))
    return (spread / margin) ** 2
