"""How much larger a test must be when whole groups are drawn, or when only some take the offer up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import f as f_distribution

from methods.counts import count
from methods.result import Result


def design_effect(mean_size: float, icc: float, *, size_variation: float = 0.0) -> float:
    """Return by how much a test that draws whole groups must be larger than one that draws customers.

    mean_size: customers a group.
    icc: intraclass correlation, how alike the members of a group are (0 to 1; below 0 counts as 0).
    size_variation: standard deviation of the sizes over their mean. Source: Eldridge, Ashby and Kerry
        (2006), International Journal of Epidemiology 35.
    Raises ValueError for a mean_size below 1, an icc above 1 or a size_variation below 0.

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

    first_stage: share of customers who take it up because of the offer (0 to 1). The effect on all
        shrinks by it, so the sample grows by its inverse square.
    Raises ValueError outside 0 (exclusive) to 1.

    >>> encouragement_inflation(0.2)
    25.0
    """
    if not 0 < first_stage <= 1:
        raise ValueError(f"first_stage is {first_stage!r}; it must lie above 0 and at most at 1")
    return round(1 / first_stage**2, 12)


def weeks_to_enrol(customers: float, arrivals: np.ndarray) -> float:
    """Return how many weeks pass until this many customers have entered.

    arrivals: new customers of each week so far, oldest first. Later weeks bring the mean of the last half
        of them, for customers who come often have entered by then.
    Returns inf when nobody comes any more.
    customers: how many are to enter.
    Raises ValueError without a week or with a number below 0.

    >>> round(float(weeks_to_enrol(300, np.array([100.0, 60.0, 50.0, 50.0]))), 1)
    4.8
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
class GroupLikeness(Result):
    """How alike the members of a group are (intraclass correlation, with interval), and the groups' sizes."""

    icc: float
    low: float
    high: float
    groups: int
    mean_size: float
    size_variation: float


def group_likeness(frame: pd.DataFrame, *, outcome: str, cluster: str, level: float = 0.95) -> GroupLikeness:
    """Return the intraclass correlation of an outcome by analysis of variance.

    outcome: numeric or 0/1 column;
    cluster: column of groups. Rows where either is missing are left out.
    Raises ValueError below 3 groups, without a group of two, or without variation. Source: Donner (1986),
    International Statistical Review 54; interval by the F distribution with the groups' effective size.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"circle": np.repeat(np.arange(100), 10)})
    >>> rows["orders"] = rng.normal(size=100)[rows["circle"]] + rng.normal(0, 3, 1_000)
    >>> found = group_likeness(rows, outcome="orders", cluster="circle")
    >>> found.low < 0.1 < found.high
    True
    """
    rows = frame[[outcome, cluster]].dropna()
    groups = rows.groupby(cluster, sort=False)[outcome].agg(["mean", "size"])
    size, number, total = groups["size"].to_numpy(float), len(groups), len(rows)
    if number < 3 or total == number:
        raise ValueError(
            f"column {cluster!r} has {count(number, 'group')} of {count(total, 'row')}; "
            "likeness needs larger groups"
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
