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
    """Return the coefficient of treatment in a least-squares fit with all covariates (HC2 interval).

    outcome, treatment: (rows,).
    Raises ValueError without a spare row. HC2: MacKinnon and White 1985.

    >>> import pandas as pd
    >>> from methods.regression.covariates import covariate_matrix
    >>> known = covariate_matrix(pd.DataFrame({"age": [20.0, 30.0, 40.0, 20.0, 35.0, 40.0]}), ["age"])
    >>> shared = np.array([0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    >>> round(regression_adjusted(0.1 * known.matrix[:, 0] + 2 * shared, shared, known).estimate, 6)
    2.0
    """
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

    outcome: (rows,).
    treatment: (rows,) of 0 and 1.
    propensity: (rows,) chance of treatment.
    trim: it is kept within [trim, 1 − trim]. Hájek 1971. Hájek weights; the interval takes the
        propensities as known, which makes it somewhat too wide.

    >>> shared, chance = np.array([0, 0, 1, 1]), np.array([0.25, 0.5, 0.25, 0.5])
    >>> round(weighted_difference(np.array([1.0, 2.0, 3.0, 4.0]), shared, chance).estimate, 2)
    1.73
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

    outcome, treatment, covariates: as `adjusted_effect`, which raises the same.
    times: how often it is dealt. Uses the quick penalised regression as learner: the check is of the
        machinery, not of the covariates.

    >>> from methods.regression.covariates import covariate_matrix
    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"age": rng.normal(size=200), "shared": np.tile([0, 1], 100)})
    >>> rows["orders"] = rows["age"] + 2 * rows["shared"]
    >>> found = shuffled_treatment(rows, outcome="orders", treatment="shared",
    ...                            covariates=covariate_matrix(rows, ["age"]), times=3)
    >>> [one.low < 0 < one.high for one in found]
    [True, True, True]
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
