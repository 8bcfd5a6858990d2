"""The segment picked after looking at all of them, and how much of its effect was luck."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.counts import percent
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval
from methods.intervals.multiplicity import holm
from methods.regression.arms import outcome_and_treatment
from methods.result import Result

FEW_LEVELS = 6
THIRDS = (1 / 3, 2 / 3)


@dataclass(frozen=True, kw_only=True)
class WinnersCurse(Result):
    """The best of many segments: as it looks where it was picked, and where it was not.

    segments: every candidate over all rows: segment (text), rows, effect, low, high, p, p_holm (adjusted for
    having looked at all). name: picked in one random half; looked: its effect there; held_out: in the other.
    looked_average, held_out_average: the same pair over all the halvings; their difference is the winner's
    curse. picked_anew: how many different segments won. halvings: how many. members: mask of the rows
    (rows,) behind `held_out`.
    """

    segments: pd.DataFrame
    name: str
    looked: Interval
    held_out: Interval
    looked_average: float
    held_out_average: float
    picked_anew: int
    halvings: int
    members: np.ndarray


def winners_curse(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    traits: Sequence[str],
    smallest_share: float = 0.05,
    halvings: int = 100,
    seed: int = 1,
    level: float = 0.95,
) -> WinnersCurse:
    """Pick the segment with the largest effect in a random half of a test and measure it in the other half.

    outcome: column of numbers.
    halvings: random ones of the rows.
    treatment: 0/1, drawn at random.
    traits: columns known before the draw; each level of a text or of a number with up to 6 values is a
        segment, other numbers are cut into thirds.
    smallest_share: of all rows, which a segment must hold. Effects are differences of means.
    Raises CannotAnswer when fewer than two segments are left. Splitting the data: Cox 1975 (Biometrika
    62).

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"city": rng.choice(["A", "B", "C"], 600), "offer": np.tile([0, 1], 300)})
    >>> rows["bought"] = rng.normal(size=600)
    >>> found = winners_curse(rows, outcome="bought", treatment="offer", traits=["city"], halvings=20)
    >>> found.looked_average > found.held_out_average
    True
    """
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    members = _segments(frame, traits)
    names = [name for name, rows in members.items() if rows.mean() >= smallest_share]
    if len(names) < 2:
        raise CannotAnswer(
            f"fewer than two segments hold the {percent(smallest_share, 0)} of customers that are needed"
        )
    inside = np.column_stack([members[name] for name in names]).astype(float)
    by_arm = np.array([arm * power for arm in (t, 1 - t) for power in (np.ones(len(y)), y, y**2)])
    of_all = by_arm @ inside
    rng = np.random.default_rng(seed)
    winners: list[int] = []
    looked, held_out = [], []
    first_half = np.zeros(len(y), dtype=bool)
    for _ in range(halvings):
        half = rng.permutation(len(y)) < len(y) // 2
        of_half = (by_arm * half) @ inside
        one, two = _effects(of_half), _effects(of_all - of_half)
        best = int(np.argmax(np.where(np.isfinite(one[1]) & np.isfinite(two[1]), one[0], -np.inf)))
        if not winners:
            first_half = half
        winners.append(best)
        looked.append((one[0][best], one[1][best], int(inside[half, best].sum())))
        held_out.append((two[0][best], two[1][best], int(inside[~half, best].sum())))
    return WinnersCurse(
        segments=_frame(names, inside, *_effects(of_all), level),
        name=names[winners[0]],
        looked=normal_interval(*looked[0], level=level),
        held_out=normal_interval(*held_out[0], level=level),
        looked_average=float(np.mean([value for value, *_ in looked])),
        held_out_average=float(np.mean([value for value, *_ in held_out])),
        picked_anew=len(set(winners)),
        halvings=halvings,
        members=~first_half & members[names[winners[0]]],
    )


def _segments(frame: pd.DataFrame, traits: Sequence[str]) -> dict[str, np.ndarray]:
    """Every segment by name, as a mask of rows; one that holds nobody or everybody is left out."""
    found: dict[str, pd.Series] = {}
    for trait in traits:
        if trait not in frame.columns:
            raise KeyError(f"no column {trait!r}; the frame has {list(frame.columns)}")
        series = frame[trait]
        if pd.api.types.is_numeric_dtype(series) and series.nunique() > FEW_LEVELS:
            found |= _thirds(series)
        else:
            found |= {
                f"{series.name}: {value}": (series == value) for value in sorted(series.dropna().unique())
            }
    masks = {name: rows.fillna(False).to_numpy(dtype=bool) for name, rows in found.items()}
    return {name: rows for name, rows in masks.items() if 0 < rows.sum() < len(rows)}


def _thirds(series: pd.Series) -> dict[str, pd.Series]:
    low, high = (float(cut) for cut in series.astype("Float64").quantile(THIRDS))
    name = series.name
    return {
        f"{name} up to {low:g}": series <= low,
        f"{name} above {low:g}, up to {high:g}": (series > low) & (series <= high),
        f"{name} above {high:g}": series > high,
    }


def _effects(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Differences of means and their standard errors by segment; nan below two rows in an arm.

    sums: (6, segments) rows, outcomes and squared outcomes of the treated, then of the others.
    """
    means, variances = [], []
    for rows, total, squares in (sums[:3], sums[3:]):
        rows = np.where(rows > 1, rows, np.nan)
        means.append(total / rows)
        spread = np.maximum(squares / rows - means[-1] ** 2, 0.0)
        variances.append(spread / (rows - 1))
    return means[0] - means[1], np.sqrt(variances[0] + variances[1])


def _frame(
    names: list[str], inside: np.ndarray, estimates: np.ndarray, errors: np.ndarray, level: float
) -> pd.DataFrame:
    reach = norm.ppf(0.5 + level / 2) * errors
    p_values = 2 * norm.sf(np.abs(np.divide(estimates, errors, out=np.zeros(len(names)), where=errors > 0)))
    frame = pd.DataFrame(
        {
            "segment": names,
            "rows": inside.sum(axis=0).astype(int),
            "effect": estimates,
            "low": estimates - reach,
            "high": estimates + reach,
            "p": p_values,
            "p_holm": holm(p_values),
        }
    )
    return frame.sort_values("effect", ascending=False, ignore_index=True)
