"""Effects on a ratio of two sums, such as orders per visit, where customers were drawn and not visits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.few_in_an_arm import missing_ratio_variance
from methods.intervals.influence import normal_interval, relative_lift, standard_error
from methods.regression.arms import cluster_labels, outcome_and_treatment
from methods.regression.covariates import covariate_matrix
from methods.regression.least_squares import residualise
from methods.result import Result


@dataclass(frozen=True, kw_only=True)
class RatioEffect(Result):
    """Change of a ratio of sums. relative: over the control's ratio, None where one is not positive."""

    effect: Interval
    relative: Interval | None
    control_ratio: float
    treated_ratio: float


def ratio_effect(
    frame: pd.DataFrame,
    *,
    numerator: str,
    denominator: str,
    treatment: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    level: float = 0.95,
) -> RatioEffect:
    """Return what a drawn arm did to a ratio of sums over customers (delta method).

    numerator, denominator: columns of numbers a customer, such as orders and visits; the ratio of an arm is
        that of its sums. treatment: 0/1, the arm as drawn.
    covariates: known before the draw; each customer's share in the ratio is adjusted by them (CUPED).
    cluster: column of groups drawn together.
    Where an arm has fewer than 10 numerators beside the commonest, all rows steady its variance.
    Raises CannotAnswer below 25 rows in an arm or where a denominator adds up to nothing, ValueError on gaps.
    Source: Deng, Knoblich and Lu (2018), KDD, "Applying the delta method in metric analytics".

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"arm": np.tile([0, 1], 500), "visits": rng.integers(1, 9, 1_000)})
    >>> rows["orders"] = rng.binomial(rows["visits"], 0.2 + 0.1 * rows["arm"])
    >>> found = ratio_effect(rows, numerator="orders", denominator="visits", treatment="arm")
    >>> found.effect.low < 0.1 < found.effect.high
    True
    """
    top, t = outcome_and_treatment(frame, outcome=numerator, treatment=treatment)
    bottom, _ = outcome_and_treatment(frame, outcome=denominator, treatment=treatment)
    ratios, share = {}, np.empty_like(top)
    for arm in (0.0, 1.0):
        rows = t == arm
        if bottom[rows].sum() == 0:
            raise CannotAnswer(f"the {denominator} of an arm add up to 0, so it has no ratio")
        ratios[arm] = top[rows].sum() / bottom[rows].sum()
        share[rows] = (top[rows] - ratios[arm] * bottom[rows]) / bottom[rows].mean()
    ratios, share = _adjusted(frame, covariates, t, ratios, share)
    groups = cluster_labels(frame, cluster)
    signs = {1.0: share * (t == 1) / t.mean(), 0.0: share * (t == 0) / (1 - t).mean()}
    error = standard_error(signs[1.0] - signs[0.0], groups)
    if groups is None:
        error = float(np.sqrt(error**2 + missing_ratio_variance(top, bottom, t > 0)))
    relative = None
    if min(ratios.values()) > 0:
        log_error = standard_error(signs[1.0] / ratios[1.0] - signs[0.0] / ratios[0.0], groups)
        relative = relative_lift(ratios[1.0], ratios[0.0], len(t), log_error=log_error, level=level)
    return RatioEffect(
        effect=normal_interval(ratios[1.0] - ratios[0.0], error, len(t), level=level),
        relative=relative,
        control_ratio=float(ratios[0.0]),
        treated_ratio=float(ratios[1.0]),
    )


def _adjusted(
    frame: pd.DataFrame,
    covariates: Sequence[str],
    t: np.ndarray,
    ratios: dict[float, float],
    share: np.ndarray,
) -> tuple[dict[float, float], np.ndarray]:
    """Each arm's ratio less what its covariates differ from all, as its own rows tell (CUPED by arm)."""
    x = covariate_matrix(frame, covariates).matrix if covariates else np.empty((len(t), 0))
    if not 0 < x.shape[1] <= min(t.sum(), (1 - t).sum()) / 20:
        return ratios, share
    x = x - x.mean(axis=0)
    moved, rest = dict(ratios), share.copy()
    for arm in ratios:
        rows = t == arm
        slope = np.linalg.lstsq(x[rows] - x[rows].mean(axis=0), share[rows], rcond=None)[0]
        moved[arm] = ratios[arm] - float(x[rows].mean(axis=0) @ slope)
        rest[rows] = residualise(share[rows], x[rows])
    return moved, rest
