"""The chance that something happens in a period, given that it has not happened yet, by what is known then.

A logistic regression over the periods each customer was still waiting (Singer & Willett 1993, "It's about
time", Journal of Educational Statistics 18(2)); covariates may change from period to period. Effects are not
left on the odds: they are turned into the share to whom it happens by the last period (standardisation).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from methods.intervals.estimates import Interval, share_within_bounds, square_and_add
from methods.result import Result

_STEPS, _SETTLED, _MOST_LEVERAGE = 50, 1e-9, 0.9


@dataclass(frozen=True, kw_only=True)
class Hazard(Result):
    """A fitted hazard. Customers are rows, periods the second axis, covariates the third.

    design: (customers, periods, columns). waiting: (customers, periods), whether the customer was still at
    risk. coefficients: (columns,). influence: (customers, columns), what each customer contributes to the
    error of the coefficients, however many periods there were; blown up by the customer's leverage, for few
    customers who alone had something pull the fit towards themselves (Mancl & DeRouen 2001). leverage: of
    each customer, 0 to 1.
    """

    design: np.ndarray
    waiting: np.ndarray
    coefficients: np.ndarray
    influence: np.ndarray
    leverage: np.ndarray

    def happens(self, design: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Chance that it happens by the last period, a customer; and its slope by the coefficients."""
        hazard = expit(design @ self.coefficients)
        never = np.prod(1.0 - hazard, axis=1)
        slope = never[:, None] * np.einsum("np,npk->nk", hazard, design)
        return 1.0 - never, slope

    def effect(
        self,
        column: int,
        *,
        on: np.ndarray | float = 1.0,
        among: np.ndarray | None = None,
        level: float = 0.95,
    ) -> Interval:
        """Return the mean change in the share to whom it happens when a column is `on` and not 0 throughout.

        on: value a customer and period, or one for all.
        among: the customers (mask) it is averaged over. The interval allows for the coefficients' error
            and for customers being a sample; the share with it and the share without have Wilson's
            intervals, for of few who had it nearly all or none may have come back, and their distances
            are joined (`square_and_add`).
        """
        return self._change(self._set(column, on), self._set(column, 0.0), among, level)

    def resting_on(self, *columns: int, level: float = 0.95) -> Interval:
        """Return by how much the share to whom it happens would fall were columns 0 and not as they were."""
        return self._change(self.design, self._set(list(columns), 0.0), None, level)

    def _set(self, column: int | list[int], value: np.ndarray | float) -> np.ndarray:
        design = self.design.copy()
        design[:, :, column] = value
        return design

    def _change(
        self, with_it: np.ndarray, without: np.ndarray, among: np.ndarray | None, level: float
    ) -> Interval:
        chosen = np.ones(len(self.design), bool) if among is None else among
        share, moves = self._share(with_it, chosen, level)
        other, other_moves = self._share(without, chosen, level)
        joint = share.standard_error * other.standard_error
        alike = float(moves @ other_moves) / joint if joint > 0 else 0.0
        return replace(square_and_add(share, other, correlation=alike), n=int(chosen.sum()))

    def _share(self, design: np.ndarray, chosen: np.ndarray, level: float) -> tuple[Interval, np.ndarray]:
        """The share of the chosen to whom it happens, and what each customer contributes to its error."""
        chance, slope = self.happens(design[chosen])
        moves = self.influence @ slope.mean(axis=0)
        moves[chosen] += (chance - chance.mean()) / chosen.sum()
        moves *= np.sqrt(len(moves) / (len(moves) - 1))
        share = Interval(
            estimate=float(chance.mean()),
            low=0.0,
            high=1.0,
            n=int(chosen.sum()),
            level=level,
            standard_error=float(np.linalg.norm(moves)),
        )
        return share_within_bounds(share), moves


def fit_hazard(design: np.ndarray, happened: np.ndarray, *, penalty: np.ndarray | float = 0.0) -> Hazard:
    """Fit the hazard by maximum likelihood.

    design: (customers, periods, columns), known for every period.
    happened: (customers,) number of the period in which it happened, from 0; the number of periods where
        it did not.
    penalty: ridge a column (0: none), to keep many controls from overfitting few customers.
    Raises ValueError when it happened to none. Cox 1972, in discrete time; Allison 1982 (Sociological
    Methodology 13).

    >>> shared = np.repeat([0.0, 1.0], 50)
    >>> design = np.stack([np.ones((100, 2)), np.tile(shared[:, None], 2)], axis=2)
    >>> came_back = np.concatenate([np.repeat([0, 1, 2], [10, 10, 30]), np.repeat([0, 1, 2], [25, 12, 13])])
    >>> round(fit_hazard(design, came_back).effect(1).estimate, 2)
    0.35
    """
    _, periods, columns = design.shape
    waiting = np.arange(periods)[None, :] <= happened[:, None]
    rows = design[waiting]
    event = (np.arange(periods)[None, :] == happened[:, None])[waiting].astype(float)
    if not event.any():
        raise ValueError("it happened to nobody, so there is no hazard to explain")
    ridge = np.broadcast_to(np.asarray(penalty, dtype=float), (columns,))
    coefficients = np.zeros(columns)
    for _ in range(_STEPS):
        chance = expit(rows @ coefficients)
        score = rows.T @ (event - chance) - ridge * coefficients
        information = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(ridge + 1e-9)
        step = np.linalg.solve(information, score)
        coefficients = coefficients + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < _SETTLED:
            break
    chance = expit(design @ coefficients)
    residual = np.where(waiting, (np.arange(periods)[None, :] == happened[:, None]) - chance, 0.0)
    weight = np.where(waiting, chance * (1 - chance), 0.0)
    inverse = np.linalg.inv(information)
    leverage = np.einsum("np,npk,kl,npl->n", weight, design, inverse, design, optimize=True)
    leverage = np.minimum(leverage, _MOST_LEVERAGE)
    own = np.einsum("np,npk->nk", residual, design) / (1 - leverage)[:, None]
    return Hazard(
        design=design,
        waiting=waiting,
        coefficients=coefficients,
        influence=own @ inverse,
        leverage=leverage,
    )
