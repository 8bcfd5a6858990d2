"""What each group of customers chooses, with intervals that hold together and one test of difference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval, ratio_of_sums, share_within_bounds
from methods.result import Result

FEWEST_POSTERS = 30  # with fewer clusters the intervals promise too much
_LEVEL = 0.95


@dataclass(frozen=True, kw_only=True)
class Choices(Result):
    """Shares of each choice by group.

    shares: one row a group and choice with band, format, customers, posts, percent, low, high (in %, all
    intervals together at 95 %). difference: how many times as much the groups differ (chi-squared) as when
    they are dealt anew, with the range of 95 % of the draws; None where the choices do not vary. p_value:
    chance of such differences if the group had nothing to do with the choice; never below 1 / (1 + shuffles),
    `floor`.
    """

    shares: pd.DataFrame
    difference: Interval | None
    p_value: float
    floor: float


def preference_by_group(
    frame: pd.DataFrame, *, customer: str, group: str, choice: str, count: str, shuffles: int, seed: int
) -> Choices:
    """Return the shares of each choice by group, with intervals that hold together and a test of difference.

    frame: one row a `customer` and `choice`, with the customer's `group` and the `count`. Groups with
        fewer than 30 customers are left out. The statistic of the test is Pearson's chi-squared; its
        distribution comes from dealing the groups anew among customers, whose counts stay together.
    Raises CannotAnswer where fewer than two groups are large enough.

    >>> rng = np.random.default_rng(1)
    >>> posts = pd.DataFrame({"who": range(80), "age": ["18-24"] * 40 + ["25-34"] * 40, "posts": 2})
    >>> posts["form"] = np.where(rng.random(80) < 0.5, "live", "voice")
    >>> found = preference_by_group(posts, customer="who", group="age", choice="form", count="posts",
    ...                             shuffles=99, seed=1)
    >>> found.shares["band"].unique().tolist(), found.p_value > 0.05
    (['18-24', '25-34'], True)
    """
    wide = frame.pivot_table(
        index=[customer, group], columns=choice, values=count, aggfunc="sum", fill_value=0
    )
    groups = wide.index.get_level_values(group)
    sizes = groups.value_counts()
    wide = wide[groups.isin(sizes.index[sizes >= FEWEST_POSTERS])]
    names, code = np.unique(wide.index.get_level_values(group).to_numpy(dtype=str), return_inverse=True)
    if len(names) < 2:
        raise CannotAnswer(
            f"{len(names)} age bands have {FEWEST_POSTERS} customers who posted; it takes two."
        )
    names, code = _in_order(names, code)
    counts = wide.to_numpy(dtype=float)
    level = 1 - (1 - _LEVEL) / (len(names) * counts.shape[1])
    rows = []
    for number, name in enumerate(names):
        mine = counts[code == number]
        for place, form in enumerate(wide.columns):
            share = share_within_bounds(ratio_of_sums(mine[:, place], mine.sum(axis=1), level=level)).scaled(
                100
            )
            rows.append((name, form, len(mine), int(mine.sum()), share.estimate, share.low, share.high))
    columns = ["band", "format", "customers", "posts", "percent", "low", "high"]
    rng = np.random.default_rng(seed)
    seen = _chi_squared(counts, code)
    drawn = np.array([_chi_squared(counts, rng.permutation(code)) for _ in range(shuffles)])
    return Choices(
        shares=pd.DataFrame(rows, columns=columns),
        difference=_beside_chance(seen, drawn, customers=len(counts)),
        p_value=float((1 + np.sum(drawn >= seen)) / (1 + shuffles)),
        floor=1 / (1 + shuffles),
    )


def _beside_chance(seen: float, drawn: np.ndarray, *, customers: int) -> Interval | None:
    """The statistic over the mean of its draws; the draws' range over them is that of the ratio."""
    low, high = np.quantile(drawn, [0.025, 0.975])
    if low <= 0:
        return None
    middle = float(seen / drawn.mean())
    return Interval(estimate=middle, low=float(seen / high), high=float(seen / low), n=customers)


def _in_order(names: np.ndarray, code: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Put "under 18" before "18-24": bands in the order of the numbers they name."""
    keys = [
        (float("".join(c for c in n[:8] if c.isdigit())[:2] or 999), not n.startswith("under"), n)
        for n in names
    ]
    order = sorted(range(len(names)), key=keys.__getitem__)
    rank = np.empty(len(names), dtype=int)
    rank[order] = np.arange(len(names))
    return names[order], rank[code]


def _chi_squared(counts: np.ndarray, code: np.ndarray) -> float:
    table = np.column_stack([np.bincount(code, weights=column) for column in counts.T])
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / table.sum()
    return float(((table - expected) ** 2 / np.maximum(expected, 1e-12)).sum())
