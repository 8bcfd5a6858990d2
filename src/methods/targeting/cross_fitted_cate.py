"""Who gains from a treatment: two learners whose predictions are judged only on customers held out.

The customers come in random order. A rule is learned from those who came earlier and judged on the next
block, then learned again with that block added, and so on. Dealing out folds in a circle instead would let
each fold's noise enter the rules of the others, and then a test of "does anyone gain more" raises too many
false alarms (Wager 2024, Sequential validation of treatment heterogeneity).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from methods.counts import count
from methods.errors import CannotAnswer
from methods.learners.nuisances import LEARNERS, fit_nuisances
from methods.learners.terms import SmoothTerms
from methods.regression.arms import outcome_and_treatment
from methods.regression.covariates import Covariates, covariate_matrix
from methods.regression.least_squares import least_squares
from methods.regression.ridge_left_out import ridge_left_out
from methods.result import Result

DOUBLY_ROBUST, TWO_MODELS = "DR-learner", "T-learner"
FIRST_SHARE = 0.4
FEWEST_IN_BLOCK = 50
MOST_ROWS_AT_ONCE, MOST_ROWS = 30_000, 100_000
CALIBRATION_FOLDS = 5
LEAST_FACTOR, LEAST_SPREAD = 0.01, 1e-12
PENALTIES = tuple(10.0 ** (power / 4) for power in range(4, 29))  # coarser ones shrink gains to a fourth


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """What a rule was learned from, each row judged by a rule of the others; (learned,) each.

    predicted: gains, less their fold's mean. score: doubly robust.
    """

    predicted: np.ndarray
    score: np.ndarray


@dataclass(frozen=True, kw_only=True)
class CrossFittedCate(Result):
    """Predicted gains beside doubly robust scores, for the customers on whom the rules were judged.

    rows: positions in the frame, shape (judged,). block: which rule judged each, from 0. predicted: learner
    to gains (judged,) in units of the outcome; those of the DR-learner are recalibrated on the rows they were
    learned from (`calibrated_gains`). score: (judged,) values whose mean over any group chosen
    beforehand is unbiased for the group's effect. treated_share: of all rows. lessons: of the DR-learner, by
    block.
    """

    rows: np.ndarray
    block: np.ndarray
    predicted: Mapping[str, np.ndarray]
    score: np.ndarray
    treated_share: float
    lessons: tuple[Lessons, ...] = ()


def cross_fitted_cate(
    frame: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    covariates: Sequence[str] | Covariates,
    randomised: bool = True,
    blocks: int = 3,
    learner: str = "penalised regression",
    most_rows: int = MOST_ROWS,
    seed: int = 1,
) -> CrossFittedCate:
    """Return each held-out row's predicted gain by two learners and its doubly robust score.

    outcome: 0/1 or numbers.
    treatment: 0/1.
    covariates: columns known before it, or their finished matrix.
    randomised: the chance of treatment is the same for all; False estimates it from the covariates.
    blocks: judged one after the other, the first after 40 % of the rows.
    learner: a name of `nuisances.LEARNERS` for the models of outcome and treatment; the second stage of
        the DR-learner sees at most 30,000 rows.
    most_rows: of a larger frame so many, drawn at random, are learned from and judged.
    Raises CannotAnswer below 50 rows of an arm in a block. T-learner: two outcome models subtracted
    (Künzel and others 2019). DR-learner: the doubly robust scores of the earlier rows regressed on smooth
    terms and products (Kennedy 2023, Electronic Journal of Statistics).

    >>> rng = np.random.default_rng(1)
    >>> rows = pd.DataFrame({"age": rng.normal(size=1_500), "offer": np.tile([0, 1], 750)})
    >>> rows["spent"] = rows["age"] * rows["offer"] + rng.normal(size=1_500)
    >>> found = cross_fitted_cate(rows, outcome="spent", treatment="offer", covariates=["age"], blocks=1)
    >>> gain = next(iter(found.predicted.values()))
    >>> bool(np.corrcoef(gain, rows["age"].to_numpy()[found.rows])[0, 1] > 0.8)
    True
    """
    if learner not in LEARNERS:
        raise KeyError(f"learner {learner!r} is not known; there are {list(LEARNERS)}")
    y, t = outcome_and_treatment(frame, outcome=outcome, treatment=treatment)
    x = (covariates if isinstance(covariates, Covariates) else covariate_matrix(frame, covariates)).matrix
    if x.shape[1] == 0:
        raise CannotAnswer("nothing that was known beforehand tells two customers apart")
    order = np.random.default_rng(seed).permutation(len(y))[:most_rows]
    edges = np.linspace(FIRST_SHARE, 1.0, blocks + 1) * len(order)
    parts, lessons = [], []
    for number, (first, last) in enumerate(zip(edges[:-1].astype(int), edges[1:].astype(int), strict=True)):
        learn, judge = order[:first], order[first:last]
        _check(t, learn, judge)
        *found, learned = _judged(x, t, y, learn, judge, learner=learner, randomised=randomised, seed=seed)
        parts.append((judge, np.full(len(judge), number), *found))
        lessons.append(learned)
    rows, block, robust, two, score = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return CrossFittedCate(
        rows=rows,
        block=block,
        predicted={DOUBLY_ROBUST: robust, TWO_MODELS: two},
        score=score,
        treated_share=float(t.mean()),
        lessons=tuple(lessons),
    )


def _check(t: np.ndarray, learn: np.ndarray, judge: np.ndarray) -> None:
    smallest = int(min(min(t[rows].sum(), (1 - t[rows]).sum()) for rows in (learn, judge)))
    if smallest < FEWEST_IN_BLOCK:
        raise CannotAnswer(
            f"a part of the sample has only {count(smallest, 'customer')} of one arm; to learn who gains on "
            f"some customers and judge it on others, {FEWEST_IN_BLOCK} are needed in each"
        )


def _judged(
    x: np.ndarray,
    t: np.ndarray,
    y: np.ndarray,
    learn: np.ndarray,
    judge: np.ndarray,
    *,
    learner: str,
    randomised: bool,
    seed: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, Lessons]:
    """Learn from one set of rows only; return (DR gains, T gains, doubly robust scores) of the other.

    Last come the lessons.
    """
    binary = bool(np.isin(y, (0, 1)).all())
    without, treated = (
        _fitted(learner, x, y, learn[t[learn] == arm], judge, binary=binary) for arm in (0, 1)
    )
    chance = np.full(len(judge), t[learn].mean())
    if not randomised:
        chance = _fitted(learner, x, t, learn, judge, binary=True)
    score = doubly_robust_scores(y[judge], t[judge], chance, without, treated)
    inner = fit_nuisances(x[learn], t[learn], y[learn], learners=(learner,), seed=seed)
    known = np.full(len(learn), t[learn].mean()) if randomised else inner.propensity
    told = doubly_robust_scores(y[learn], t[learn], known, inner.outcome_control, inner.outcome_treated)
    gains, lessons = _regressed(x, learn, told, judge)
    return gains, treated - without, score, lessons


def _regressed(
    x: np.ndarray, learn: np.ndarray, lessons: np.ndarray, judge: np.ndarray
) -> tuple[np.ndarray, Lessons]:
    """Regress scores on smooth terms; the terms are many columns, so memory is kept to a part at a time."""
    learn, lessons = learn[:MOST_ROWS_AT_ONCE], lessons[:MOST_ROWS_AT_ONCE]
    terms = make_pipeline(SmoothTerms(), StandardScaler()).fit(x[learn])
    seen = terms.transform(x[learn])
    final = ridge_left_out(seen, lessons, penalties=PENALTIES)
    again = _left_out_predictions(seen, lessons, penalty=final.penalty)
    parts = np.array_split(judge, len(judge) // MOST_ROWS_AT_ONCE + 1)
    found = np.concatenate([final.predict(terms.transform(x[part])) for part in parts])
    return calibrated_gains(found, again, lessons), Lessons(predicted=again, score=lessons)


def _left_out_predictions(terms: np.ndarray, lessons: np.ndarray, *, penalty: float) -> np.ndarray:
    """Each row's prediction, less the mean of its fold, by a ridge regression of the other folds."""
    folds = np.array_split(np.arange(len(lessons)), CALIBRATION_FOLDS)
    products = [terms[fold].T @ np.column_stack([terms[fold], lessons[fold]]) for fold in folds]
    sums = [np.r_[terms[fold].sum(axis=0), lessons[fold].sum()] for fold in folds]
    whole, total = sum(products), np.sum(sums, axis=0)
    found = np.empty(len(lessons))
    for fold, product, own in zip(folds, products, sums, strict=True):
        rows, mean = len(lessons) - len(fold), (total - own)
        centred = whole - product - np.outer(mean[:-1], mean) / rows
        gram = centred[:, :-1] + penalty * np.eye(terms.shape[1])
        predicted = terms[fold] @ np.linalg.solve(gram, centred[:, -1])
        found[fold] = predicted - predicted.mean()
    return found


