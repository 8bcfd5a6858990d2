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
    """The group that looked worst in one random half of the customers, measured in the other half.

    gap: share of customers served, the others minus the group. looked: the same where it was picked.
    candidates: how many groups were large enough to be picked. measuring: bool, one entry a split customer,
    whether in the half that measures.
    """

    kind: str
    group: str
    candidates: int
    looked: float
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

    None when fewer than two groups have 11 judged customers in either half.
    """
    measuring = np.random.default_rng([seed, len(kind)]).random(len(names)) < 0.5
    served, who = comparison.best_personal.measures["hit_rate"], comparison.customers
    rows = pd.DataFrame({"group": names[who], "hit": served, "second": measuring[who]})
    rows = rows.dropna(subset="group")
    halves = [
        rows[rows["second"] == second].groupby("group")["hit"].agg(["sum", "size"]) for second in (0, 1)
    ]
    picking, other = (half[half["size"] >= FEWEST] for half in halves)
    names_left = picking.index.intersection(other.index)
    if len(names_left) < 2:
        return None
    picking, other = picking.loc[names_left], other.loc[names_left]
    pooled = pooled_shares(picking["sum"].to_numpy(), picking["size"].to_numpy(), seed=seed)
    name = names_left[pooled.shares["estimate"].to_numpy().argmin()]
    looked, rest = picking.drop(index=name).sum(), other.drop(index=name).sum()
    return Worst(
        kind=kind,
        group=str(name),
        candidates=len(names_left),
        looked=float(looked["sum"] / looked["size"] - picking.loc[name, "sum"] / picking.loc[name, "size"]),
        gap=share_difference(rest["sum"], rest["size"], *other.loc[name, ["sum", "size"]]),
        measuring=measuring,
    )


def _mean_interval(values: pd.Series) -> tuple[float, float, float]:
    if len(values) < 2:
        return float(values.iloc[0]), float("nan"), float("nan")
    found = differing_few(values.to_numpy(), largest=100.0) or ratio_of_sums(values, np.ones(len(values)))
    return found.estimate, found.low, found.high
