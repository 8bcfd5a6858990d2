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

from helpers.uplift.additive_model import AdditiveModel

Maker = Callable[[bool], BaseEstimator]

SMALL_SAMPLE = 2_000
MOST_LEARNED = 120_000
ROWS_AT_ONCE = 50_000


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


def _boosted(binary: bool) -> BaseEstimator:
    kind = HistGradientBoostingClassifier if binary else HistGradientBoostingRegressor
    return kind(
        early_stopping=False,
        random_state=0,
        max_iter=120,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=1.0,
    )


LEARNERS: MappingProxyType[str, Maker] = MappingProxyType(
    {
        "penalised regression": _linear,
        "curves and surfaces": AdditiveModel,
        "boosted trees": _boosted,
    }
)


def default_learners(rows: int) -> tuple[str, ...]:
    """Return the learners that a sample of this size can carry: more freedom from 2,000 rows."""
    return ("penalised regression",) if rows < SMALL_SAMPLE else ("curves and surfaces",)


def default_folds(rows: int, *, most_learned: int = MOST_LEARNED) -> int:
    """Return 5 folds, or 2 where half of the rows are already more than a learner looks at."""
    return 5 if rows < 2 * most_learned else 2


def fit_nuisances(
    matrix: np.ndarray,
    treatment: np.ndarray,
    outcome: np.ndarray,
    *,
    folds: int = 0,
    learners: Sequence[str] = (),
    most_learned: int = MOST_LEARNED,
    seed: int = 1,
) -> Nuisances:
    """Return cross-fitted predictions of treatment and outcome.

    matrix: (rows, columns) float. treatment: (rows,) of 0 and 1. outcome: (rows,) float; 0 and 1 only means
    a share. folds: 0 lets the sample size choose (5; 2 where half the rows exceed `most_learned`). learners:
    names from `LEARNERS`; empty lets the sample size choose. Raises KeyError on others. most_learned: a fit
    draws so many of its rows at random, so that with a million rows work grows with the predictions only.
    """
    names = tuple(learners) or default_learners(len(treatment))
    unknown = [name for name in names if name not in LEARNERS]
    if unknown:
        raise KeyError(f"learners {unknown} are not known; there are {list(LEARNERS)}")
    treated = treatment == 1
    binary = bool(np.isin(outcome, (0, 1)).all())
    strata = treatment * 2 + outcome if binary else treatment
    folds = folds or default_folds(len(treated), most_learned=most_learned)
    splits = list(_splits(strata, folds=folds, seed=seed))
    everyone = np.ones(len(treated), dtype=bool)
    predict = functools.partial(_predictions, names, matrix, splits=splits, most_learned=most_learned)
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


def _predictions(names, matrix, target, rows, *, splits, most_learned: int, binary: bool) -> np.ndarray:
    """Predict every row out of fold by each learner fitted on `rows`; shape (rows, learners)."""
    predictions = np.empty((len(target), len(names)))
    for learn, predict in splits:
        own = _drawn(learn[rows[learn]], most_learned)
        for position, name in enumerate(names):
            predictions[predict, position] = _predict(
                LEARNERS[name](binary), matrix, target, own, predict, binary=binary
            )
    return predictions


def _drawn(rows: np.ndarray, most: int) -> np.ndarray:
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))


def _predict(model, matrix, target, own, new, *, binary: bool) -> np.ndarray:
    """Fit on the rows `own`, predict the rows `new`, a part of them at a time."""
    if np.ptp(target[own]) == 0 or matrix.shape[1] == 0:
        return np.full(len(new), target[own].mean())
    model.fit(matrix[own], target[own])
    predict = (lambda rows: model.predict_proba(rows)[:, 1]) if binary else model.predict
    parts = np.array_split(new, len(new) // ROWS_AT_ONCE + 1)
    return np.concatenate([predict(matrix[part]) for part in parts])


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
