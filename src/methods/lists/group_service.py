"""How well one list serves every group: shares, gains, and the worst group, picked and measured apart."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from methods.intervals.estimates import Interval, ratio_of_sums, share_difference
from methods.intervals.paired_shares import differing_few
from methods.intervals.shrinkage import pooled_shares
from methods.lists.customer_groups import STAGES
from methods.lists.model_comparison import ModelComparison

FEWEST = 11  # customers in each half, so that no finding is about ten people or fewer


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The group that looked worst in one random half of the customers, measured in the other half, both ways.

    gap: share of customers served, the other compared groups minus this one. agreed: whether both halves
    picked it; gap is then the mean of both measurements. compared: the groups large enough to be picked.
    measuring: bool, one entry a split customer, whether counted in the gap.
    """

    kind: str
    group: str
    compared: tuple[str, ...]
    agreed: bool
    gap: Interval
    measuring: np.ndarray = field(repr=False)


def service(comparison: ModelComparison, kind: str, names: np.ndarray, *, seed: int) -> pd.DataFrame:
    """Return one row a group of one kind, in the columns of `ServedGroups.frame`.

    names: the group of each split customer, None outside of any.
    """
    mine, theirs = (e.measures["hit_rate"] for e in (comparison.best_personal, comparison.best_for_all))
    rows = pd.DataFrame({"group": names[comparison.customers], "hit": mine, "gain": 100 * (mine - theirs)})
    groups = rows.dropna(subset="group").groupby("group", sort=True)
    hits, n = groups["hit"].sum().to_numpy(), groups.size()
    pooled = 100 * pooled_shares(hits, n.to_numpy(), seed=seed).shares
    gain = pd.DataFrame([_mean_interval(values) for _, values in groups["gain"]])
    frame = pd.DataFrame(
        {
            "kind": kind,
            "group": n.index,
            "n": n.to_numpy(),
            "raw": 100 * hits / n.to_numpy(),
            "served": pooled["estimate"],
            "low": pooled["low"],
            "high": pooled["high"],
            "gain": gain[0],
            "gain_low": gain[1],
            "gain_high": gain[2],
        }
    )
    if kind == "stage":
        frame = frame.sort_values("group", key=lambda names: names.map(STAGES.index), ignore_index=True)
    return frame


def find_worst(comparison: ModelComparison, kind: str, names: np.ndarray, *, seed: int) -> Worst | None:
    """Pick the worst served group in each random half and measure it in the other.

    None when fewer than two groups have 11 judged customers in either half. Where both halves pick the same
    group its gap is the mean of both measurements; else that of the first half's pick in the second.
    """
    measuring = np.random.default_rng([seed, len(kind)]).random(len(names)) < 0.5
    served, who = comparison.best_personal.measures["hit_rate"], comparison.customers
    rows = pd.DataFrame({"group": names[who], "hit": served, "second": measuring[who]})
    rows = rows.dropna(subset="group")
    halves = [
        rows[rows["second"] == second].groupby("group")["hit"].agg(["sum", "size"]) for second in (0, 1)
    ]
    large = [set(half.index[half["size"] >= FEWEST]) for half in halves]
    names_left = sorted(large[0] & large[1])
    if len(names_left) < 2:
        return None
    first, second = (half.loc[names_left] for half in halves)
    picks = [_pick(half, seed=seed) for half in (first, second)]
    gaps = [_behind(other, name) for other, name in zip((second, first), picks, strict=True)]
    agreed = picks[0] == picks[1]
    return Worst(
        kind=kind,
        group=str(picks[0]),
        compared=tuple(names_left),
        agreed=agreed,
        gap=_mean_of(*gaps) if agreed else gaps[0],
        measuring=np.ones(len(names), bool) if agreed else measuring,
    )


def _pick(half: pd.DataFrame, *, seed: int) -> str:
    """The group with the lowest share, drawn towards the mean of all."""
    pooled = pooled_shares(half["sum"].to_numpy(), half["size"].to_numpy(), seed=seed)
    return half.index[pooled.shares["estimate"].to_numpy().argmin()]


def _behind(half: pd.DataFrame, name: str) -> Interval:
    rest = half.drop(index=name).sum()
    return share_difference(rest["sum"], rest["size"], *half.loc[name, ["sum", "size"]])


def _mean_of(one: Interval, other: Interval) -> Interval:
    """The mean of two independent differences, their distances squared and added (Zou and Donner 2008)."""
    estimate = (one.estimate + other.estimate) / 2
    down = np.hypot(one.estimate - one.low, other.estimate - other.low) / 2
    up = np.hypot(one.high - one.estimate, other.high - other.estimate) / 2
    return Interval(
        estimate=estimate,
        low=float(estimate - down),
        high=float(estimate + up),
        n=one.n + other.n,
        level=one.level,
        standard_error=float(np.hypot(one.standard_error, other.standard_error) / 2),
    )


def _mean_interval(values: pd.Series) -> tuple[float, float, float]:
    if len(values) < 2:
        return float(values.iloc[0]), float("nan"), float("nan")
    found = differing_few(values.to_numpy(), largest=100.0) or ratio_of_sums(values, np.ones(len(values)))
    return found.estimate, found.low, found.high
