"""Customers who may leave without saying so: the BG/NBD model of their orders.

Fader, Hardie & Lee (2005), "Counting your customers the easy way", Marketing Science 24(2), written on SciPy
with an analytic gradient. What they spend is in `customer_spend`.
A customer is known by three numbers: `repeats` (orders after the first), `last` (time from the first order
to the last) and `age` (time from the first order to today), in one and the same unit of time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, digamma, expit, gammaln, hyp2f1

from methods.counts import count
from methods.customers.likelihood_search import NotEstimable, search
from methods.result import Result

# Beyond e^12 a parameter no longer changes any prediction; where the data leave a direction open, a spread
# of 5 on the log scale stands for "not known" and keeps the covariance finite.
_UNKNOWN_SPREAD = 5.0
# Above this the series of hyp2f1 loses its digits and in the end gives NaN; buyers who are all alike, or who
# never leave, send a parameter there.
_SERIES_HOLDS = 500.0
_QUANTILES, _QUANTILE_WEIGHTS = np.polynomial.legendre.leggauss(64)


@dataclass(frozen=True, kw_only=True)
class Histories(Result):
    """Purchase histories, equal ones counted once.

    repeats, last, age: float arrays of the distinct histories. weight: number of customers of each.
    place: position of each customer's history, so that `values[place]` is one value a customer.
    """

    repeats: np.ndarray
    last: np.ndarray
    age: np.ndarray
    weight: np.ndarray
    place: np.ndarray

    @property
    def customers(self) -> int:
        """Number of customers."""
        return int(self.weight.sum())


def histories(repeats: np.ndarray, last: np.ndarray, age: np.ndarray) -> Histories:
    """Compress one row a customer into the distinct (repeats, last, age), which is exact.

    repeats: whole numbers >= 0;
    last, age: float in one unit of time, 0 <= last <= age; last is 0 without a repeat.
    Raises ValueError that says how many customers break which rule.

    >>> histories(np.array([0, 0, 2]), np.array([0, 0, 5]), np.array([9, 9, 9])).weight
    array([2., 1.])
    """
    table = np.column_stack([np.asarray(column, dtype=float) for column in (repeats, last, age)])
    _check(*table.T)
    order = np.lexsort(table.T)
    ordered = table[order]
    fresh = np.ones(len(table), dtype=bool)
    fresh[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    place = np.empty(len(table), dtype=np.int64)
    place[order] = np.cumsum(fresh) - 1
    distinct = ordered[fresh]
    return Histories(
        repeats=distinct[:, 0],
        last=distinct[:, 1],
        age=distinct[:, 2],
        weight=np.bincount(place, minlength=len(distinct)).astype(float),
        place=place,
    )


def _check(repeats: np.ndarray, last: np.ndarray, age: np.ndarray) -> None:
    rules = {
        "a missing or infinite value": ~np.isfinite(repeats + last + age),
        "a negative or broken number of repeats": (repeats < 0) | (repeats != np.floor(repeats)),
        "a last order before the first or after today": (last < 0) | (last > age),
        "repeats without time between the orders, or the reverse": (repeats > 0) != (last > 0),
    }
    for rule, broken in rules.items():
        if broken.any():
            raise ValueError(
                f"{int(broken.sum())} of {count(len(repeats), 'customer')} have {rule}; mend them first"
            )


@dataclass(frozen=True, kw_only=True)
class PurchaseModel(Result):
    """A fitted BG/NBD model.

    r, alpha: order rates are Gamma(r, rate alpha) over customers. a, b: after each order the chance of
    leaving is Beta(a, b). covariance: 4 x 4, of the logarithms of (r, alpha, a, b). Time is in the unit of
    the histories.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    covariance: np.ndarray
    customers: int

    @property
    def parameters(self) -> np.ndarray:
        """(r, alpha, a, b)."""
        return np.array([self.r, self.alpha, self.a, self.b])

    @property
    def standard_errors(self) -> np.ndarray:
        """Standard errors of (r, alpha, a, b) by the delta method."""
        return self.parameters * np.sqrt(np.diag(self.covariance))

    def alive(self, known: Histories) -> np.ndarray:
        """Chance that each customer has not left; float in [0, 1], one a customer."""
        return alive(self.parameters, known)[known.place]

    def expected(self, known: Histories, *, horizon: float) -> np.ndarray:
        """Expected orders of each customer in the next `horizon`; float, one a customer."""
        return expected(self.parameters, known, horizon=horizon)[known.place]

    def buys(self, known: Histories, *, horizon: float) -> np.ndarray:
        """Chance that each customer orders at all in the next `horizon`; float in [0, 1], one a customer."""
        return buys(self.parameters, known, horizon=horizon)[known.place]

    def alive_share(self, known: Histories) -> tuple[float, float]:
        """Mean chance of not having left over the customers who came back, and its standard error.

        The model lets nobody leave before the second order, so the others would all count as alive.
        """
        weight = np.where(known.repeats > 0, known.weight, 0.0)
        return self.spread(lambda p: float(alive(p, known) @ weight / weight.sum()))

    def total(
        self, known: Histories, *, horizon: float, worth: np.ndarray | None = None
    ) -> tuple[float, float]:
        """Expected orders of all customers in the next `horizon`, and the standard error of predicting them.

        The error joins what is not known of the parameters (delta method) with what chance adds even when
        they are known: a customer may have left, the own rate is a guess, and orders come at random.
        worth: float per customer by which the orders count, such as their value; 1 each when not given.
        """
        worth = np.ones(len(known.place)) if worth is None else worth
        once, twice = (np.bincount(known.place, worth**power, len(known.weight)) for power in (1, 2))
        mean = expected(self.parameters, known, horizon=horizon)
        total, parameter_error = self.spread(lambda p: float(expected(p, known, horizon=horizon) @ once))
        chance = float(_variance(self.parameters, known, horizon=horizon, mean=mean) @ twice)
        return total, float(np.hypot(parameter_error, np.sqrt(chance)))

    def spread(self, quantity: Callable[[np.ndarray], float]) -> tuple[float, float]:
        """A quantity of the parameters (r, alpha, a, b) and its standard error by the delta method."""
        centre, step = np.log(self.parameters), 1e-4
        slope = [
            (quantity(np.exp(centre + move)) - quantity(np.exp(centre - move))) / (2 * step)
            for move in step * np.eye(4)
        ]
        error = float(np.sqrt(np.array(slope) @ self.covariance @ np.array(slope)))
        return quantity(self.parameters), error


