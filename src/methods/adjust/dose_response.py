"""How the outcome rises with a dose, such as likes, among rows that are alike in what was known before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import KFold
from sklearn.preprocessing import StandardScaler

from methods.counts import count
from methods.errors import CannotAnswer
from methods.intervals.estimates import Interval
from methods.intervals.influence import normal_interval, standard_error
from methods.learners.nuisances import LEARNERS
from methods.regression.covariates import Covariates
from methods.regression.ridge_left_out import ridge_left_out
from methods.result import Result

FEWEST_ROWS = 200
ROWS_FOR_CURVES, ROWS_FOR_ONE_DRAW = 10_000, 30_000
PENALTIES = tuple(10.0 ** (power / 2) for power in range(2, 11))


@dataclass(frozen=True, kw_only=True)
class DoseResponse(Result):
    """A curve that is a sum of terms of the dose times coefficients.

    coefficients: (terms,), outcome per unit of each term. influence: (rows, terms), each row's share in them.
    terms: turns doses (any number,) into (that number, terms), 0 at dose 0. cluster: (rows,) or None.
    left_over: share of the variance of each term that the covariates do not explain, (terms,).
    """

    coefficients: np.ndarray
    influence: np.ndarray
    terms: Callable[[np.ndarray], np.ndarray]
    cluster: np.ndarray | None
    left_over: np.ndarray

    def contrast(self, weights: Sequence[float], *, level: float = 0.95) -> Interval:
        """Return the coefficients weighted by (terms,) numbers, such as the terms of ten likes."""
        made = np.asarray(weights, dtype=float)
        error = standard_error(self.influence @ made, self.cluster)
        return normal_interval(float(self.coefficients @ made), error, len(self.influence), level=level)

    def effect_of(self, dose: float, *, base: float = 0.0, level: float = 0.95) -> Interval:
        """Return the effect of `dose` against `base` on the outcome."""
        high, low = self.terms(np.array([dose, base], dtype=float))
        return self.contrast(high - low, level=level)

    def mean_effect(self, doses: np.ndarray, *, level: float = 0.95) -> Interval:
        """Return the mean effect of the rows' own doses (rows,) against none; allows for the draw of rows."""
        made = self.terms(np.asarray(doses, dtype=float))
        weights = made.mean(axis=0)
        own = (made - weights) @ self.coefficients
        error = standard_error(self.influence @ weights + own, self.cluster)
        return normal_interval(self.coefficients @ weights, error, len(made), level=level)


def log_terms(dose: np.ndarray) -> np.ndarray:
    """Return log(1 + dose) as the one term, (doses, 1): each further like counts for less."""
    return np.log1p(dose)[:, None]


