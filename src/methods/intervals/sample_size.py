"""How large a comparison of two shares must be, and what one of a given size can find."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.stats import norm


def sample_per_arm(base: float, difference: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """Return how many customers each of two equal arms needs to find a difference of shares.

    base: share without the offer (0 to 1).
    difference: what the offer adds (0.01 is one point, may be below 0).
    power: chance of finding it. Two-sided test at 1 - level; not rounded.
    Raises ValueError for shares outside 0 to 1 or no difference. Source: Fleiss, Levin and Paik (2003),
    Statistical Methods for Rates and Proportions, without continuity correction.

    >>> round(sample_per_arm(0.10, 0.01), 2)
    14750.79
    """
    other = _other_share(base, difference)
    _check_open(power=power, level=level)
    middle = (base + other) / 2
    spread = norm.ppf((1 + level) / 2) * math.sqrt(2 * middle * (1 - middle))
    spread += norm.ppf(power) * math.sqrt(base * (1 - base) + other * (1 - other))
    return float((spread / difference) ** 2)


def power_of(base: float, difference: float, *, per_arm: float, level: float = 0.95) -> float:
    """Return the chance that two arms of `per_arm` customers find this difference of shares.

    Arguments as `sample_per_arm`.
    Raises ValueError where per_arm is not above 0.
    base, difference: shares. Source: as `sample_per_arm` (Fleiss, Levin and Paik 2003).

    >>> round(power_of(0.10, 0.01, per_arm=14_750.79), 3)
    0.8
    """
    other = _other_share(base, difference)
    _check_open(level=level)
    if not per_arm > 0:
        raise ValueError(f"per_arm is {per_arm!r}; it must be above 0")
    middle = (base + other) / 2
    needed = norm.ppf((1 + level) / 2) * math.sqrt(2 * middle * (1 - middle))
    reached = math.sqrt(per_arm) * abs(difference) - needed
    return float(norm.cdf(reached / math.sqrt(base * (1 - base) + other * (1 - other))))


def smallest_difference(base: float, *, per_arm: float, power: float = 0.8, level: float = 0.95) -> float:
    """Return the smallest rise of a share that two arms of this size find with this power.

    Arguments as `sample_per_arm`.
    Returns nan where even a rise to 1 would not be found.
    base: share. Source: as `sample_per_arm` (Fleiss, Levin and Paik 2003).

    >>> round(smallest_difference(0.10, per_arm=14_750.79), 4)
    0.01
    """
    _other_share(base, (1 - base) / 2)
    _check_open(power=power, level=level)
    most = (1 - base) * (1 - 1e-9)
    if power_of(base, most, per_arm=per_arm, level=level) < power:
        return float("nan")
    gap = lambda rise: power_of(base, rise, per_arm=per_arm, level=level) - power  # noqa: E731
    return float(brentq(gap, most * 1e-9, most, xtol=1e-12))


def _other_share(base: float, difference: float) -> float:
    other = base + difference
    if not (0 < base < 1 and 0 < other < 1):
        raise ValueError(f"shares {base:g} and {other:g} must lie between 0 and 1, not at them")
    if difference == 0:
        raise ValueError("difference is 0; no sample is large enough to find nothing")
    return other


def _check_open(**chances: float) -> None:
    for name, value in chances.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} is {value!r}; it must lie between 0 and 1, such as 0.8")
