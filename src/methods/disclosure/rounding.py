"""Estimates to two digits of their standard error: below is noise to readers, and a key to attackers."""

from __future__ import annotations

import math

from scipy.stats import norm

DIGITS = 2


def step_of(low: float, high: float, *, level: float) -> float:
    """Return the power of ten to which an estimate with this interval is told; 0 where there is no width.

    low, high: the interval, with `level` its nominal coverage (0 to 1). The standard error is its width over
    that of a normal interval, and two of its digits are told.

    >>> step_of(1.8, 4.4, level=0.95), step_of(-120.0, 130.0, level=0.95), step_of(3.0, 3.0, level=0.95)
    (0.01, 1.0, 0.0)
    """
    width = high - low
    if not 0 < level < 1:
        raise ValueError(f"level is {level:g}; it lies between 0 and 1")
    if not (width > 0 and math.isfinite(width)):
        return 0.0
    error = width / (2 * float(norm.ppf(0.5 + level / 2)))
    return 10.0 ** (math.floor(math.log10(error)) - DIGITS + 1)


def rounded_to_error(
    estimate: float, low: float, high: float, *, level: float, nil: float = 0.0
) -> tuple[float, float, float]:
    """Return estimate, low and high to two digits of the standard error; rounded twice they stay.

    level: nominal coverage of the interval (0 to 1). nil: a value that no end may be rounded to or beyond, so
    that what leaves out no effect still does. In weekly runs a mean to 16 digits beside n gives a
    newcomer's amount away, n₂m₂ − n₁m₁.

    >>> rounded_to_error(3.14159, 1.8123, 4.4789, level=0.95)
    (3.14, 1.81, 4.48)
    >>> rounded_to_error(5.0, 0.001, 9.999, level=0.95)
    (5.0, 0.1, 10.0)
    """
    numbers = (estimate, low, high)
    step = step_of(low, high, level=level)
    while step:
        told = tuple(_beside(_to_step(number, step), number, nil, step) for number in numbers)
        again = step_of(told[1], told[2], level=level)
        if again <= step:
            return told  # type: ignore[return-value]
        step = again
    return numbers


def _to_step(number: float, step: float) -> float:
    digits = -round(math.log10(step))
    return round(number, digits) + 0.0  # no minus before nil


def _beside(told: float, number: float, nil: float, step: float) -> float:
    """Keep a number on its own side of nil."""
    if number == nil or math.isnan(nil) or (told - nil) * (number - nil) > 0:
        return told
    side = math.copysign(1.0, number - nil)
    moved = _to_step(nil + side * step, step)
    return moved if (moved - nil) * side > 0 else _to_step(moved + side * step, step)