def dose_response(
    outcome: np.ndarray,
    dose: np.ndarray,
    covariates: Covariates,
    *,
    terms: Callable[[np.ndarray], np.ndarray] = log_terms,
    cluster: np.ndarray | None = None,
    folds: int = 5,
    repeats: int = 5,
    learner: str = "",
    seed: int = 1,
) -> DoseResponse:
    """Return the curve of the outcome over a dose, with covariates held equal.

    outcome, dose: (rows,), dose at least 0.
    terms: of the dose (see DoseResponse).
    repeats: of the random folds, averaged; from 30,000 rows on they are drawn once, 1 % on the error
        (of 33,000 sharers, another draw moves the estimate by .15 of its standard error).
    learner: a name of `nuisances.LEARNERS`; empty takes curves and surfaces from 10,000 rows on and below
        them a ridge whose penalty the data choose: a few hundred rows fitted too closely by dozens of
        columns make the estimate noisier than its interval allows. Outcome and terms are predicted from
        the covariates for rows not learned from; what is left of the one is regressed on what is left of
        the others, robust interval: the partially linear model of Robinson 1988 and Chernozhukov and
        others 2018 (Econometrics Journal). It takes the curve to be the same for all rows.
    cluster: (rows,) labels of dependent rows, or None.
    Raises CannotAnswer below 200 rows or when the doses are all alike, ValueError on negative doses or
    gaps.

    >>> from methods.regression.covariates import covariate_matrix
    >>> import pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> age, likes = rng.normal(size=400), rng.integers(0, 9, 400)
    >>> spent = age + 3 * np.log1p(likes) + rng.normal(size=400)
    >>> curve = dose_response(spent, likes, covariate_matrix(pd.DataFrame({"age": age}), ["age"]), repeats=1)
    >>> round(float(curve.effect_of(5).estimate / np.log1p(5)), 1)
    3.1
    """
    y, d = np.asarray(outcome, dtype=float), np.asarray(dose, dtype=float)
    if not (np.isfinite(y).all() and np.isfinite(d).all()) or (d < 0).any():
        raise ValueError("outcome and dose must be numbers without gaps, the dose at least 0")
    if len(y) < FEWEST_ROWS:
        known = count(len(y), "customer")
        raise CannotAnswer(f"a dose is known for only {known}; at least {FEWEST_ROWS} are needed")
    if np.ptp(d) == 0:
        raise CannotAnswer(f"everybody has the same dose, {d[0]:g}")
    made = terms(d)
    if not learner and len(y) >= ROWS_FOR_CURVES:
        learner = "curves and surfaces"
    x, targets = covariates.matrix, np.column_stack([y, made])
    fits = [
        _one_fit(x, targets, learner=learner, folds=folds, seed=seed + 1000 * repeat)
        for repeat in range(repeats if len(y) < ROWS_FOR_ONE_DRAW else 1)
    ]
    coefficients, influence, left_over = (np.mean(parts, axis=0) for parts in zip(*fits, strict=True))
    return DoseResponse(
        coefficients=coefficients, influence=influence, terms=terms, cluster=cluster, left_over=left_over
    )


def _one_fit(
    x: np.ndarray, targets: np.ndarray, *, learner: str, folds: int, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Residuals out of fold, then least squares on them: (coefficients, influence, share left over)."""
    left = targets - _expected(x, targets, learner=learner, folds=folds, seed=seed)
    y, d = left[:, 0], left[:, 1:]
    gram = d.T @ d / len(y)
    coefficients = np.linalg.lstsq(gram, d.T @ y / len(y), rcond=None)[0]
    influence = (d * (y - d @ coefficients)[:, None]) @ np.linalg.pinv(gram)
    return coefficients, influence, d.var(axis=0) / targets[:, 1:].var(axis=0)


def _expected(x: np.ndarray, targets: np.ndarray, *, learner: str, folds: int, seed: int) -> np.ndarray:
    predicted = np.empty_like(targets)
    for learn, new in KFold(folds, shuffle=True, random_state=seed).split(targets):
        if x.shape[1] == 0:
            predicted[new] = targets[learn].mean(axis=0)
        elif not learner:
            predicted[new] = _lines(x[learn], targets[learn], x[new])
        else:
            predicted[new] = _learned(LEARNERS[learner], x[learn], targets[learn], x[new])
    return predicted


def _lines(x: np.ndarray, targets: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Predict each target at the rows `new` by a ridge whose penalty the data choose for it."""
    scale = StandardScaler().fit(x)
    seen, unseen = scale.transform(x), scale.transform(new)
    fits = [ridge_left_out(seen, target, penalties=PENALTIES) for target in targets.T]
    return np.column_stack([fit.predict(unseen) for fit in fits])


def _learned(make: Callable, x: np.ndarray, targets: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Predict each target at the rows `new`; the first, the outcome, as a chance where it is 0 or 1."""
    predicted = np.empty((len(new), targets.shape[1]))
    for column, target in enumerate(targets.T):
        if np.ptp(target) == 0:
            predicted[:, column] = target[0]
            continue
        binary = column == 0 and bool(np.isin(target, (0, 1)).all())
        model = make(binary).fit(x, target)
        predicted[:, column] = model.predict_proba(new)[:, 1] if binary else model.predict(new)
    return predicted
