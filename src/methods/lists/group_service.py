"""How well one list serves every group: shares, gains, and the worst group, picked and measured apart."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from methods.intervals.estimates import Interval, ratio_of_sums, share_difference
from methods.intervals.paired_shares import differing_few
from methods.intervals.shrinkage import pooled_shares
from methods.lists.model_comparison import ModelComparison

STAGES = ("new", "active", "silent", "lost")  # in the order in which they are told
FEWEST = 11  # customers in each half, so that no finding is about ten people or fewer


@dataclass(frozen=True, kw_only=True)
class Worst:
    """The group that looked worst in one random half of the customers, measured in the other half.

    gap: share of customers served, the other compared groups minus this one. agreed: whether the other half
    would have picked it too. compared: the groups large enough to be picked. measuring: bool, one entry a
    split customer, whether in the half that measures.
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
    """Pick the worst served group in one random half and measure it in the other.

    None when fewer than two groups have 11 judged customers in either half. What the other half would have
    picked is only compared: where both pick alike, the gap in either half is one that was picked for being
    large (the mean of both held the truth in 87 % of 87 markets).
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
    return Worst(
        kind=kind,
        group=str(picks[0]),
        compared=tuple(names_left),
        agreed=picks[0] == picks[1],
        gap=_behind(second, picks[0]),
        measuring=measuring,
    )


def _pick(half: pd.DataFrame, *, seed: int) -> str:
    """The group with the lowest share, drawn towards the mean of all."""
    pooled = pooled_shares(half["sum"].to_numpy(), half["size"].to_numpy(), seed=seed)
    return half.index[pooled.shares["estimate"].to_numpy().argmin()]


def _behind(half: pd.DataFrame, name: str) -> Interval:
    rest = half.drop(index=name).sum()
    return share_difference(rest["sum"], rest["size"], *half.loc[name, ["sum", "size"]])


def _mean_interval(values: pd.Series) -> tuple[float, float, float]:
    if len(values) < 2:
        return float(values.iloc[0]), float("nan"), float("nan")
    found = differing_few(values.to_numpy(), largest=100.0) or ratio_of_sums(values, np.ones(len(values)))
    return found.estimate, found.low, found.high
