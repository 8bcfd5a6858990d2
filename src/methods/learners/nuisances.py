"""The two models behind an adjusted comparison: who is treated, and what outcome to expect.

Every prediction is made for rows that the model has not seen (cross-fitting). Several learners are tried
and combined: outcomes by one small regression on those predictions ("short stacking", Ahrens, Hansen,
Schaffer and Wiemann 2025, Journal of Applied Econometrics), propensities by the average of their log odds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import StratifiedKFold

from methods.learners.additive_model import AdditiveModel
from methods.learners.additive_trees import AdditiveTrees
from methods.learners.fit_check import fault_of
from methods.learners.penalised_regression import penalised_regression

Maker = Callable[[bool], BaseEstimator]

SMALL_SAMPLE, LARGE_SAMPLE = 2_000, 10_000
MOST_LEARNED = 120_000
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, kw_only=True)
class Nuisances:
    """Out-of-sample predictions for every row, shape (rows,).

    propensity: chance of being treated. outcome_control, outcome_treated: the outcome to expect without
    and with the treatment. learners: the names of the learners that were combined. warning: empty, or one
    sentence on fits that failed their check and what took their place.
    """

    propensity: np.ndarray
    outcome_control: np.ndarray
    outcome_treated: np.ndarray
    learners: tuple[str, ...]
    warning: str = ""


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
        "penalised regression": penalised_regression,
        "curves and surfaces": AdditiveModel,
        "curves, surfaces and trees": AdditiveTrees,
        "boosted trees": _boosted,
    }
)


ARMS_TOGETHER = ("curves, surfaces and trees",)


def default_learners(rows: int) -> tuple[str, ...]:
    """Return the learner that a sample of this size can carry: more freedom from 2,000 and 10,000 rows.

    Trees on top of curves and surfaces take a third off the bias of 20,000 rows for 1 % on the standard
    error; of 4,000 rows they take as much off but put 5 % on, so that the error as a whole grows.
    """
    if rows < SMALL_SAMPLE:
        return ("penalised regression",)
    return ("curves and surfaces",) if rows < LARGE_SAMPLE else ("curves, surfaces and trees",)


def default_folds(rows: int, *, most_learned: int = MOST_LEARNED) -> int:
    """Return 5 folds; 4 from 10,000 rows: one more is a quarter more work for hardly more to learn from.

    2 where half of the rows are already more than a learner looks at.
    """
    if rows >= 2 * most_learned:
        return 2
    return 5 if rows < LARGE_SAMPLE else 4


def fit_nuisances(
    matrix: np.ndarray,
    treatment: np.ndarray,
    outcome: np.ndarray,
    *,
    folds: int = 0,
    learners: Sequence[str] = (),
    most_learned: int = MOST_LEARNED,
    seed: int = 1,
    names: Sequence[str] = (),
) -> Nuisances:
    """Return cross-fitted predictions of treatment and outcome.

    matrix: (rows, columns) float. treatment: (rows,) of 0 and 1. outcome: (rows,) float; 0 and 1 only means
    a share. folds: 0 lets the sample size choose (see `default_folds`). learners: names
    from `LEARNERS`; empty lets the sample size choose. Raises KeyError on others. most_learned: a fit draws
    so many of its rows at random, so that with a million rows work grows with the predictions only.
    Learners have an outcome model an arm; those with trees have one for both, with the treatment among its
    covariates, that also takes in which covariates act together on the treatment ("double selection":
    Belloni, Chernozhukov and Hansen 2014, Review of Economic Studies): what drives both is what biases.
    names: of the columns, for the warning.
    """
    chosen = tuple(learners) or default_learners(len(treatment))
    unknown = [name for name in chosen if name not in LEARNERS]
    if unknown:
        raise KeyError(f"learners {unknown} are not known; there are {list(LEARNERS)}")
    treated = treatment == 1
    binary = bool(np.isin(outcome, (0, 1)).all())
    folds = folds or default_folds(len(treated), most_learned=most_learned)
    splits = _splits(treatment * 2 + outcome if binary else treatment, folds=folds, seed=seed)
    faults: list[str] = []
    of_treatment, *of_outcome = _predictions(
        chosen, _Sample(matrix, treatment, outcome, binary, most_learned, faults), splits
    )
    untreated, with_treatment = (
        _stack(found, outcome, rows, binary=binary)
        for found, rows in zip(of_outcome, (~treated, treated), strict=True)
    )
    propensity = _average(of_treatment)
    return Nuisances(
        propensity=propensity,
        outcome_control=untreated,
        outcome_treated=with_treatment,
        learners=chosen,
        warning=_warning(faults, fault_of(matrix, treatment, propensity, names=tuple(names))),
    )


def _warning(faults: list[str], left: str) -> str:
    """Say which fits failed their check, and what is wrong with the chances of treatment still."""
    said = []
    if faults:
        which = " and ".join(sorted(set(faults)))
        said.append(f"{len(faults)} fits of {which} failed their check: a plain logistic took their place")
    if left:
        said.append(f"the chance of treatment is not known well: {left}")
    return "; ".join(said)


def _splits(strata: np.ndarray, *, folds: int, seed: int):
    """Folds that hold the same mix of arms and outcomes."""
    splitter = StratifiedKFold(folds, shuffle=True, random_state=seed)
    return splitter.split(np.zeros(len(strata)), strata.astype(int))


@dataclass(frozen=True)
class _Sample:
    matrix: np.ndarray
    treatment: np.ndarray
    outcome: np.ndarray
    binary: bool
    most_learned: int
    faults: list[str]

    def checked(self, model: BaseEstimator, target: np.ndarray) -> BaseEstimator:
        """Return a fitted model; where it failed its own check, what it was to predict is noted."""
        if getattr(model, "fault_", ""):
            self.faults.append("the treatment" if target is self.treatment else "the outcome")
        return model

    def drawn(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows, or so many of them as a fit may look at."""
        if len(rows) <= self.most_learned:
            return rows
        return np.sort(np.random.default_rng(0).choice(rows, self.most_learned, replace=False))


