"""A regression on curves, pairs and triples of covariates that finds its own penalties, quick at any size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator

from methods.learners.block_ridge import UNPENALISED, block_penalties, solve
from methods.learners.curves import WAVES, Curves
from methods.learners.surfaces import Surfaces

ROWS_AT_ONCE, ROWS_OF_TERMS, ROWS_IN_HALF = 20_000, 5_000, 100_000
CURVE_PENALTY, PRODUCT_PENALTY = 20.0, 200.0
UNDERSMOOTHED = 0.5
STEPS, HALVINGS = 3, 5


class AdditiveModel(BaseEstimator):
    """Expected value (or chance) as a sum of curves of covariates and of surfaces of those that act together.

    Every curve, every pair, and the triples together have a penalty of their own that fits the size of their
    coefficients, so what the data do not ask for shrinks to nothing (generalised additive models: Wood and
    Fasiolo 2017, Biometrics). Half of each penalty is used: what is too rough averages out in a mean over
    rows, what is too smooth stays as bias (undersmoothing: Newey and Robins 2018).
    binary: outcomes are 0 and 1, fitted on the scale of log odds.
    """

    waves = WAVES

    def __init__(self, binary: bool = True) -> None:
        self.binary = binary

    def fit(self, X: np.ndarray, y: np.ndarray, together: Sequence[tuple[int, ...]] = ()) -> AdditiveModel:
        """Learn from X of shape (rows, covariates) and y (rows,).

        together: covariates known to act together, to take in beside those found here: pairs and triples of
        columns, such as `together_` of another model.
        """
        self.middle_, self.spread_ = (0.0, 1.0) if self.binary else (y.mean(), y.std() or 1.0)
        target = ((y - self.middle_) / self.spread_).astype(np.float32)
        self.curves_, self.surfaces_ = Curves(X, waves=self.waves), None
        ranks = self.curves_.ranks(X)
        main = self._centred(X, ranks)
        self._fit_curves(Design(main, self._terms), target)
        residual, weight = self._left_over(Design(main, self._terms).times(self.coefficients_), target)
        self.surfaces_ = Surfaces(self.curves_, ranks, main, residual, weight, also=together)
        self.together_ = (*self.surfaces_.pairs, *self.surfaces_.triples)
        design = Design(main, self._terms)
        self._fit_all(design, target)
        self._fit_left_over(ranks, design.times(self.coefficients_), target)
        return self

    def _centred(self, X: np.ndarray, ranks: np.ndarray) -> np.ndarray:
        """Columns of the curves less their means; of very many rows with three digits, to save memory."""
        main = np.empty(
            (len(X), int(self.curves_.sizes.sum())), np.float16 if len(X) > ROWS_IN_HALF else np.float32
        )
        sums = 0.0
        parts = [slice(first, first + ROWS_AT_ONCE) for first in range(0, len(X), ROWS_AT_ONCE)]
        for rows in parts:
            made = self.curves_.columns(X[rows], ranks[rows])
            sums, main[rows] = sums + made.sum(axis=0, dtype=float), made
        self.centre_ = (sums / len(X)).astype(np.float32)
        for rows in parts:
            main[rows] -= self.centre_
        return main

    def _fit_left_over(self, ranks: np.ndarray, predictor: np.ndarray, target: np.ndarray) -> None:
        """Learn from what curves and surfaces leave over; here nothing."""

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the expected value of each row of X."""
        predictor = self._predictor(X)
        return expit(predictor) if self.binary else self.middle_ + self.spread_ * predictor

    def _predictor(self, X: np.ndarray) -> np.ndarray:
        """The log odds, or the value in standard deviations from the mean, made a part at a time."""
        parts = []
        for first in range(0, len(X), ROWS_OF_TERMS):
            part = X[first : first + ROWS_OF_TERMS]
            main = self.curves_.columns(part, self.curves_.ranks(part)) - self.centre_
            parts.append(self._terms(main) @ self.coefficients_.astype(np.float32))
        return np.concatenate(parts).astype(float)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the chances of 0 and 1 as two columns."""
        chance = self.predict(X)
        return np.column_stack([1 - chance, chance])

    def _fit_curves(self, design: Design, target: np.ndarray) -> None:
        """Two Newton steps from the mean; the penalties are found later."""
        self.coefficients_ = np.zeros(1 + int(self.curves_.sizes.sum()))
        mean = float(target.mean())
        self.coefficients_[0] = np.log(mean / (1 - mean)) if self.binary else mean
        penalty = np.full(len(self.coefficients_), CURVE_PENALTY)
        penalty[0] = UNPENALISED
        for _ in range(2 if self.binary else 1):
            residual, weight = self._left_over(design.times(self.coefficients_), target)
            score = design.sums(residual) - penalty * self.coefficients_
            self.coefficients_ += solve(design.gram(weight if self.binary else None), penalty, score)

    def _fit_all(self, design: Design, target: np.ndarray) -> None:
        """Add the products, find the penalties of all blocks, and climb to the best fit under them."""
        curves, products = self.curves_.sizes, self.surfaces_.sizes
        self.coefficients_ = np.concatenate([self.coefficients_, np.zeros(int(sum(products)))])
        predictor = design.times(self.coefficients_)
        residual, weight = self._left_over(predictor, target)
        gram = design.gram(weight if self.binary else None)
        pull = gram @ self.coefficients_ + design.sums(residual)
        starts = [UNPENALISED, CURVE_PENALTY, PRODUCT_PENALTY]
        penalty = block_penalties(
            gram,
            pull,
            sizes=np.concatenate([[1], curves, products]).astype(int),
            start=np.repeat(starts, [1, len(curves), len(products)]),
            spare=None if self.binary else (float(target @ target), len(target)),
        )
        penalty = UNDERSMOOTHED * penalty
        aim = solve(gram, penalty, pull)
        if self.binary:
            self._climb(design, target, gram, penalty, aim - self.coefficients_, predictor)
        else:
            self.coefficients_ = aim

    def _climb(self, design: Design, target, gram, penalty, step, predictor) -> None:
        """Newton steps with one second derivative, each halved until the penalised likelihood rises."""
        loss = _loss(predictor, target, self.coefficients_, penalty)
        for _ in range(STEPS):
            change = design.times(step)
            for _ in range(HALVINGS):
                moved = _loss(predictor + change, target, self.coefficients_ + step, penalty)
                if moved <= loss:
                    break
                step, change = step / 2, change / 2
            else:
                return
            self.coefficients_, predictor, loss = self.coefficients_ + step, predictor + change, moved
            residual, _ = self._left_over(predictor, target)
            step = solve(gram, penalty, design.sums(residual) - penalty * self.coefficients_)

    def _terms(self, main: np.ndarray) -> np.ndarray:
        """The constant, the curves and, once they are chosen, the products."""
        main = main.astype(np.float32, copy=False)
        parts = [np.ones((len(main), 1), dtype=np.float32), main]
        if self.surfaces_ is not None:
            parts.append(self.surfaces_.columns(main))
        return np.hstack(parts)

    def _left_over(self, predictor: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Derivative of each row's log likelihood by its predictor, and minus the second derivative."""
        if not self.binary:
            residual = target - predictor
            return residual, np.full(len(target), residual.var(), dtype=np.float32)
        chance = expit(predictor)
        return target - chance, np.maximum(chance * (1 - chance), np.float32(1e-3))


def _loss(predictor, target, coefficients, penalty) -> float:
    """Minus the penalised log likelihood of a 0/1 target."""
    fit = np.sum(np.logaddexp(0, predictor) - target * predictor, dtype=float)
    return fit + np.sum(penalty * coefficients**2) / 2


class Design:
    """Rows of many columns, made from few: kept when the rows are few, else made anew a part at a time."""

    def __init__(self, compact: np.ndarray, expand: Callable[[np.ndarray], np.ndarray]) -> None:
        fits = len(compact) <= ROWS_AT_ONCE
        self.rows, self.expand = (expand(compact), None) if fits else (compact, expand)

    def _parts(self):
        step = ROWS_AT_ONCE if self.expand is None else ROWS_OF_TERMS
        for first in range(0, len(self.rows), step):
            rows = slice(first, first + step)
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
        total = 0.0
        for rows, terms in self._parts():
            scaled = terms if weight is None else terms * np.sqrt(weight[rows])[:, None]
            total = total + (scaled.T @ scaled).astype(float)
        return total
