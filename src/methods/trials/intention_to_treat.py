"""Estimates for a drawn arm: was the draw fair, and what did the offer do to all who were offered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chisquare

from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, relative_lift
from methods.regression.arms import outcome_and_treatment
from methods.regression.covariates import covariate_matrix
from methods.regression.least_squares import LeastSquares, least_squares
from methods.result import Result

ALARM = 0.0005


@dataclass(frozen=True, kw_only=True)
class SampleRatio(Result):
    """Customers counted by arm beside the counts that the planned shares lead one to expect.

    counts, expected: by arm. p_value: of the chi-square test. alarm: p below 0.0005, the level at which
    large platforms stop reading a test (Fabijan and others 2019).
    """

    counts: pd.Series
    expected: pd.Series
    p_value: float
    alarm: bool


def sample_ratio(arms: pd.Series, *, planned: dict[str, float] | None = None) -> SampleRatio:
    """Return whether the arms hold as many customers as planned.

    arms: one label a customer. planned: share by arm, summing to 1; None means equal shares.
    Raises ValueError when the labels and the plan do not match or there is only one arm.
    """
    counts = arms.value_counts().sort_index()
    if len(counts) < 2:
        raise ValueError(f"only one arm, {list(counts.index)}, was found; a test needs two")
    planned = planned or dict.fromkeys(counts.index, 1 / len(counts))
    if set(planned) != set(counts.index) or abs(sum(planned.values()) - 1) > 1e-6:
        raise ValueError(f"planned shares {planned} must sum to 1 over the arms {list(counts.index)}")
    expected = pd.Series(planned).reindex(counts.index) * counts.sum()
    p_value = float(chisquare(counts, expected).pvalue)
    return SampleRatio(counts=counts, expected=expected, p_value=p_value, alarm=p_value < ALARM)


@dataclass(frozen=True, kw_only=True)
class OfferEffect(Result):
    """What the offer did to the average customer offered, whether or not they took it up.

    effect: adjusted by covariates. unadjusted: plain difference. relative: effect over control_mean (None
    when a mean is not positive). variance_saved: share of the variance that the covariates removed.
    """

    rows: int
    effect: Interval
    unadjusted: Interval
    relative: Interval | None
    control_mean: float
    treated_mean: float
    variance_saved: float


def intention_to_treat(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    level: float = 0.95,
) -> OfferEffect:
    """Return the effect of a randomised arm on everyone in it.

    treatment: 0/1, the arm as drawn. covariates: known before the draw; they only sharpen the estimate
    (CUPED, Deng and others 2013; in the fully interacted form of Lin 2013, which cannot do harm in large
    samples). They are left out when a group has fewer than 20 rows a column. cluster: column of the groups
    drawn together. Raises CannotAnswer below 25 rows in a group.
    """
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    groups = None if cluster is None else frame[cluster].to_numpy()
    plain = least_squares(np.column_stack([np.ones_like(t), t]), y, groups)
    x = covariate_matrix(frame, covariates).matrix
    fit = plain
    if 0 < x.shape[1] <= min(t.sum(), (1 - t).sum()) / 20:
        centred = x - x.mean(axis=0)
        fit = least_squares(np.column_stack([np.ones_like(t), t, centred, centred * t[:, None]]), y, groups)
    unadjusted, effect = _slope(plain, level), _slope(fit, level)
    return OfferEffect(
        rows=len(y),
        effect=effect,
        unadjusted=unadjusted,
        relative=_relative(fit, level),
        control_mean=float(fit.coefficients[0]),
        treated_mean=float(fit.coefficients[:2].sum()),
        variance_saved=1 - (effect.standard_error / unadjusted.standard_error) ** 2,
    )


def _slope(fit: LeastSquares, level: float) -> Interval:
    return normal_interval(fit.coefficients[1], np.sqrt(fit.robust[1, 1]), len(fit.residuals), level=level)


def _relative(fit: LeastSquares, level: float) -> Interval | None:
    """Delta method on the two adjusted means, whose covariance is that of intercept and slope."""
    base, slope = fit.coefficients[:2]
    if base <= 0 or base + slope <= 0:
        return None
    gradient = np.array([1 / (base + slope) - 1 / base, 1 / (base + slope)])
    log_error = np.sqrt(gradient @ fit.robust[:2, :2] @ gradient)
    return relative_lift(base + slope, base, len(fit.residuals), log_error=log_error, level=level)
