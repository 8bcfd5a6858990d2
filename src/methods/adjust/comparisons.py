"""Simpler ways to adjust, shown beside the doubly robust one, and checks with effects known to be nil."""

from __future__ import annotations

import numpy as np
import pandas as pd

from methods.adjust.adjusted_effect import adjusted_effect
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, standard_error
from methods.regression.covariates import Covariates
from methods.regression.least_squares import least_squares


def regression_adjusted(
    outcome: np.ndarray, treatment: np.ndarray, covariates: Covariates, *, level: float = 0.95
) -> Interval:
    """Return the coefficient of treatment in a least-squares fit with all covariates (HC2 interval)."""
    design = np.column_stack([np.ones_like(treatment), treatment, covariates.matrix])
    fit = least_squares(design, outcome)
    return normal_interval(fit.coefficients[1], np.sqrt(fit.robust[1, 1]), len(outcome), level=level)


def weighted_difference(
    outcome: np.ndarray,
    treatment: np.ndarray,
    propensity: np.ndarray,
    *,
    trim: float = 0.01,
    level: float = 0.95,
) -> Interval:
    """Return the difference of means weighted by one over the chance of one's own group.

    Hájek weights; the interval takes the propensities as known, which makes it somewhat too wide.
    """
    bounded = np.clip(propensity, trim, 1 - trim)
    influence, value = np.zeros(len(outcome)), 0.0
    for sign, weight in ((1, treatment / bounded), (-1, (1 - treatment) / (1 - bounded))):
        mean = np.average(outcome, weights=weight)
        value += sign * mean
        influence += sign * weight / weight.mean() * (outcome - mean)
    return normal_interval(value, standard_error(influence), len(outcome), level=level)


def shuffled_treatment(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Covariates,
    times: int = 20,
    seed: int = 1,
) -> tuple[Interval, ...]:
    """Return the effects of a treatment dealt out at random to the same number of rows; all should be nil.

    Uses the quick penalised regression as learner: the check is of the machinery, not of the covariates.
    """
    generator = np.random.default_rng(seed)
    effects = []
    for _ in range(times):
        shuffled = frame.assign(**{treatment: generator.permutation(frame[treatment].to_numpy())})
        effect = adjusted_effect(
            shuffled,
            outcome=outcome,
            treatment=treatment,
            covariates=covariates,
            learners=("penalised regression",),
            repeats=1,
            folds=2,
            seed=seed,
        )
        effects.append(effect.att)
    return tuple(effects)
