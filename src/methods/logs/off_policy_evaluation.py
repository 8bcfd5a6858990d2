"""What one policy would have earned, from the log of another: three estimates, and when to refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count
from methods.intervals.clustered_means import Mean
from methods.intervals.estimates import Interval
from methods.intervals.studentised_means import studentised_means
from methods.logs.outcome_model import cross_fitted
from methods.logs.weight_checks import weight_checks, weight_fault
from methods.logs.weight_overlap import FEWEST_EFFECTIVE_PERCENT, MOST_TOP_PERCENT, WeightOverlap, overlap
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class OffPolicy(Result):
    """The value of a target policy per row, by method, and how well the log overlaps with it.

    values: `ipw`, `snipw`; with the target's rows also `doubly_robust`; with their rewards also `own`, their
    plain mean, and `error`, the doubly robust estimate minus it. refused: why none of it should be believed
    (else empty); the values are kept for the record. overlap: None where no weights can be made, as with a
    logged chance of 0; then `own` is all there is.
    """

    values: Mapping[str, Interval]
    overlap: WeightOverlap | None
    refused: str


_SUMS = {
    "ipw": {"ipw": 1.0},
    "snipw": {"snipw": 1.0},
    "doubly_robust": {"direct": 1.0, "correction": 1.0},
    "own": {"own": 1.0},
    "error": {"direct": 1.0, "correction": 1.0, "own": -1.0},
}


def off_policy_evaluation(
    log: pd.DataFrame,
    *,
    reward: str,
    propensity: str,
    target_propensity: str,
    cluster: str,
    target: pd.DataFrame | None = None,
    traits: Sequence[str] = (),
    position: str | None = None,
    item: str | None = None,
    seed: int = 1,
    fewest_effective_percent: float = FEWEST_EFFECTIVE_PERCENT,
    most_top_percent: float = MOST_TOP_PERCENT,
) -> OffPolicy:
    """Estimate the mean reward per row under a target policy from a log of another.

    log: one row an item shown.
    reward: number, such as 0/1 for a click.
    propensity, target_propensity: chance (above 0; 0 or more) with which the logged and the target policy
        show that item there.
    cluster: column of customers, whose rows depend on each other.
    target: rows of what the target policy shows, with the cluster and trait columns; where it also ran,
        with rewards to check against, and with its own chances (`propensity`) and the log policy's
        (`target_propensity`), by which `weight_checks` finds chances written down wrongly.
    traits: columns of the model.
    position, item: columns of the place in the list and of what was shown, for the same checks.

    ipw: mean of weight times reward (Horvitz and Thompson 1952). snipw: the same over the sum of weights.
    doubly_robust: the model's mean over the target's rows plus the weighted errors of the model on the
    log (Dudik, Langford and Li 2011), the model cross-fitted by customer (Chernozhukov and others 2018).
    An estimate below 0 is left as it is. Intervals: `studentised_means`, since a few heavy rows lean them.
    fewest_effective_percent, most_top_percent: where `WeightOverlap.fault` refuses.
    Raises ValueError on values that are no chances.

    >>> log = pd.DataFrame({"who": [1, 2, 3, 4], "click": [0, 1, 0, 1], "p": 0.5, "q": [0.2, 0.8, 0.2, 0.8]})
    >>> names = {"reward": "click", "propensity": "p", "target_propensity": "q", "cluster": "who"}
    >>> found = off_policy_evaluation(log, **names)
    >>> found.values["ipw"].estimate
    0.8
    """
    weight = weights_of(log, propensity=propensity, target_propensity=target_propensity)
    means = _weighted(log, weight, reward=reward, cluster=cluster) | _modelled(
        log, target, weight, reward=reward, cluster=cluster, traits=traits, seed=seed
    )
    known = {name: parts for name, parts in _SUMS.items() if set(parts) <= set(means)}
    judged = overlap(weight)
    chances = target is not None and {propensity, target_propensity} <= set(target)
    checks = weight_checks(
        log, weight, cluster=cluster, position=position, item=item, target=target,
        chance=propensity if chances else None, other_chance=target_propensity if chances else None,
    )  # fmt: skip
    few = judged.fault(fewest_effective_percent=fewest_effective_percent, most_top_percent=most_top_percent)
    return OffPolicy(
        values=studentised_means(means, known, seed=seed), overlap=judged, refused=weight_fault(checks) or few
    )


def _weighted(log: pd.DataFrame, weight: np.ndarray, *, reward: str, cluster: str) -> dict[str, Mean]:
    got, who = log[reward].to_numpy(float), log[cluster].to_numpy()
    return {
        "ipw": Mean(top=weight * got, bottom=np.ones(len(log)), cluster=who),
        "snipw": Mean(top=weight * got, bottom=weight, cluster=who),
    }


def _modelled(
    log: pd.DataFrame,
    target: pd.DataFrame | None,
    weight: np.ndarray,
    *,
    reward: str,
    cluster: str,
    traits: Sequence[str],
    seed: int,
) -> dict[str, Mean]:
    """The two parts of the doubly robust estimate, and the target's own mean where its rewards are known."""
    if target is None:
        return {}
    expected, direct = cross_fitted(log, target, reward=reward, traits=traits, cluster=cluster, seed=seed)
    missed, who, there = log[reward].to_numpy(float) - expected, log[cluster].to_numpy(), target[cluster]
    ones = np.ones(len(target))
    parts = {
        "correction": Mean(top=weight * missed, bottom=np.ones(len(log)), cluster=who),
        "direct": Mean(top=direct, bottom=ones, cluster=there.to_numpy()),
    }
    if reward in target:
        parts["own"] = Mean(top=target[reward].to_numpy(float), bottom=ones, cluster=there.to_numpy())
    return parts


def weights_of(log: pd.DataFrame, *, propensity: str, target_propensity: str) -> np.ndarray:
    """Return target's chance over logged chance; raises ValueError where a value is no chance."""
    logged, wanted = log[propensity].to_numpy(float), log[target_propensity].to_numpy(float)
    for name, chance, least in ((propensity, logged, np.nextafter(0, 1)), (target_propensity, wanted, 0)):
        wrong = ~((chance >= least) & (chance <= 1))
        if wrong.any():
            raise ValueError(
                f"column {name!r}: {wrong.sum()} of {count(len(chance), 'value')} are no chances "
                f"{'above 0 ' if least else ''}up to 1, such as {chance[wrong][0]}"
            )
    return wanted / logged
