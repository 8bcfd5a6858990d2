"""Whether logged chances are those with which the rows were drawn: weights have to average 1, everywhere."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from methods.intervals.clustered_means import Mean, clustered_means
from methods.intervals.multiplicity import holm

ALARM = 0.001
_FEWEST_ROWS = 20


def weight_checks(
    log: pd.DataFrame,
    weight: np.ndarray,
    *,
    cluster: str,
    position: str | None = None,
    item: str | None = None,
    target: pd.DataFrame | None = None,
    chance: str | None = None,
    other_chance: str | None = None,
) -> pd.DataFrame:
    """Return one row a check of the weights: kind, part, found, due, p, most alarming first.

    log: one row an item shown.
    weight: target's chance over logged chance, (rows,).
    cluster: column of customers.
    position, item: columns of the place in the list and of what was shown there.
    target: rows that the target policy showed, with the same columns.
    chance, other_chance: columns of `target` with the target policy's own chance of the row, and the log
        policy's.

    Where chances are right and the log's policy shows all that the target does, weights average 1: of `all`
    rows and at each `position`. The weighted share of an `item` at a position is then the target's share of
    it (asked where the target showed it 20 times), and so is the mean logarithm of the target's `chance`.
    What the target shows has, by the log's chance over its own, an average of at most 1 at each position:
    `back` rises where chances of standing anywhere in a list stand for those of a place. Normal tests with
    customers as clusters, p adjusted by Holm within each kind.

    >>> log = pd.DataFrame({"who": range(400), "place": 1})
    >>> weight = np.tile([0.5, 1.0], 200)
    >>> checks = weight_checks(log, weight, cluster="who", position="place")
    >>> checks[["kind", "found", "due"]].values.tolist()
    [['all', 0.75, 1.0], ['position', 0.75, 1.0]]
    >>> bool((checks["p"] < ALARM).all())
    True
    """
    who = log[cluster].to_numpy()
    rows = [("all", "", *_mean(weight, who), 1.0)]
    if position is not None:
        rows += _by_place("position", weight, who, log[position].to_numpy())
    if target is not None and item is not None:
        rows += _by_item(log, weight, target, cluster=cluster, cell=[c for c in (item, position) if c])
    if target is not None and chance is not None and other_chance is not None:
        rows += _by_chance(log, weight, target, cluster=cluster, chance=chance, other_chance=other_chance)
        own = target[chance].to_numpy(float)
        if position is not None and (own > 0).all():
            back = target[other_chance].to_numpy(float) / own
            rows += _by_place("back", back, target[cluster].to_numpy(), target[position].to_numpy())
    frame = pd.DataFrame(rows, columns=["kind", "part", "found", "error", "due"])
    off = (frame["found"] - frame["due"]) / frame.pop("error").clip(lower=1e-12)
    p = pd.Series(np.where(frame["kind"] == "back", norm.sf(off), 2 * norm.sf(off.abs())))
    adjusted = p.groupby(frame["kind"]).transform(lambda part: holm(part.to_numpy()))
    return frame.assign(p=adjusted).sort_values("p", kind="stable", ignore_index=True)


def weight_fault(checks: pd.DataFrame, *, alarm: float = ALARM) -> str:
    """Return what the checks speak against, in one clause with the direction of the error; else empty.

    checks: of `weight_checks`. alarm: the p-value below which a check fails.

    >>> log = pd.DataFrame({"who": range(400)})
    >>> weight_fault(weight_checks(log, np.tile([0.5, 1.0], 200), cluster="who"))[:56]
    'the weights average 0.75 where they should average 1: th'
    """
    failed = checks[checks["p"] < alarm]
    if failed.empty:
        return ""
    everywhere = failed[failed["kind"] == "all"]
    if len(everywhere):
        found = float(everywhere["found"].iloc[0])
        return (
            f"the weights average {found:.2f} where they should average 1: the log lacks what the other "
            "policy shows, or its chances are wrong, and an estimate by weights would lie about "
            f"{100 * abs(found - 1):.0f} % too {'low' if found < 1 else 'high'}"
        )
    if (failed["kind"] == "chance").any():
        return (
            "the chances written down for the other policy are not those by which it chose where it ran, so "
            "an estimate would be of a third policy and may lie off to either side"
        )
    return (
        f"{_misplaced(failed.iloc[0])}, though all weights together average 1: the chances are not those of "
        "a product at its place, but perhaps of its standing anywhere in the list, and an estimate may lie "
        "off to either side"
    )


def _misplaced(worst: pd.Series) -> str:
    found, due = worst["found"], worst["due"]
    if worst["kind"] == "position":
        return f"at position {worst['part']} the weights average {found:.2f} where they should average 1"
    if worst["kind"] == "back":
        return (
            f"what the other policy showed at position {worst['part']} had {found:.2f} times its chance in "
            "the log where at most 1 can be"
        )
    return (
        f"by its weights {worst['part']} would be {100 * found:.2g} % of the rows, and the other policy "
        f"showed it in {100 * due:.2g} %"
    )


def _mean(value: np.ndarray, who: np.ndarray) -> tuple[float, float]:
    """The mean and its standard error by customer; without a second customer nothing can be said of it."""
    if len(pd.unique(who)) < 2:
        return float(np.mean(value)), np.inf
    found = clustered_means({"mean": Mean(top=value, bottom=np.ones(len(value)), cluster=who)})
    whole = found.combined(mean=1.0)
    return whole.estimate, whole.standard_error


def _by_place(kind: str, value: np.ndarray, who: np.ndarray, place: np.ndarray) -> list[tuple]:
    names, size = np.unique(place, return_counts=True)
    large = names[size >= _FEWEST_ROWS]
    return [(kind, str(one), *_mean(value[place == one], who[place == one]), 1.0) for one in large]


def _by_chance(
    log: pd.DataFrame,
    weight: np.ndarray,
    target: pd.DataFrame,
    *,
    cluster: str,
    chance: str,
    other_chance: str,
) -> list[tuple]:
    """The mean logarithm of the target's chance, weighted in the log and as it was where the target ran."""
    there, own = log[other_chance].to_numpy(float), target[chance].to_numpy(float)
    if not (own > 0).all():
        return []
    means = {
        "found": Mean(
            top=weight * np.log(np.where(there > 0, there, 1.0)),
            bottom=np.ones(len(log)),
            cluster=log[cluster],
        ),
        "due": Mean(top=np.log(own), bottom=np.ones(len(own)), cluster=target[cluster]),
    }
    both = clustered_means(means)
    error = both.combined(found=1.0, due=-1.0).standard_error
    return [("chance", "", both.values["found"], error, both.values["due"])]


