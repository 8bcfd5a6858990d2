"""A regression on curves, pairs and triples of covariates that finds its own penalties, quick at any size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator

from methods.learners.block_ridge import UNPENALISED, block_penalties, solve
from methods.learners.curves import WAVES, Curves
from methods.learners.damped_newton import Climb, climb, log_loss, score_and_weight
from methods.learners.fit_check import fault_of
from methods.learners.penalised_regression import penalised_regression
from methods.learners.surfaces import Surfaces

ROWS_AT_ONCE, ROWS_OF_TERMS, ROWS_IN_HALF = 20_000, 5_000, 100_000
CURVE_PENALTY, PRODUCT_PENALTY = 20.0, 200.0
UNDERSMOOTHED = 0.5
NEAR, CLOSE = 0.1, 0.02  # log likelihood left to gain: of a start, and of the fit
CHORDS = 6


class AdditiveModel(BaseEstimator):
    """Expected value (or chance) as a sum of curves of covariates and of surfaces of those that act together.

    Every curve, every pair, and the triples together have a penalty of their own that fits the size of their
    coefficients, so what the data do not ask for shrinks to nothing (generalised additive models: Wood and
    Fasiolo 2017, Biometrics). Half of each penalty is used: what is too rough averages out in a mean over
    rows, what is too smooth stays as bias (undersmoothing: Newey and Robins 2018).
    binary: outcomes are 0 and 1, fitted on the scale of log odds. Such a fit is checked once made
    (`fit_check.fault_of`): where it fails, `fault_` says how, and a plain penalised logistic predicts.

    >>> rng = np.random.default_rng(1)
    >>> age = rng.uniform(-2, 2, (3_000, 1))
    >>> model = AdditiveModel(binary=False).fit(age, np.sin(age[:, 0]) + rng.normal(0, 0.1, 3_000))
    >>> model.predict(np.array([[0.0], [1.5]])).round(1).tolist()
    [0.0, 1.0]
    """

    waves = WAVES
    middle_: float
    spread_: float
    surfaces_: Surfaces | None

    def __init__(self, binary: bool = True) -> None:
        self.binary = binary

    def fit(self, X: np.ndarray, y: np.ndarray, together: Sequence[tuple[int, ...]] = ()) -> AdditiveModel:
        """Learn from X of shape (rows, covariates) and y (rows,).

        together: covariates known to act together, to take in beside those found here: pairs and triples
            of columns, such as `together_` of another model.
        """
        self.middle_, self.spread_ = (0.0, 1.0) if self.binary else (y.mean(), y.std() or 1.0)
        target = ((y - self.middle_) / self.spread_).astype(np.float32)
        self.curves_, self.surfaces_ = Curves(X, waves=self._waves(len(X))), None
        ranks = self.curves_.ranks(X)
        main = self._centred(X, ranks)
        self._fit_curves(Design(main, self._terms), target)
        residual, weight = self._left_over(Design(main, self._terms).times(self.coefficients_), target)
        self.surfaces_ = Surfaces(self.curves_, ranks, main, residual, weight, also=together)
        self.together_ = (*self.surfaces_.pairs, *self.surfaces_.triples)
        design = Design(main, self._terms)
        self._fit_all(design, target)
        predictor = self._fit_left_over(X, ranks, design.times(self.coefficients_), target)
        self._check(X, y, predictor)
        return self

    def _waves(self, rows: int) -> int:
        return self.waves

    def _centred(self, X: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """Columns of the curves less their means; of very many rows with three digits, to save memory."""
        main = np.empty(
            (len(X), int(self.curves_.sizes.sum())), np.float16 if len(X) > ROWS_IN_HALF else np.float32
        )
        sums = np.zeros(main.shape[1])
        parts = row_parts(len(X), ROWS_AT_ONCE)
        for rows in parts:
            made = self.curves_.columns(X[rows], ranks[rows])
            sums, main[rows] = sums + made.sum(axis=0, dtype=float), made
        self.centre_ = (sums / len(X)).astype(np.float32)
        for rows in parts:
            main[rows] -= self.centre_
        return main

    def _fit_left_over(
        self, X: np.ndarray, ranks: np.ndarray, predictor: np.ndarray, target: np.ndarray
    ) -> np.ndarray:
        """Learn from what curves and surfaces leave over, here nothing; return the predictor with it."""
        return predictor

    def _check(self, X: np.ndarray, y: np.ndarray, predictor: np.ndarray) -> None:
        """Where the fit does not even know the means, take the plain penalised logistic, and keep why."""
        self.fault_, self.plain_ = "", None
        if not self.binary:
            return
        self.fault_ = fault_of(X, y, expit(predictor))
        if self.fault_:
            plain = penalised_regression(binary=True).fit(X, y)
            log_odds = plain.decision_function(X)
            better = log_loss(log_odds, y).sum() < log_loss(predictor, y).sum(dtype=float)
            if better or not fault_of(X, y, expit(log_odds)):
                self.plain_ = plain

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the expected value of each row of X."""
        return self._expected(self._predictor(X))

    def _expected(self, predictor: np.ndarray) -> np.ndarray:
        return expit(predictor) if self.binary else self.middle_ + self.spread_ * predictor

    def _predictor(self, X: np.ndarray) -> np.ndarray:
        """The log odds, or the value in standard deviations from the mean, made a part at a time."""
        if self.plain_ is not None:
            return self.plain_.decision_function(X)
        return np.concatenate([self._of_part(X[rows]) for rows in row_parts(len(X), ROWS_OF_TERMS)])

    def _of_part(self, part: np.ndarray) -> np.ndarray:
        """What curves, surfaces and whatever a subclass adds to them say of some rows."""
        return self._of_curves(part, self.curves_.ranks(part))

    def _of_curves(self, part: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """What curves and surfaces say of some rows, whose ranks are known."""
        main = self.curves_.columns(part, ranks) - self.centre_
        return (self._terms(main) @ self.coefficients_.astype(np.float32)).astype(float)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the chances of 0 and 1 as two columns."""
        chance = self.predict(X)
        return np.column_stack([1 - chance, chance])

    def _fit_curves(self, design: Design, target: np.ndarray) -> None:
        """From the mean to the best fit of all curves under one penalty; the penalties are found later."""
        self.coefficients_ = np.zeros(1 + int(self.curves_.sizes.sum()))
        mean = float(target.mean())
        self.coefficients_[0] = np.log(mean / (1 - mean)) if self.binary else mean
        penalty = np.full(len(self.coefficients_), CURVE_PENALTY)
        penalty[0] = UNPENALISED
        start = self._here(design)
        if self.binary:
            reached = climb(design, target, start, penalty, tolerance=NEAR)
            self.coefficients_ = reached.coefficients
        else:
            score = design.sums(target - start.predictor) - penalty * self.coefficients_
            self.coefficients_ += solve(design.gram(None), penalty, score)

    def _here(self, design: Design) -> Climb:
        predictor = design.times(self.coefficients_)
        return Climb(coefficients=self.coefficients_, predictor=predictor, gap=np.inf)

    def _fit_all(self, design: Design, target: np.ndarray) -> None:
        """Add the products, find the penalties of all blocks, and climb to the best fit under them.

        Penalties are found from the log likelihood's bend where the climb begins; where few steps do not end
        it, that was too far off, and they are found once more from where it stands.
        """
        self.coefficients_ = np.concatenate([self.coefficients_, np.zeros(sum(self._product_sizes()))])
        start = self._here(design)
        if not self.binary:
            gram, pull = design.gram(None), design.sums(target)
            penalty = self._penalties(gram, pull, spare=(float(target @ target), len(target)))
            self.coefficients_ = solve(gram, penalty, pull)
            return
        for _ in range(2):
            residual, weight = score_and_weight(start.predictor, target)
            gram = design.gram(weight)
            penalty = self._penalties(gram, gram @ start.coefficients + design.sums(residual), spare=None)
            start = climb(
                design, target, start, penalty, gram=gram, chords=CHORDS, most=CHORDS, tolerance=CLOSE
            )
            if start.gap < CLOSE:
                break
        else:
            start = climb(design, target, start, penalty, tolerance=CLOSE)
        self.coefficients_ = start.coefficients

    def _penalties(
        self, gram: np.ndarray, pull: np.ndarray, *, spare: tuple[float, int] | None
    ) -> np.ndarray:
        """The penalty of every column, found block by block, less what undersmoothing takes off."""
        products = self._product_sizes()
        sizes = [1, *self.curves_.sizes, *products]
        starts = np.repeat(
            [UNPENALISED, CURVE_PENALTY, PRODUCT_PENALTY],
            [1, len(self.curves_.sizes), len(products)],
        )
        found = block_penalties(gram, pull, sizes=np.array(sizes, dtype=int), start=starts, spare=spare)
        return UNDERSMOOTHED * found

    def _product_sizes(self) -> list[int]:
        """How many columns each block of products has, once they are chosen."""
        return [] if self.surfaces_ is None else self.surfaces_.sizes

    def _terms(self, main: np.ndarray) -> np.ndarray:
        """The constant, the curves and, once they are chosen, the products."""
        main = main.astype(np.float32, copy=False)
        parts = [np.ones((len(main), 1), dtype=np.float32), main]
        if self.surfaces_ is not None:
            parts.append(self.surfaces_.columns(main))
        return np.hstack(parts)

    def _left_over(self, predictor: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Derivative of each row's log likelihood by its predictor, and minus the second derivative."""
        if self.binary:
            return score_and_weight(predictor, target)
        residual = target - predictor
        return residual, np.full(len(target), residual.var(), dtype=np.float32)


def row_parts(rows: int, at_once: int) -> list[slice]:
    """Return slices of so many rows each."""
    return [slice(first, first + at_once) for first in range(0, rows, at_once)]


class Design:
    """Rows of many columns, made from few: kept when the rows are few, else made anew a part at a time."""

    def __init__(self, compact: np.ndarray, expand: Callable[[np.ndarray], np.ndarray]) -> None:
        fits = len(compact) <= ROWS_AT_ONCE
        self.rows = expand(compact) if fits else compact
        self.expand = None if fits else expand

    def _parts(self) -> Iterator[tuple[slice, np.ndarray]]:
        for rows in row_parts(len(self.rows), ROWS_AT_ONCE if self.expand is None else ROWS_OF_TERMS):
            yield rows, self.rows[rows] if self.expand is None else self.expand(self.rows[rows])

    def times(self, coefficients: np.ndarray) -> np.ndarray:
        """Return rows times coefficients, (rows,) float32."""
        single = coefficients.astype(np.float32)
        return np.concatenate([terms @ single for _, terms in self._parts()])

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Return the sum over rows of columns times a value a row, (columns,)."""
        return np.sum([terms.T @ values[rows] for rows, terms in self._parts()], axis=0, dtype=float)

    def gram(self, weight: np.ndarray | None) -> np.ndarray:
        """Return the sum over rows of weighted products of columns, (columns, columns)."""
        total = np.zeros(())
        for rows, terms in self._parts():
            scaled = terms if weight is None else terms * np.sqrt(weight[rows])[:, None]
            total = total + (scaled.T @ scaled).astype(float)
        return total