def calibrated_gains(predicted: np.ndarray, left_out: np.ndarray, score: np.ndarray) -> np.ndarray:
    """Return predicted gains stretched about their mean to the size that gains of left-out rows have.

    predicted: gains of new rows (rows,).
    left_out: predictions of the rows that were learned from, each made without it and centred; (learned,).
    score: their doubly robust scores (learned,).

    The factor is the slope of the scores on the predictions (the calibration of Chernozhukov, Demirer, Duflo
    and Fernández-Val 2025, Econometrica), shrunk towards 1 by its own error, as if slopes were 1 with a
    standard deviation of 1: what so few scores say of it is mostly noise. It is at least a hundredth,
    so that an order among customers remains.

    >>> rng = np.random.default_rng(1)
    >>> left_out = rng.normal(size=2_000)
    >>> found = calibrated_gains(np.array([-1.0, 0.0, 1.0]), left_out, 3 * left_out + rng.normal(size=2_000))
    >>> found.round(1).tolist()
    [-3.0, 0.0, 3.0]
    """
    middle = predicted.mean()
    if np.ptp(left_out) <= LEAST_SPREAD or np.ptp(predicted) <= LEAST_SPREAD:
        return predicted
    fit = least_squares(np.column_stack([np.ones_like(left_out), left_out]), score)
    slope, variance = float(fit.coefficients[1]), float(fit.robust[1, 1])
    factor = 1 + (slope - 1) / (1 + variance)
    return middle + max(factor, LEAST_FACTOR) * (predicted - middle)


