"""Whether requests were sent with the chances that a log records: over all, and by what was known before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.report.formats import percent
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval

FALSE_ALARM = 0.01  # chance that a log whose chances are right fails, over all groups together
ROUNDED = 0.005  # a chance noted with two digits may be as far off
LEAST_VARIANCE = 10.0  # requests' variance below which a group's share is no bell curve
_LEVELS = 4


@dataclass(frozen=True, kw_only=True)
class ChancesKept:
    """gap: requests sent less those the chances say, a moment, in the group that tells most; interval over
    all groups together. where: that group in words. sent, said: share sent there, and that the chances say.
    groups: how many were looked at. fails: whether the gap is beyond chance and rounding.
    """

    gap: Interval
    where: str
    sent: float
    said: float
    groups: int
    fails: bool


def chances_kept(rows: pd.DataFrame) -> ChancesKept | None:
    """Return how far requests sent lie from their recorded chances; None where too few moments tell.

    rows: of `read_prompts`, drawn by chance. Given all that came before, a request sent less its chance is 0
    on average if the chances are right, in every group known beforehand (Rosenbaum and Rubin 1983: balance
    given the propensity); its variance is chance x (1 - chance), so no model is needed.
    """
    apart = rows["asked"].to_numpy() - rows["chance"].to_numpy()
    variance = (rows["chance"] * (1 - rows["chance"])).to_numpy()
    groups = [(name, own) for name, own in _groups(rows) if variance[own].sum() >= LEAST_VARIANCE]
    if not groups:
        return None
    level = 1 - FALSE_ALARM / len(groups)
    gaps = []
    for _, own in groups:
        cases = int(own.sum())
        gaps.append(
            normal_interval(apart[own].mean(), variance[own].sum() ** 0.5 / cases, cases, level=level)
        )
    beyond = [max(gap.low - ROUNDED, -gap.high - ROUNDED) / gap.standard_error for gap in gaps]
    fails = max(beyond) > 0
    widest = [max(abs(gap.low), abs(gap.high)) for gap in gaps]
    told = int(np.argmax(beyond if fails else widest))
    where, own = groups[told]
    return ChancesKept(
        gap=gaps[told],
        where=where,
        sent=float(rows["asked"].to_numpy()[own].mean()),
        said=float(rows["chance"].to_numpy()[own].mean()),
        groups=len(groups),
        fails=fails,
    )


def _groups(rows: pd.DataFrame) -> list[tuple[str, np.ndarray]]:
    """Name and rows of each group, all known before the moment; one that holds every row stands once."""
    first = (rows["asked_at"] <= rows["asked_at"].median()).to_numpy()
    more = rows["surplus_before"].to_numpy()
    found = [
        ("in the first half of the log", first),
        ("in the second half of the log", ~first),
        ("after more requests than the chances said", more > 0),
        ("after fewer requests than the chances said", more < 0),
        *_by_chance(rows["chance"].to_numpy()),
        *_by_count(rows["before_28"].to_numpy(), "after {} requests in 28 days"),
        *_by_count(rows["shared_before"].to_numpy(), "after {} shares"),
    ]
    parts = [(name, own) for name, own in found if 0 < own.sum() < len(rows)]
    return [("over all", np.ones(len(rows), dtype=bool)), *parts]


def _by_chance(chance: np.ndarray) -> list[tuple[str, np.ndarray]]:
    levels = np.unique(chance)
    ends = levels if len(levels) <= _LEVELS else np.quantile(chance, np.arange(1, _LEVELS + 1) / _LEVELS)
    place = np.searchsorted(ends, chance)
    parts = [place == part for part in np.unique(place)]
    spans = [_span(chance[own], percent) for own in parts]
    names = [f"at chances of {span}" for span in spans]  # a segment: a key of findings
    return list(zip(names, parts, strict=True))


def _by_count(values: np.ndarray, name: str) -> list[tuple[str, np.ndarray]]:
    """Groups of none, of up to the median of the others, and of more."""
    some = values > 0
    if not some.any():
        return []
    few = some & (values <= np.median(values[some]))
    parts = [own for own in (~some, few, some & ~few) if own.any()]
    return [(name.format(_span(values[own], "{:.0f}".format)), own) for own in parts]


def _span(values: np.ndarray, told: Callable[[float], str]) -> str:
    low, high = told(values.min()), told(values.max())
    return low if low == high else f"{low} to {high}"  # a segment: a key of findings
