"""Orders that look faked, and the sellers who have more of them than others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import betabinom

from methods.errors import CannotAnswer
from methods.intervals import pooled_shares
from methods.manipulation.strangers import fit_beta_binomial
from methods.result import Result

FEWEST_SELLERS = 10
_MOST_SIGNS = 12
_LEFT_OUT = 0.01


@dataclass(frozen=True, kw_only=True)
class SuspiciousOrders(Result):
    """Signs of each order together.

    p: chance of signs as rare or rarer if they fell independently (0 to 1), an entry an order. rates: share
    of orders with each sign (0 to 1).
    """

    p: np.ndarray
    rates: pd.Series


@dataclass(frozen=True, kw_only=True)
class SuspiciousSellers(Result):
    """Sellers by their share of suspicious orders.

    sellers: a row a seller, index as given: orders, suspicious, estimate, low, high (shrunken share, 0 to 1),
    p. expected: share that an honest seller shows (0 to 1).
    """

    sellers: pd.DataFrame
    expected: float


def suspicious_orders(signs: pd.DataFrame) -> SuspiciousOrders:
    """Return how rare the signs of each order are together.

    signs: bool, a row an order, a column a sign (such as: no view before the order), at most 12. The rarer a
    sign, the more it counts (minus log of its rate); all patterns are enumerated, so p is exact under
    independence.
    Returns a `SuspiciousOrders`. Raises ValueError on too many signs, CannotAnswer without orders or signs.

    >>> signs = pd.DataFrame({"no view": np.arange(100) == 0, "short praise": np.arange(100) % 20 == 0})
    >>> suspicious_orders(signs).p.round(4)[:2].tolist()
    [0.0005, 1.0]
    """
    if not len(signs) or not signs.shape[1]:
        raise CannotAnswer("there is no order, or no sign, to judge orders by")
    if signs.shape[1] > _MOST_SIGNS:
        raise ValueError(f"{signs.shape[1]} signs are too many to enumerate; give at most {_MOST_SIGNS}")
    here = signs.to_numpy(bool)
    rate = here.mean(axis=0).clip(1e-9, 1 - 1e-9)
    patterns = (np.arange(1 << len(rate))[:, None] >> np.arange(len(rate))) & 1
    chance = np.where(patterns == 1, rate, 1 - rate).prod(axis=1)
    score = patterns @ -np.log(rate)
    order = np.argsort(-score, kind="stable")
    reached = np.cumsum(chance[order])
    last = np.searchsorted(-score[order], -score + 1e-9, side="right") - 1
    mine = here @ (1 << np.arange(len(rate)))
    return SuspiciousOrders(
        p=np.minimum(reached[last], 1.0)[mine], rates=pd.Series(rate, index=signs.columns)
    )


def suspicious_sellers(suspicious: np.ndarray, orders: np.ndarray, *, seed: int) -> SuspiciousSellers:
    """Return each seller's share of suspicious orders, shrunken, and whether honest sellers show as many.

    suspicious, orders: int (sellers,), suspicious from 0 to orders. The honest sellers' beta-binomial is
    fitted by maximum likelihood, sellers beyond chance 0.01 left out and the fit repeated.
    Returns a `SuspiciousSellers`. Raises ValueError on counts that cannot be, CannotAnswer on fewer than 10
    sellers.

    >>> rng = np.random.default_rng(1)
    >>> orders = np.full(40, 300)
    >>> seen = rng.binomial(orders, 0.02)
    >>> seen[0] = 60
    >>> found = suspicious_sellers(seen, orders, seed=1).sellers
    >>> bool(found["p"].iloc[0] < 1e-3), bool((found["p"].iloc[1:] > 1e-3).all())
    (True, True)
    """
    k, n = np.asarray(suspicious, np.int64), np.asarray(orders, np.int64)
    if len(k) != len(n) or (k < 0).any() or (k > n).any():
        raise ValueError("suspicious: every seller needs from 0 to all of its orders")
    some = n > 0
    if some.sum() < FEWEST_SELLERS:
        raise CannotAnswer(
            f"{some.sum():,} sellers with orders are too few to compare; {FEWEST_SELLERS} are needed"
        )
    p, honest = np.ones(len(k)), some.copy()
    for _ in range(3):
        mean, strength = fit_beta_binomial(k[honest], n[honest])
        p[some] = betabinom.sf(k[some] - 1, n[some], mean * strength, (1 - mean) * strength)
        kept = some & (p > _LEFT_OUT)
        if (kept == honest).all() or kept.sum() < FEWEST_SELLERS:
            break
        honest = kept
    frame = pd.DataFrame(
        {"orders": n, "suspicious": k, "estimate": np.nan, "low": np.nan, "high": np.nan, "p": p}
    )
    shrunken = pooled_shares(k[some], n[some], seed=seed).shares
    frame.loc[some, ["estimate", "low", "high"]] = shrunken.to_numpy()
    return SuspiciousSellers(sellers=frame, expected=float(mean))