def time_scale(known: Histories) -> float:
    """Return the mean age of the customers, the unit of time in which a fit searches.

    Raises NotEstimable with fewer than 10 customers who came back.
    """
    returned = int(known.weight[known.repeats > 0].sum())
    if returned < 10:
        raise NotEstimable(f"only {count(returned, 'customer')} ordered on a second day; the model needs 10")
    return float(np.average(known.age, weights=known.weight))


def fit_purchases(known: Histories) -> PurchaseModel:
    """Fit the BG/NBD model by maximum likelihood.

    known: of `histories`. Fader, Hardie and Lee 2005 (Marketing Science 24).
    Raises NotEstimable with fewer than 10 customers who came back, or when the search does not settle.

    >>> rng = np.random.default_rng(1)
    >>> repeats, last = rng.poisson(2, 200).astype(float), rng.uniform(5, 40, 200)
    >>> model = fit_purchases(histories(repeats, np.where(repeats > 0, last, 0.0), np.full(200, 52.0)))
    >>> model.customers, bool((model.parameters > 0).all())
    (200, True)
    """
    scale = time_scale(known)
    unit = np.array([0.0, np.log(scale), 0.0, 0.0])

    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = _log_likelihood(np.exp(logs + unit), known)
        return -value / known.customers, -slope / known.customers

    logs, least = search(objective, np.log([0.5, 0.3, 0.5, 2.0]), model="purchase model")
    r, alpha, a, b = np.exp(logs + unit)
    return PurchaseModel(
        r=float(r),
        alpha=float(alpha),
        a=float(a),
        b=float(b),
        log_likelihood=-least * known.customers,
        covariance=_covariance(logs + unit, known),
        customers=known.customers,
    )


def _covariance(logs: np.ndarray, known: Histories) -> np.ndarray:
    step = 1e-4
    rows = [
        (_log_likelihood(np.exp(logs - move), known)[1] - _log_likelihood(np.exp(logs + move), known)[1])
        / (2 * step)
        for move in step * np.eye(4)
    ]
    values, vectors = np.linalg.eigh((np.array(rows) + np.array(rows).T) / 2)
    precision = np.maximum(values, 0.0) + _UNKNOWN_SPREAD**-2
    return (vectors / precision) @ vectors.T