def _by_item(
    log: pd.DataFrame, weight: np.ndarray, target: pd.DataFrame, *, cluster: str, cell: list[str]
) -> list[tuple]:
    due = target.groupby(cell).size()
    due = due[due >= _FEWEST_ROWS]
    mine = _shares(log, weight, cluster=cluster, cell=cell).reindex(due.index).fillna(0.0)
    theirs = _shares(target, np.ones(len(target)), cluster=cluster, cell=cell).loc[due.index]
    # What the log never or hardly showed has no spread to see: as many rows of weight 1 would vary so much.
    least = theirs["share"] / len(log)
    error = np.sqrt(np.maximum(mine["variance"], least) + theirs["variance"])
    names = [" at position ".join(map(str, one if isinstance(one, tuple) else (one,))) for one in due.index]
    return [
        ("item", f"product {name}", *numbers)
        for name, *numbers in zip(names, mine["share"], error, theirs["share"], strict=True)
    ]


def _shares(rows: pd.DataFrame, weight: np.ndarray, *, cluster: str, cell: list[str]) -> pd.DataFrame:
    """Weighted share of all rows by cell, and its variance over customers."""
    sums = rows[[cluster, *cell]].assign(weight=weight).groupby([cluster, *cell])["weight"].sum()
    by_cell = sums.groupby(level=cell)
    share, squares = by_cell.sum() / len(rows), (sums**2).groupby(level=cell).sum() / len(rows) ** 2
    return pd.DataFrame({"share": share, "variance": squares - share**2 / rows[cluster].nunique()})
