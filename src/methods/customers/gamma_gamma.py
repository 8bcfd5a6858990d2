"""What customers spend an order: the Gamma-Gamma model.

Fader & Hardie (2013), "The Gamma-Gamma model of monetary value" (note 025), written on SciPy with an analytic
gradient. It holds where what customers spend has little to do with how often they order; `correlation` says
how far that is so.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from methods.counts import count
from methods.customers.likelihood_search import NotEstimable, search
from methods.result import Result

FEWEST_SPENDING = 10  # customers who came back, of whom the model is learned


@dataclass(frozen=True, kw_only=True)
class SpendModel(Result):
    """A fitted Gamma-Gamma model.

    An order of a customer is Gamma(p, own rate), own rates are Gamma(q, rate v) over customers; v is in the
    unit of the spend. correlation: between number of repeats and mean spend, about 0 where the model holds.
    relative_error: standard error of the customers' mean spend as a share of it.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    correlation: float
    relative_error: float
    customers: int

    def expected(self, repeats: np.ndarray, mean_spend: np.ndarray) -> np.ndarray:
        """Expected spend of each customer's next order, in the unit of the spend.

        repeats: orders that `mean_spend` is the mean of; with 0 of them it is the shop's own mean.
        Raises NotEstimable where q <= 1: then the mean over all customers does not exist.
        """
        if self.q <= 1:
            raise NotEstimable(f"spend differs so widely (q = {self.q:.2f}) that its mean does not exist")
        spent = np.where(repeats > 0, repeats * mean_spend, 0.0)
        return self.p * (self.v + spent) / (self.p * repeats + self.q - 1)


def fit_spend(repeats: np.ndarray, mean_spend: np.ndarray) -> SpendModel:
    """Fit the Gamma-Gamma model by maximum likelihood to the customers who came back.

    repeats: orders after the first;
    mean_spend: their mean spend, above 0. Customers with neither are left out.
    Raises NotEstimable with fewer than 10 customers left or where their spend does not differ. Fader and
    Hardie 2013, note 25 (the Gamma-Gamma model).

    >>> rng = np.random.default_rng(1)
    >>> repeats = rng.integers(1, 6, 300)
    >>> spend = rng.gamma(6 * repeats, rng.gamma(4, 5, 300) / (6 * repeats))
    >>> model = fit_spend(repeats, spend)
    >>> bool(15 < model.expected(np.array([0.0]), np.array([0.0]))[0] < 25)
    True
    """
    used = (np.asarray(repeats) > 0) & (np.asarray(mean_spend) > 0)
    x, z = np.asarray(repeats, dtype=float)[used], np.asarray(mean_spend, dtype=float)[used]
    if len(x) < FEWEST_SPENDING or np.ptp(z) == 0:
        who = count(len(x), "customer")
        raise NotEstimable(f"{who} with differing spend; the spend model needs {FEWEST_SPENDING}")
    scale = float(np.median(z))

    def objective(logs: np.ndarray) -> tuple[float, np.ndarray]:
        value, slope = _log_likelihood(np.exp(logs), x, z / scale)
        return -value / len(x), -slope / len(x)

    start = np.log([2.0, 3.0, 2.0])
    logs, least = search(objective, start, model="spend model", most_steps=1000, tolerance=1e-14, bound=15.0)
    p, q, v = np.exp(logs)
    return SpendModel(
        p=float(p),
        q=float(q),
        v=float(v * scale),
        log_likelihood=-least * len(x) - len(x) * float(np.log(scale)),
        correlation=float(np.corrcoef(x, z)[0, 1]) if np.ptp(x) > 0 else 0.0,
        relative_error=float(z.std(ddof=1) / np.sqrt(len(z)) / z.mean()),
        customers=len(x),
    )


def _log_likelihood(parameters: np.ndarray, x: np.ndarray, z: np.ndarray) -> tuple[float, np.ndarray]:
    """Log-likelihood and its gradient by the logarithms of (p, q, v)."""
    p, q, v = parameters
    orders, pooled = p * x, np.log(x * z + v)
    value = gammaln(orders + q) - gammaln(orders) - gammaln(q) + q * np.log(v)
    value = value + (orders - 1) * np.log(z) + orders * np.log(x) - (orders + q) * pooled
    by_p = (x * (digamma(orders + q) - digamma(orders) + np.log(z) + np.log(x) - pooled)).sum()
    by_q = (digamma(orders + q) - digamma(q) + np.log(v) - pooled).sum()
    by_v = (q / v - (orders + q) / (x * z + v)).sum()
    return float(value.sum()), parameters * np.array([by_p, by_q, by_v])
