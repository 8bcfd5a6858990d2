"""A test sharpened by a prediction of its outcome that no row's own outcome entered (CUPAC)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from methods.learners.additive_model import AdditiveModel
from methods.learners.folds import cluster_folds, stratified_folds
from methods.regression.arms import cluster_labels, outcome_and_treatment
from methods.regression.covariates import covariate_matrix
from methods.result import Result
from methods.trials.intention_to_treat import OfferEffect, intention_to_treat

FOLDS = 5
PREDICTED = "predicted outcome"


@dataclass(frozen=True, kw_only=True)
class PredictedCovariate(Result):
    """The effect adjusted by a prediction of the outcome.

    predicted: (rows,). correlation: of prediction and outcome within the arms.
    """

    offer: OfferEffect
    correlation: float
    predicted: np.ndarray


def predicted_covariate(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    cluster: str | None = None,
    folds: int = FOLDS,
    seed: int = 1,
    level: float = 0.95,
) -> PredictedCovariate:
    """Return the effect of a drawn arm, sharpened by one covariate: a model's guess of the outcome.

    outcome: 0/1 or numbers. treatment: 0/1, the arm as drawn.
    covariates: known before the draw; curves of them are learned on other folds, never of the arm, so that
        the guess cannot take the effect away.
    cluster: column of groups drawn together, which keep to one fold.
    folds: 2 or more.
    It saves more variance than the covariates themselves where their lines are not straight; with none of
    use it costs nothing at large n. Source: Tang, Huang, Kastelman and Bauman (2020), "Control using
    predictions as covariates in switchback experiments"; cross-fitting as Guo, Coey, Konutgan, Li, Schoener
    and Goldman (2021), NeurIPS.
    Raises CannotAnswer below 25 rows in an arm, ValueError below 2 folds.

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"offer": np.tile([0, 1], 400), "past": rng.normal(size=800)})
    >>> rows["spent"] = 3 * np.cos(2 * rows["past"]) + rows["offer"] + rng.normal(size=800)
    >>> found = predicted_covariate(rows, outcome="spent", treatment="offer", covariates=["past"])
    >>> found.offer.variance_saved > 0.6
    True
    """
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    if folds < 2:
        raise ValueError(f"folds is {folds}; a row's guess needs 2 or more")
    groups = cluster_labels(frame, cluster)
    splits = (
        stratified_folds(t, folds=folds, seed=seed)
        if groups is None
        else cluster_folds(t, groups, folds=folds, seed=seed)
    )
    x = covariate_matrix(frame, covariates).matrix
    predicted = np.empty(len(y))
    for learn, new in splits:
        predicted[new] = AdditiveModel(binary=False).fit(x[learn], y[learn]).predict(x[new])
    offer = intention_to_treat(
        frame.assign(**{PREDICTED: predicted}),
        outcome=outcome,
        treatment=treatment,
        covariates=[PREDICTED],
        cluster=cluster,
        level=level,
    )
    within = [np.corrcoef(y[t == arm], predicted[t == arm])[0, 1] for arm in (0, 1)]
    return PredictedCovariate(offer=offer, correlation=float(np.mean(within)), predicted=predicted)
