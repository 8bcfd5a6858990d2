"""What a drawn arm did to all who were drawn to it, whether or not they took it up."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.counts import count, percent
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.few_in_an_arm import missing_variance
from methods.intervals.influence import normal_interval, relative_lift
from methods.regression.arms import cluster_labels, outcome_and_treatment, row_weights
from methods.regression.clustered import clustered_fit
from methods.regression.covariates import covariate_matrix
from methods.regression.least_squares import least_squares
from methods.result import Result
from methods.trials.randomisation_test import RandomisationTest, randomisation_test

ORDINARY = 0.05
FEW_GROUPS = 40
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True)
class OfferEffect(Result):
    """What the offer did to the average customer offered, whether or not they took it up.

    effect: adjusted by covariates. unadjusted: plain difference. relative: effect over control_mean (None
    when a mean is not positive); treated_mean beside it is as adjusted too. control_observed,
    treated_observed: means of the arms as they were counted. variance_saved: share of the variance that the
    covariates removed.
    clusters: groups that were drawn, 0 where rows were. randomisation: what dealing the arms to whole groups
    anew says, where few were drawn. warning: empty, or one sentence on how few groups there are.
    """

    rows: int
    effect: Interval
    unadjusted: Interval
    relative: Interval | None
    control_mean: float
    treated_mean: float
    control_observed: float
    treated_observed: float
    variance_saved: float
    clusters: int = 0
    randomisation: RandomisationTest | None = None
    warning: str = ""


def intention_to_treat(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str] = (),
    cluster: str | None = None,
    weights: str | None = None,
    level: float = 0.95,
) -> OfferEffect:
    """Return the effect of a randomised arm on everyone in it.

    outcome: 0/1 or numbers.
    treatment: 0/1, the arm as drawn.
    covariates: known before the draw; they only sharpen the estimate (CUPED, Deng and others 2013; in the
        fully interacted form of Lin 2013, which cannot do harm in large samples). They are left out when
        a group has fewer than 20 rows (or clusters) a column. Where an arm has fewer than 10
        outcomes beside the commonest, the variance of all rows steadies its own: none would make all sure.
    cluster: column of the groups drawn together; intervals are then CR2 with Satterthwaite's degrees of
        freedom, and up to 40 groups the arms are dealt out anew besides.
    weights: column of row weights.
    Raises CannotAnswer below 25 rows in a group, or below two groups drawn to an arm, ValueError on gaps
    in labels or weights.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"offer": np.tile([0, 1], 200), "before": rng.normal(size=400)})
    >>> rows["spent"] = rows["before"] + 2 * rows["offer"] + rng.normal(size=400)
    >>> found = intention_to_treat(rows, outcome="spent", treatment="offer", covariates=["before"])
    >>> found.effect.low < 2 < found.effect.high, round(found.variance_saved, 1)
    (True, 0.5)
    """
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    groups, weight = cluster_labels(frame, cluster), row_weights(frame, weights)
    drawn = None if groups is None else _arms_of_groups(groups, t)
    if drawn is not None and min(drawn.sum(), len(drawn) - drawn.sum()) < 2:
        few = int(min(drawn.sum(), (1 - drawn).sum()))
        raise CannotAnswer(f"an arm was drawn for only {count(few, 'group')}")
    fit = functools.partial(_fit, y, groups, weight)
    plain = fit(np.column_stack([np.ones_like(t), t]))
    x = covariate_matrix(frame, covariates).matrix
    adjusted = plain
    fewest = min(t.sum(), (1 - t).sum()) if drawn is None else min(drawn.sum(), (1 - drawn).sum())
    if 0 < x.shape[1] <= fewest / 20:
        centred = x - np.average(x, axis=0, weights=weight)
        adjusted = fit(np.column_stack([np.ones_like(t), t, centred, centred * t[:, None]]))
    unadjusted, effect = plain.slope(level), adjusted.slope(level)
    dealt, warning = None, ""
    if groups is not None and drawn is not None and len(drawn) <= FEW_GROUPS:
        dealt = randomisation_test(y, t, groups, weight=weight)
        warning = _few(drawn, dealt)
    return OfferEffect(
        rows=len(y),
        effect=effect,
        unadjusted=unadjusted,
        relative=adjusted.relative(level),
        control_mean=float(adjusted.coefficients[0]),
        treated_mean=float(adjusted.coefficients[:2].sum()),
        control_observed=float(plain.coefficients[0]),
        treated_observed=float(plain.coefficients[:2].sum()),
        variance_saved=_saved(effect.standard_error, unadjusted.standard_error),
        clusters=0 if groups is None else len(pd.unique(groups)),
        randomisation=dealt,
        warning=warning,
    )


def _saved(error: float, plain_error: float) -> float:
    """Share of the variance that covariates removed; none where the outcome never varied."""
    return 1 - (error / plain_error) ** 2 if plain_error > 0 else 0.0


def _arms_of_groups(groups: np.ndarray, t: np.ndarray) -> np.ndarray | None:
    """The arm of each group, or None where rows of one group are in both arms."""
    _, first, code = np.unique(groups, return_index=True, return_inverse=True)
    return t[first] if (t[first][code] == t).all() else None


def _few(drawn: np.ndarray, dealt: RandomisationTest) -> str:
    if dealt.smallest <= ORDINARY:
        return ""
    treated = int(drawn.sum())
    return (
        f"with {treated} against {count(len(drawn) - treated, 'group')} a draw alone parts them as far in "
        "at least "
        f"{percent(dealt.smallest, 0)} of cases: no p-value below {dealt.smallest:.2f} is possible"
    )


@dataclass(frozen=True)
class _Fit:
    """Coefficients of constant, arm and covariates, their covariance, and the slope's degrees of freedom."""

    coefficients: np.ndarray
    covariance: np.ndarray
    freedom: float
    rows: int

    def slope(self, level: float) -> Interval:
        error = np.sqrt(self.covariance[1, 1])
        return normal_interval(self.coefficients[1], error, self.rows, level=level, freedom=self.freedom)

    def relative(self, level: float) -> Interval | None:
        """Delta method on the two adjusted means, whose covariance is that of intercept and slope."""
        base, slope = self.coefficients[:2]
        nil = _ROUNDING * (abs(base) + abs(slope))  # a mean of nothing is nil but for rounding
        if base <= nil or base + slope <= nil:
            return None
        gradient = np.array([1 / (base + slope) - 1 / base, 1 / (base + slope)])
        error = np.sqrt(gradient @ self.covariance[:2, :2] @ gradient)
        return relative_lift(
            base + slope, base, self.rows, log_error=error, level=level, freedom=self.freedom
        )


def _fit(y: np.ndarray, groups: np.ndarray | None, weight: np.ndarray | None, design: np.ndarray) -> _Fit:
    if groups is None and weight is None:
        fit = least_squares(design, y)
        return _Fit(fit.coefficients, _steadied(fit.robust, y, design[:, 1] > 0), np.inf, len(y))
    clustered = clustered_fit(design, y, np.arange(len(y)) if groups is None else groups, weight)
    freedom = clustered.degrees_of_freedom(np.eye(design.shape[1])[1]) if groups is not None else np.inf
    return _Fit(clustered.coefficients, clustered.covariance, freedom, len(y))


def _steadied(covariance: np.ndarray, y: np.ndarray, arm: np.ndarray) -> np.ndarray:
    """With what the arms' own variances lack where one counts next to no event, or none at all."""
    found = covariance.copy()
    found[1, 1] += missing_variance(y, arm)
    return found
