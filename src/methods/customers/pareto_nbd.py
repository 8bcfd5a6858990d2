"""Customers who may leave at any moment: the Pareto/NBD model of their orders.

Schmittlein, Morrison & Colombo (1987), "Counting your customers", Management Science 33(1), with the
likelihood as in Fader & Hardie (2005), "A note on deriving the Pareto/NBD model". It is the older sister of
the BG/NBD model in `customer_base`, in which customers leave only after an order; the two answer alike in
most shops, so one checks the other. Histories are those of `customer_base`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, hyp2f1

from methods.customers.bg_nbd import Histories, time_scale
from methods.customers.likelihood_search import search
from methods.result import Result

_BOUND = 6.0  # of a logarithm: far beyond, the hypergeometric function takes seconds
_MOST_CALLS = 700  # of the likelihood; data of the model take 100 to 200


@dataclass(frozen=True, kw_only=True)
class ParetoModel(Result):
    """A fitted Pareto/NBD model.

    r, alpha: order rates are Gamma(r, rate alpha) over customers. s, beta: so are the rates of leaving.
    Time is in the unit of the histories.
    """

    r: float
    alpha: float
    s: float
    beta: float
    log_likelihood: float
    customers: int

    @property
    def parameters(self) -> np.ndarray:
        """(r, alpha, s, beta)."""
        return np.array([self.r, self.alpha, self.s, self.beta])

    def alive(self, known: Histories) -> np.ndarray:
        """Chance that each customer has not left; float in [0, 1], one a customer."""
        return _alive(self.parameters, known)[known.place]

    def expected(self, known: Histories, *, horizon: float) -> np.ndarray:
        """Expected orders of each customer in the next `horizon`; float, one a customer."""
        r, alpha, s, beta = self.parameters
        # The formula divides by s - 1; its limit there is smooth, so a hair beside 1 serves as well.
        s = s + 2e-6 if abs(s - 1) < 1e-6 else s
        rate = (r + known.repeats) * (beta + known.age) / ((alpha + known.age) * (s - 1))
        stays = -np.expm1(-(s - 1) * np.log1p(horizon / (beta + known.age)))
        return (_alive(self.parameters, known) * rate * stays)[known.place]


def fit_pareto(known: Histories) -> ParetoModel:
    """Fit the Pareto/NBD model by maximum likelihood.

    known: of `histories`. Schmittlein, Morrison and Colombo 1987 (Management Science 33).
    Raises NotEstimable with fewer than 10 customers who came back, or when the data do not follow the model:
    where nobody leaves, or all order at one pace, a parameter runs away for seconds and says nothing.

    >>> from methods.customers.bg_nbd import histories
    >>> rng = np.random.default_rng(1)
    >>> rate, leaving = rng.gamma(0.8, 1 / 8, 100), rng.gamma(0.8, 1 / 12, 100)
    >>> stay = np.minimum(rng.exponential(1 / leaving), 60.0)
    >>> repeats = rng.poisson(rate * stay)
    >>> last = np.where(repeats > 0, stay * rng.beta(np.maximum(repeats, 1), 1), 0.0)
    >>> model = fit_pareto(histories(repeats, last, np.full(100, 60.0)))
    >>> model.customers, bool((model.parameters > 0).all())
    (100, True)
    """
    scale = time_scale(known)
    unit = np.array([0.0, np.log(scale), 0.0, np.log(scale)])

    def objective(logs: np.ndarray) -> float:
        bought, left = _log_terms(np.exp(logs + unit), known)
        return -float(np.logaddexp(bought, left) @ known.weight) / known.customers

    start = np.log([0.5, 0.3, 0.5, 0.3])
    logs, least = search(
        objective,
        start,
        model="Pareto/NBD model",
        jac="3-point",
        bound=_BOUND,
        most_calls=_MOST_CALLS,
        inside=True,
    )
    r, alpha, s, beta = np.exp(logs + unit)
    return ParetoModel(
        r=float(r),
        alpha=float(alpha),
        s=float(s),
        beta=float(beta),
        log_likelihood=-least * known.customers,
        customers=known.customers,
    )


def _alive(parameters: np.ndarray, known: Histories) -> np.ndarray:
    stays, left = _log_terms(parameters, known)
    return expit(stays - left)


def _log_terms(parameters: np.ndarray, known: Histories) -> tuple[np.ndarray, np.ndarray]:
    """Log-likelihood of each distinct history in two parts: still there today; left since the last order."""
    r, alpha, s, beta = parameters
    x, total = known.repeats, r + s + known.repeats
    common = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    stays = -(r + x) * np.log(alpha + known.age) - s * np.log(beta + known.age)
    larger, second = (alpha, s + 1) if alpha >= beta else (beta, r + x)
    gap = abs(alpha - beta)

    def log_integral(time: np.ndarray) -> np.ndarray:
        start = larger + time
        return np.log(hyp2f1(total, second, total + 1, gap / start)) - total * np.log(start)

    until_last, until_today = log_integral(known.last), log_integral(known.age)
    # Nobody can have left since an order of today: the difference is then zero and its logarithm -inf.
    share = -np.expm1(np.minimum(until_today - until_last, 0.0))
    with np.errstate(divide="ignore"):
        left = np.log(s) - np.log(total) + until_last + np.log(share)
    return common + stays, common + left