def _log_likelihood(parameters: np.ndarray, known: Histories) -> tuple[float, np.ndarray]:
    """Log-likelihood and its gradient by the logarithms of (r, alpha, a, b)."""
    r, alpha, a, b = parameters
    # The gamma functions depend on the number of repeats alone, of which there are few.
    count, where = np.unique(known.repeats, return_inverse=True)
    times = np.bincount(where, known.weight)
    by_count = gammaln(r + count) - gammaln(r) + gammaln(a + b) + gammaln(b + count) - gammaln(b)
    by_count -= gammaln(a + b + count)
    came_back, until_today, until_last = known.repeats > 0, alpha + known.age, alpha + known.last
    log_today, log_last = np.log(until_today), np.log(until_last)
    leaving = np.log(a) - np.log(np.maximum(b + count - 1, b))
    odds = np.where(came_back, leaving[where] + (r + known.repeats) * (log_today - log_last), -np.inf)
    left = expit(odds)
    by_history = -(r + known.repeats) * log_today + np.logaddexp(0.0, odds)
    customers = times.sum()
    value = by_count @ times + by_history @ known.weight + customers * r * np.log(alpha)
    gone = np.bincount(where, left * known.weight)
    mixed_log = (1 - left) * log_today + left * log_last
    mixed_rate = (1 - left) / until_today + left / until_last
    ends = digamma(a + b) - digamma(a + b + count)
    by_r = (digamma(r + count) - digamma(r)) @ times + customers * np.log(alpha) - mixed_log @ known.weight
    by_alpha = customers * r / alpha - ((r + known.repeats) * mixed_rate) @ known.weight
    by_a = ends @ times + gone.sum() / a
    by_b = (ends + digamma(b + count) - digamma(b)) @ times - gone @ (1 / np.maximum(b + count - 1, b))
    return float(value), parameters * np.array([by_r, by_alpha, by_a, by_b])


def alive(parameters: np.ndarray, known: Histories) -> np.ndarray:
    """Chance of not having left, one a distinct history (Fader, Hardie & Lee 2008, note 21)."""
    r, alpha, a, b = parameters
    odds = np.log(a) - np.log(np.maximum(b + known.repeats - 1, b))
    odds = odds + (r + known.repeats) * (np.log(alpha + known.age) - np.log(alpha + known.last))
    return np.where(known.repeats > 0, expit(-odds), 1.0)


def buys(parameters: np.ndarray, known: Histories, *, horizon: float) -> np.ndarray:
    """Chance of any order in the next `horizon`, one a distinct history."""
    r, alpha, _, _ = parameters
    none = -(r + known.repeats) * np.log1p(horizon / (alpha + known.age))
    return -np.expm1(none) * alive(parameters, known)


def expected(parameters: np.ndarray, known: Histories, *, horizon: float) -> np.ndarray:
    """Expected orders in the next `horizon`, one a distinct history (equation 10 of the 2005 paper).

    Large parameters are integrated instead. Raises NotEstimable where neither way gives a finite number.
    """
    r, alpha, a, b = parameters
    # The formula divides by a - 1; its limit there is smooth, so a hair beside 1 serves as well.
    a = a + 2e-6 if abs(a - 1) < 1e-6 else a
    x, reach = known.repeats, alpha + known.age
    series = hyp2f1(r + x, b + x, a + b + x - 1, horizon / (reach + horizon))
    stays = np.exp((r + x) * np.log(reach / (reach + horizon)))
    if_alive = (a + b + x - 1) / (a - 1) * (1 - stays * series)
    large = (np.maximum(r, b) + x > _SERIES_HOLDS) | (a > _SERIES_HOLDS) | ~np.isfinite(if_alive)
    if large.any():
        if_alive[large] = _integrated(parameters, x[large], reach[large], horizon=horizon)
    if not np.isfinite(if_alive).all():
        raise NotEstimable("the purchase model predicts no finite number of orders for some customers")
    return if_alive * alive(parameters, known)


def _integrated(parameters: np.ndarray, x: np.ndarray, reach: np.ndarray, *, horizon: float) -> np.ndarray:
    """Expected orders of those who stay, over the quantiles of the own chance of leaving after an order."""
    r, _, a, b = parameters
    count, where = np.unique(x, return_inverse=True)
    leaving = betaincinv(a, b + count[:, None], (1 + _QUANTILES) / 2)
    leaving = np.maximum(leaving, 1e-300)[where]
    orders = -np.expm1(-(r + x[:, None]) * np.log1p(leaving * horizon / reach[:, None])) / leaving
    return orders @ _QUANTILE_WEIGHTS / 2


def _variance(parameters: np.ndarray, known: Histories, *, horizon: float, mean: np.ndarray) -> np.ndarray:
    """Variance of the orders in the next `horizon` given the parameters, one a distinct history.

    Given that the customer stays, the own rate is Gamma with shape r + repeats; the orders then are a mixed
    Poisson, and having left mixes in a share of zeros. Leaving within the horizon enters through the mean.
    """
    chance = alive(parameters, known)
    if_alive = mean / np.maximum(chance, 1e-300)
    return mean + chance * if_alive**2 * (1 + 1 / (parameters[0] + known.repeats)) - mean**2
