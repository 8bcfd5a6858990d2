"""The two models behind an adjusted comparison: who is treated, and what outcome to expect.

Every prediction is made for rows that the model has not seen (cross-fitting). Several learners are tried
and combined: outcomes by one small regression on those predictions ("short stacking", Ahrens, Hansen,
Schaffer and Wiemann 2025, Journal of Applied Econometrics), propensities by the average of their log odds.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.uplift.terms import SmoothTerms

Maker = Callable[[bool], BaseEstimator]

SMALL_SAMPLE, LARGE_SAMPLE = 2_000, 10_000


@dataclass(frozen=True, kw_only=True)
class Nuisances:
    """Out-of-sample predictions for every row, shape (rows,).

    propensity: chance of being treated. outcome_control, outcome_treated: the outcome to expect without
    and with the treatment. learners: the names of the learners that were combined.
    """

    propensity: np.ndarray
    outcome_control: np.ndarray
    outcome_treated: np.ndarray
    learners: tuple[str, ...]


def _linear(binary: bool) -> BaseEstimator:
    model = LogisticRegression(C=0.06, max_iter=500) if binary else Ridge(alpha=15.0)
    return make_pipeline(StandardScaler(), model)


def _smooth(binary: bool) -> BaseEstimator:
    model = LogisticRegression(C=0.02, max_iter=300) if binary else Ridge(alpha=50.0)
    return make_pipeline(SmoothTerms(), StandardScaler(), model)


def _boosted(binary: bool) -> BaseEstimator:
    return _trees(
        binary,
        max_iter=120,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=1.0,
    )


def _finely_boosted(binary: bool) -> BaseEstimator:
    """With many rows, deeper trees follow who is treated more closely, which leaves less bias."""
    return _trees(binary, max_iter=100, learning_rate=0.1, max_leaf_nodes=31, min_samples_leaf=20)


def _trees(binary: bool, **options) -> BaseEstimator:
    kind = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    return kind(early_stopping=False, random_state=0, **options)


LEARNERS: MappingProxyType[str, Maker] = MappingProxyType(
    {
        "penalised regression": _linear,
        "splines with interactions": _smooth,
        "boosted trees": _boosted,
        "finely boosted trees": _finely_boosted,
    }
)


def default_learners(rows: int) -> tuple[str, ...]:
    """Return the learners that a sample of this size can carry: more freedom from 2,000 and 10,000 rows."""
    if rows < SMALL_SAMPLE:
        return ("penalised regression",)
    if rows < LARGE_SAMPLE:
        return ("splines with interactions", "boosted trees")
    return ("splines with interactions", "finely boosted trees")


def fit_nuisances(
    matrix: np.ndarray,
    treatment: np.ndarray,
    outcome: np.ndarray,
    *,
    folds: int = 5,
    learners: Sequence[str] = (),
    seed: int = 1,
) -> Nuisances:
    """Return cross-fitted predictions of treatment and outcome.

    matrix: (rows, columns) float. treatment: (rows,) of 0 and 1. outcome: (rows,) float; 0 and 1 only means
    a share. learners: names from `LEARNERS`; empty lets the sample size choose. Raises KeyError on others.
    """
    names = tuple(learners) or default_learners(len(treatment))
    unknown = [name for name in names if name not in LEARNERS]
    if unknown:
        raise KeyError(f"learners {unknown} are not known; there are {list(LEARNERS)}")
    treated = treatment == 1
    binary = bool(np.isin(outcome, (0, 1)).all())
    strata = treatment * 2 + outcome if binary else treatment
    splits = list(_splits(strata, folds=folds, seed=seed))
    everyone = np.ones(len(treated), dtype=bool)
    predict = functools.partial(_predictions, names, matrix, splits=splits)
    of_treatment = predict(treatment, everyone, binary=True)
    of_outcome = [predict(outcome, rows, binary=binary) for rows in (~treated, treated)]
    untreated, with_treatment = (
        _stack(found, outcome, rows, binary=binary)
        for found, rows in zip(of_outcome, (~treated, treated), strict=True)
    )
    return Nuisances(
        propensity=_average(of_treatment),
        outcome_control=untreated,
        outcome_treated=with_treatment,
        learners=names,
    )


def _splits(strata: np.ndarray, *, folds: int, seed: int):
    """Folds that hold the same mix of arms and outcomes."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return splitter.split(np.zeros(len(strata)), strata.astype(int))


def _predictions(names, matrix, target, rows, *, splits, binary: bool) -> np.ndarray:
    """Predict every row out of fold by each learner fitted on `rows`; shape (rows, learners)."""
    predictions = np.empty((len(target), len(names)))
    for position, name in enumerate(names):
        for learn, predict in splits:
            own = learn[rows[learn]]
            predictions[predict, position] = _predict(
                LEARNERS[name](binary), matrix[own], target[own], matrix[predict], binary=binary
            )
    return predictions


def _predict(model, matrix, target, new, *, binary: bool) -> np.ndarray:
    if np.ptp(target) == 0 or matrix.shape[1] == 0:
        return np.full(len(new), target.mean())
    model.fit(matrix, target)
    return model.predict_proba(new)[:, 1] if binary else model.predict(new)


def _log_odds(predictions: np.ndarray) -> np.ndarray:
    bounded = np.clip(predictions, 1e-4, 1 - 1e-4)
    return np.log(bounded / (1 - bounded))


def _average(predictions: np.ndarray) -> np.ndarray:
    """Average the log odds. Calibrating them too shrinks propensities and leaves more bias (measured)."""
    return 1 / (1 + np.exp(-_log_odds(predictions).mean(axis=1)))


def _stack(predictions, target, rows, *, binary: bool) -> np.ndarray:
    if predictions.shape[1] == 1 or np.ptp(target[rows]) == 0:
        return predictions.mean(axis=1)
    if not binary:
        return Ridge(alpha=1e-6).fit(predictions[rows], target[rows]).predict(predictions)
    log_odds = _log_odds(predictions)
    return LogisticRegression(C=1e4).fit(log_odds[rows], target[rows]).predict_proba(log_odds)[:, 1]