def _fitted(
    learner: str, x: np.ndarray, target: np.ndarray, rows: np.ndarray, new: np.ndarray, *, binary: bool
) -> np.ndarray:
    if np.ptp(target[rows]) == 0:
        return np.full(len(new), target[rows].mean())
    model = LEARNERS[learner](binary).fit(x[rows], target[rows])
    return model.predict_proba(x[new])[:, 1] if binary else model.predict(x[new])


def doubly_robust_scores(
    outcome: np.ndarray,
    treatment: np.ndarray,
    propensity: np.ndarray,
    without: np.ndarray,
    treated: np.ndarray,
    *,
    trim: float = 0.01,
) -> np.ndarray:
    """Return row values whose mean is the average effect if the propensity or the outcome models hold.

    outcome, treatment: as analysed.
    without, treated: the outcome to expect without and with the treatment. All (rows,). propensity is
        kept within [trim, 1 − trim]. Robins, Rotnitzky and Zhao 1994.

    >>> outcome, treatment = np.array([1.0, 3.0]), np.array([0, 1])
    >>> doubly_robust_scores(outcome, treatment, np.full(2, 0.5), np.ones(2), np.full(2, 3.0)).tolist()
    [2.0, 2.0]
    """
    chance = np.clip(propensity, trim, 1 - trim)
    expected = np.where(treatment == 1, treated, without)
    weight = (treatment - chance) / (chance * (1 - chance))
    return treated - without + weight * (outcome - expected)
