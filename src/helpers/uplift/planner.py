"""How large a test must be: two shares, whole groups, and offers that only some take up."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import f as f_distribution
from scipy.stats import norm


def sample_per_arm(base: float, difference: float, *, power: float = 0.8, level: float = 0.95) -> float:
    """Return how many customers each of two equal arms needs to find a difference of shares.

    base: share without the offer (0 to 1). difference: what the offer adds (0.01 is one point, may be
    below 0). power: chance of finding it. Two-sided test at 1 - level; not rounded.
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

    Arguments as `sample_per_arm`. Raises ValueError where per_arm is not above 0.
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

    Arguments as `sample_per_arm`. Returns nan where even a rise to 1 would not be found.
    """
    _other_share(base, (1 - base) / 2)
    _check_open(power=power, level=level)
    most = (1 - base) * (1 - 1e-9)
    if power_of(base, most, per_arm=per_arm, level=level) < power:
        return float("nan")
    gap = lambda rise: power_of(base, rise, per_arm=per_arm, level=level) - power  # noqa: E731
    return float(brentq(gap, most * 1e-9, most, xtol=1e-12))


def design_effect(mean_size: float, icc: float, *, size_variation: float = 0.0) -> float:
    """Return by how much a test that draws whole groups must be larger than one that draws customers.

    mean_size: customers a group. icc: intraclass correlation, how alike the members of a group are (0 to 1;
    below 0 counts as 0). size_variation: standard deviation of the sizes over their mean.
    Source: Eldridge, Ashby and Kerry (2006), International Journal of Epidemiology 35.

    >>> design_effect(11, 0.05)
    1.5
    """
    if mean_size < 1 or icc > 1 or size_variation < 0:
        raise ValueError(
            f"mean_size {mean_size} must be 1 or more, icc {icc} at most 1, size_variation {size_variation} "
            "0 or more"
        )
    return float(1 + ((1 + size_variation**2) * mean_size - 1) * max(icc, 0.0))


def encouragement_inflation(first_stage: float) -> float:
    """Return by how much an offer test must be larger when it moves only this share of customers.

    first_stage: share of customers who take it up because of the offer (0 to 1). The effect on all shrinks
    by it, so the sample grows by its inverse square. Raises ValueError outside 0 (exclusive) to 1.

    >>> encouragement_inflation(0.2)
    25.0
    """
    if not 0 < first_stage <= 1:
        raise ValueError(f"first_stage is {first_stage!r}; it must lie above 0 and at most at 1")
    return round(1 / first_stage**2, 12)


def weeks_to_enrol(customers: float, arrivals: np.ndarray) -> float:
    """Return how many weeks pass until this many customers have entered.

    arrivals: new customers of each week so far, oldest first. Later weeks bring the mean of the last half
    of them, for customers who come often have entered by then. Returns inf when nobody comes any more.
    """
    arrivals = np.asarray(arrivals, dtype=float)
    if len(arrivals) == 0 or (arrivals < 0).any():
        raise ValueError("arrivals must hold the new customers of at least one week, none below 0")
    total = np.concatenate([[0.0], np.cumsum(arrivals)])
    if customers <= total[-1]:
        return float(np.interp(customers, total, np.arange(len(total))))
    pace = float(arrivals[len(arrivals) // 2 :].mean())
    return float("inf") if pace == 0 else len(arrivals) + (customers - total[-1]) / pace


@dataclass(frozen=True, kw_only=True)
class GroupLikeness:
    """How alike the members of a group are (intraclass correlation, with interval), and the groups' sizes."""

    icc: float
    low: float
    high: float
    groups: int
    mean_size: float
    size_variation: float


def group_likeness(frame: pd.DataFrame, *, outcome: str, cluster: str, level: float = 0.95) -> GroupLikeness:
    """Return the intraclass correlation of an outcome by analysis of variance.

    outcome: numeric or 0/1 column; cluster: column of groups. Rows where either is missing are left out.
    Raises ValueError below 3 groups, without a group of two, or without variation.
    Source: Donner (1986), International Statistical Review 54; interval by the F distribution with the
    groups' effective size.
    """
    rows = frame[[outcome, cluster]].dropna()
    groups = rows.groupby(cluster, sort=False)[outcome].agg(["mean", "size"])
    size, number, total = groups["size"].to_numpy(float), len(groups), len(rows)
    if number < 3 or total == number:
        raise ValueError(
            f"column {cluster!r} has {number} groups of {total} rows; likeness needs larger groups"
        )
    values, mean = rows[outcome].to_numpy(float), float(rows[outcome].mean())
    between = float((size * (groups["mean"].to_numpy(float) - mean) ** 2).sum())
    within = float(((values - mean) ** 2).sum()) - between
    if within <= 1e-12:
        raise ValueError(f"column {outcome!r} does not vary within the groups of {cluster!r}")
    effective = (total - (size**2).sum() / total) / (number - 1)
    ratio = (between / (number - 1)) / (within / (total - number))
    bounds = f_distribution.ppf([(1 + level) / 2, (1 - level) / 2], number - 1, total - number)
    icc, low, high = ((value - 1) / (value - 1 + effective) for value in (ratio, *(ratio / bounds)))
    return GroupLikeness(
        icc=float(icc),
        low=float(low),
        high=float(high),
        groups=number,
        mean_size=float(size.mean()),
        size_variation=float(size.std() / size.mean()),
    )


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