def _predictions(names, sample: _Sample, splits) -> np.ndarray:
    """Predict treatment, and outcome without and with it, out of fold; shape (3, rows, learners)."""
    predictions = np.empty(
        (3, len(sample.treatment), len(names)), dtype=np.result_type(sample.matrix, np.float32)
    )
    for learn, new in splits:
        for place, name in enumerate(names):
            joint = name in ARMS_TOGETHER and sample.matrix.shape[1] > 0
            predict = _arms_together if joint else _arms_apart
            for row, found in zip(predictions, predict(LEARNERS[name], sample, learn, new), strict=True):
                row[new, place] = found
    return predictions


def _arms_apart(make: Maker, sample: _Sample, learn: np.ndarray, new: np.ndarray):
    """Outcome models of their own for the untreated and the treated."""
    binary, treatment, outcome = sample.binary, sample.treatment, sample.outcome
    yield _predicted(make(True), sample, treatment, sample.drawn(learn), new, binary=True)
    for arm in (0, 1):
        own = sample.drawn(learn[treatment[learn] == arm])
        yield _predicted(make(binary), sample, outcome, own, new, binary=binary)


def _arms_together(make: Maker, sample: _Sample, learn: np.ndarray, new: np.ndarray):
    """One outcome model of both arms, told which covariates act together on the treatment."""
    matrix, treatment, outcome = sample.matrix, sample.treatment, sample.outcome
    own = sample.drawn(learn)
    chance = sample.checked(make(True).fit(matrix[own], treatment[own]), treatment)
    yield _in_parts(chance.predict, matrix, new)
    if np.ptp(outcome[own]) == 0:
        yield from np.full((2, len(new)), outcome[own[0]])
        return
    both = _beside(matrix[own], treatment[own])
    expected = make(sample.binary).fit(both, outcome[own], together=chance.together_)
    sample.checked(expected, outcome)
    for arm in (0.0, 1.0):
        yield _in_parts(
            lambda part, arm=arm: expected.predict(_beside(part, arm)),
            matrix,
            new,
        )


def _beside(part: np.ndarray, treatment: np.ndarray | float) -> np.ndarray:
    column = np.broadcast_to(np.asarray(treatment, dtype=part.dtype), len(part))
    return np.column_stack([part, column])


def _predicted(model, sample: _Sample, target, own, new, *, binary: bool) -> np.ndarray:
    """Fit on the rows `own`, predict the rows `new`."""
    matrix = sample.matrix
    if np.ptp(target[own]) == 0 or matrix.shape[1] == 0:
        return np.full(len(new), target[own].mean())
    sample.checked(model.fit(matrix[own], target[own]), target)
    return _in_parts((lambda part: model.predict_proba(part)[:, 1]) if binary else model.predict, matrix, new)


def _in_parts(predict: Callable, matrix: np.ndarray, rows: np.ndarray) -> np.ndarray:
    parts = np.array_split(rows, len(rows) // ROWS_AT_ONCE + 1)
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
