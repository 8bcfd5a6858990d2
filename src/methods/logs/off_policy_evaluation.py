"""What one policy would have earned, from the log of another: three estimates, and when to refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.intervals.clustered_means import Mean, clustered_means
from methods.intervals.estimates import Interval
from methods.logs.outcome_model import cross_fitted
from methods.result import Result

FEWEST_EFFECTIVE_PERCENT = 1.0
MEAN_WEIGHT_BETWEEN = (0.9, 1.1)


@dataclass(frozen=True, kw_only=True)
class WeightOverlap:
    """How far the log's choices stand for the other policy's.

    effective_rows: (sum of weights) squared over the sum of squares (Kish 1965), the rows that a log of the
    policy itself would need to be as sure. mean_weight: 1 in the long run where the logged chances are right
    and the log's policy shows all that the other does. top_percent: share of all weight on the heaviest 1 %.
    """

    rows: int
    effective_rows: float
    mean_weight: float
    largest_weight: float
    top_percent: float

    @property
    def effective_percent(self) -> float:
        """Effective rows in % of the rows."""
        return 100.0 * self.effective_rows / self.rows

    def fault(
        self,
        *,
        fewest_effective_percent: float = FEWEST_EFFECTIVE_PERCENT,
        mean_weight_between: tuple[float, float] = MEAN_WEIGHT_BETWEEN,
    ) -> str:
        """Return why no estimate should be made, in one clause; empty when nothing speaks against it."""
        low, high = mean_weight_between
        if self.effective_percent < fewest_effective_percent:
            return (
                f"the {self.rows:,} logged rows are worth only {self.effective_rows:,.0f} "
                f"({self.effective_percent:.2g} %; at least {fewest_effective_percent:g} % are needed), "
                f"since one row alone has weight {self.largest_weight:,.0f}"
            )
        if not low <= self.mean_weight <= high:
            return (
                f"the weights average {self.mean_weight:.2f} where they should average 1 ({low:g} to "
                f"{high:g} passes): the log lacks what the other policy shows, or its chances are wrong"
            )
        return ""


def overlap(weight: np.ndarray) -> WeightOverlap:
    """Judge weights (target's chance over logged chance, one a row); ValueError unless finite and >= 0."""
    weight = np.asarray(weight, float)
    if not len(weight) or not np.isfinite(weight).all() or (weight < 0).any() or not weight.sum() > 0:
        raise ValueError("weights must be finite, 0 or more, and not all 0; is a logged chance 0 or missing?")
    heaviest = np.sort(weight)[-max(len(weight) // 100, 1) :]
    return WeightOverlap(
        rows=len(weight),
        effective_rows=float(weight.sum() ** 2 / (weight**2).sum()),
        mean_weight=float(weight.mean()),
        largest_weight=float(weight.max()),
        top_percent=float(100.0 * heaviest.sum() / weight.sum()),
    )


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


def off_policy_evaluation(
    log: pd.DataFrame,
    *,
    reward: str,
    propensity: str,
    target_propensity: str,
    cluster: str,
    target: pd.DataFrame | None = None,
    traits: Sequence[str] = (),
    seed: int = 1,
    fewest_effective_percent: float = FEWEST_EFFECTIVE_PERCENT,
    mean_weight_between: tuple[float, float] = MEAN_WEIGHT_BETWEEN,
) -> OffPolicy:
    """Estimate the mean reward per row under a target policy from a log of another.

    log: one row an item shown.
    reward: number, such as 0/1 for a click.
    propensity, target_propensity: chance (above 0; 0 or more) with which the logged and the target policy
        show that item there.
    cluster: column of customers, whose rows depend on each other.
    target: rows of what the target policy shows, with the cluster and trait columns; where it also ran,
        with rewards to check against.
    traits: columns of the model.

    ipw: mean of weight times reward (Horvitz and Thompson 1952). snipw: the same over the sum of weights.
    doubly_robust: the model's mean over the target's rows plus the weighted errors of the model on the
    log (Dudik, Langford and Li 2011), the model cross-fitted by customer, so that the interval by
    influence values covers its fitting too (Chernozhukov and others 2018). An estimate below 0 is left as
    it is.
    fewest_effective_percent, mean_weight_between: where `WeightOverlap.fault` refuses.
    Raises ValueError on values that are no chances.

    >>> log = pd.DataFrame({"who": [1, 2, 3, 4], "click": [0, 1, 0, 1], "p": 0.5, "q": [0.2, 0.8, 0.2, 0.8]})
    >>> names = {"reward": "click", "propensity": "p", "target_propensity": "q", "cluster": "who"}
    >>> found = off_policy_evaluation(log, **names)
    >>> found.values["ipw"].estimate
    0.8
    """
    weight = weights_of(log, propensity=propensity, target_propensity=target_propensity)
    judged = overlap(weight)
    means = clustered_means(
        _weighted(log, weight, reward=reward, cluster=cluster)
        | _modelled(log, target, weight, reward=reward, cluster=cluster, traits=traits, seed=seed)
    )
    sums = {"ipw": {"ipw": 1}, "snipw": {"snipw": 1}, "doubly_robust": {"direct": 1, "correction": 1}}
    sums |= {"own": {"own": 1}, "error": {"direct": 1, "correction": 1, "own": -1}}
    known = {name: parts for name, parts in sums.items() if set(parts) <= set(means.values.index)}
    return OffPolicy(
        values={name: means.combined(**parts) for name, parts in known.items()},
        overlap=judged,
        refused=judged.fault(
            fewest_effective_percent=fewest_effective_percent, mean_weight_between=mean_weight_between
        ),
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
                f"column {name!r}: {wrong.sum()} of {len(chance)} values are no chances "
                f"{'above 0 ' if least else ''}up to 1, such as {chance[wrong][0]}"
            )
    return wanted / logged
